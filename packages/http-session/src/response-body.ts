import type { BodyDecoder } from '@x/http1'
import type { FieldSection } from '@x/http1'
import { BodyError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import type { H1Connection, ResponseStart } from './h1-connection.ts'

/** An unread rest up to this many bytes is cheaper to read than a new connection is to open. */
const MAX_DRAINED_BYTES = 65_536

/** The content of one response, taken from its connection, which is given back with the last byte. */
export class ResponseBody {
  readonly #exchange: Exchange
  readonly #connection: H1Connection
  readonly #onEnd: () => void
  readonly #decoder: BodyDecoder | null
  #first: Uint8Array | null
  #ended = false
  #failure: { readonly error: unknown } | null = null

  /** @param onEnd Called once, when the connection is free: after the last byte or the first failure. */
  constructor(exchange: Exchange, connection: H1Connection, start: ResponseStart, onEnd: () => void) {
    this.#exchange = exchange
    this.#connection = connection
    this.#onEnd = onEnd
    this.#decoder = start.decoder
    this.#first = start.content.length > 0 ? start.content : null
    if (start.complete) {
      this.#end()
      return
    }
    exchange.onCancel((reason) => {
      connection.abort(reason)
      this.#fail(reason)
    })
    exchange.awaitContent()
  }

  /** The trailer section; empty before the end of the content. */
  get trailers(): FieldSection | null {
    return this.#decoder?.trailers ?? null
  }

  /** The next content, owned by the caller; `null` behind the last. Rejects again with the same error after a failure. */
  async read(): Promise<Uint8Array | null> {
    const first = this.#takeFirst()
    if (first !== null) return first
    return this.#next((decoder) => this.#connection.readContent(this.#exchange, decoder))
  }

  /**
   * All content that was not read yet.
   *
   * @throws {BodyError} BODY_TOO_LARGE: more than `maxByteCount` bytes.
   */
  async readAll(maxByteCount: number): Promise<Uint8Array> {
    const decoder = this.#decoder
    const expected =
      this.#ended || decoder?.expectedByteCount == null
        ? null
        : decoder.expectedByteCount - decoder.receivedByteCount
    const first = this.#takeFirst()
    if ((expected ?? 0) + (first?.length ?? 0) > maxByteCount) throw this.#tooLarge(maxByteCount)
    if (this.#ended) return first ?? new Uint8Array(0)
    if (expected !== null && first === null) {
      return (
        (await this.#next((d) => this.#connection.readContentExactly(this.#exchange, d, expected), true)) ??
        new Uint8Array(0)
      )
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

  /** Gives the rest up: a short one is read and dropped so that the connection can be used again, else the connection is closed. */
  async discard(): Promise<void> {
    this.#first = null
    const { expectedByteCount = null, receivedByteCount = 0 } = this.#decoder ?? {}
    let left = (expectedByteCount ?? 0) - receivedByteCount > MAX_DRAINED_BYTES ? 0 : MAX_DRAINED_BYTES
    try {
      for (let chunk; left > 0 && chunk !== null; left -= chunk?.length ?? 0) chunk = await this.read()
    } catch {
      return // nobody wants the content, and what was wrong with it has closed the connection
    }
    if (!this.#ended)
      this.cancel(
        new BodyError(this.#exchange.facts('no'), {
          code: 'ERR_HTTP_BODY_INCOMPLETE',
          why: 'the response was discarded',
        }),
      )
  }

  /** Ends the exchange: reads reject with `reason`. */
  cancel(reason: unknown): void {
    this.#exchange.cancel(reason)
  }

  /** What came with the head, unless that was taken before. */
  #takeFirst(): Uint8Array | null {
    if (this.#failure !== null) throw this.#failure.error
    const first = this.#first
    this.#first = null
    return first
  }

  async #next(
    read: (decoder: BodyDecoder) => Promise<Uint8Array | null>,
    last = false,
  ): Promise<Uint8Array | null> {
    if (this.#failure !== null) throw this.#failure.error
    if (this.#decoder === null || this.#ended) return null
    let content
    try {
      content = await read(this.#decoder)
    } catch (error) {
      this.#fail(error)
      throw error
    }
    if (content === null || last) this.#end()
    return content
  }

  #tooLarge(limit: number): BodyError {
    const error = new BodyError(this.#exchange.facts('no'), {
      code: 'ERR_HTTP_BODY_TOO_LARGE',
      why: `the body is longer than maxBodyBytes = ${limit}`,
      expected: this.#decoder?.expectedByteCount ?? null,
    })
    this.cancel(error)
    return error
  }

  #fail(error: unknown): void {
    this.#failure ??= { error }
    this.#end()
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#exchange.end()
    this.#onEnd()
  }
}

function joined(chunks: readonly Uint8Array[], byteCount: number): Uint8Array {
  if (chunks.length === 1) return chunks[0]!
  const all = new Uint8Array(byteCount)
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}
