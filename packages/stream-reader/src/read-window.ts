/**
 * The unread bytes as one linear array.
 *
 * The array is either owned (grown, fed, or handed out whole) or borrowed for the length of one arrival, in which case
 * `keep` copies what was not taken. Only one that was grown here is ever written to: where enough of it is used up, the
 * rest moves to its front. Empty, it holds no memory. While a read expects many bytes the array has room for them and its
 * free tail is lent to whoever feeds, so that they arrive where they are wanted.
 */
import type { ByteWindow } from './byte-window.ts'
import { checkInteger } from './arguments.ts'

export const EMPTY: Uint8Array = new Uint8Array(0)
/** Room made for expected bytes is at most this, or as much as has arrived already: a peer that only announces bytes costs no more. */
const MAX_EXPECTED_ROOM = 2 ** 22
/** Expecting fewer bytes than this is not worth an array of their own. */
const MIN_LENT = 2 ** 12
/** Up to this length V8 keeps the content of a typed array in its heap. */
const ON_HEAP = 64
/** Most bytes that small arrays share. */
const SLAB = 2 ** 14

export class ReadWindow implements ByteWindow {
  bytes: Uint8Array = EMPTY
  start = 0
  end = 0
  ended = false
  /** The position of index 0. */
  #base = 0
  /** Where a decoder that takes nothing leaves `start`. */
  #mark = 0
  /** What the window really is while a decoder is shown less. */
  #wholeEnd = 0
  #wholeEnded = false
  #owned = true
  /** The array that was grown here; others are only read. */
  #grown = EMPTY
  #expected = 0
  /** A copy of the bytes from position `#slabFrom` on, handed out piece by piece. */
  #slab = EMPTY
  #slabFrom = 0
  /** The tail that was lent and not given back. Whoever has it may write into it at any time, so nobody else does. */
  #tail: Uint8Array | undefined

  get byteCount(): number {
    return this.end - this.start
  }

  get position(): number {
    return this.#base + this.start
  }

  skip(byteCount: number): void {
    this.start += checkInteger('byteCount', byteCount, 0, this.byteCount)
  }

  take(byteCount: number): Uint8Array {
    const { bytes, start, end, position } = this
    this.skip(byteCount)
    // Small arrays are cheap inside the engine's own heap; each one above that size would cost many times more.
    if (byteCount <= ON_HEAP || byteCount > SLAB / 4) return bytes.slice(start, start + byteCount)
    if (position < this.#slabFrom || position + byteCount > this.#slabFrom + this.#slab.byteLength) {
      this.#slab = bytes.slice(start, Math.min(end, start + SLAB))
      this.#slabFrom = position
    }
    // `subarray` would take half as long again.
    return new Uint8Array(this.#slab.buffer, position - this.#slabFrom, byteCount)
  }

  takeLast(byteCount: number): Uint8Array {
    const { bytes, start, end } = this
    // Given away only with all of its buffer, so that its new owner may transfer it, and with little else in it.
    const isWhole = this.#owned && start + byteCount === end && byteCount * 2 > end
    if (isWhole && bytes.buffer.byteLength === end) {
      this.start = end
      return bytes.subarray(start)
    }
    return this.take(byteCount)
  }

  expect(byteCount: number): void {
    this.#expected = byteCount | 0 // nonsense is 0, 2 GiB and more are not worth the hint
  }

  /** Consumes for good, whatever becomes of the read. */
  drop(byteCount: number): void {
    this.skip(byteCount)
    this.#mark = this.start
  }

  /** Before a decoder is asked: shows it `limit` bytes at most. */
  open(limit: number): void {
    this.#expected = 0
    this.#mark = this.start
    this.#wholeEnd = this.end
    this.#wholeEnded = this.ended
    if (this.byteCount > limit) {
      this.end = this.start + limit
      this.ended = false
    }
  }

  /** Takes back what was consumed since `open`. */
  rewind(): void {
    this.start = this.#mark
    this.#slab = EMPTY // what was taken may have been changed
  }

  /** After a decoder was asked: shows all again, and lets go of an array that is used up. */
  close(): void {
    this.end = this.#wholeEnd
    this.ended = this.#wholeEnded
    if (this.start === this.end) {
      this.#hold((this.#grown = EMPTY), 0)
      this.#slab = EMPTY
    }
  }

  /** The free room behind the bytes, if the waiting read expects many more. */
  getBuffer(): Uint8Array | undefined {
    // One that was lent before may still be written into although another one is asked for now.
    if (this.#expected - this.byteCount < MIN_LENT || this.#tail) return undefined
    if (this.bytes.length === this.end) this.#grow(1)
    return (this.#tail = this.bytes.subarray(this.end))
  }

  /** `byteCount` bytes have arrived in a lent array, which is given back; unless it is the tail, `keep` must follow. */
  bufferUpdated(lent: Uint8Array, byteCount: number): void {
    if (lent === this.#tail) {
      this.#tail = undefined
      this.end += byteCount
      return
    }
    const isBorrowed = this.start === this.end
    this.feed(lent.subarray(0, byteCount))
    this.#owned = !isBorrowed
  }

  /** Takes an array over: it belongs to the window from now on. */
  feed(chunk: Uint8Array): void {
    if (this.start === this.end) this.#hold(chunk, chunk.length)
    else this.#append(chunk)
  }

  /** Copies what is left of a borrowed array. */
  keep(): void {
    if (!this.#owned) this.#hold(this.bytes.slice(this.start, this.end), this.byteCount)
  }

  /** Puts bytes before the first unread one. */
  unread(chunk: Uint8Array): void {
    const { bytes, start, end } = this
    this.#hold(chunk.slice(), chunk.length)
    // No position may name another byte than before: count on behind every one that was ever named.
    this.#base += end - start + 1
    this.#append(bytes.subarray(start, end))
  }

  #hold(bytes: Uint8Array, end: number): void {
    this.#base += this.start
    this.bytes = bytes
    this.start = 0
    this.end = end
    this.#owned = true
    this.#tail = undefined
  }

  #append(chunk: Uint8Array): void {
    if (this.#tail || this.bytes.length - this.end < chunk.length) this.#grow(chunk.length)
    this.bytes.set(chunk, this.end)
    this.end += chunk.length
  }

  /**
   * Makes room for `byteCount` more: what is expected, or else at least as much as is there, so that dripped bytes cost
   * linear time. In the same array where that is half used up, for a new one has to be allocated and cleared.
   */
  #grow(byteCount: number): void {
    const { bytes, start, end } = this
    const used = end - start
    const missing = Math.min(this.#expected - used, Math.max(MAX_EXPECTED_ROOM, used))
    const room = Math.max(byteCount, missing < MIN_LENT ? used : missing)
    if (bytes !== this.#grown || this.#tail || bytes.length < used + room)
      this.#grown = new Uint8Array(used + room)
    this.#grown.set(bytes.subarray(start, end))
    this.#hold(this.#grown, used)
  }
}
