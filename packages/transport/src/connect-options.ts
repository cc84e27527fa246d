import { isIP } from 'node:net'
import { parseIpLiteral } from './addresses.ts'
import type { AddressPolicy, Lookup } from './addresses.ts'
import type { ConnectPhase } from './connect-scope.ts'
import { nodeWorld } from './node-world.ts'
import {
  checkDelay,
  checkFlag,
  checkFunction,
  checkInteger,
  checkKnown,
  checkObject,
  checkOneOf,
  checkSignal,
  checkText,
  checkTimeout,
  optional,
} from './option-checks.ts'
import { checkTlsOptions } from './tls-option-checks.ts'
import type { TransportSettings } from './transport-options.ts'
import type { TlsClientOptions } from './tls-options.ts'
import { planTransports, TRANSPORT_OPTIONS } from './transport-options.ts'
import type { TransportOptions } from './transport-options.ts'

/** Where to connect to: an Internet address or a Unix socket (named pipe on Windows). */
export type ConnectTarget =
  | {
      /** Name or IP literal. */
      host: string
      /** 1 to 65535. */
      port: number
      path?: undefined
    }
  | { path: string; host?: undefined; port?: undefined }

/** How to connect. */
export interface ConnectSettings extends TransportOptions {
  /** TLS right from the start: `true` for Node's defaults. A `path` needs `servername`. */
  tls?: boolean | TlsClientOptions
  /** Ends the connecting, in every phase: rejects with `signal.reason`. No effect afterwards. */
  signal?: AbortSignal
  /** Limit for resolving and connecting together; default 10,000; Infinity for none. */
  connectTimeoutMs?: number
  /** Limit for the TLS handshake; default 10,000; Infinity for none. */
  handshakeTimeoutMs?: number
  /** Head start of each address over the next one (RFC 8305); default 250. */
  attemptDelayMs?: number
  /** 4 or 6 to use only that family; default 0, both. */
  family?: 0 | 4 | 6
  /** IP address to connect from; only addresses of its family are tried. */
  localAddress?: string
  /**
   * Told when each step begins: `dns` where a name is looked up, `connect`, `tls` where there is a handshake. What it throws
   * ends the connecting.
   */
  onPhase?: (phase: ConnectPhase) => void
  /** In place of `dns.lookup`; `createDnsCache` makes one that remembers. Not asked about IP literals. */
  lookup?: Lookup
  /** Addresses that must not be connected to; a `net.BlockList` fits. Not asked about a `path`. */
  blockList?: AddressPolicy
  /** Send small writes at once (TCP_NODELAY); default true. */
  noDelay?: boolean
}

/** Where to connect to, and how. */
export type ConnectOptions = ConnectTarget & ConnectSettings

/** `ConnectOptions`, checked and complete. */
export interface ConnectPlan {
  readonly target: { readonly host: string; readonly port: number } | { readonly path: string }
  readonly tls: TlsClientOptions | null
  readonly signal: AbortSignal | undefined
  readonly onPhase: ((phase: ConnectPhase) => void) | undefined
  readonly connectTimeoutMs: number
  readonly handshakeTimeoutMs: number
  readonly attemptDelayMs: number
  readonly family: 0 | 4 | 6
  readonly localAddress: string | undefined
  readonly lookup: Lookup | undefined
  readonly blockList: AddressPolicy | undefined
  readonly noDelay: boolean
  readonly transport: TransportSettings
}

const KNOWN = {
  host: true,
  port: true,
  path: true,
  tls: true,
  signal: true,
  connectTimeoutMs: true,
  handshakeTimeoutMs: true,
  attemptDelayMs: true,
  family: true,
  localAddress: true,
  onPhase: true,
  lookup: true,
  blockList: true,
  noDelay: true,
  ...TRANSPORT_OPTIONS,
} satisfies Record<keyof ConnectTarget | keyof ConnectSettings, true>

/** Throws TypeError or RangeError for options that cannot be meant. */
export function planConnection(options: ConnectOptions): ConnectPlan {
  checkKnown(options, KNOWN)
  const tls = checkTls(options.tls)
  const target = checkTarget(options)
  if (tls !== null && 'path' in target && !tls.servername && tls.rejectUnauthorized !== false) {
    throw new TypeError(
      'option "tls.servername" is needed with "path": there is no host to check the certificate for',
    )
  }
  if (tls === null && options.handshakeTimeoutMs !== undefined) {
    throw new TypeError('option "handshakeTimeoutMs" has no meaning without "tls"')
  }
  if (options.blockList !== undefined) checkPolicy('blockList', options.blockList)
  if (options.lookup !== undefined) checkFunction('lookup', options.lookup)
  if (options.onPhase !== undefined) checkFunction('onPhase', options.onPhase)
  const family = optional(checkFamily, 'family', options.family, 0)
  return {
    target,
    tls,
    signal: optional(checkSignal, 'signal', options.signal, undefined),
    connectTimeoutMs: optional(checkTimeout, 'connectTimeoutMs', options.connectTimeoutMs, 10_000),
    handshakeTimeoutMs: optional(checkTimeout, 'handshakeTimeoutMs', options.handshakeTimeoutMs, 10_000),
    attemptDelayMs: optional(checkDelay, 'attemptDelayMs', options.attemptDelayMs, 250),
    localAddress: optional(checkIpAddress, 'localAddress', options.localAddress, undefined),
    onPhase: options.onPhase,
    lookup: options.lookup,
    blockList: options.blockList,
    noDelay: optional(checkFlag, 'noDelay', options.noDelay, true),
    family,
    transport: planTransports(options, nodeWorld),
  }
}

function checkTarget({ host, port, path }: ConnectOptions): ConnectPlan['target'] {
  if (path !== undefined) {
    if (host !== undefined || port !== undefined)
      throw new TypeError('give either "path" or "host" and "port"')
    return { path: checkText('path', path) }
  }
  if (host === undefined) throw new TypeError('option "host" and "port", or "path", is needed')
  // A literal loses its brackets here, so that all later steps see one spelling.
  const name = checkText('host', host)
  const literal = parseIpLiteral(name)?.address
  return { host: literal ?? name, port: checkInteger('port', port, { min: 1, max: 65_535 }) }
}

function checkTls(tls: boolean | TlsClientOptions | undefined): TlsClientOptions | null {
  if (tls === undefined || tls === false) return null
  if (tls === true) return {}
  checkTlsOptions('client', tls)
  return tls
}

function checkPolicy(name: string, value: unknown): void {
  checkObject(name, value)
  if (typeof (value as Partial<AddressPolicy>).check === 'function') return
  throw new TypeError(`option "${name}" must have a method check(), as net.BlockList`)
}

/** Both, or one of them. */
export function checkFamily(name: string, value: unknown): 0 | 4 | 6 {
  return checkOneOf(name, value, [0, 4, 6] as const)
}

function checkIpAddress(name: string, value: unknown): string {
  if (isIP(checkText(name, value)) === 0) throw new TypeError(`option "${name}" must be an IP address`)
  return value as string
}
