import type { Connection } from '@x/streams'
import { lookupAddresses } from '@x/transport'
import type { Lookup, TlsClientOptions } from '@x/transport'
import { directConnector } from './direct-connector.ts'
import { isProxyError } from './errors.ts'
import { ipOctets } from './ip-address.ts'
import { shownAs } from './inspection.ts'
import { checkDial, checkKnown, checkTls, dialOptions } from './option-checks.ts'
import type { Connector, ConnectTarget, Dial, ProxiedConnection } from './ports.ts'
import { parseProxyUrl } from './proxy-url.ts'
import type { Credentials } from './proxy-url.ts'
import {
  connectReply,
  encodeConnect,
  encodeGreeting,
  encodePassword,
  mayTryAnotherAddress,
  methodDecoder,
  METHODS,
  passwordStatus,
  replyReason,
  utf8,
} from './socks5-codec.ts'
import type { SocksAddress } from './socks5-codec.ts'
import { failure, tunnel } from './tunnel.ts'
import type { Passage } from './tunnel.ts'

/** Options of `viaSocks5`. */
export interface Socks5Options {
  /**
   * `socks5h://user:password@host:port`: the proxy resolves the names of targets, nobody here is asked. `socks5://…`: they are resolved
   * here. User and password percent-encoded.
   */
  readonly proxy: string
  /** TLS with the targets. Default: Node's terms, and HTTP/1.1 as the only protocol offered. */
  readonly tls?: TlsClientOptions | undefined
  /** Reaches the proxy. Default: TCP. */
  readonly connect?: Dial | undefined
  /** Resolves the names of targets, for `socks5`. Default: `dns.lookup`. */
  readonly lookup?: Lookup | undefined
}

interface Plan extends Pick<Socks5Options, 'tls' | 'lookup'> {
  readonly credentials: Credentials | null
  readonly resolves: 'here' | 'there'
}

/**
 * A connector that goes through a SOCKS5 proxy (RFC 1928), without authentication or with user and password (RFC 1929). Every
 * connection is a tunnel; with secure targets there is TLS in it.
 *
 * @throws {TypeError} An option cannot be meant.
 *
 * What the connector rejects with: `ProxyError`, `DnsError` of `@x/transport` for names that are resolved here, and what `connect` and
 * `startTls` of `@x/streams` reject with. Of a name that is resolved here every address is tried, each by a connection of its own,
 * until the proxy reaches one. The proxy is waited for as long as `signal` allows.
 */
export function viaSocks5(options: Socks5Options): Connector {
  checkKnown(options, ['proxy', 'tls', 'connect', 'lookup'])
  const endpoint = parseProxyUrl('option "proxy"', options.proxy, ['socks5', 'socks5h'])
  const { credentials } = endpoint
  checkCredentials(credentials)
  const resolves = endpoint.scheme === 'socks5h' ? 'there' : 'here'
  if (options.lookup !== undefined && (resolves === 'there' || typeof options.lookup !== 'function'))
    throw new TypeError('option "lookup" must be a function, and has no meaning with "socks5h"')
  checkTls('tls', options.tls)
  const connect = checkDial(options.connect) ?? directConnector(undefined)
  const plan: Plan = { tls: options.tls, lookup: options.lookup, credentials, resolves }
  return shownAs(`viaSocks5(${endpoint.shown})`, (target, connectorOptions = {}) =>
    connectTo({ endpoint, connect, target, options: dialOptions(connectorOptions) }, plan),
  )
}

/** RFC 1929 section 2 wants 1 octet of password at least; as in curl an empty one is sent as such. */
function checkCredentials(credentials: Credentials | null): void {
  if (credentials === null) return
  const { user, password } = credentials
  if (user === '' || utf8(user).length > 255 || utf8(password).length > 255)
    throw new TypeError('user and password in "proxy" must be of 1 to 255 octets for SOCKS5')
}

async function connectTo(passage: Passage, plan: Plan): Promise<ProxiedConnection> {
  const addresses = await addressesOf(passage, plan)
  for (const [index, address] of addresses.entries()) {
    try {
      return await tunnel(
        passage,
        (connection, signal) => ask(connection, { passage, plan, address, signal }),
        plan.tls,
      )
    } catch (error) {
      const isLast = index === addresses.length - 1
      if (isLast || !isProxyError(error) || !mayTryAnotherAddress(error.reply)) throw error
    }
  }
  throw failure(passage, { code: 'ERR_PROXY_TARGET', why: 'there is no address' })
}

/** What the proxy may be asked for, in order; at least one. */
async function addressesOf(passage: Passage, plan: Plan): Promise<SocksAddress[]> {
  const { target, options } = passage
  const { host, port } = target
  if (!(Number.isInteger(port) && port > 0 && port <= 65_535))
    throw failure(passage, { code: 'ERR_PROXY_TARGET', why: 'the port is not from 1 to 65535' })
  const literal = literalAddress(host)
  if (literal !== null) return [literal]
  // Visible ASCII: what is not has no meaning as a name of a host, and might have one for whoever reads the proxy's log.
  if (!/^[!-~]{1,255}$/.test(host))
    throw failure(passage, {
      code: 'ERR_PROXY_TARGET',
      why: 'the name is not 1 to 255 visible ASCII characters',
    })
  if (plan.resolves === 'there') return [{ type: 'name', octets: utf8(host) }]
  options.onPhase?.('dns')
  const { signal } = options
  const { lookup } = plan
  const answer = await lookupAddresses(host, { signal, timeoutMs: Infinity, ...(lookup && { lookup }) })
  return answer.flatMap(({ address }) => literalAddress(address) ?? [])
}

function literalAddress(host: ConnectTarget['host']): SocksAddress | null {
  const octets = ipOctets(host)
  return octets && { type: octets.length === 4 ? 'ipv4' : 'ipv6', octets }
}

interface Asking {
  readonly passage: Passage
  readonly plan: Plan
  readonly address: SocksAddress
  readonly signal: AbortSignal
}

/** Authenticates as the proxy wishes and asks for the connection. */
async function ask(
  { reader, writer }: Connection,
  { passage, plan, address, signal }: Asking,
): Promise<void> {
  const { credentials } = plan
  const refuse = (why: string): never => {
    throw failure(passage, { code: 'ERR_PROXY_AUTH', why })
  }
  const offered = credentials === null ? [METHODS.none] : [METHODS.none, METHODS.password]
  writer.writeOwned(encodeGreeting(offered))
  const method = await reader.decode(methodDecoder(offered), { signal })
  if (method === METHODS.refused) {
    refuse(
      credentials === null ? 'the proxy wants credentials' : 'the proxy wants something else than a password',
    )
  }
  if (method === METHODS.password && credentials !== null) {
    writer.writeOwned(encodePassword(credentials))
    if ((await reader.decode(passwordStatus, { signal })) !== 0) refuse('the proxy refused user or password')
  }
  writer.writeOwned(encodeConnect(address, passage.target.port))
  const reply = await reader.decode(connectReply, { signal })
  if (reply !== 0)
    throw failure(passage, { code: 'ERR_PROXY_REPLY', why: `the proxy says: ${replyReason(reply)}`, reply })
}
