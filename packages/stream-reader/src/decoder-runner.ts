/**
 * Runs decoders over bytes that are fed from outside: the one place that knows waiting, aborting, deadlines, overlap and
 * failure.
 *
 * A decoder is tried at once on what has arrived, else kept as the one waiting read and tried again, synchronously, as
 * bytes arrive. Whatever it does not take stays.
 */
import { bytesOf, checkInteger, checkLimit } from './arguments.ts'
import type { Decoder } from './byte-window.ts'
import { FeedAfterEofError, LimitExceededError } from './errors.ts'
import { ReaderBusyError, ReadTimeoutError, StreamFailedError } from './errors.ts'
import type {
  FlowControl,
  LimitedReadOptions,
  ReadOptions,
  SetTimer,
  StreamReaderOptions,
} from './reader-options.ts'
import { EMPTY, ReadWindow } from './read-window.ts'
import { endedEarly } from './reads.ts'

/** A decoder of this package: it may also drop bytes for good. */
export type WindowDecoder<T> = (window: ReadWindow) => T | undefined

interface WaitingRead {
  readonly decoder: WindowDecoder<unknown>
  readonly limit: number
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
  /** Takes the signal's listener and the timer away, where there are any. */
  stop?: () => void
}

interface Coded {
  readonly code?: unknown
}

interface Failure {
  readonly reason: 'aborted' | 'error'
  readonly cause: unknown
}

/** Most bytes that a decoder may be shown, unless told otherwise. */
export const DECODE_LIMIT: number = 2 ** 24

/** Lent by every reader that expects no array of its own. What is in it never outlives the callback. */
const SCRATCH: Uint8Array = new Uint8Array(2 ** 18)
/** As much of it is lent by a reader that falls behind: all that comes has to be kept. */
const SLOW_SCRATCH_LENGTH = 2 ** 16

const setPlatformTimer: SetTimer = (callback, delayMs) => {
  const timer = setTimeout(callback, delayMs)
  return () => clearTimeout(timer)
}

/** The part of `StreamReader` that does not know any format. */
export abstract class DecoderRunner {
  /** Default limit of reads that look for an end, in bytes. */
  readonly limit: number
  readonly #window = new ReadWindow()
  readonly #setTimer: SetTimer
  readonly #highWaterMark: number
  readonly #lowWaterMark: number
  #source: FlowControl | undefined
  #isPaused = false
  #waiting: WaitingRead | undefined
  #failure: Failure | undefined
  #lent = EMPTY

  /**
   * @throws {RangeError} A limit or mark is not an integer > 0, or the marks are the wrong way round.
   * @throws {TypeError} There is no option of that name.
   */
  constructor(options: StreamReaderOptions = {}) {
    const {
      limit = 2 ** 16,
      highWaterMark = limit * 2,
      lowWaterMark = Math.floor(highWaterMark / 2),
      setTimer = setPlatformTimer,
      ...unknown
    } = options
    for (const name in unknown) throw new TypeError(`unknown option ${name}`)
    this.limit = checkLimit('limit', limit)
    this.#highWaterMark = checkLimit('highWaterMark', highWaterMark)
    this.#lowWaterMark = checkInteger('lowWaterMark', lowWaterMark, 0, highWaterMark)
    this.#setTimer = setTimer
  }

  /** Bytes that have arrived and were not read. */
  get bufferedByteCount(): number {
    return this.#window.byteCount
  }

  /** Whether the stream has ended cleanly and everything was read. asyncio: `at_eof`. */
  get atEof(): boolean {
    return this.#window.ended && this.#window.byteCount === 0
  }

  /** Whether a read is waiting for bytes. */
  get isReading(): boolean {
    return this.#waiting !== undefined
  }

  /** Whether the source was asked for no more bytes. */
  get isPaused(): boolean {
    return this.#isPaused
  }

  // The feeding side --------------------------------------------------------------------------------------------------

  /** Names the source that is paused above the high-water mark. asyncio: `set_transport`. */
  setFlowControl(flowControl: FlowControl): void {
    this.#source = flowControl
    this.#isPaused = false
    this.#regulate()
  }

