import type { ByteSink, CloseOptions, CloseReason } from './byte-sink.ts'
import { WriteFailedError, WriterClosedError } from './errors.ts'
import { endOfJob, ignorable, nextTurn } from './promises.ts'
import { Outbox } from './outbox.ts'
import { utf8 } from './pending-writes.ts'
import { Waiters } from './waiters.ts'

/** What `drain` and `flush` take. */
export interface WaitOptions {
  /** Ends the wait: it rejects with `signal.reason`. What was written is still sent. */
  signal?: AbortSignal | undefined
}

/** More than this does not wait for the end of the job. */
const MAX_PENDING_BYTE_COUNT = 65_536
/** Every so many drains the event loop turns once: a loop of writes cannot keep it from ever hearing of a loss. */
const DRAINS_PER_TURN = 64

/**
 * Writes with back-pressure.
 *
 * What is written within one synchronous stretch leaves together: small pieces are joined, large ones go out as one vectored
 * write. `push`, `drain`, `flush`, `writeEof` and `close` send at once what is pending.
 *
 * Every returned promise may be ignored: a failure that nobody looks at is no unhandled rejection.
 */
export class StreamWriter {
  /** Resolves once the connection is over, with the reason; never rejects. asyncio: `wait_closed`. */
  readonly closed: Promise<CloseReason>
  #sink: ByteSink
  readonly #outbox = new Outbox()
  readonly #drains = new Waiters()
  readonly #flushes = new Waiters()
  #paused = false
  #drainCount = 0
  #refusesAfter: 'close' | 'abort' | 'writeEof' | null = null
  /** Why nothing more can leave: an abort here, a sink that threw, or what `connectionLost` says in the end. */
  #over: CloseReason | null = null
  #isLost = false
  #resolveClosed!: (reason: CloseReason) => void

  /** @param sink Its owner calls `pauseWriting`, `resumeWriting`, `writeBufferEmptied` and `connectionLost` of this writer. */
  constructor(sink: ByteSink) {
    this.#sink = sink
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
  }

  /** Bytes accepted and not yet handed to the kernel. */
  get bufferedByteCount(): number {
    return this.#over === null ? this.#outbox.pending.byteCount + this.#sink.bufferedByteCount : 0
  }

  /** Bytes accepted in the life of this writer, dropped ones included. */
  get acceptedByteCount(): number {
    return this.#outbox.accepted
  }

  /** Of the accepted bytes, those that will not leave any more, or not certainly did: 0 as long as all goes well. */
  get unsentByteCount(): number {
    return this.#outbox.unsent
  }

  /** Whether `close` or `abort` was called here, or the connection takes no more bytes. asyncio: `is_closing`. */
  get isClosing(): boolean {
    return this.#over !== null || this.#refusesAfter === 'close' || this.#sink.isClosing === true
  }

  /**
   * Writes bytes; they are copied, so that `data` is yours again when this returns.
   *
   * After the connection was lost the bytes are dropped and counted; `drain`, `flush` and `close` reject and say so.
   *
   * @throws {WriterClosedError} After `writeEof`, `close` or `abort` here; nothing was accepted.
   */
  write(data: Uint8Array): void {
    this.#accept(checkBytes(data), 'borrowed')
  }

  /** Like `write` without the copy: `data` belongs to the writer from now on and must not change. */
  writeOwned(data: Uint8Array): void {
    this.#accept(checkBytes(data), 'owned')
  }

  /** Writes several arrays, in order, like `write`: all of them, or it throws. asyncio: `writelines`. */
  writeMany(chunks: Iterable<Uint8Array>): void {
    for (const chunk of Array.from(chunks, checkBytes)) this.#accept(chunk, 'borrowed')
  }

  /**
   * Writes text.
   *
   * @param encoding Default `utf-8`: half a surrogate pair becomes U+FFFD. `latin1`: one octet per character.
   * @throws {RangeError} `latin1` and a character above U+00FF, or another encoding; nothing was accepted.
   */
  writeText(text: string, encoding: 'utf-8' | 'latin1' = 'utf-8'): void {
    if (typeof text !== 'string') throw new TypeError('text must be a string')
    if (encoding === 'utf-8') return this.#accept(utf8.encode(text), 'owned')
    if (encoding !== 'latin1') throw new RangeError('encoding must be utf-8 or latin1')
    // eslint-disable-next-line no-control-regex -- the range is the definition of latin1
    const wide = text.search(/[^\0-\xff]/)
    if (wide >= 0) throw new RangeError(`text[${wide}] is not latin1`)
    this.#accept(text, 'owned')
  }

  /** Hands what is pending to the sink now instead of at the end of the job: before bytes that take another way, or a close. */
  push(): void {
    try {
      this.#outbox.sendTo(this.#sink)
    } catch (cause) {
      // Nothing may follow what the sink did not take: the peer would see a gap.
      this.#stop({ reason: 'error', cause })
    }
  }

