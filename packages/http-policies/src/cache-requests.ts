/** Which requests a cache looks at, and what they choose a response by. */
import { isHttpSessionError } from '@x/http-session'
import type { ClientRequest, ClientResponse } from '@x/http-session'
import { parseDirectives } from './cache-control.ts'
import { fieldValues } from './cache-entries.ts'
import type { Selector } from './cache-entries.ts'

/** RFC 9110 section 9.2.1. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])
/** A part, an answer to a question of the caller's own, another target than the URL (RFC 9110 section 7.1), or another protocol. */
const OWN_BUSINESS = [
  'host',
  'range',
  'if-range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'upgrade',
]
/** RFC 5861 section 4: errors of the server, or on the way to it. */
const ERROR_STATUSES = [500, 502, 503, 504]
const TROUBLE =
  /^ERR_HTTP_(?:CONNECT_FAILED|DNS_|TLS_HANDSHAKE|STALE_CONNECTION|PEER_CLOSED|RESET|CIRCUIT_OPEN|TIMEOUT_(?!TOTAL))/

export function isSafe({ method }: ClientRequest): boolean {
  return SAFE.has(method)
}

/** Whether a stored response may answer it. */
export function isLookedUp({ method, headers, hasBody }: ClientRequest): boolean {
  if ((method !== 'GET' && method !== 'HEAD') || hasBody) return false
  if (OWN_BUSINESS.some((name) => headers.has(name))) return false
  return !parseDirectives(headers.get('cache-control')).has('no-store')
}

export function isOnlyIfCached({ headers }: ClientRequest): boolean {
  return parseDirectives(headers.get('cache-control')).has('only-if-cached')
}

/** What a request chooses a stored response by; credentials are nowhere but in a hash. */
export async function selectorOf(request: ClientRequest): Promise<Selector> {
  const headers = fieldValues(request.headers)
  const secrets = ['authorization', 'cookie'].filter((name) => name in headers)
  for (const name of secrets) headers[name] = await sha256(`${headers[name]}`)
  const all = secrets.map((name) => `${name}:${headers[name]}`)
  return { headers, credentials: all.length === 0 ? null : all.join(' ') }
}

export function isServerError({ status }: ClientResponse): boolean {
  return ERROR_STATUSES.includes(status)
}

/** Whether a request that has failed so may have been sent, or a part of it. */
export function mayHaveArrived(error: unknown): boolean {
  if (!isHttpSessionError(error)) return true
  return 'sent' in error && error.sent !== 'none'
}

export function isServerTrouble(error: unknown): boolean {
  return isHttpSessionError(error) && TROUBLE.test(error.code)
}

/**
 * The URLs whose stored responses a successful unsafe request makes doubtful: its own, and those of its answer that are of the same origin.
 * RFC 9111 section 4.4.
 */
export function invalidatedUrls(
  { url, origin }: ClientRequest,
  { status, headers }: ClientResponse,
): string[] {
  if (status < 200 || status > 399) return []
  const named = ['location', 'content-location'].flatMap((name) => {
    const value = headers.get(name)
    const target = value !== undefined && URL.canParse(value, url) ? new URL(value, url) : null
    if (target === null || target.origin !== origin) return []
    target.hash = target.username = target.password = ''
    return [target.href]
  })
  return [...new Set([url, ...named])]
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
