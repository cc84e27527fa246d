/** What a body's source gives, as it goes out: chunked, or in so many bytes as were declared, never one more or less. */
import { CHUNK_END, encodeChunkHeader, encodeLastChunk } from '@x/http1'
import { chunkBytes } from './request-body.ts'
import type { BodySource } from './request-body.ts'

/** Bytes, and latin1 text, to be written one behind the other. */
export type Pieces = readonly (Uint8Array | string)[]

export class FramedSource {
  readonly #source: BodySource
  /** Asked for with the first piece: a source may refuse to begin. */
  #iterator: Iterator<unknown> | AsyncIterator<unknown> | null = null
  /** What was declared; `null`: chunked. */
  readonly #byteCount: number | null
  #givenByteCount = 0
  /** The piece that completes the message: held back, for a source that gives more must not look complete. */
  #last: Uint8Array | null = null
  #state: 'open' | 'ended' | 'released' = 'open'

  constructor(source: BodySource, byteCount: number | null) {
    this.#source = source
    this.#byteCount = byteCount
  }

  /**
   * The next pieces; `null` behind the last.
   *
   * @throws {RangeError} The source gave another number of bytes than declared. The message is not complete then.
   * @throws {UsageError} INVALID_BODY: the source gave neither text nor bytes.
   * @throws What the source throws.
   */
  async next(): Promise<Pieces | null> {
    const source = this.#source
    this.#iterator ??=
      Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
    while (this.#state === 'open') {
      const { done, value } = await this.#iterator.next()
      if (done === true) return this.#end()
      const chunk = chunkBytes(value)
      if (chunk.length > 0) {
        const pieces = this.#framed(chunk)
        if (pieces !== null) return pieces
      }
    }
    return null
  }

  /** Nobody wants more. The source is told, even where it hangs; what it says to that does not matter. */
  release(): void {
    if (this.#state !== 'open') return
    this.#state = 'released'
    this.#tellSource().catch(ignore)
  }

  async #tellSource(): Promise<void> {
    await this.#iterator?.return?.()
  }

  #framed(chunk: Uint8Array): Pieces | null {
    if (this.#byteCount === null) return [encodeChunkHeader(chunk.length), chunk, CHUNK_END]
    this.#givenByteCount += chunk.length
    if (this.#givenByteCount > this.#byteCount)
      throw new RangeError(`more than the declared ${this.#byteCount} bytes`)
    if (this.#givenByteCount < this.#byteCount) return [chunk]
    this.#last = chunk
    return null
  }

  #end(): Pieces | null {
    this.#state = 'ended'
    if (this.#byteCount === null) return [encodeLastChunk()]
    if (this.#givenByteCount < this.#byteCount) {
      throw new RangeError(`${this.#givenByteCount} of the declared ${this.#byteCount} bytes`)
    }
    return this.#last === null ? null : [this.#last]
  }
}

function ignore(): void {}
