/** Where a proxy is and who asks it, as one URL says it. */

/** Who asks, percent-decoded. */
export interface Credentials {
  readonly user: string
  readonly password: string
}

export type ProxyScheme = 'http' | 'https' | 'socks5' | 'socks5h'

export interface ProxyEndpoint<Scheme extends ProxyScheme = ProxyScheme> {
  readonly scheme: Scheme
  /** Name or address, IPv6 without brackets. */
  readonly host: string
  readonly port: number
  readonly credentials: Credentials | null
  /** For people: without credentials. */
  readonly shown: string
}

/** curl takes 1080 for `http` too; here it is what the scheme stands for (RFC 9110 section 4.2.1). */
const DEFAULT_PORTS: Record<ProxyScheme, number> = { http: 80, https: 443, socks5: 1080, socks5h: 1080 }

/**
 * Reads the URL of a proxy. The text never shows in an error: it may have a password in it.
 *
 * @param name What the text is called in an error.
 * @param schemes Those that are meant. Text without a scheme is of the first one.
 * @throws {TypeError} No such URL, or one with a path, a query or a fragment.
 */
export function parseProxyUrl<Scheme extends ProxyScheme>(
  name: string,
  text: unknown,
  schemes: readonly Scheme[],
): ProxyEndpoint<Scheme> {
  const refuse = (why: string): never => {
    throw new TypeError(`${name} ${why}`)
  }
  if (typeof text !== 'string') return refuse('must be a string')
  const whole = text.includes('://') ? text : `${schemes[0]}://${text}`
  const scheme = schemes.find((each) => whole.slice(0, whole.indexOf(':')).toLowerCase() === each)
  if (scheme === undefined) return refuse(`must be a URL with one of the schemes ${schemes.join(', ')}`)
  const url = parsed(whole)
  // As http the host is read by the rules for hosts: lower case, IDNA, addresses in all notations.
  const asHttp = parsed(`http${whole.slice(scheme.length)}`)
  if (url === null || asHttp === null) return refuse('is not a URL of a proxy')
  if (/[?#]/.test(whole) || !/^\/?$/.test(asHttp.pathname)) refuse('must have no path, query or fragment')
  const port = url.port === '' ? DEFAULT_PORTS[scheme] : Number(url.port)
  if (port === 0) refuse('must have a port from 1 to 65535')
  return {
    scheme,
    host: asHttp.hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    credentials: credentialsOf(url),
    shown: `${scheme}://${asHttp.hostname}:${port}`,
  }
}

function parsed(text: string): URL | null {
  try {
    return new URL(text)
  } catch {
    return null // without its cause, which has the whole text
  }
}

function credentialsOf({ username, password }: URL): Credentials | null {
  if (username === '' && password === '') return null
  return { user: percentDecoded(username), password: percentDecoded(password) }
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a stray "%" stands for itself, as in the URL standard
  }
}
