/**
 * The bytes that have arrived and were not consumed: all that a decoder of this package sees of the world.
 * Any reader that matches this shape will do.
 */
export interface ByteWindow {
  /** Backing array. Borrowed: valid only until the decoder returns. May be larger than the window. */
  readonly bytes: Uint8Array
  /** Index in `bytes` of the first unread byte. Moves with `skip`. */
  readonly start: number
  /** Index in `bytes` behind the last byte that has arrived. */
  readonly end: number
  /** True when no more bytes will come (clean end of stream). */
  readonly ended: boolean
  /** Consumes `byteCount` bytes. */
  skip(byteCount: number): void
}

/**
 * Takes a value from the window, or returns `undefined` to be asked again after the next bytes.
 * Nothing is consumed when it returns `undefined`.
 */
export type Decoder<T> = (window: ByteWindow) => T | undefined

/**
 * A window over bytes that are all there already: a recorded message, a test, a buffer from elsewhere.
 *
 * @param bytes Borrowed for as long as the window is used.
 * @returns A window that has `ended`: what the bytes do not hold will not come.
 */
export function wholeWindow(bytes: Uint8Array): ByteWindow {
  let start = 0
  return {
    bytes,
    get start(): number {
      return start
    },
    end: bytes.length,
    ended: true,
    skip(byteCount: number): void {
      start += byteCount
    },
  }
}
