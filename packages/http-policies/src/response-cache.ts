/** The way of a request through the cache: looked up, validated, sent on, and its answer stored. */
import type { ClientRequest, ClientResponse, Next } from '@x/http-session'
import {
  conditionsOf,
  confirms,
  fieldValues,
  isFor,
  isReadAlike,
  keptLines,
  mayVaryBehind,
  updatedLines,
  variesOf,
  withResponse,
} from './cache-entries.ts'
import type { Selector } from './cache-entries.ts'
import { FreshnessReckoning } from './cache-freshness.ts'
import type { Verdict } from './cache-freshness.ts'
import { Invalidations } from './cache-invalidations.ts'
import {
  invalidatedUrls,
  isLookedUp,
  isOnlyIfCached,
  isSafe,
  isServerError,
  isServerTrouble,
  mayHaveArrived,
  selectorOf,
} from './cache-requests.ts'
import type { CacheStore, StoredResponse } from './cache-store.ts'
import { collected } from './collected-body.ts'

export interface ResponseCacheOptions {
  readonly store: CacheStore
  readonly shared: boolean
  readonly maxEntryBytes: number
  readonly name: string
  readonly now: () => number
  readonly onStoreError: (error: unknown) => void
}

/** One request for which the store was asked. */
interface Lookup {
  readonly request: ClientRequest
  readonly next: Next
  readonly selector: Selector
  /** A moment before the request was sent. */
  readonly mark: number
  readonly sentAt: number
  /** Why it was sent on, as `Cache-Status` says it. */
  readonly forwarded: 'uri-miss' | 'vary-miss' | 'stale' | 'request'
}

/** What was found for it. */
interface Found {
  readonly stored: StoredResponse
  readonly verdict: Verdict
}

/** Content without codings, of a known length up to this, is read before the response is handed on, so that nothing is open where nobody reads it. */
const MAX_EAGER_BYTES = 16_384

export class ResponseCache {
  readonly #options: ResponseCacheOptions
  readonly #reckoning: FreshnessReckoning
  readonly #invalidations = new Invalidations()
  /** URLs that are being validated while the caller has the stale response. */
  readonly #refreshing = new Set<string>()

  constructor(options: ResponseCacheOptions) {
    this.#options = options
    this.#reckoning = new FreshnessReckoning(options)
  }

  async answer(request: ClientRequest, next: Next): Promise<ClientResponse> {
    if (!isSafe(request)) return this.#sendUnsafe(request, next)
    if (!isLookedUp(request)) return next(request)
    const selector = await selectorOf(request)
    const responses = await this.#responsesOf(request)
    const found = this.#found(responses, request, selector)
    if (found?.verdict.use === 'now') return this.#serve(request, found, this.#hit(found))
    const lookup: Lookup = {
      request,
      next,
      selector,
      mark: this.#invalidations.mark(),
      sentAt: this.#options.now(),
      forwarded: found?.verdict.because ?? (responses.length === 0 ? 'uri-miss' : 'vary-miss'),
    }
    if (found?.verdict.use === 'while revalidating') {
      // Of HEAD nothing would come that could be stored.
      const asked = request.with({ method: 'GET' })
      if (!isOnlyIfCached(request)) this.#refreshBehind({ ...lookup, request: asked }, found)
      return this.#serve(request, found, this.#hit(found))
    }
    if (isOnlyIfCached(request)) return this.#serveNothing(request)
    // The answer to HEAD has no content to be stored.
    if (request.method === 'HEAD') return next(request)
    return found === null ? this.#keep(lookup, await next(request)) : this.#validate(lookup, found)
  }

  async #sendUnsafe(request: ClientRequest, next: Next): Promise<ClientResponse> {
    const response = await next(request).catch((error: unknown) => this.#failUnsafe(request, error))
    const urls = invalidatedUrls(request, response)
    for (const url of urls) this.#invalidations.record(url)
    await this.#unlessEnded(request, response, () =>
      Promise.all(urls.map((url) => this.#tried(() => this.#options.store.delete(url)))),
    )
    return response
  }

  /** It may have been done all the same. */
  async #failUnsafe(request: ClientRequest, error: unknown): Promise<never> {
    const { url } = request
    if (mayHaveArrived(error)) {
      this.#invalidations.record(url)
      // Where the request has ended meanwhile, nobody waits for the store.
      await request.until(this.#tried(() => this.#options.store.delete(url))).catch(() => {})
    }
    throw error
  }

  /** What a store gives may be of another program, or of none. */
  #found(responses: readonly StoredResponse[], request: ClientRequest, selector: Selector): Found | null {
    try {
      const stored = responses.find((one) => isFor(one, selector) && isReadAlike(one, request))
      return stored === undefined ? null : this.#judged(stored, selector)
    } catch (error) {
      this.#options.onStoreError(error)
      return null
    }
  }

