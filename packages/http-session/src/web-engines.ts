/**
 * Content codings by `DecompressionStream` (the Compression Standard), where there is no Node: gzip and deflate. As the standard has it, a body of
 * several gzip members is refused there, and so is padding.
 */
import type { CodedFormat } from './content-coding.ts'
import type { ByteSource, DecodingEngines } from './decoding-engines.ts'

const FORMATS: Partial<Record<CodedFormat, CompressionFormat>> = {
  gzip: 'gzip',
  zlib: 'deflate',
  'deflate-raw': 'deflate-raw',
}

export const webEngines: DecodingEngines = {
  open(format, coded) {
    const name = FORMATS[format]
    if (name === undefined) throw new Error(`this runtime has no ${format}`)
    return new WebSource(new DecompressionStream(name), coded)
  },
  decodeWhole: () => null,
}

/** Most coded octets that are handed on at once: all that becomes of them is held, for the platform's streams do not stop within a chunk. */
const PIECE_BYTE_COUNT = 4096

class WebSource implements ByteSource {
  readonly #controller = new AbortController()
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #coded: ByteSource
  /** What was taken of the coded content and not handed on. */
  #rest: Uint8Array | null = new Uint8Array(0)
  /** Whether somebody reads. Some platforms ask on and on whether anybody does or not. */
  #isWanted = false
  #tellWanted = (): void => {}

  constructor(decompression: DecompressionStream, coded: ByteSource) {
    this.#coded = coded
    const source = new ReadableStream<Uint8Array<ArrayBuffer>>(
      { pull: (controller) => this.#handOn(controller) },
      { highWaterMark: 0 },
    )
    const { signal } = this.#controller
    this.#reader = source.pipeThrough(decompression, { signal }).getReader()
  }

  async pull(): Promise<Uint8Array | null> {
    this.#isWanted = true
    this.#tellWanted()
    try {
      for (;;) {
        this.#controller.signal.throwIfAborted()
        const { done, value } = await this.#reader.read()
        if (done) return null
        if (value.length > 0) return value
      }
    } finally {
      this.#isWanted = false
    }
  }

  destroy(reason: unknown): void {
    // Ends the pipe, its source and what comes of it: a read that waits rejects.
    this.#controller.abort(reason)
  }

  async #handOn(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): Promise<void> {
    while (!this.#isWanted) await new Promise<void>((resolve) => (this.#tellWanted = resolve))
    if (this.#rest?.length === 0) this.#rest = await this.#coded.pull()
    if (this.#rest === null) return controller.close()
    // A copy, since the stream may take its memory away.
    controller.enqueue(new Uint8Array(this.#rest.subarray(0, PIECE_BYTE_COUNT)))
    this.#rest = this.#rest.subarray(PIECE_BYTE_COUNT)
  }
}
