/**
 * The content of a response with its content codings undone.
 *
 * Small content is decoded in one step when it is whole; everything else as it is read, through one stage for each coding, of which none runs far
 * ahead. What fails, here or below, ends all of it at once: the stages are destroyed and each further read rejects with the same error.
 */
import type { FieldSection } from '@x/http1'
import type { ContentCoding } from './content-coding.ts'
import type { ContentDecoding } from './content-decoding.ts'
import { formatOf } from './content-coding.ts'
import type { ByteSource, DecodingEngines } from './decoding-engines.ts'
import { DecodingBudget, DecodingLimitReached } from './decoding-limits.ts'
import { DecodingStage } from './decoding-stage.ts'
import { BodyError, isHttpSessionError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { bodyTooLarge, joined } from './response-body.ts'
import type { Content, ResponseContent } from './response-body.ts'
import { unwatchSignal, watchSignal } from './signal-watch.ts'

/** Content of so many octets at most is decoded in one step, to so many bytes at most: a millisecond or two, far less than steps would cost. */
const MAX_WHOLE_CODED = 65_536
const MAX_WHOLE_DECODED = 524_288
const EMPTY = new Uint8Array(0)

export class DecodedBody implements Content {
  readonly #exchange: Exchange
  readonly #body: ResponseContent
  /** In the order in which they are undone. */
  readonly #codings: readonly ContentCoding[]
  readonly #decoding: ContentDecoding
  readonly #budget: DecodingBudget
  /** Coded content that was read and is not decoded yet. */
  #coded: Uint8Array = EMPTY
  /** Made when decoding in steps begins; the last gives what the caller gets. */
  #stages: readonly DecodingStage[] = []
  #state: 'new' | 'open' | 'ended' | 'failed' = 'new'
  #failure: unknown

  /** @param body Belongs to this one from now on. */
  constructor(
    exchange: Exchange,
    body: ResponseContent,
    codings: readonly ContentCoding[],
    decoding: ContentDecoding,
  ) {
    this.#exchange = exchange
    this.#body = body
    this.#codings = codings
    this.#decoding = decoding
    this.#budget = new DecodingBudget(decoding.limits)
    body.onFailure = (error) => this.#fail(error)
  }

  get trailers(): FieldSection | null {
    return this.#body.trailers
  }

  read(): Promise<Uint8Array | null> {
    return this.#guarded(async () => {
      if (this.#state === 'new' && this.#body.isComplete) {
        this.#coded = (await this.#body.read()) ?? EMPTY
        const whole = await this.#whole(Infinity)
        if (whole !== null) return whole.length === 0 ? null : whole
      }
      const chunk = await this.#step()
      return chunk === null ? null : inOwnMemory(chunk)
    })
  }

  async lend(onChunk: (chunk: Uint8Array) => void): Promise<void> {
    for (let chunk = await this.read(); chunk !== null; chunk = await this.read()) onChunk(chunk)
  }

  readAll(maxByteCount: number): Promise<Uint8Array> {
    return this.#guarded(async () => {
      if (this.#state === 'new' && (await this.#gather())) {
        const whole = await this.#whole(maxByteCount)
        if (whole !== null) return whole
      }
      const chunks: Uint8Array[] = []
      let byteCount = 0
      for (let chunk = await this.#step(); chunk !== null; chunk = await this.#step()) {
        chunks.push(chunk)
        byteCount += chunk.length
        if (byteCount > maxByteCount) throw bodyTooLarge(this.#exchange, maxByteCount, null)
      }
      return inOwnMemory(joined(chunks, byteCount))
    })
  }

  discard(): void {
    if (this.#state === 'ended' || this.#state === 'failed') return
    this.#body.discard()
    this.#fail(
      new BodyError(this.#exchange.facts(), {
        code: 'ERR_HTTP_BODY_INCOMPLETE',
        why: 'the response was discarded',
      }),
    )
  }

  /** An abort counts as long as something is to be decoded, even when all content has come and the exchange is over. */
  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    const { signal } = this.#exchange.settings
    const watcher = { handleEvent: () => this.#fail(signal?.reason) }
    if (signal?.aborted === true) watcher.handleEvent()
    watchSignal(signal, watcher)
    try {
      this.#throwIfFailed()
      const value = await work()
      this.#throwIfFailed()
      return value
    } catch (error) {
      throw this.#failed(error)
    } finally {
      unwatchSignal(signal, watcher)
    }
  }

  /** Reads coded content up to its end; false where there is more than is decoded in one step. */
  async #gather(): Promise<boolean> {
    const chunks: Uint8Array[] = []
    let byteCount = 0
    let chunk: Uint8Array | null = EMPTY
    while (chunk !== null && byteCount <= MAX_WHOLE_CODED) {
      chunk = await this.#body.read()
      if (chunk === null) break
      chunks.push(chunk)
      byteCount += chunk.length
    }
    this.#coded = joined(chunks, byteCount)
    return chunk === null
  }

  /** Decodes in one step; `null` where that is too much, or an error, which steps tell better. */
  async #whole(maxByteCount: number): Promise<Uint8Array | null> {
    const { maxCodings, maxDecodedBytes } = this.#decoding.limits
    if (this.#coded.length > MAX_WHOLE_CODED || this.#codings.length > maxCodings) return null
    const engines = await this.#engines()
    const limit = Math.min(maxDecodedBytes, MAX_WHOLE_DECODED)
    let whole: Uint8Array | null = this.#coded
    for (const coding of this.#codings) {
      if (whole.length === 0) break
      whole = engines.decodeWhole(formatOf(coding, whole), whole, limit)
      if (whole === null) return null
    }
    if (whole.length > maxByteCount) return null
    this.#end()
    return whole === EMPTY ? new Uint8Array(0) : whole
  }

  /** The next decoded bytes. */
  async #step(): Promise<Uint8Array | null> {
    if (this.#state === 'ended') return null
    if (this.#state === 'new') await this.#open()
    const chunk = await this.#stages.at(-1)!.pull()
    this.#throwIfFailed()
    if (chunk === null) {
      this.#budget.checkEnd()
      this.#end()
    } else {
      // Somebody takes what has come: the exchange is not idle.
      this.#exchange.awaitContent()
    }
    return chunk
  }

  async #open(): Promise<void> {
    const engines = await this.#engines()
    this.#throwIfFailed()
    let coded: ByteSource = { pull: () => this.#pullCoded(), destroy() {} }
    this.#stages = this.#codings.map((coding) => {
      const stage = new DecodingStage(coding, coded, engines, this.#budget)
      coded = stage
      return stage
    })
    this.#state = 'open'
  }

  async #engines(): Promise<DecodingEngines> {
    return this.#decoding.engines.engines()
  }

  async #pullCoded(): Promise<Uint8Array | null> {
    if (this.#coded.length === 0) this.#coded = (await this.#body.read()) ?? EMPTY
    const coded = this.#coded
    if (coded.length === 0) return null
    const { maxCodings } = this.#decoding.limits
    if (this.#codings.length > maxCodings) throw new DecodingLimitReached('maxCodings', maxCodings)
    const taken = this.#budget.takeCoded(coded.length)
    this.#coded = coded.subarray(taken)
    return coded.subarray(0, taken)
  }

  #throwIfFailed(): void {
    if (this.#state === 'failed') throw this.#failure
  }

  /** What a read rejects with. The first failure is the one that is told; one of the codings gives the exchange up. */
  #failed(error: unknown): unknown {
    if (this.#state !== 'failed') {
      const failure = isHttpSessionError(error) ? error : this.#decodingFailure(error)
      this.#exchange.cancel(failure)
      this.#fail(failure)
    }
    return this.#failure
  }

  #decodingFailure(cause: unknown): BodyError {
    this.#exchange.phase = 'decode'
    const facts = this.#exchange.facts('no')
    const reason = cause instanceof Error ? cause.message : String(cause)
    if (cause instanceof DecodingLimitReached) {
      const { limit, value } = cause
      return new BodyError(facts, { code: 'ERR_HTTP_DECOMPRESSION_LIMIT', why: reason, limit, value })
    }
    const codings = this.#codings.toReversed().join(', ')
    return new BodyError(facts, {
      code: 'ERR_HTTP_DECODE',
      why: `the body is not ${codings}: ${reason}`,
      cause,
    })
  }

  #end(): void {
    if (this.#state === 'failed') return
    this.#state = 'ended'
    this.#destroyStages(null)
  }

  #fail(reason: unknown): void {
    if (this.#state === 'ended' || this.#state === 'failed') return
    this.#state = 'failed'
    this.#failure = reason
    this.#coded = EMPTY
    this.#destroyStages(reason)
  }

  #destroyStages(reason: unknown): void {
    for (const stage of this.#stages) stage.destroy(reason)
    this.#stages = []
  }
}

/** Bytes that share their memory with nothing, so that they can be transferred, and are no Buffer. */
function inOwnMemory(bytes: Uint8Array): Uint8Array {
  const { buffer, byteLength } = bytes
  return byteLength === buffer.byteLength ? new Uint8Array(buffer) : new Uint8Array(bytes)
}
