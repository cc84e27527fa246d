/** Responses in memory; the ones that were used least recently go first. */
import type { CacheStore, StoredResponse } from './cache-store.ts'
import { checkCount, refuseUnknown } from './options.ts'

/** How much a store keeps. */
export interface MemoryStoreOptions {
  /** Bytes of bodies, fields and URLs in all. Default 32 MiB. */
  maxBytes?: number
  /** URLs. Default 1,000. */
  maxEntries?: number
}

const KNOWN: ReadonlySet<string> = new Set<keyof MemoryStoreOptions>(['maxBytes', 'maxEntries'])

/**
 * A store in memory. Above either limit the URLs that were used least recently are forgotten; what alone is above `maxBytes` is not kept.
 *
 * @throws {UsageError} INVALID_OPTION.
 */
export function createMemoryStore(options: MemoryStoreOptions = {}): CacheStore {
  refuseUnknown('createMemoryStore', options, KNOWN)
  const { maxBytes = 33_554_432, maxEntries = 1000 } = options
  return new MemoryStore(checkCount('maxBytes', maxBytes, 0), checkCount('maxEntries', maxEntries, 0))
}

interface Entry {
  readonly responses: readonly StoredResponse[]
  readonly byteCount: number
}

class MemoryStore implements CacheStore {
  /** In the order of use, the last one last. */
  readonly #entries = new Map<string, Entry>()
  readonly #maxBytes: number
  readonly #maxEntries: number
  #byteCount = 0

  constructor(maxBytes: number, maxEntries: number) {
    this.#maxBytes = maxBytes
    this.#maxEntries = maxEntries
  }

  get(url: string): Promise<readonly StoredResponse[] | undefined> {
    const entry = this.#entries.get(url)
    if (entry !== undefined) {
      this.#entries.delete(url)
      this.#entries.set(url, entry)
    }
    return Promise.resolve(entry?.responses)
  }

  set(url: string, responses: readonly StoredResponse[]): Promise<void> {
    this.#forget(url)
    const byteCount = responses.reduce((sum, response) => sum + sizeOf(response), 2 * url.length)
    if (byteCount > this.#maxBytes) return Promise.resolve()
    this.#entries.set(url, { responses, byteCount })
    this.#byteCount += byteCount
    for (const oldest of this.#entries.keys()) {
      if (this.#byteCount <= this.#maxBytes && this.#entries.size <= this.#maxEntries) break
      this.#forget(oldest)
    }
    return Promise.resolve()
  }

  delete(url: string): Promise<void> {
    this.#forget(url)
    return Promise.resolve()
  }

  #forget(url: string): void {
    this.#byteCount -= this.#entries.get(url)?.byteCount ?? 0
    this.#entries.delete(url)
  }
}

/** The fields count twice: freshness is reckoned with a copy of them. */
function sizeOf({ body, headers, varies }: StoredResponse): number {
  const fields = headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  const varying = Object.entries(varies).reduce(
    (sum, [name, value]) => sum + name.length + (value ?? '').length,
    0,
  )
  return body.length + 4 * fields + 4 * varying
}