  #judged(stored: StoredResponse, { headers }: Selector): Found | null {
    try {
      const verdict = this.#reckoning.judge(stored.freshness, headers)
      if (!mayVaryBehind(stored)) return { stored, verdict }
      const because = verdict.use === 'after revalidation' ? verdict.because : 'request'
      return { stored, verdict: { ...verdict, use: 'after revalidation', because, servesErrors: false } }
    } catch (error) {
      this.#options.onStoreError(error)
      return null
    }
  }

  /** RFC 9111 section 4.3. */
  async #validate(lookup: Lookup, found: Found): Promise<ClientResponse> {
    const { request, next } = lookup
    const { stored, verdict } = found
    let response
    try {
      response = await next(request.with({ headers: conditionsOf(stored) }))
    } catch (error) {
      if (!verdict.servesErrors || !isServerTrouble(error)) throw error
      return this.#serve(request, found, `fwd=${lookup.forwarded}; detail=stale-if-error`)
    }
    if (verdict.servesErrors && isServerError(response)) {
      response.discard()
      return this.#serve(request, found, `${forwardedTo(lookup, response)}; detail=stale-if-error`)
    }
    if (response.status !== 304) return this.#keep(lookup, response)
    response.discard()
    // Of another response than the one that is stored: nobody has its content.
    if (!confirms(stored, fieldValues(response.headers))) return this.#keep(lookup, await next(request))
    const updated = await this.#unlessEnded(request, response, () => this.#update(lookup, stored, response))
    return this.#serve(
      request,
      this.#judged(updated, lookup.selector) ?? found,
      forwardedTo(lookup, response),
    )
  }

  /** The stored response with what a 304 says, which is stored if that may be. */
  async #update(lookup: Lookup, stored: StoredResponse, update: ClientResponse): Promise<StoredResponse> {
    const headers = updatedLines(stored, update.headers)
    const made = this.#made(lookup, { ...stored, headers })
    if (made === null) return { ...stored, headers }
    await this.#put(lookup, made)
    return made
  }

  /** The response as it is for the caller: what may be stored is, once it was read. */
  async #keep(lookup: Lookup, response: ClientResponse): Promise<ClientResponse> {
    const { status, reasonPhrase } = response
    const made = this.#made(lookup, { status, reasonPhrase, headers: [...response.headers] })
    if (made === null && status < 500)
      await this.#unlessEnded(lookup.request, response, () => this.#forget(lookup))
    // Ranges are not told apart, and content that is still coded would do only for callers who want it so.
    if (made === null || status === 206 || response.contentCodings.length > 0) return response
    const length = Number(response.headers.get('content-length') ?? Number.NaN)
    // What is read may be of any length, and wrong.
    const isCoded = response.headers.has('content-encoding')
    if (!isCoded && length > this.#options.maxEntryBytes) return response
    const keep = (body: Uint8Array): Promise<void> => this.#put(lookup, { ...made, body })
    const headers = [...response.headers, this.#status(`${forwardedTo(lookup, response)}; stored`)]
    const init = { status, reasonPhrase, headers, httpVersion: response.httpVersion } as const
    if (!isCoded && (length <= Math.min(MAX_EAGER_BYTES, lookup.request.maxBodyBytes) || status === 204)) {
      const body = await contentOf(response)
      if (body instanceof Uint8Array && body.length <= this.#options.maxEntryBytes)
        await this.#unlessEnded(lookup.request, response, () => keep(body.slice()))
      return lookup.request.respond({ ...init, body })
    }
    const { maxEntryBytes: maxByteCount } = this.#options
    return lookup.request.respond({
      ...init,
      body: collected(response, { maxByteCount, onWhole: keep }),
      trailers: () => response.trailers,
    })
  }

  /** `null`: it must not be stored, or would serve nobody. */
  #made(
    { request, selector, sentAt }: Lookup,
    {
      status,
      reasonPhrase,
      headers,
      body = new Uint8Array(0),
    }: Omit<Unfinished, 'body'> & Partial<Unfinished>,
  ): StoredResponse | null {
    const values = fieldValues(headers)
    const varies = variesOf(values['vary'], selector)
    const delayMs = Math.max(0, this.#options.now() - sentAt)
    const freshness = this.#reckoning.ofResponse(selector.headers, { status, headers: values, delayMs })
    if (request.method !== 'GET' || varies === null || freshness === null) return null
    const { credentials } = selector
    return { status, reasonPhrase, headers: keptLines(headers), body, varies, credentials, freshness }
  }

  async #put({ request, selector, mark }: Lookup, made: StoredResponse): Promise<void> {
    const { url } = request
    await this.#tried(async () => {
      const before = (await this.#options.store.get(url)) ?? []
      // The last question before it is stored: an unsafe request may have been answered meanwhile.
      if (this.#invalidations.hasSince(url, mark)) return
      await this.#options.store.set(url, withResponse(before, made, selector))
    })
  }

  /** What was stored for this request is not what the server would say now. */
  async #forget({ request: { url }, selector, forwarded }: Lookup): Promise<void> {
    if (forwarded === 'uri-miss' || forwarded === 'vary-miss') return
    await this.#tried(async () => {
      const before = (await this.#options.store.get(url)) ?? []
      const rest = before.filter((stored) => !isFor(stored, selector))
      await (rest.length === 0 ? this.#options.store.delete(url) : this.#options.store.set(url, rest))
    })
  }

  #refreshBehind(lookup: Lookup, found: Found): void {
    const { url } = lookup.request
    if (this.#refreshing.has(url)) return
    this.#refreshing.add(url)
    void (async () => {
      const response = await this.#validate(lookup, found)
      let byteCount = 0
      for await (const chunk of response) {
        byteCount += chunk.length
        if (byteCount > this.#options.maxEntryBytes) break
      }
    })()
      // Nobody waits for it: the next request will ask again.
      .catch(() => {})
      .finally(() => this.#refreshing.delete(url))
  }

  #serve(request: ClientRequest, { stored, verdict }: Found, how: string): ClientResponse {
    const { status, reasonPhrase, headers, body } = stored
    const kept = headers.filter(([name]) => name.toLowerCase() !== 'age')
    return request.respond({
      status,
      reasonPhrase,
      headers: [...kept, ['Age', String(verdict.ageSeconds)], this.#status(how)],
      // A copy: the caller's is the caller's.
      ...(request.method === 'HEAD' ? {} : { body: body.slice() }),
    })
  }

  /** RFC 9111 section 5.2.1.7. */
  #serveNothing(request: ClientRequest): ClientResponse {
    const headers = [this.#status('detail=only-if-cached')]
    return request.respond({ status: 504, reasonPhrase: 'Gateway Timeout', headers })
  }

  #hit({ verdict }: Found): string {
    return `hit; ttl=${verdict.ttlSeconds}`
  }

  #status(how: string): readonly [name: string, value: string] {
    return ['Cache-Status', `${this.#options.name}; ${how}`]
  }

  async #responsesOf(request: ClientRequest): Promise<readonly StoredResponse[]> {
    const found = await request.until(this.#tried(() => this.#options.store.get(request.url)))
    return found ?? []
  }

  /** What the store does for a request that was answered: the request may end before, and the response is given up then. */
  async #unlessEnded<T>(
    request: ClientRequest,
    response: ClientResponse,
    action: () => Promise<T>,
  ): Promise<T> {
    try {
      return await request.until(action())
    } catch (error) {
      response.discard()
      throw error
    }
  }

  async #tried<T>(action: () => Promise<T>): Promise<T | undefined> {
    try {
      return await action()
    } catch (error) {
      this.#options.onStoreError(error)
      return undefined
    }
  }
}

/** A stored response before it is known whether it may be one. */
type Unfinished = Pick<StoredResponse, 'status' | 'reasonPhrase' | 'headers' | 'body'>

/** All of it, or content that fails with the same error: that is for whoever reads. */
async function contentOf(response: ClientResponse): Promise<Uint8Array | AsyncIterable<Uint8Array>> {
  try {
    return await response.bytes()
  } catch (error) {
    const next = (): Promise<never> => Promise.reject(error)
    return { [Symbol.asyncIterator]: () => ({ next }) }
  }
}

function forwardedTo({ forwarded }: Lookup, { status }: ClientResponse): string {
  return `fwd=${forwarded}; fwd-status=${status}`
}
