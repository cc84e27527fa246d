import type { BodyDecoder, FieldSection, MessageFraming } from '@x/http1'
import { BodyError, UsageError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import type { H1Connection } from './h1-connection.ts'
import type { ByteStream } from './ports.ts'
import type { ResponseStart } from './response-start.ts'

/** An unread rest of up to so many bytes and so much time is cheaper to read than a new connection is to open. */
const MAX_DRAINED_BYTES = 65_536
const MAX_DRAINING_MS = 1000

/** The content of one response as whoever reads it gets it. */
export interface Content {
  /** The trailer section of a chunked body that has ended; else `null`. */
  readonly trailers: FieldSection | null
  /** The next content, at least one byte, in memory of its own and the caller's; `null` behind the last. Rejects again with the same error after a failure. */
  read(): Promise<Uint8Array | null>
  /**
   * All content that was not read yet; the array is the caller's.
   *
   * @throws {BodyError} BODY_TOO_LARGE: more than `maxByteCount` bytes.
   */
  readAll(maxByteCount: number): Promise<Uint8Array>
  /** Lends all content that was not read yet to `onChunk`, in pieces of at least one byte, each borrowed until that returns. What it throws rejects. */
  lend(onChunk: (chunk: Uint8Array) => void): Promise<void>
  /** Gives the rest up, without waiting: a short one is read and dropped in the background, else the connection is closed. */
  discard(): void
}

/** The content of a response as it was sent, or as somebody has made it. */
export interface ResponseContent extends Content {
  /** Called once, with the reason, when the content fails: at any time, whether somebody reads or not. */
  onFailure: ((reason: unknown) => void) | null
  /** Whether nothing is to come any more: `read` gives what is left at once. */
  readonly isComplete: boolean
  /** Whether the head leaves room for content, even if it is empty. */
  readonly hasContent: boolean
  /** What it is coded with however it is read; `null`: as the head tells, which may be undone. */
  readonly codings: readonly string[] | null
  /**
   * The connection, behind a head that has made a tunnel of it. Until it is taken, the request's signal and time limits hold on.
   *
   * @throws {UsageError} NO_TUNNEL: it speaks HTTP still, or it was taken or given up.
   */
  takeConnection(): ByteStream
}

/** Whom a connection goes back to. */
export interface ConnectionPool {
  release(connection: H1Connection): void
}

/** The content of one response as it was sent, taken from its connection, which is given back with the last byte. */
export class ResponseBody implements ResponseContent {
  onFailure: ((reason: unknown) => void) | null = null
  readonly #exchange: Exchange
  readonly #connection: H1Connection
  readonly #pool: ConnectionPool
  readonly #decoder: BodyDecoder | null
  readonly #framing: MessageFraming['kind']
  /** What came with the head. */
  #first: Uint8Array | null
  #state: 'open' | 'reading' | 'complete' | 'failed' = 'open'
  #failure: unknown
  /** Why nobody may read any more, although the rest may still be dropped. */
  #discarded: BodyError | null = null

  /** @param pool Gets the connection back, after the last byte or the first failure. */
  constructor(exchange: Exchange, connection: H1Connection, start: ResponseStart, pool: ConnectionPool) {
    this.#exchange = exchange
    this.#connection = connection
    this.#pool = pool
    this.#decoder = start.decoder
    this.#framing = start.framing.kind
    this.#first = start.content.length > 0 ? start.content : null
    if (start.complete && this.#framing !== 'tunnel') {
      this.#end('complete', 'now')
      return
    }
    exchange.onCancel((reason) => {
      connection.abort(reason)
      this.#fail(reason)
    })
    exchange.awaitContent()
  }

  get codings(): null {
    return null
  }

  get hasContent(): boolean {
    return this.#decoder !== null
  }

  get isComplete(): boolean {
    return this.#state === 'complete'
  }

  get trailers(): FieldSection | null {
    return this.#framing === 'chunked' && this.#state === 'complete'
      ? (this.#decoder?.trailers ?? null)
      : null
  }

  async read(): Promise<Uint8Array | null> {
    const first = this.#takeFirst()
    return first ?? this.#nextContent()
  }

  async lend(onChunk: (chunk: Uint8Array) => void): Promise<void> {
    const first = this.#takeFirst()
    if (first !== null) onChunk(first)
    const lendNext = (decoder: BodyDecoder): Promise<'more' | null> =>
      this.#connection.lendContent(this.#exchange, decoder, onChunk)
    while ((await this.#next(lendNext)) !== null) if (this.#discarded !== null) throw this.#discarded
  }

  readAll(maxByteCount: number): Promise<Uint8Array> {
    const whole = this.#first
    const isAborted = this.#exchange.settings.signal?.aborted === true
    if (this.#state !== 'complete' || whole === null || whole.length > maxByteCount || isAborted)
      return this.#readRest(maxByteCount)
    this.#first = null
    return Promise.resolve(whole)
  }

  async #readRest(maxByteCount: number): Promise<Uint8Array> {
    const first = this.#takeFirst()
    const left = this.#announcedByteCount
    if (left + (first?.length ?? 0) > maxByteCount) throw this.#tooLarge(maxByteCount)
    if (left > 0 && first === null) {
      const all = await this.#next((decoder) =>
        this.#connection.readContentExactly(this.#exchange, decoder, left),
      )
      this.#end('complete')
      return all ?? new Uint8Array(0)
    }
    const chunks = first === null ? [] : [first]
    let byteCount = first?.length ?? 0
    for (let chunk = await this.read(); chunk !== null; chunk = await this.read()) {
      chunks.push(chunk)
      byteCount += chunk.length
      if (byteCount > maxByteCount) throw this.#tooLarge(maxByteCount)
    }
    return joined(chunks, byteCount)
  }

  takeConnection(): ByteStream {
    if (this.#state === 'failed') throw this.#failure
    if (this.#framing !== 'tunnel' || this.#state !== 'open') {
      throw new UsageError('ERR_HTTP_NO_TUNNEL', 'the response has no connection to hand over')
    }
    const stream = this.#connection.detach()
    this.#end('complete')
    return stream
  }

  discard(): void {
    if (this.#state !== 'open' && this.#state !== 'reading') return
    const reason = new BodyError(this.#exchange.facts(), {
      code: 'ERR_HTTP_BODY_INCOMPLETE',
      why: 'the response was discarded',
    })
    this.#first = null
    this.#discarded = reason
    const isWorthIt = this.#connection.persists && this.#announcedByteCount <= MAX_DRAINED_BYTES
    if (this.#state === 'reading' || !isWorthIt) return this.#exchange.cancel(reason)
    void this.#drain(reason)
  }

  /** Nobody waits for it: it does not keep the process alive, by its connection or by its time limit. Whoever gets the connection next refs it. */
  async #drain(reason: BodyError): Promise<void> {
    this.#connection.unref()
    this.#exchange.endWithin(MAX_DRAINING_MS, reason)
    try {
      let left = MAX_DRAINED_BYTES
      for (let chunk = await this.#nextContent(); chunk !== null; chunk = await this.#nextContent()) {
        left -= chunk.length
        if (left < 0) return this.#exchange.cancel(reason)
      }
    } catch {
      // Nobody wants the content, and what was wrong with it has closed the connection.
    }
  }

  /** Bytes that are still to come, where the head has announced them; else 0. */
  get #announcedByteCount(): number {
    if (this.#state === 'complete' || this.#decoder === null) return 0
    const { expectedByteCount, receivedByteCount } = this.#decoder
    return expectedByteCount === null ? 0 : expectedByteCount - receivedByteCount
  }

  #nextContent(): Promise<Uint8Array | null> {
    return this.#next((decoder) => this.#connection.readContent(this.#exchange, decoder))
  }

  #takeFirst(): Uint8Array | null {
    if (this.#state === 'failed') throw this.#failure
    if (this.#discarded !== null) throw this.#discarded
    this.#exchange.settings.signal?.throwIfAborted()
    const first = this.#first
    this.#first = null
    return first
  }

  async #next<T>(read: (decoder: BodyDecoder) => Promise<T | null>): Promise<T | null> {
    if (this.#state === 'failed') throw this.#failure
    if (this.#decoder === null || this.#state === 'complete') return null
    this.#state = 'reading'
    const isAwaited = this.#discarded === null
    if (isAwaited) this.#exchange.hold()
    try {
      const content = await read(this.#decoder)
      const { bytesReceived, bytesToReceive } = this.#exchange.progress
      if (this.#discarded === null) this.#exchange.progressed(bytesReceived === bytesToReceive)
      this.#exchange.throwIfCancelled()
      if (content === null) this.#end('complete')
      else this.#state = 'open'
      return content
    } catch (error) {
      this.#fail(error)
      throw error
    } finally {
      if (isAwaited) this.#exchange.letGo()
    }
  }

  #tooLarge(limit: number): BodyError {
    const error = bodyTooLarge(this.#exchange, limit, this.#decoder?.expectedByteCount ?? null)
    this.#exchange.cancel(error)
    return error
  }

  #fail(error: unknown): void {
    if (this.#state === 'failed' || this.#state === 'complete') return
    this.#failure = error
    this.#end('failed')
    this.onFailure?.(error)
  }

  #end(state: 'complete' | 'failed', when: 'now' | 'later' = 'later'): void {
    if (this.#state === 'failed' || this.#state === 'complete') return
    this.#state = state
    this.#pool.release(this.#connection)
    if (state === 'complete') this.#exchange.contentEnded(when)
    else this.#exchange.traceFailure(this.#failure)
    this.#exchange.end()
  }
}

/** @param expected Bytes, where they are known. */
export function bodyTooLarge(exchange: Exchange, maxBodyBytes: number, expected: number | null): BodyError {
  return new BodyError(exchange.facts(), {
    code: 'ERR_HTTP_BODY_TOO_LARGE',
    why: `the body is longer than maxBodyBytes = ${maxBodyBytes}`,
    expected,
    limit: 'maxBodyBytes',
    value: maxBodyBytes,
  })
}

/** The chunks in one array: the only chunk itself. */
export function joined(chunks: readonly Uint8Array[], byteCount: number): Uint8Array {
  if (chunks.length === 1) return chunks[0]!
  const all = new Uint8Array(byteCount)
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}
