/** What a decoder sees of the bytes that have arrived and were not read yet. */
export interface ByteWindow {
  /** Backing array, often larger than the window. Borrowed: valid only until the decoder returns. */
  readonly bytes: Uint8Array
  /** Index in `bytes` of the first unread byte; moves with `skip` and `take`. */
  readonly start: number
  /** Index in `bytes` behind the last byte that has arrived. */
  readonly end: number
  /** Unread bytes: `end - start`. */
  readonly byteCount: number
  /** True when the stream has ended cleanly: no more bytes will come. */
  readonly ended: boolean
  /**
   * Names the first unread byte: it grows by one with every byte consumed, and further with `unread`, so that one
   * number never names two bytes of a window. A decoder used for many reads can remember by it how far it has searched.
   */
  readonly position: number
  /**
   * Consumes `byteCount` bytes.
   *
   * @throws {RangeError} Not an integer >= 0, or the window holds fewer.
   */
  skip(byteCount: number): void
  /**
   * Consumes `byteCount` bytes and returns a copy of them; the array is the caller's. Arrays of 65 to 4096 bytes may
   * share one `ArrayBuffer` with others that were taken from this reader: `slice()` before transferring it.
   *
   * @throws {RangeError} Not an integer >= 0, or the window holds fewer.
   */
  take(byteCount: number): Uint8Array
  /**
   * `take` as the last step of a decoder, which then returns a value: does not copy where the window's own array holds
   * these bytes and little else. Do not change the array in the decoder, nor ask for more afterwards.
   */
  takeLast(byteCount: number): Uint8Array
  /** Says that this decoder can answer only once `byteCount` bytes are there: room is made for them. A hint. */
  expect(byteCount: number): void
}

/**
 * Takes a value from the window, or returns `undefined` to be asked again after the next bytes.
 *
 * What it consumed counts only when it returns a value: after `undefined` or a throw every byte is still there. (One
 * exception: `IncompleteReadError`, thrown when the window has ended, gives up what was taken.) The window may be another
 * array with another `start` at the next call, but its content begins with the same bytes, so that a decoder which wants
 * to go on where it stopped keeps offsets relative to `start`. It must not call the reader.
 */
export type Decoder<T> = (window: ByteWindow) => T | undefined