  /**
   * Resolves when the sink's buffer is low enough to write more: at once below the high-water mark, else at the low one.
   *
   * @throws {WriteFailedError} The connection was lost with an error or with bytes unsent, or was aborted here.
   *
   * Abort: rejects with `signal.reason`; what was written is still sent. Several may wait.
   */
  drain(options?: WaitOptions): Promise<void> {
    this.push()
    if (++this.#drainCount % DRAINS_PER_TURN !== 0) {
      return this.#wait(this.#drains, this.#paused || this.#sink.isClosing, options)
    }
    return ignorable(nextTurn().then(() => this.drain(options)))
  }

  /** Resolves when everything written, also by others and meanwhile, was handed to the kernel. Otherwise like `drain`. */
  flush(options?: WaitOptions): Promise<void> {
    this.push()
    return this.#wait(this.#flushes, this.bufferedByteCount > 0, options)
  }

  /**
   * Ends the writing side; what was written is sent first. A second call does nothing.
   *
   * @throws What the sink throws where it cannot end one side alone, as over TLS; the writer is then as before.
   */
  writeEof(): void {
    if (this.#refusesAfter) return
    this.push()
    if (this.#over === null) this.#sink.writeEof()
    this.#refusesAfter = 'writeEof'
  }

  /**
   * Sends what was written, then ends the connection. A further call may change `graceMs`; all have the same outcome.
   *
   * @throws {WriteFailedError} The connection ended with bytes unsent.
   */
  close(options?: CloseOptions): Promise<void> {
    this.push()
    if (!this.#isLost) this.#sink.close(options)
    this.#refusesAfter = 'close'
    return ignorable(
      this.closed.then(() => {
        if (this.unsentByteCount > 0) throw this.#failure()
      }),
    )
  }

  /** Ends the connection at once and drops what was not sent. Waiting drains and flushes reject with `reason` as their cause. */
  abort(reason?: unknown): void {
    if (this.#isLost) return
    this.#refusesAfter = 'abort'
    this.#stop({ reason: 'aborted', cause: reason })
    this.#sink.abort(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  // The protocol's side -----------------------------------------------------------------------------------------------

  /** The sink holds more than it likes. */
  pauseWriting(): void {
    this.#paused = true
  }

  /** The sink wants more. */
  resumeWriting(): void {
    this.#paused = false
    this.#drains.settleAll()
  }

  /** The sink has handed everything on. */
  writeBufferEmptied(): void {
    this.push()
    if (this.bufferedByteCount === 0) this.#flushes.settleAll()
  }

  /** Goes on over another sink, as `startTls` makes it: with what is still pending, and as if nothing had paused it. */
  setSink(sink: ByteSink): void {
    this.#sink = sink
    this.resumeWriting()
    this.writeBufferEmptied()
  }

  /** The connection is over; called once. `unsentByteCount`: what the sink had accepted and could not hand on. */
  connectionLost(reason: CloseReason, unsentByteCount?: number): void {
    if (this.#isLost) return
    this.#isLost = true
    this.#stop(reason, unsentByteCount)
    this.#resolveClosed(this.#over ?? reason)
  }

  #accept(data: Uint8Array | string, ownership: 'owned' | 'borrowed'): void {
    if (this.#refusesAfter) throw new WriterClosedError(this.#refusesAfter)
    this.#outbox.accepted += data.length
    if (this.#over !== null || data.length === 0) return
    const { pending } = this.#outbox
    if (pending.byteCount === 0) void endOfJob.then(() => this.push())
    pending.add(data, ownership)
    if (pending.byteCount > MAX_PENDING_BYTE_COUNT) this.push()
  }

  #stop(over: CloseReason, unsentByteCount: number = this.#sink.bufferedByteCount): void {
    // An abort has emptied the sink: its reason stands, and what was counted before.
    if (this.#over?.reason === 'aborted') return
    this.#over = over
    this.#outbox.drop(unsentByteCount)
    this.#drains.settleAll(() => this.#failure())
    this.#flushes.settleAll(() => this.#failure())
  }

  #wait(waiters: Waiters, mustWait: boolean | undefined, { signal }: WaitOptions = {}): Promise<void> {
    const failure = signal?.aborted ? signal.reason : this.#failure()
    if (failure !== undefined) return ignorable(Promise.reject(failure))
    return mustWait && this.#over === null ? ignorable(waiters.wait(signal)) : endOfJob
  }

  /** A new error at each look; undefined while nothing is wrong. */
  #failure(): WriteFailedError | undefined {
    const { accepted, unsent, sent } = this.#outbox
    const over = this.#over
    if (over === null || (unsent === 0 && over.reason !== 'error' && over.reason !== 'aborted'))
      return undefined
    return new WriteFailedError({ ...over, acceptedByteCount: accepted, unsentByteCount: unsent, sent })
  }
}

function checkBytes(data: Uint8Array): Uint8Array {
  if (data instanceof Uint8Array) return data
  throw new TypeError('data must be a Uint8Array')
}
