/** Sends one request over a writer, knows how much of it has left, and stops when nobody wants the rest. */
import { BodyError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { FramedSource } from './framed-source.ts'
import type { Pieces } from './framed-source.ts'
import type { ByteWriter } from './ports.ts'
import type { Sent } from './errors.ts'

/** Longer bodies go out in pieces of this size, so that a peer which takes them slowly is told from one that takes none. */
const PIECE_BYTE_COUNT = 1_048_576

/** Where the pieces of a long body come from. */
interface PieceSource {
  next(): Promise<Pieces | null>
  release(): void
}

export class RequestSender {
  readonly #writer: ByteWriter
  readonly #exchange: Exchange
  /** While there are pieces to come. */
  #source: PieceSource | null = null

  constructor(writer: ByteWriter, exchange: Exchange) {
    this.#writer = writer
    this.#exchange = exchange
  }

  /** How much of the request is known to have left, once sending has begun. */
  get sent(): Sent {
    const { bufferedByteCount, unsentByteCount } = this.#writer
    return this.#source === null && bufferedByteCount === 0 && unsentByteCount === 0 ? 'all' : 'partial'
  }

  /** Whether there is more to send. */
  get isSending(): boolean {
    return this.#source !== null
  }

  /** Sends, and goes on sending after it has returned. A source that fails cancels the exchange. */
  send(): void {
    const writer = this.#writer
    const exchange = this.#exchange
    const { head, body, bodyByteCount } = exchange.request
    exchange.sent = () => this.sent
    exchange.phase = 'send'
    writer.writeText(body.kind === 'text' ? head + body.text : head, 'latin1')
    if (body.kind === 'source') return this.#sendFrom(new FramedSource(body.source, bodyByteCount))
    if (body.kind === 'bytes') {
      if (body.bytes.length > PIECE_BYTE_COUNT) return this.#sendFrom(piecesOf(body.bytes))
      writer.writeOwned(body.bytes)
    }
    this.#complete()
  }

  /** Nobody wants more: a response is there, or the exchange is over. */
  stop(): void {
    this.#source?.release()
  }

  #sendFrom(source: PieceSource): void {
    this.#source = source
    void this.#pump(source)
  }

  async #pump(source: PieceSource): Promise<void> {
    const exchange = this.#exchange
    try {
      for (let pieces = await source.next(); pieces !== null; pieces = await source.next()) {
        if (this.#isOver) return source.release()
        for (const piece of pieces) {
          if (typeof piece === 'string') this.#writer.writeText(piece, 'latin1')
          else this.#writer.writeOwned(piece)
        }
        exchange.awaitTaking()
        await this.#writer.drain()
        if (this.#isOver) return source.release()
        exchange.awaitNothing()
      }
      if (this.#isOver) return // the response's body is what is limited now
      exchange.awaitTaking()
      await this.#writer.flush()
    } catch (error) {
      return this.#failed(source, error)
    }
    this.#source = null
    if (!this.#isOver) this.#complete()
  }

  #complete(): void {
    this.#exchange.phase = 'wait'
    this.#exchange.awaitHead()
  }

  /** A lost connection is told by the read that waits for the response; what the source did wrong only here. */
  #failed(source: PieceSource, cause: unknown): void {
    source.release()
    if (this.#isOver) return
    const why = `the body's source failed: ${cause instanceof Error ? cause.message : String(cause)}`
    const expected = this.#exchange.request.bodyByteCount
    const facts = this.#exchange.facts('no')
    this.#exchange.cancel(
      new BodyError(facts, { code: 'ERR_HTTP_REQUEST_BODY_SOURCE', why, expected, cause }),
    )
  }

  get #isOver(): boolean {
    return this.#exchange.phase !== 'send' || this.#exchange.cancelled !== null || this.#writer.isClosing
  }
}

function piecesOf(bytes: Uint8Array): PieceSource {
  let at = 0
  return {
    next() {
      const piece = bytes.subarray(at, at + PIECE_BYTE_COUNT)
      at += piece.length
      return Promise.resolve(piece.length === 0 ? null : [piece])
    },
    release() {
      at = bytes.length
    },
  }
}
