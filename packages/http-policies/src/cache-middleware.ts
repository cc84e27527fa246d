/** A cache of responses: RFC 9111. */
import type { Middleware } from '@x/http-session'
import { createMemoryStore } from './cache-memory-store.ts'
import type { CacheStore } from './cache-store.ts'
import { checkCount, checkFlag, checkFunction, invalidOption, refuseUnknown } from './options.ts'
import { ResponseCache } from './response-cache.ts'
import { named } from './named.ts'

/** Where responses are kept, and which. */
export interface CacheOptions {
  /** Default: `createMemoryStore()`, of this cache alone. */
  store?: CacheStore
  /** Whether several users are behind the session: then `private` responses are not kept, and `s-maxage` holds. Default false. */
  shared?: boolean
  /** Longer content is not kept. Default 4 MiB, decoded. */
  maxEntryBytes?: number
  /** Of this cache in the field `Cache-Status`; a token of RFC 9651. Default `http-policies`. */
  name?: string
  /** The time in milliseconds since 1970. Default `Date.now`. */
  now?: () => number
  /** Told what the store fails with; the requests go on without it. What it throws is thrown again as an error that nobody catches. Default: nobody. */
  onStoreError?: (error: unknown) => void
}

const KNOWN: ReadonlySet<string> = new Set<keyof CacheOptions>([
  'store',
  'shared',
  'maxEntryBytes',
  'name',
  'now',
  'onStoreError',
])

/**
 * A cache for GET and HEAD, private unless it is `shared` (RFC 9111).
 *
 * Answers from stored responses while they are fresh, asks the server whether stale ones are still good (304), and stores what may be stored of the
 * answers to GET, once it was read to its end. An unsafe request gives up what is stored of its URL where it
 * succeeds, and where it was sent and no answer to it came.
 *
 * The field `Cache-Status` (RFC 9211) of a response says what became of it: `http-policies; hit; ttl=59`, `http-policies; fwd=stale;
 * fwd-status=304`. What is not stored is handed on as it came, without it.
 *
 * A response to a request with `Authorization` or `Cookie` answers requests with the same values alone; where `Vary` names one that the request has
 * not, it is validated, since what stands behind may add it. `Range`, conditions and a `Host` of the caller's own, `Upgrade` and
 * `Cache-Control: no-store` go past the cache. Content that was decoded is no answer to a call with `contentDecoding: false`.
 *
 * Memory: the store's; of each response that is being read a copy up to `maxEntryBytes`.
 *
 * @throws {UsageError} INVALID_OPTION.
 */
export function cache(options: CacheOptions = {}): Middleware {
  refuseUnknown('cache', options, KNOWN)
  const { store = createMemoryStore(), shared = false, maxEntryBytes = 4_194_304 } = options
  const { name = 'http-policies', now = Date.now, onStoreError = () => {} } = options
  for (const method of ['get', 'set', 'delete'] as const) checkFunction(`store.${method}`, store[method])
  if (typeof name !== 'string' || !/^[A-Za-z*][\w!#$%&'*+\-.^`|~:/]*$/.test(name))
    throw invalidOption('name', 'must be a token of RFC 9651')
  const responses = new ResponseCache({
    store,
    shared: checkFlag('shared', shared),
    maxEntryBytes: checkCount('maxEntryBytes', maxEntryBytes, 0),
    name,
    now: checkFunction('now', now),
    onStoreError: harmless(checkFunction('onStoreError', onStoreError)),
  })
  return named('cache', (request, next) => responses.answer(request, next))
}

/** What it throws is its own: it cannot fail a request. */
function harmless(listener: (error: unknown) => void): (error: unknown) => void {
  return (error) => {
    try {
      listener(error)
    } catch (own) {
      queueMicrotask(() => {
        throw own
      })
    }
  }
}
