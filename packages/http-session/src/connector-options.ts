/** What the connector of `@x/streams` can be told, checked. */
import { createDnsCache, createTlsContext } from '@x/transport'
import type { DnsCache, DnsCacheOptions, TlsClientOptions } from '@x/transport'
import type { AddressGuard } from './address-guard.ts'
import { parseIpAddress } from './ip-address.ts'
import {
  checkCallback,
  checkCount,
  checkFlag,
  checkObject,
  invalidOption,
  or,
  refuseUnknown,
} from './options.ts'

type TlsName =
  | 'allowPartialTrustChain'
  | 'ca'
  | 'cert'
  | 'checkServerIdentity'
  | 'ciphers'
  | 'crl'
  | 'ecdhCurve'
  | 'key'
  | 'maxVersion'
  | 'minDHSize'
  | 'minVersion'
  | 'passphrase'
  | 'pfx'
  | 'pskCallback'
  | 'rejectUnauthorized'
  | 'secureContext'
  | 'secureOptions'
  | 'servername'
  | 'sigalgs'

/** Node's options of the same names. ALPN is `http/1.1`, and sessions are the connector's own. */
export type ConnectorTlsOptions = Pick<TlsClientOptions, TlsName>

/** Names and their addresses; as of `createDnsCache` of `@x/transport`. */
export type ConnectorDnsOptions = Omit<DnsCacheOptions, 'now'>

/** What the connector of a session is made with. */
export interface ConnectorOptions {
  /** For targets that are secure. Default: Node's. */
  readonly tls?: ConnectorTlsOptions
  /** TLS sessions that are kept, so that the next handshake with the same host and port is shorter. 0: none. Default 100. */
  readonly maxTlsSessions?: number
  /** A Unix socket (on Windows a named pipe) that leads to every target, whatever host and port it has. */
  readonly unixPath?: string
  /** IP address to connect from. Only addresses of its family are connected to. */
  readonly localAddress?: string
  /**
   * For how long addresses of a name are used: `ttlMs`, by default 30,000, and `staleMs`, by default 30,000 more while a new answer is asked for;
   * how many names are kept: `maxEntries`, by default 1,000; who is asked: `lookup`, by default `dns.lookup`. Addresses that cannot be connected to
   * are forgotten at once.
   */
  readonly dns?: ConnectorDnsOptions
  /**
   * Which hosts and addresses may be connected to: `blockPrivateAddresses`, or one of `createAddressGuard`. A name is looked up once, and only
   * those of its addresses that the guard allows are connected to. Default: all may.
   */
  readonly guard?: AddressGuard
}

/** `ConnectorOptions`, checked and complete. */
export interface ConnectorPlan {
  /** Asked for when the first target is secure: to read all trusted authorities takes a while. */
  readonly tls: () => TlsClientOptions
  readonly maxTlsSessions: number
  readonly unixPath: string | undefined
  readonly localAddress: string | undefined
  readonly dns: DnsCache
  readonly guard: AddressGuard | undefined
}

const KNOWN: ReadonlySet<string> = new Set<keyof ConnectorOptions>([
  'tls',
  'maxTlsSessions',
  'unixPath',
  'localAddress',
  'dns',
  'guard',
])
const KNOWN_FOR_DNS: ReadonlySet<string> = new Set<keyof ConnectorDnsOptions>([
  'ttlMs',
  'staleMs',
  'maxEntries',
  'lookup',
])
const KNOWN_FOR_TLS: ReadonlySet<string> = new Set<TlsName>([
  'allowPartialTrustChain',
  'ca',
  'cert',
  'checkServerIdentity',
  'ciphers',
  'crl',
  'ecdhCurve',
  'key',
  'maxVersion',
  'minDHSize',
  'minVersion',
  'passphrase',
  'pfx',
  'pskCallback',
  'rejectUnauthorized',
  'secureContext',
  'secureOptions',
  'servername',
  'sigalgs',
])
/** What has no meaning where every target is one file. */
const NOT_WITH_UNIX_PATH = ['localAddress', 'dns', 'guard'] as const

/** @throws {UsageError} INVALID_OPTION, naming the option. */
export function planConnector(options: ConnectorOptions): ConnectorPlan {
  refuseUnknown('a connector', options, KNOWN)
  const { unixPath, localAddress } = options
  if (unixPath !== undefined) {
    checkText('unixPath', unixPath)
    for (const name of NOT_WITH_UNIX_PATH)
      if (options[name] !== undefined) throw invalidOption(name, 'has no meaning with unixPath')
  }
  if (localAddress !== undefined && parseIpAddress(checkText('localAddress', localAddress)) === null) {
    throw invalidOption('localAddress', `must be an IP address, got "${localAddress}"`)
  }
  return {
    tls: planTls(options.tls),
    maxTlsSessions: checkCount('maxTlsSessions', or(options.maxTlsSessions, 100), 0),
    unixPath,
    localAddress,
    dns: planDns(or(options.dns, {})),
    guard: checkCallback('guard', options.guard),
  }
}

function planTls(given: ConnectorTlsOptions | undefined): () => TlsClientOptions {
  const options = given === undefined ? {} : checkTls(given)
  let complete: TlsClientOptions | null = null
  const complement = (): TlsClientOptions =>
    (complete ??= {
      ...options,
      ALPNProtocols: ['http/1.1'],
      secureContext: options.secureContext ?? createTlsContext(options),
    })
  if (given === undefined) return complement
  try {
    // Keys and certificates that cannot be used are told here, and not by every request.
    complement()
  } catch (cause) {
    throw invalidOption('tls', cause instanceof Error ? cause.message : String(cause), cause)
  }
  return complement
}

function checkTls(options: ConnectorTlsOptions): ConnectorTlsOptions {
  checkObject('tls', options)
  refuseUnknown('tls', options, KNOWN_FOR_TLS)
  const { rejectUnauthorized, servername, secureContext } = options
  if (rejectUnauthorized !== undefined) checkFlag('tls.rejectUnauthorized', rejectUnauthorized)
  if (servername !== undefined) checkText('tls.servername', servername)
  if (secureContext !== undefined) checkObject('tls.secureContext', secureContext)
  checkCallback('tls.checkServerIdentity', options.checkServerIdentity)
  checkCallback('tls.pskCallback', options.pskCallback)
  // A copy: what the caller changes later has no effect.
  return { ...options }
}

function planDns(options: ConnectorDnsOptions): DnsCache {
  checkObject('dns', options)
  refuseUnknown('dns', options, KNOWN_FOR_DNS)
  try {
    return createDnsCache(options)
  } catch (cause) {
    throw invalidOption('dns', cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function checkText(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value
  throw invalidOption(name, 'must be a text that is not empty')
}
