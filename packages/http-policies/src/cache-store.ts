/** Where responses are kept: what a cache needs of it, and what it keeps. */

/** A response as it is kept: plain data, which can be cloned, and written as JSON but for the body. Not to be changed. */
export interface StoredResponse {
  /** Of the final response. */
  readonly status: number
  /** May be empty. */
  readonly reasonPhrase: string
  /** Without the fields of the connection that it came by, and without `Set-Cookie`. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Content without any coding. */
  readonly body: Uint8Array
  /** The values that the request had for the fields that `Vary` names, in lower case; `null`: none. Credentials as a hash. */
  readonly varies: Readonly<Record<string, string | null>>
  /** A hash of the request's `Authorization` and `Cookie`; `null`: it had neither. */
  readonly credentials: string | null
  /** What tells how long it is fresh; of the library that reckons with it. */
  readonly freshness: Readonly<Record<string, unknown>>
}

/**
 * Keeps the responses of URLs. May forget what it likes when it likes, but `get` gives what `set` got. A store may be shared by sessions and
 * processes; then its entries should be lost when the program's version changes.
 */
export interface CacheStore {
  /** The responses of an absolute URL, the newest first. */
  get(url: string): Promise<readonly StoredResponse[] | undefined>
  /** Keeps responses in place of those that were there. */
  set(url: string, responses: readonly StoredResponse[]): Promise<unknown>
  /** Gives up all that is stored of a URL; nothing may be. */
  delete(url: string): Promise<unknown>
}
