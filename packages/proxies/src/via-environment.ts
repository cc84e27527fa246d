import type { FieldsInit } from '@x/http1'
import type { TlsClientOptions } from '@x/transport'
import { directConnector } from './direct-connector.ts'
import { proxyFromEnvironment } from './environment.ts'
import type { Environment } from './environment.ts'
import { shownAs } from './inspection.ts'
import { checkDial, checkKnown, dialOptions } from './option-checks.ts'
import type { Connector, Dial } from './ports.ts'
import { checkForHttp, viaHttpProxy } from './via-http-proxy.ts'
import { viaSocks5 } from './via-socks5.ts'

/** Options of `viaEnvironment`. */
export interface ViaEnvironmentOptions {
  /** Default: the process's own variables. */
  readonly env?: Environment | undefined
  /** TLS with the targets, except where `connect` reaches them directly. Default: Node's terms, HTTP/1.1 as the only protocol offered. */
  readonly tls?: TlsClientOptions | undefined
  /** TLS with `https` proxies, where there is no `connect`. Default as for `tls`. */
  readonly proxyTls?: TlsClientOptions | undefined
  /** Reaches the proxies, and the targets that need none. Default: TCP and TLS. */
  readonly connect?: Dial | undefined
  /** Further fields for HTTP proxies. Default: none. */
  readonly headers?: FieldsInit | undefined
  /** As in `viaHttpProxy`. Default `secure`. */
  readonly tunnel?: 'secure' | 'always' | undefined
}

/**
 * A connector that goes where HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY say: see `proxyFromEnvironment`. They are read now, and
 * not again.
 *
 * @throws {TypeError} An option cannot be meant, or a variable that counts is no URL of an HTTP or SOCKS5 proxy.
 *
 * What the connector rejects with: see `viaHttpProxy` and `viaSocks5`.
 */
export function viaEnvironment(options: ViaEnvironmentOptions = {}): Connector {
  checkKnown(options, ['env', 'tls', 'proxyTls', 'connect', 'headers', 'tunnel'])
  const { env, ...forHttp } = options
  const { tls, connect } = forHttp
  checkForHttp(forHttp)
  const choose = proxyFromEnvironment(env)
  const direct = checkDial(connect) ?? directConnector(tls)
  const known = new Map<string, Connector>()
  const connectorTo = (proxy: string): Connector => {
    const connector =
      known.get(proxy) ??
      (isHttp(proxy) ? viaHttpProxy({ ...forHttp, proxy }) : viaSocks5({ connect, tls, proxy }))
    known.set(proxy, connector)
    return connector
  }
  // There is one proxy at most for each kind of target: made now, so that what is wrong shows now.
  for (const secure of [false, true]) {
    const proxy = choose({ host: '', port: 0, secure })
    if (proxy !== null) connectorTo(proxy)
  }
  const shown = [...known.values()].map(({ name }) => name).join(', ')
  return shownAs(`viaEnvironment(${shown || 'no proxy'})`, (target, connectorOptions = {}) => {
    const proxy = choose(target)
    return (proxy === null ? direct : connectorTo(proxy))(target, dialOptions(connectorOptions))
  })
}

function isHttp(proxy: string): boolean {
  return /^https?:/i.test(proxy)
}
