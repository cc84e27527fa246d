/** What a body's source gives, as it goes out: chunked, or in so many bytes as were declared, never one more or less. */
import { CHUNK_END, encodeChunkHeader, encodeLastChunk } from '@x/http1'
import { tell } from './body-source.ts'
import type { BodySource, BodyStep } from './body-source.ts'
import { ChunkEncoder } from './chunk-encoder.ts'

/** Bytes, and latin1 text, to be written one behind the other. */
export type Pieces = readonly (Uint8Array | string)[]

/** Longer bodies go out in pieces of this size at first, so that a peer which takes them slowly is told from one that takes none. */
export const PIECE_BYTE_COUNT = 65_536
/** To write a large piece costs little more than to write a small one. */
const MAX_PIECE_BYTE_COUNT = 1_048_576
/** Who takes a piece within so many milliseconds gets a larger one. */
const FAST_MS = 20

/** The size of the next piece, after one of this size was taken in so many milliseconds. */
export function nextPieceByteCount(byteCount: number, tookMs: number): number {
  return tookMs > FAST_MS ? PIECE_BYTE_COUNT : Math.min(byteCount * 2, MAX_PIECE_BYTE_COUNT)
}

/** What a message with a source is made of. */
export interface FramedSourceInit {
  /** Called once, for the first piece. */
  readonly open: () => BodySource | Promise<BodySource>
  /** What was declared; `null`: chunked. */
  readonly byteCount: number | null
  /** The end of a chunked message, asked for behind the last byte of content. Default: one without trailers. */
  readonly lastChunk?: (() => string | Promise<string>) | undefined
}

const NOTHING = new Uint8Array(0)

export class FramedSource {
  readonly #init: FramedSourceInit
  readonly #encoder = new ChunkEncoder()
  #source: BodySource | null = null
  /** `reading`: the source has more to give, as far as is known. `ending`: only the end of the message is missing. */
  #state: 'reading' | 'ending' | 'over' = 'reading'
  #reason: unknown
  /** Of the next piece, at most. */
  pieceByteCount: number = PIECE_BYTE_COUNT
  #givenByteCount = 0
  /** Of a chunk too long for one piece. */
  #rest: Uint8Array = NOTHING
  /** The piece that completes the message: held back, for a source that gives more must not look complete. */
  #last: Uint8Array | null = null

  constructor(init: FramedSourceInit) {
    this.#init = init
  }

  /**
   * The next pieces; `null` behind the last, and where nobody wants more.
   *
   * @throws {RangeError} The source gave another number of bytes than declared. The message is not complete then.
   * @throws {UsageError} INVALID_BODY: the source gave neither text nor bytes.
   * @throws What the source throws, or whoever opens it, or who gives the last chunk.
   */
  async next(): Promise<Pieces | null> {
    while (!this.#isOver) {
      const chunk = this.#takeRest() ?? (await this.#read())
      if (this.#isOver) return null
      if (chunk === null) return this.#end()
      const pieces = this.#framed(chunk)
      if (pieces !== null) return pieces
    }
    return null
  }

  /** Nobody wants more. The source is told, even where it hangs or is not open yet; what it says to that does not matter. */
  release(reason: unknown): void {
    const source = this.#state === 'reading' ? this.#source : null
    this.#state = 'over'
    this.#reason = reason
    if (source !== null) tell(() => source.release(reason))
  }

  get #isOver(): boolean {
    return this.#state === 'over'
  }

  /** `null` behind the last chunk. */
  async #read(): Promise<Uint8Array | null> {
    if (this.#state === 'ending') return null
    const step = await this.#step()
    if (!step.done) return this.#encoder.encode(step.value)
    if (!this.#isOver) this.#state = 'ending'
    return this.#encoder.end()
  }

  /** A source that has failed is over: it is told nothing any more. */
  async #step(): Promise<BodyStep> {
    let source
    try {
      source = this.#source ??= await this.#init.open()
      if (!this.#isOver) return await source.next()
    } catch (error) {
      this.#state = 'over'
      throw error
    }
    const reason = this.#reason
    tell(() => source.release(reason))
    return { done: true }
  }

  #takeRest(): Uint8Array | null {
    const rest = this.#rest
    this.#rest = NOTHING
    return rest.length === 0 ? null : rest
  }

  /** `null`: there is nothing to write yet. */
  #framed(whole: Uint8Array): Pieces | null {
    const chunk = whole.subarray(0, this.pieceByteCount)
    this.#rest = whole.subarray(chunk.length)
    if (chunk.length === 0) return null
    const { byteCount } = this.#init
    if (byteCount === null) return [encodeChunkHeader(chunk.length), chunk, CHUNK_END]
    this.#givenByteCount += chunk.length
    if (this.#givenByteCount > byteCount) throw new RangeError(`more than the declared ${byteCount} bytes`)
    if (this.#givenByteCount < byteCount) return [chunk]
    this.#last = chunk
    return null
  }

  async #end(): Promise<Pieces | null> {
    const { byteCount, lastChunk = encodeLastChunk } = this.#init
    if (byteCount !== null) {
      this.#state = 'over'
      if (this.#givenByteCount === byteCount) return this.#last === null ? null : [this.#last]
      throw new RangeError(`${this.#givenByteCount} of the declared ${byteCount} bytes`)
    }
    const end = await lastChunk()
    if (this.#isOver) return null
    this.#state = 'over'
    return [end]
  }
}
