/** URLs of requests: WHATWG parsing, with a short way for plain URLs of an origin that was seen before. */
import { UsageError } from './errors.ts'
import { kindOf } from './options.ts'

/** Scheme, host and port. The same origin is the same object within a session, unless very many are in use. */
export interface Origin {
  /** `https://example.com:8443`: lower case, no default port. */
  readonly href: string
  readonly secure: boolean
  /** For connecting: IPv6 without brackets. */
  readonly hostname: string
  readonly port: number
  /** The `Host` field: IPv6 in brackets, the port where it is not the default. RFC 9112 section 3.2. */
  readonly host: string
}

export interface RequestUrl {
  readonly origin: Origin
  /** Origin form: path and query as sent. RFC 9112 section 3.2.1. */
  readonly target: string
  /** `user:password` of the URL as UTF-8 text, percent-decoded; `null` where it had none. Never part of target or host. */
  readonly userInfo: string | null
}

/** Characters that WHATWG parsing leaves as they are in path and query; `%` and `'` take the long way. */
const PLAIN_TARGET = /^\/[A-Za-z0-9\-._~!$&()*+,;=:@/?]*$/
const MAX_CACHED_ORIGINS = 1000

/**
 * A URL as text. Nothing else is taken for one: with a base, `undefined` would be a path.
 *
 * @throws {UsageError} INVALID_URL: neither text nor a URL.
 */
export function urlText(url: string | URL): string {
  if (typeof url === 'string') return url
  const href: unknown = (url as URL | null | undefined)?.href
  if (typeof href === 'string') return href
  throw new UsageError('ERR_HTTP_INVALID_URL', `the URL must be text or a URL, got ${kindOf(url)}`)
}

export class UrlParser {
  readonly #origins = new Map<string, Origin>()
  /** That of the last URL: most come in rows. */
  #last: Origin | null = null

  /** @throws {UsageError} INVALID_URL: not absolute, not http or https, or not a URL at all. */
  parse(text: string): RequestUrl {
    const origin = this.#knownOrigin(text)
    if (origin !== undefined) {
      const target = text.slice(origin.href.length)
      // `/.` may begin a dot segment.
      if (PLAIN_TARGET.test(target) && !target.includes('/.')) return { origin, target, userInfo: null }
    }
    return this.#parseInFull(text)
  }

  #knownOrigin(text: string): Origin | undefined {
    const last = this.#last
    if (last !== null && text.startsWith(last.href) && text[last.href.length] === '/') return last
    const pathStart = text.indexOf('/', 8)
    const origin = pathStart > 0 ? this.#origins.get(text.slice(0, pathStart)) : undefined
    this.#last = origin ?? null
    return origin
  }

  #parseInFull(text: string): RequestUrl {
    let url
    try {
      url = new URL(text)
    } catch {
      // Without its cause, which has the whole text.
      throw new UsageError('ERR_HTTP_INVALID_URL', `not an absolute URL${shown(text)}`)
    }
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw new UsageError(
        'ERR_HTTP_INVALID_URL',
        `scheme must be http or https, got "${url.protocol.slice(0, -1)}"`,
      )
    }
    const { username, password } = url
    return {
      origin: this.#originOf(url),
      target: url.pathname + url.search,
      userInfo:
        username === '' && password === '' ? null : `${percentDecoded(username)}:${percentDecoded(password)}`,
    }
  }

  #originOf(url: URL): Origin {
    const known = this.#origins.get(url.origin)
    if (known !== undefined) return known
    const secure = url.protocol === 'https:'
    const origin = {
      href: url.origin,
      secure,
      hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
      host: url.host,
    }
    if (this.#origins.size >= MAX_CACHED_ORIGINS) this.#origins.clear()
    this.#origins.set(url.origin, origin)
    return origin
  }
}

/** A text that cannot be parsed may hold a password anywhere before an `@`. */
function shown(text: string): string {
  return text.includes('@') ? ' (not shown: it may have a password in it)' : `: "${text.slice(0, 200)}"`
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a stray "%" stands for itself, as in the URL standard
  }
}
