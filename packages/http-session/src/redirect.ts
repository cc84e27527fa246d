/**
 * Where a redirect leads, and what of the request goes there: RFC 9110 section 15.4 as a decision on plain facts, without I/O.
 *
 * The plan is for one hop. Fields that it drops stay dropped on all later ones: the next plan is made for the request that this one led to.
 */

/** What is known when a response has come. */
export interface RedirectFacts {
  /** Of the request that was answered. */
  readonly method: string
  /** Of the request that was answered; may have user information and a fragment. */
  readonly url: URL
  readonly status: number
  /** The values of all Location fields, latin1, one character for one octet. */
  readonly locations: readonly string[]
  /** Whether that request had a body, an empty one included. */
  readonly hasBody: boolean
  /** Whether its body can be had again. Of no concern without a body. */
  readonly bodyReplayable: boolean
  /** Redirects followed before this response. */
  readonly followed: number
  /** Redirects to follow at most; an integer >= 0, or Infinity. */
  readonly maxRedirects: number
  /** Whether a redirect may lead from https to http. */
  readonly allowInsecure: boolean
  /** `redirectKey` of every request so far, of the one that was answered too. */
  readonly visited: ReadonlySet<string>
}

/** Why a redirect is not followed. BLOCKED: it leads nowhere, to a scheme that is none of ours, from https to http, or to two places. */
export type RedirectRefusal =
  | 'ERR_HTTP_REDIRECT_MAX'
  | 'ERR_HTTP_REDIRECT_LOOP'
  | 'ERR_HTTP_REDIRECT_BLOCKED'
  | 'ERR_HTTP_REDIRECT_BODY_NOT_REPLAYABLE'

/** The request to make next. */
export interface FollowPlan {
  readonly kind: 'follow'
  readonly method: string
  /** With the fragment that applies. User information: that of the request's URL within its origin, else none. A new object. */
  readonly url: URL
  /** Whether the request's body is sent again. */
  readonly keepsBody: boolean
  /** Fields of the request that do not go along; lower case. */
  readonly dropFields: readonly string[]
}

/** `deliver`: the response is the caller's. `follow`: another request comes first. `refuse`: the request fails. */
export type RedirectPlan =
  | { readonly kind: 'deliver' }
  | FollowPlan
  | { readonly kind: 'refuse'; readonly code: RedirectRefusal; readonly why: string }

/** 300 offers a choice, 304 answers a condition, 305 and 306 are of the past: none of them is followed (P49). */
const FOLLOWED_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** Fields that tell of a body or belong to its sending. RFC 9110 sections 8 and 15.4, RFC 9530, RFC 6266, RFC 1864. */
const BODY_FIELDS = [
  'content-digest content-disposition content-encoding content-language content-length content-location content-md5',
  'content-range content-type digest expect last-modified repr-digest trailer transfer-encoding',
].flatMap((names) => names.split(' '))

/** Fields that are meant for one origin alone (P48). */
export const ORIGIN_FIELDS: readonly string[] = ['authorization', 'cookie', 'host', 'proxy-authorization']

const DELIVER: RedirectPlan = Object.freeze({ kind: 'deliver' })

/** Decides what a response means for the request that it answers (P45 to P50). */
export function planRedirect(facts: RedirectFacts): RedirectPlan {
  const { status, locations, maxRedirects } = facts
  const [location] = locations
  if (!FOLLOWED_STATUSES.has(status) || maxRedirects === 0 || location === undefined) return DELIVER
  if (locations.some((other) => other !== location)) {
    return refuse('ERR_HTTP_REDIRECT_BLOCKED', 'the response has several Location fields that differ')
  }
  if (location === '') return DELIVER
  const url = nextUrl(location, facts.url)
  if (url === null) return refuse('ERR_HTTP_REDIRECT_BLOCKED', 'Location is not a URL')
  const obstacle = obstacleOnTheWayTo(url, facts)
  if (obstacle !== null) return refuse('ERR_HTTP_REDIRECT_BLOCKED', obstacle)
  if (facts.followed >= maxRedirects) {
    return refuse('ERR_HTTP_REDIRECT_MAX', `more than ${maxRedirects} redirects`)
  }
  return planned(url, facts)
}

/**
 * What makes two requests of a chain the same: method, URL without user information and fragment, and body. The body is the first request's or
 * none, so whether there is one tells which.
 */
export function redirectKey(method: string, url: URL, hasBody: boolean): string {
  return `${hasBody ? 'with' : 'without'} body ${method} ${url.origin}${url.pathname}${url.search}`
}

function planned(url: URL, { method, status, hasBody, ...facts }: RedirectFacts): RedirectPlan {
  const becomesGet = status === 303 || (method === 'POST' && (status === 301 || status === 302))
  const nextMethod = becomesGet && method !== 'HEAD' ? 'GET' : method
  const keepsBody = hasBody && !becomesGet
  if (keepsBody && !facts.bodyReplayable) {
    return refuse(
      'ERR_HTTP_REDIRECT_BODY_NOT_REPLAYABLE',
      `${status} asks for the body again, which can be had only once`,
    )
  }
  if (facts.visited.has(redirectKey(nextMethod, url, keepsBody))) {
    return refuse('ERR_HTTP_REDIRECT_LOOP', 'the same request was made before')
  }
  const dropFields = [
    ...(becomesGet ? BODY_FIELDS : []),
    ...(url.origin === facts.url.origin ? [] : ORIGIN_FIELDS),
  ]
  return { kind: 'follow', method: nextMethod, url, keepsBody, dropFields }
}

/** `null`: no URL at all. */
function nextUrl(location: string, from: URL): URL | null {
  let url
  try {
    url = new URL(urlText(location), from)
  } catch {
    return null
  }
  // Not what Location says: a server that can name a user could make the request act as somebody else.
  const isSameOrigin = url.origin === from.origin
  url.username = isSameOrigin ? from.username : ''
  url.password = isSameOrigin ? from.password : ''
  // RFC 9110 section 10.2.2; an empty fragment is one.
  if (!location.includes('#')) url.hash = from.hash
  return url
}

/** Octets that are UTF-8 are read as such; others stay what they are, escaped one by one. */
function urlText(location: string): string {
  // eslint-disable-next-line no-control-regex -- the range is the definition of ASCII
  if (/^[\x00-\x7f]*$/.test(location)) return location
  const octets = Uint8Array.from(location, (character) => character.charCodeAt(0))
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets)
  } catch {
    return location.replace(
      /[\x80-\xff]/g,
      (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    )
  }
}

function obstacleOnTheWayTo(url: URL, { url: from, allowInsecure }: RedirectFacts): string | null {
  const { protocol } = url
  if (protocol !== 'http:' && protocol !== 'https:') {
    return `a redirect to the scheme "${protocol.slice(0, -1)}"`
  }
  const isDowngrade = from.protocol === 'https:' && protocol === 'http:'
  return isDowngrade && !allowInsecure ? 'a redirect from https to http' : null
}

function refuse(code: RedirectRefusal, why: string): RedirectPlan {
  return { kind: 'refuse', code, why }
}
