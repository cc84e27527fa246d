const BRAND = Symbol.for('@x/proxies.error')

/**
 * What went wrong between here and the proxy. What is rejected with otherwise is of `@x/transport`: the proxy could not be reached,
 * or TLS with it or with the target failed.
 *
 * - `ERR_PROXY_STATUS`: an HTTP proxy answered CONNECT with another status than 2xx; see `status`.
 * - `ERR_PROXY_AUTH`: it wants credentials, or others: 407 or 401 of an HTTP proxy, or SOCKS5 refused all methods or the password.
 * - `ERR_PROXY_REPLY`: a SOCKS5 proxy did not connect; see `reply`.
 * - `ERR_PROXY_PROTOCOL`: its answer is not of the protocol, or too large; `cause` says where.
 * - `ERR_PROXY_CLOSED`: the connection ended before the answer was whole.
 * - `ERR_PROXY_TARGET`: the target's host or port cannot be asked for; nothing was sent.
 * - `ERR_PROXY_FORWARDING`: the connector underneath gave a connection that forwards requests, which cannot carry this proxy's
 *   protocol; nothing was sent. Give it `tunnel: 'always'`.
 */
export type ProxyErrorCode =
  `ERR_PROXY_${'STATUS' | 'AUTH' | 'REPLY' | 'PROTOCOL' | 'CLOSED' | 'TARGET' | 'FORWARDING'}`

/** What an error tells; see `ProxyError`. */
export interface ProxyFailure {
  readonly code: ProxyErrorCode
  readonly proxy: string
  readonly target: string
  readonly why: string
  readonly status?: number
  readonly reply?: number
  readonly cause?: unknown
}

/** A proxy did not give the connection that was asked for; it is closed. Plain data, without credentials. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError'
  /** The contract; messages may change. */
  readonly code: ProxyErrorCode
  /** Scheme, host and port of the proxy, without credentials: `http://proxy.example:3128`. */
  readonly proxy: string
  /** Host and port that were asked for: `a.example:443`. */
  readonly target: string
  /** Status of an HTTP proxy's answer; null where there was none. */
  readonly status: number | null
  /** Reply code of a SOCKS5 proxy (RFC 1928 section 6), which is not 0; null where there was none. */
  readonly reply: number | null

  static {
    // Known by any installed copy of this package; not a field, so that it does not show when the error is printed.
    Object.defineProperty(this.prototype, BRAND, { value: true })
  }

  constructor({ code, proxy, target, why, status, reply, cause }: ProxyFailure) {
    super(`${target} through ${proxy}: ${why}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.proxy = proxy
    this.target = target
    this.status = status ?? null
    this.reply = reply ?? null
  }

  /** The plain data of this error, for logs. */
  toJSON(): Record<string, unknown> {
    return { ...(this as object), message: this.message }
  }
}

/** Whether `value` is a `ProxyError`, whichever installed copy of this package made it. */
export function isProxyError(value: unknown): value is ProxyError {
  return typeof value === 'object' && value !== null && BRAND in value
}
