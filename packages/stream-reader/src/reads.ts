/** The reader's own reads, as decoders. Each call makes one decoder, which lives for one read and remembers how far it has searched. */
import { checkInteger } from './arguments.ts'
import type { ByteWindow, Decoder } from './byte-window.ts'
import { indexOf } from './bytes.ts'
import { IncompleteReadError, LimitExceededError } from './errors.ts'
import type { ReadWindow } from './read-window.ts'

/** As soon as there are bytes, at most `maxByteCount` of them; `null` at the end of the stream. */
function some<T>(
  maxByteCount: number,
  take: (window: ByteWindow, byteCount: number) => T,
): Decoder<T | null> {
  return (window) => {
    const byteCount = Math.min(window.byteCount, maxByteCount)
    if (byteCount > 0 || maxByteCount === 0) return take(window, byteCount)
    return window.ended ? null : undefined
  }
}

/** At most `maxByteCount` bytes as soon as there are any; `null` at the end of the stream. */
export const chunk = (maxByteCount: number): Decoder<Uint8Array | null> =>
  some(checkInteger('maxByteCount', maxByteCount, 0, Infinity), (window, byteCount) =>
    window.takeLast(byteCount),
  )

/** Copies what is there into `target`; the number of bytes, or `null` at the end of the stream. */
export function into(target: Uint8Array): Decoder<number | null> {
  return some(target.length, (window, byteCount) => {
    target.set(window.bytes.subarray(window.start, window.start + byteCount))
    window.skip(byteCount)
    return byteCount
  })
}

/** Exactly `byteCount` bytes. */
export function exactly(byteCount: number): Decoder<Uint8Array> {
  checkInteger('byteCount', byteCount)
  return (window) => {
    if (window.byteCount >= byteCount) return window.takeLast(byteCount)
    if (window.ended) throw endedEarly(window, byteCount)
    window.expect(byteCount)
    return undefined
  }
}

/** Gives what is left up to an `IncompleteReadError`. */
export function endedEarly(window: ByteWindow, expected: number | null): IncompleteReadError {
  return new IncompleteReadError({ partial: window.takeLast(window.byteCount), expected })
}

/** The next `byteCount` bytes, or all that is left where the stream ends first, without consuming them. */
export function ahead(byteCount: number): Decoder<Uint8Array> {
  checkInteger('byteCount', byteCount)
  return (window) => {
    if (window.byteCount >= byteCount || window.ended)
      return window.bytes.slice(window.start, Math.min(window.end, window.start + byteCount))
    window.expect(byteCount)
    return undefined
  }
}

/** Drops `byteCount` bytes as they come. */
export function dropped(byteCount: number): (window: ReadWindow) => true | undefined {
  let left = checkInteger('byteCount', byteCount)
  return (window) => {
    const dropping = Math.min(left, window.byteCount)
    window.drop(dropping)
    left -= dropping
    if (left === 0) return true
    if (window.ended) throw endedEarly(window, left)
    return undefined
  }
}

/** Everything up to the end of the stream. */
export function rest(window: ByteWindow): Uint8Array | undefined {
  return window.ended ? window.takeLast(window.byteCount) : undefined
}

/** Everything through the separator that ends first; of several that end there, the shortest is the one found. */
export function through(separators: readonly Uint8Array[], limit: number): Decoder<Uint8Array> {
  const longest = Math.max(...separators.map((separator) => separator.length))
  let searched = 0
  return (window) => {
    const from = window.start + Math.max(0, searched - longest + 1)
    let start = -1
    let { end } = window
    for (const separator of separators) {
      // One that ends behind the first one found so far is of no interest.
      const at = indexOf(window.bytes, separator, from, end)
      if (at >= 0 && (at + separator.length < end || at > start)) {
        start = at
        end = at + separator.length
      }
    }
    // Where none is found, one that has begun to arrive may still start this far before the end.
    const consumed = (start < 0 ? end + 1 - longest : start) - window.start
    if (consumed > limit) throw new LimitExceededError({ limit, consumed })
    if (start >= 0) return window.take(end - window.start)
    if (window.ended) throw endedEarly(window, null)
    searched = window.byteCount
    return undefined
  }
}
