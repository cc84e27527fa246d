import { InvalidArgumentError } from './errors.ts'

/** What a peer may make a codec hold. Going above one is a `LimitError` that names it; nothing is ever cut. */
export interface Http1Limits {
  /** Octets of a head: start line, field lines and the empty line. Default 64 KiB. */
  readonly maxHeadBytes: number
  /** Field lines of a head. Default 256. */
  readonly maxFieldCount: number
  /** Octets of one line of a head or a trailer section, its CRLF included. Default 16 KiB. */
  readonly maxLineBytes: number
  /** Octets of a trailer section with its empty line. Default 64 KiB. */
  readonly maxTrailerBytes: number
  /** Field lines of a trailer section. Default 256. */
  readonly maxTrailerCount: number
  /** Octets of one chunk-size line, its CRLF included. Default 16 KiB. */
  readonly maxChunkLineBytes: number
  /** Octets of all chunk extensions of one message. Default 64 KiB. */
  readonly maxChunkExtensionBytes: number
  /** 1xx responses before a final one; 101 is final. Default 100. */
  readonly maxInterimResponses: number
}

/** The limits where a caller gives none. */
export const DEFAULT_LIMITS: Http1Limits = Object.freeze({
  maxHeadBytes: 65_536,
  maxFieldCount: 256,
  maxLineBytes: 16_384,
  maxTrailerBytes: 65_536,
  maxTrailerCount: 256,
  maxChunkLineBytes: 16_384,
  maxChunkExtensionBytes: 65_536,
  maxInterimResponses: 100,
})

/**
 * Fills in the defaults.
 *
 * @param limits Limits that differ from the defaults; each an integer >= 0, or `Infinity`.
 * @returns A complete, frozen set.
 * @throws {InvalidArgumentError} A limit is not such a number, or there is no limit of that name.
 */
export function resolveLimits(limits: Partial<Http1Limits> = {}): Http1Limits {
  if (typeof limits !== 'object' || limits === null)
    throw new InvalidArgumentError({ argument: 'limits', reason: 'must be an object' })
  const complete: { -readonly [Name in keyof Http1Limits]: number } = { ...DEFAULT_LIMITS }
  for (const name of Object.keys(limits)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name))
      throw new InvalidArgumentError({ argument: name, reason: 'is not a limit' })
  }
  for (const name of Object.keys(DEFAULT_LIMITS) as (keyof Http1Limits)[]) {
    const value = limits[name]
    if (value === undefined) continue
    if (value !== Infinity && !(Number.isInteger(value) && value >= 0)) {
      throw new InvalidArgumentError({ argument: name, reason: 'must be an integer >= 0 or Infinity' })
    }
    complete[name] = value
  }
  RESOLVED.add(complete)
  return Object.freeze(complete)
}

/** Sets that are known to be complete. */
const RESOLVED = new WeakSet<object>([DEFAULT_LIMITS])

/** As `resolveLimits`, at no cost for what it returned before. */
export function completeLimits(limits: Partial<Http1Limits>): Http1Limits {
  return RESOLVED.has(limits) ? (limits as Http1Limits) : resolveLimits(limits)
}
