/**
 * `fetch` over a session: the runtime's own `Request`, `Response` and `Headers`, the session's connections, middlewares and limits. What a fetch may
 * be is decided by the runtime's `Request`; what becomes of it is the session's business.
 */
import { RedirectError, UsageError } from './errors.ts'
import { contentOf } from './fetch-content.ts'
import type { FetchContent } from './fetch-content.ts'
import { FetchResponse, readLimit, responseBody } from './fetch-response.ts'
import type { RequestOptions } from './request-options.ts'
import { exchangeOf } from './response.ts'
import type { ClientResponse } from './response.ts'

/** What of a session is used. A `ClientSession` is one. */
export interface FetchSession {
  request(method: string, url: string, options: RequestOptions): Promise<ClientResponse>
}

/** The runtime's, with the member that a stream as the body needs. */
export interface FetchInit extends RequestInit {
  duplex?: 'half'
}

/** RFC 9110 section 15.4, as fetch counts them. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
/** What a cache on the way is to be told; the others need a cache here. */
const CACHE_FIELDS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'no-cache': [['Cache-Control', 'max-age=0']],
  'no-store': [
    ['Pragma', 'no-cache'],
    ['Cache-Control', 'no-cache'],
  ],
  reload: [
    ['Pragma', 'no-cache'],
    ['Cache-Control', 'no-cache'],
  ],
}

/**
 * As `fetch` of the runtime, through a session.
 *
 * - `redirect`: `follow` as far as the session does; `error`; `manual` gives the redirect itself, as Node does.
 * - `cache`: `no-cache`, `no-store` and `reload` send the fields that say so.
 * - `credentials`, `mode`, `referrer`, `referrerPolicy`, `keepalive`, `priority`: as in Node, without effect.
 * - `integrity` and `dispatcher`: refused, since to leave them out would do something else than was asked for.
 *
 * @param input http or https.
 * @param request Of both, where it was made before.
 * @returns As soon as the head is there. The body is read as it is pulled.
 * @throws {TypeError} What the runtime's `Request` refuses. "fetch failed", with the session's error as its cause; "terminated" from the body.
 *
 * Abort: rejects with `signal.reason`, and so does the body.
 */
export async function fetchWith(
  session: FetchSession,
  input: string | URL | Request,
  init?: FetchInit,
  request: Request = new Request(input, init),
): Promise<Response> {
  const signal = signalOf(input, init)
  signal?.throwIfAborted()
  try {
    refuseUnkept(request, init)
    const content = await contentOf(request, init?.body)
    const response = await session.request(request.method, request.url, optionsFor(request, content, signal))
    return answered(request, response, signal)
  } catch (cause) {
    if (signal?.aborted === true && cause === signal.reason) throw cause
    throw new TypeError('fetch failed', { cause })
  }
}

function optionsFor(
  request: Request,
  content: FetchContent,
  signal: AbortSignal | undefined,
): RequestOptions {
  return {
    headers: fieldsOf(request),
    body: content,
    throwOnStatus: false,
    ...(signal === undefined ? {} : { signal }),
    ...(request.redirect === 'follow' ? {} : { maxRedirects: 0 }),
  }
}

function fieldsOf({ headers, cache }: Request): [string, string][] {
  const fields: [string, string][] = [...headers]
  for (const [name, value] of CACHE_FIELDS[cache] ?? []) if (!headers.has(name)) fields.push([name, value])
  return fields
}

function answered(request: Request, response: ClientResponse, signal: AbortSignal | undefined): Response {
  const { status, reasonPhrase, url, redirects } = response
  if (request.redirect === 'error' && REDIRECTS.has(status)) {
    response.discard()
    const facts = { ...exchangeOf(response).facts('no'), phase: 'redirect' as const }
    throw new RedirectError(facts, 'ERR_HTTP_REDIRECT_BLOCKED', 'the option redirect is "error"', status)
  }
  const limit = readLimit(response)
  const facts = { status, url, redirected: redirects.length > 0, reasonPhrase, limit }
  return new FetchResponse(
    responseBody(request.method, response, signal, limit),
    response.headers.toHeaders(),
    facts,
  )
}

/** The caller's own: that of a `Request` only follows it. */
function signalOf(input: string | URL | Request, init: FetchInit | undefined): AbortSignal | undefined {
  if (init?.signal !== undefined) return init.signal ?? undefined
  return input instanceof Request ? input.signal : undefined
}

/** @throws {UsageError} INVALID_OPTION. */
function refuseUnkept({ integrity }: Request, init: FetchInit | undefined): void {
  if (integrity !== '')
    throw new UsageError('ERR_HTTP_INVALID_OPTION', 'option integrity: is not checked here')
  if ((init as { dispatcher?: unknown } | undefined)?.dispatcher !== undefined)
    throw new UsageError('ERR_HTTP_INVALID_OPTION', 'option dispatcher: connections are the session’s')
}
