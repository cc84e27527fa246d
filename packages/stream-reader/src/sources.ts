/** Readers over what a platform gives bytes with: streams, iterables, blobs. */
import { bytesOf } from './arguments.ts'
import { pullFrom } from './pull-source.ts'
import type { ByteSource, PullSource } from './pull-source.ts'
import type { StreamReaderOptions } from './reader-options.ts'
import { StreamReader } from './stream-reader.ts'

export type { ByteSource, WebReadable } from './pull-source.ts'

/**
 * A reader over a source of bytes: a Web `ReadableStream` (read in place where it is a byte stream), a Node `Readable`, a `Blob` or `File`, an
 * iterable of bytes of either kind, or bytes.
 *
 * The source is asked for more only while less than the high-water mark is buffered. What it fails with becomes the cause of a
 * `StreamFailedError`, behind everything that it gave.
 *
 * @throws {TypeError} `source` is none of these, or locked.
 */
export function readerFrom(source: ByteSource, options?: StreamReaderOptions): SourceReader {
  return new SourceReader(pullFrom(source), options)
}

/** A reader that feeds itself. Made by `readerFrom`. */
export class SourceReader extends StreamReader {
  readonly #source: PullSource
  #state: 'pulling' | 'released' = 'pulling'
  #resume: (() => void) | null = null
  #isSourcePaused = false
  readonly #pumped: Promise<void>

  constructor(source: PullSource, options?: StreamReaderOptions) {
    super(options)
    this.#source = source
    this.setFlowControl({
      pauseReading: () => {
        this.#isSourcePaused = true
      },
      resumeReading: () => {
        this.#isSourcePaused = false
        this.#resume?.()
      },
    })
    this.#pumped = this.#pump()
  }

  /**
   * Ends the reading and releases the source, which can be used on by others.
   *
   * @returns The bytes that were taken from it and not read, in order; the caller's. Reads from now on reject with a `StreamFailedError`.
   * @throws {ReaderBusyError} A read is waiting.
   */
  async detach(): Promise<Uint8Array> {
    const taken = [this.tryRead() ?? new Uint8Array(0)]
    this.#stop()
    this.#source.release()
    await this.#pumped // a chunk that was on its way still belongs to the leftovers
    taken.push(this.tryRead() ?? new Uint8Array(0))
    this.feedError(new Error('the source was detached'), 'aborted')
    return joined(taken)
  }

  /**
   * Ends the reading and cancels the source. Reads reject with a `StreamFailedError` of this cause, behind what is buffered.
   *
   * @returns When the source has heard it: an async generator that waits for something hears it after that.
   */
  async cancel(reason?: unknown): Promise<void> {
    this.#stop()
    this.feedError(reason, 'aborted')
    await this.#source.cancel(reason)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel()
  }

  #stop(): void {
    this.#state = 'released'
    this.#resume?.()
  }

  async #pump(): Promise<void> {
    try {
      while (this.#state === 'pulling') {
        if (this.#isSourcePaused) await new Promise<void>((resolve) => (this.#resume = resolve))
        else if (!(await this.#feedNext())) return this.feedEof()
      }
    } catch (error) {
      // A source that was released may say so.
      if (this.#state !== 'pulling') return
      this.feedError(error)
      // One that gave something else than bytes is still open.
      await this.#source.cancel(error).catch(() => {})
    }
  }

  /** False at the end of the source. */
  async #feedNext(): Promise<boolean> {
    const chunk = await this.#source.pull()
    if (chunk === null) return this.#state !== 'pulling'
    this.feed(bytesOf('a chunk of the source', chunk))
    return true
  }
}

/**
 * What is left of a reader as a Web `ReadableStream`. Cancelling it takes nothing back and does not end the reader.
 *
 * Chunks are pulled one at a time; the reader belongs to the stream until that has ended.
 */
export function toReadableStream(reader: StreamReader): ReadableStream<Uint8Array> {
  const controller = new AbortController()
  return new ReadableStream<Uint8Array>(
    {
      async pull(target) {
        const chunk = await reader.read(undefined, { signal: controller.signal })
        if (chunk === null) target.close()
        else target.enqueue(chunk)
      },
      cancel(reason) {
        controller.abort(reason)
      },
    },
    { highWaterMark: 0 },
  )
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}
