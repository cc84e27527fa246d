/** Cookies (RFC 6265) of a jar of the caller's, which knows their rules; here they only come and go. */
import type { ClientRequest, ClientResponse, Middleware } from '@x/http-session'
import { joinedCookies } from './cookie-pairs.ts'
import { CookieStoreError } from './errors.ts'
import { fromSource } from './from-source.ts'
import { checkFunction } from './options.ts'
import { named } from './named.ts'

/** Where cookies are kept: a `CookieJar` of tough-cookie is one as it is. Which cookie goes where, `Secure` and expiry are its matter. */
export interface CookieStore {
  /** The value of `Cookie` for a request to that URL; empty: none. */
  getCookieString(url: string): Promise<string>
  /**
   * Keeps a cookie.
   *
   * @param cookie The value of one `Set-Cookie` line, one octet a character.
   * @param url Of the request that it answers.
   * @param options `ignoreError`: a cookie that is not valid is no error; the store's own failures are.
   */
  setCookie(cookie: string, url: string, options: { readonly ignoreError: true }): Promise<unknown>
}

/**
 * Sends the cookies of `store`, and keeps those that come: of every response, redirects included, before the next hop is asked for. The caller's
 * own `Cookie` goes first, and its cookies replace the store's of the same name.
 *
 * @throws {UsageError} INVALID_OPTION: no such store. Requests reject with CookieStoreError where the store fails.
 *
 * Abort: rejects with `signal.reason`, while the store works too.
 */
export function cookies(store: CookieStore): Middleware {
  checkFunction('store.getCookieString', (store as Partial<CookieStore> | null)?.getCookieString)
  checkFunction('store.setCookie', store.setCookie)
  return named('cookies', async (request, next) => {
    const response = await next(await withCookies(request, store))
    await keepCookies(request, response, store)
    return response
  })
}

async function withCookies(request: ClientRequest, store: CookieStore): Promise<ClientRequest> {
  const kept = await fromSource(
    request,
    async () => checkText(await store.getCookieString(request.url)),
    (cause) => new CookieStoreError(request.facts('queue'), cause),
  )
  if (kept === '') return request
  return request.with({ headers: { Cookie: joinedCookies(request.headers.get('cookie'), kept) } })
}

async function keepCookies(
  request: ClientRequest,
  response: ClientResponse,
  store: CookieStore,
): Promise<void> {
  try {
    // One by one: the same name may come twice, and the last one holds.
    for (const line of response.headers.getSetCookie())
      await fromSource(
        request,
        () => store.setCookie(line, request.url, { ignoreError: true }),
        (cause) => new CookieStoreError(request.facts('headers'), cause),
      )
  } catch (error) {
    response.discard()
    throw error
  }
}

function checkText(kept: unknown): string {
  if (typeof kept === 'string') return kept
  throw new TypeError('it gave something that is no text')
}
