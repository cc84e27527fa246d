import { ResponseHeadDecoder } from '@x/http1'
import type { FieldsInit, FieldSection, ResponseHead } from '@x/http1'
import type { Connection } from '@x/streams'
import type { TlsClientOptions } from '@x/transport'
import { authorityOf, connectRequest, proxyFields, refusalOf } from './connect-request.ts'
import { directConnector } from './direct-connector.ts'
import { shownAs } from './inspection.ts'
import { checkDial, checkKnown, checkObject, checkOneOf, checkTls, dialOptions } from './option-checks.ts'
import type { Connector, Dial, ProxiedConnection } from './ports.ts'
import { parseProxyUrl } from './proxy-url.ts'
import { failure, reachProxy, tunnel } from './tunnel.ts'
import type { Passage } from './tunnel.ts'

/** Options of `viaHttpProxy`. */
export interface HttpProxyOptions {
  /** `http://user:password@host:port`; with `https` the way to the proxy is secure, too. User and password percent-encoded. */
  readonly proxy: string
  /** TLS with the targets. Default: Node's terms, and HTTP/1.1 as the only protocol offered. */
  readonly tls?: TlsClientOptions | undefined
  /** TLS with an `https` proxy, where there is no `connect`. Default as for `tls`. */
  readonly proxyTls?: TlsClientOptions | undefined
  /** Reaches the proxy; with an `https` proxy the target it is given is secure. Default: TCP. */
  readonly connect?: Dial | undefined
  /** Further fields for the proxy. Default: none. */
  readonly headers?: FieldsInit | undefined
  /**
   * Which connections are tunnels that the proxy opens by CONNECT. `secure` (default): those that will have TLS; the others stay
   * connections to the proxy, which reads and forwards each request: see `Forwarding`. `always`: all.
   */
  readonly tunnel?: 'secure' | 'always' | undefined
}

/** Many interim answers to CONNECT make no sense. */
const LIMITS = { maxInterimResponses: 10 }

/**
 * A connector that goes through an HTTP proxy (RFC 9110 sections 7.6 and 9.3.6). With secure targets it is TLS in a tunnel: the proxy
 * sees host, port and how much, no more.
 *
 * @throws {TypeError} An option cannot be meant.
 *
 * What the connector rejects with: `ProxyError`, and what `connect` and `startTls` of `@x/streams` reject with. The proxy is waited for
 * as long as `signal` allows. A reply larger than the limits of `@x/http1` (64 KiB) is refused.
 */
export function viaHttpProxy(options: HttpProxyOptions): Connector {
  checkKnown(options, ['proxy', 'tls', 'proxyTls', 'connect', 'headers', 'tunnel'])
  const endpoint = parseProxyUrl('option "proxy"', options.proxy, ['http', 'https'])
  const { tunnel: which = 'secure', headers = [] } = options
  checkForHttp(options)
  const fields = proxyFields(endpoint.credentials, headers)
  if (options.proxyTls !== undefined && options.connect !== undefined)
    throw new TypeError(
      'option "proxyTls" has no meaning with "connect", which sets TLS with the proxy up itself',
    )
  const connect = checkDial(options.connect) ?? directConnector(options.proxyTls)
  return shownAs(`viaHttpProxy(${endpoint.shown})`, (target, connectorOptions = {}) => {
    const passage: Passage = { endpoint, connect, target, options: dialOptions(connectorOptions) }
    if (!target.secure && which === 'secure') return forwarding(passage, fields)
    return viaConnect(passage, fields, options.tls)
  })
}

/** What can be said before it is known whether there is an HTTP proxy. */
export function checkForHttp({ tls, proxyTls, headers, tunnel: which }: Partial<HttpProxyOptions>): void {
  checkTls('tls', tls)
  checkTls('proxyTls', proxyTls)
  if (headers !== undefined) checkObject('headers', headers)
  if (which !== undefined) checkOneOf('tunnel', which, ['secure', 'always'])
}

async function forwarding(passage: Passage, fields: FieldSection): Promise<ProxiedConnection> {
  const connection = await reachProxy(passage)
  const value = Object.freeze({ fieldLines: fields.toString() })
  // Not enumerable: a connection that is printed shows no credentials.
  return Object.defineProperty(connection, 'forwarding', { value })
}

async function viaConnect(
  passage: Passage,
  fields: FieldSection,
  tls: TlsClientOptions | undefined,
): Promise<ProxiedConnection> {
  const authority = authorityOf(passage.target)
  if (authority === null)
    throw failure(passage, { code: 'ERR_PROXY_TARGET', why: 'CONNECT takes no such host or port' })
  return tunnel(
    passage,
    async (connection, signal) => {
      connection.writer.writeText(connectRequest(authority, fields), 'latin1')
      const refusal = refusalOf(await finalHead(connection, signal))
      if (refusal !== null) throw failure(passage, refusal)
    },
    tls,
  )
}

/** 101 counts as final: nothing was offered, so that it is a refusal. */
async function finalHead({ reader }: Connection, signal: AbortSignal): Promise<ResponseHead> {
  const { decode } = new ResponseHeadDecoder(LIMITS)
  for (;;) {
    const head = await reader.decode(decode, { signal })
    if (head.status >= 200 || head.status === 101) return head
  }
}
