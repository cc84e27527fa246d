/** Content codings by `CompressionStream` (the Compression Standard), where there is no Node: gzip and deflate. */
import type { Compression } from './compression.ts'

export const webCompression: Compression = async function* (coding, chunks) {
  const left = new AbortController()
  const source = new WantedSource(chunks)
  const coded = source.stream.pipeThrough(new CompressionStream(coding as CompressionFormat), {
    signal: left.signal,
  })
  const reader = coded.getReader()
  try {
    for (;;) {
      source.want(true)
      const { done, value } = await reader.read()
      source.want(false)
      if (done) return
      yield value
    }
  } finally {
    // Not every platform ends the source together with the pipe. Behind the end neither does anything.
    left.abort()
    source.leave()
  }
}

/** Gives nothing while nobody reads: some platforms ask on and on. */
class WantedSource {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>
  readonly #iterator: AsyncIterator<Uint8Array>
  #isWanted = false
  #tell = (): void => {}

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#iterator = chunks[Symbol.asyncIterator]()
    this.stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
      { pull: (controller) => this.#give(controller), cancel: () => this.leave() },
      { highWaterMark: 0 },
    )
  }

  want(isWanted: boolean): void {
    this.#isWanted = isWanted
    if (isWanted) this.#tell()
  }

  /** Nobody reads any more. */
  leave(): void {
    // What it says to that interests nobody.
    void this.#iterator.return?.().catch(() => {})
  }

  async #give(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): Promise<void> {
    while (!this.#isWanted) await new Promise<void>((resolve) => (this.#tell = resolve))
    const { done, value } = await this.#iterator.next()
    if (done) return controller.close()
    // A copy, since the stream may take its memory away.
    controller.enqueue(new Uint8Array(value))
  }
}