  /**
   * Feeds bytes. The reader owns `chunk` from now on: do not change it. After `feedError` they are ignored.
   *
   * @throws {FeedAfterEofError} After `feedEof`.
   */
  feed(chunk: Uint8Array): void {
    const bytes = bytesOf('chunk', chunk)
    if (bytes.length === 0 || this.#isClosed()) return
    this.#window.feed(bytes)
    this.#advance()
  }

  /**
   * Lends the array for the next bytes; `bufferUpdated` says how many have come. The protocol side of asyncio's
   * `BufferedProtocol`.
   *
   * The array may be shared by all readers: fill it and call `bufferUpdated` in one synchronous step.
   */
  getBuffer(): Uint8Array {
    return (this.#lent =
      this.#window.getBuffer() ??
      (this.#window.byteCount ? SCRATCH.subarray(0, SLOW_SCRATCH_LENGTH) : SCRATCH))
  }

  /**
   * The first `byteCount` bytes of the array that `getBuffer` lent last have arrived. They are copied or used up before
   * this returns, and the array is given back. After `feedError` they are ignored.
   *
   * @throws {FeedAfterEofError} After `feedEof`.
   */
  bufferUpdated(byteCount: number): void {
    const lent = this.#lent
    checkInteger('byteCount', byteCount, 0, lent.length)
    this.#lent = EMPTY
    if (byteCount === 0 || this.#isClosed()) return
    this.#window.bufferUpdated(lent, byteCount)
    this.#advance()
  }

  /** The stream ended cleanly: what is buffered can still be read, then reads say so. Idempotent. asyncio: `feed_eof`. */
  feedEof(): void {
    this.#window.ended = !this.#failure
    this.#advance()
  }

  /**
   * The stream failed: what is buffered can still be read, then every read rejects with a `StreamFailedError` of this
   * `cause`. Only the first failure counts. asyncio: `set_exception`, which also hides the buffered bytes.
   */
  feedError(cause: unknown, reason: 'aborted' | 'error' = 'error'): void {
    this.#failure ??= { reason, cause }
    this.#window.ended = false // a failure beats the end
    this.#advance()
  }

  // The reading side --------------------------------------------------------------------------------------------------

  /**
   * Runs a decoder as soon as it finds what it looks for. All other reads are made of this one.
   *
   * @param options `limit`: most bytes that the decoder is shown. Default 16 MiB.
   * @returns What the decoder returns.
   * @throws {ReaderBusyError} Another read is waiting.
   * @throws {IncompleteReadError} The stream ended and the decoder still asked for more; `partial` has what was left.
   * @throws {LimitExceededError} The decoder asks for more although more than `limit` bytes are there.
   * @throws {StreamFailedError} The stream failed before.
   * @throws Whatever the decoder throws; nothing is consumed then.
   *
   * Abort: rejects with `signal.reason`; no bytes are consumed.
   */
  decode<T>(decoder: Decoder<T>, options?: LimitedReadOptions): Promise<T> {
    return this.run(() => decoder, options, options?.limit ?? DECODE_LIMIT)
  }

  /** Like `decode` on what has arrived already; `undefined` where that is not enough. Throws what `decode` rejects with. */
  tryDecode<T>(decoder: Decoder<T>, options?: { limit?: number | undefined }): T | undefined {
    return this.tryRun(decoder, options?.limit ?? DECODE_LIMIT)
  }

  /** @param limit Infinity where the decoder has a limit of its own. */
  protected run<T>(
    makeDecoder: () => WindowDecoder<T>,
    options: ReadOptions = {},
    limit: number = Infinity,
  ): Promise<T> {
    try {
      const { timeoutMs = 1, signal } = options
      const decoder = makeDecoder()
      checkInteger('timeoutMs', Math.ceil(timeoutMs), 1, 2 ** 31 - 1) // the longest that timers know
      signal?.throwIfAborted()
      const value = this.tryRun(decoder, limit)
      return value !== undefined ? Promise.resolve(value) : this.#wait(decoder, limit, options)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  protected tryRun<T>(decoder: WindowDecoder<T>, limit: number = Infinity): T | undefined {
    if (limit !== Infinity) checkLimit('limit', limit)
    if (this.isReading) throw new ReaderBusyError()
    return this.#attempt(decoder, limit)
  }

  /** Ends the wait of the read that runs `decoder`, if it is the one that waits; its promise rejects. */
  protected stop(decoder: WindowDecoder<unknown>): void {
    if (this.#waiting?.decoder === decoder) this.#settle(this.#waiting, 'reject', undefined)
  }

  /** Puts bytes back before the first unread one. They are copied. @throws {ReaderBusyError} A read is waiting. */
  unread(bytes: Uint8Array): void {
    const chunk = bytesOf('bytes', bytes)
    if (this.isReading) throw new ReaderBusyError()
    if (chunk.length > 0) this.#window.unread(chunk)
    this.#regulate()
  }

  /** One line for people: what is buffered and in which state the reader is. */
  toString(): string {
    return (
      `StreamReader(${this.bufferedByteCount} bytes` +
      (this.isReading ? ', reading' : '') +
      (this.isPaused ? ', paused' : '') +
      (this.#window.ended ? ', ended' : '') +
      (this.#failure ? `, ${this.#failure.reason}` : '') +
      ')'
    )
  }

  /** Whether bytes come too late. */
  #isClosed(): unknown {
    if (this.#window.ended) throw new FeedAfterEofError()
    return this.#failure
  }

  /** Asks a decoder. @param waiting The read that it belongs to, none where one begins. */
  #attempt<T>(decoder: WindowDecoder<T>, limit: number, waiting?: WaitingRead): T | undefined {
    const window = this.#window
    if (this.#failure && window.byteCount === 0) throw new StreamFailedError(this.#failure)
    window.open(limit)
    try {
      const value = decoder(window)
      // A decoder may abort its own read: then its value has nowhere to go.
      if (value !== undefined && this.#waiting === waiting) return value
      window.rewind()
      if (this.#waiting !== waiting) return undefined
      if (window.ended) throw endedEarly(window, null)
    } catch (error) {
      // By its code, so that a decoder made with another copy of this package will do.
      if (!window.ended || (error as Coded | null)?.code !== 'ERR_INCOMPLETE_READ') window.rewind()
      throw error
    } finally {
      window.close()
      // Also after an error: one about a line behind one that was dropped has taken bytes.
      if (this.#isPaused) this.#regulate()
    }
    if (window.byteCount > limit) throw new LimitExceededError({ limit, consumed: 0 })
    if (this.#failure) throw new StreamFailedError(this.#failure)
    return undefined
  }

  #wait<T>(decoder: WindowDecoder<T>, limit: number, { signal, timeoutMs }: ReadOptions): Promise<T> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted() // the decoder may have done it
      const waiting: WaitingRead = (this.#waiting = { decoder, limit, resolve, reject })
      if (signal || timeoutMs) this.#mayEndEarly(waiting, signal, timeoutMs)
      this.#regulate()
    })
  }

  #mayEndEarly(waiting: WaitingRead, signal?: AbortSignal, timeoutMs?: number): void {
    const onAbort = (): void => this.#settle(waiting, 'reject', signal?.reason)
    const stopTimer =
      timeoutMs &&
      this.#setTimer(() => this.#settle(waiting, 'reject', new ReadTimeoutError(timeoutMs)), timeoutMs)
    waiting.stop = () => {
      signal?.removeEventListener('abort', onAbort)
      if (stopTimer) stopTimer()
    }
    signal?.addEventListener('abort', onAbort)
  }

  #settle(waiting: WaitingRead, how: 'resolve' | 'reject', value: unknown): void {
    if (this.#waiting !== waiting) return
    this.#waiting = undefined
    this.#window.expect(0)
    waiting.stop?.()
    waiting[how](value as never) // of its own decoder's type, which nobody here knows
    this.#regulate()
  }

  /** Tries the waiting read on what has come. */
  #advance(): void {
    const waiting = this.#waiting
    if (waiting) {
      try {
        const value = this.#attempt(waiting.decoder, waiting.limit, waiting)
        if (value !== undefined) this.#settle(waiting, 'resolve', value)
      } catch (error) {
        this.#settle(waiting, 'reject', error)
      }
    }
    this.#window.keep()
    this.#regulate()
  }

  /** Pauses strictly above the high-water mark, resumes at or below the low one; a waiting read always wants bytes. */
  #regulate(): void {
    const mark = this.#isPaused ? this.#lowWaterMark : this.#highWaterMark
    const isPaused = !this.isReading && this.#window.byteCount > mark
    if (isPaused === this.#isPaused || !this.#source) return
    this.#isPaused = isPaused
    try {
      this.#source[isPaused ? 'pauseReading' : 'resumeReading']()
    } catch {
      // A source that cannot pause is not asked again; its bytes are buffered.
      this.#isPaused = false
      this.#source = undefined
    }
  }
}
