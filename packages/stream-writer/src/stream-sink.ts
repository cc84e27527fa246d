import type { ByteSink, CloseOptions, CloseReason } from './byte-sink.ts'
import { checkOptions, checkPositive } from './option-checks.ts'
import { ignorable } from './promises.ts'
import { StreamWriter } from './stream-writer.ts'

/** What is left of a stream when only its bytes matter. */
export interface Outlet {
  /** Resolves when the chunk was taken care of. */
  write(chunk: Uint8Array): Promise<unknown>
  /** Resolves when all is written and the stream has ended. */
  end(): Promise<unknown>
  /** Ends it now. */
  abort(reason: unknown): unknown
  /** Resolves at the end of the stream, whoever ended it; rejects with its failure. */
  readonly closed: Promise<unknown>
}

/** How a stream is made a sink. */
export interface SinkOptions {
  /** Bytes in the stream's hands above which `drain` waits. Default 65,536. */
  highWaterMark?: number | undefined
}

/** A `ByteSink` that hands every chunk to a stream and counts those that are not through. */
export class StreamSink implements ByteSink {
  readonly writer: StreamWriter
  readonly #outlet: Outlet
  readonly #highWaterMark: number
  #bufferedByteCount = 0
  #paused = false
  #ending: Promise<unknown> | null = null
  #isLost = false
  #graceTimer: ReturnType<typeof setTimeout> | undefined = undefined

  constructor(outlet: Outlet, highWaterMark: number) {
    this.#outlet = outlet
    this.#highWaterMark = highWaterMark
    this.writer = new StreamWriter(this)
    outlet.closed.then(
      () => this.#lose({ reason: this.#ending === null ? 'aborted' : 'closed' }),
      (cause: unknown) => this.#lose({ reason: 'error', cause }),
    )
  }

  get bufferedByteCount(): number {
    return this.#bufferedByteCount
  }

  get isClosing(): boolean {
    return this.#isLost || this.#ending !== null
  }

  writeOwned(chunk: Uint8Array): void {
    this.#bufferedByteCount += chunk.length
    if (!this.#paused && this.#bufferedByteCount > this.#highWaterMark) {
      this.#paused = true
      this.writer.pauseWriting()
    }
    // A chunk that fails stays counted; the stream fails with it.
    void ignorable(this.#outlet.write(chunk).then(() => this.#written(chunk.length)))
  }

  writeEof(): void {
    if (this.isClosing) return
    this.#ending = this.#outlet.end()
    this.#ending.then(
      () => this.#lose({ reason: 'closed' }),
      (cause: unknown) => this.#lose({ reason: 'error', cause }),
    )
  }

  close(options: CloseOptions = {}): void {
    checkOptions(options, 'graceMs')
    const { graceMs } = options
    if (graceMs !== undefined) checkPositive('graceMs', graceMs)
    this.writeEof()
    if (graceMs === undefined || this.#isLost) return
    clearTimeout(this.#graceTimer)
    if (graceMs === Infinity) return
    this.#graceTimer = setTimeout(() => this.abort(new Error(`not flushed within ${graceMs} ms`)), graceMs)
  }

  abort(reason?: unknown): void {
    if (this.#isLost) return
    this.#outlet.abort(reason)
    this.#lose({ reason: 'aborted', cause: reason })
  }

  #written(byteCount: number): void {
    this.#bufferedByteCount -= byteCount
    if (this.#paused && this.#bufferedByteCount <= this.#highWaterMark / 4) {
      this.#paused = false
      this.writer.resumeWriting()
    }
    if (this.#bufferedByteCount === 0) this.writer.writeBufferEmptied()
  }

  #lose(reason: CloseReason): void {
    if (this.#isLost) return
    this.#isLost = true
    clearTimeout(this.#graceTimer)
    queueMicrotask(() => this.writer.connectionLost(reason))
  }
}
