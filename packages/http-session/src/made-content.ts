/** Content that somebody here has made, in place of a server's. */
import type { FieldSection } from '@x/http1'
import { tell } from './body-source.ts'
import type { BodySource } from './body-source.ts'
import { ChunkEncoder } from './chunk-encoder.ts'
import { BodyError, UsageError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { bodyTooLarge, joined } from './response-body.ts'
import type { ResponseContent } from './response-body.ts'

/** Where content comes from, and what stands behind it. */
export interface MadeContentInit {
  readonly status: number
  /** Gives it in memory of its own. */
  readonly source: BodySource
  readonly codings: readonly string[]
  /** Asked for behind the last piece. */
  readonly trailers?: (() => FieldSection | null) | undefined
}

export class MadeContent implements ResponseContent {
  onFailure: ((reason: unknown) => void) | null = null
  readonly hasContent = true
  readonly codings: readonly string[]
  readonly #exchange: Exchange
  readonly #source: BodySource
  readonly #encoder = new ChunkEncoder()
  readonly #trailers: MadeContentInit['trailers']
  #state: 'open' | 'complete' | 'failed' = 'open'
  #failure: unknown
  /** Of the read that waits. */
  #rejectRead: ((reason: unknown) => void) | null = null

  /** @param exchange Goes on until the content has ended. */
  constructor(exchange: Exchange, { status, source, codings, trailers }: MadeContentInit) {
    this.#exchange = exchange
    this.#source = source
    this.codings = codings
    this.#trailers = trailers
    exchange.phase = 'body'
    exchange.onCancel((reason) => this.#giveUp(reason))
    exchange.headArrived(status)
    exchange.awaitContent()
  }

  get isComplete(): boolean {
    return this.#state === 'complete'
  }

  get trailers(): FieldSection | null {
    return this.#state === 'complete' ? (this.#trailers?.() ?? null) : null
  }

  async read(): Promise<Uint8Array | null> {
    this.#throwIfOver()
    if (this.#state === 'complete') return null
    const exchange = this.#exchange
    exchange.hold()
    // How long the source takes is its own business: where it reads another response, that one's limits hold.
    exchange.awaitNothing()
    try {
      return await new Promise((resolve, reject) => {
        this.#rejectRead = reject
        this.#pull().then(resolve, reject)
      })
    } finally {
      this.#rejectRead = null
      exchange.awaitContent()
      exchange.letGo()
    }
  }

  /** The next piece that is not empty. */
  async #pull(): Promise<Uint8Array | null> {
    for (;;) {
      const chunk = await this.#next()
      if (chunk === null || chunk.length > 0) return chunk
    }
  }

  async readAll(maxByteCount: number): Promise<Uint8Array> {
    const chunks: Uint8Array[] = []
    let byteCount = 0
    for (let chunk = await this.read(); chunk !== null; chunk = await this.read()) {
      chunks.push(chunk)
      byteCount += chunk.length
      if (byteCount <= maxByteCount) continue
      const error = bodyTooLarge(this.#exchange, maxByteCount, null)
      this.#exchange.cancel(error)
      throw error
    }
    return joined(chunks, byteCount)
  }

  async lend(onChunk: (chunk: Uint8Array) => void): Promise<void> {
    for (let chunk = await this.read(); chunk !== null; chunk = await this.read()) onChunk(chunk)
  }

  discard(): void {
    if (this.#state !== 'open') return
    const why = 'the response was discarded'
    this.#exchange.cancel(new BodyError(this.#exchange.facts(), { code: 'ERR_HTTP_BODY_INCOMPLETE', why }))
  }

  takeConnection(): never {
    throw new UsageError('ERR_HTTP_NO_TUNNEL', 'the response has no connection to hand over')
  }

  /** A piece, perhaps empty; `null` behind the last. */
  async #next(): Promise<Uint8Array | null> {
    let bytes
    let done
    let isOpen = false
    try {
      const step = await this.#source.next()
      done = step.done === true
      isOpen = !done
      bytes = done ? this.#encoder.end() : this.#encoder.encode(step.value)
    } catch (error) {
      this.#throwIfOver()
      this.#end('failed', error)
      if (isOpen) tell(() => this.#source.release(error)) // it gave what is neither text nor bytes
      throw error
    }
    this.#throwIfOver()
    if (bytes !== null) this.#exchange.progress.bytesReceived += bytes.length
    if (!done) return bytes ?? new Uint8Array(0)
    this.#end('complete')
    return bytes
  }

  #throwIfOver(): void {
    if (this.#state === 'failed') throw this.#failure
    this.#exchange.settings.signal?.throwIfAborted()
  }

  #giveUp(reason: unknown): void {
    if (this.#state !== 'open') return
    this.#end('failed', reason)
    this.#rejectRead?.(reason) // the source may hang
    tell(() => this.#source.release(reason))
  }

  #end(state: 'complete' | 'failed', failure?: unknown): void {
    this.#state = state
    this.#failure = failure
    this.#exchange.progress.bytesToReceive = this.#exchange.progress.bytesReceived
    this.#exchange.end()
    if (state === 'complete') return this.#exchange.contentEnded('later')
    this.#exchange.traceFailure(failure)
    this.onFailure?.(failure)
  }
}
