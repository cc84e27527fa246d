/** Sends one request over a writer, knows how much of it has left, and stops when nobody wants the rest. */
import { fromIterable } from './body-source.ts'
import type { BodySource } from './body-source.ts'
import type { Deadline } from './deadlines.ts'
import { BodyError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { FramedSource, nextPieceByteCount, PIECE_BYTE_COUNT } from './framed-source.ts'
import type { ByteStream, ByteWriter } from './ports.ts'
import { forwardedHead } from './request.ts'
import type { Sent } from './errors.ts'

export class RequestSender implements Deadline {
  /** Of the wait for 100 (Continue); kept by `Deadlines`. */
  at: number = Infinity
  place: number = -1
  readonly #writer: ByteWriter
  readonly #exchange: Exchange
  readonly #onSent: () => void
  readonly #head: string
  /** While there are pieces to come. */
  #source: FramedSource | null = null
  /** The content waits until the peer asks for it. */
  #isHeld = false
  /** Nobody wants what was not sent by then. */
  #isStopped = false

  /** @param onSent Called once, when the request was sent whole; not if nobody wanted the rest of it. */
  constructor(
    { writer, forwarding }: Pick<ByteStream, 'writer' | 'forwarding'>,
    exchange: Exchange,
    onSent: () => void,
  ) {
    this.#writer = writer
    this.#head =
      forwarding === undefined
        ? exchange.request.head
        : forwardedHead(exchange.request, forwarding.fieldLines)
    this.#exchange = exchange
    this.#onSent = onSent
  }

  /** How much of the request is known to have left, once sending has begun. */
  get sent(): Sent {
    const { bufferedByteCount, unsentByteCount } = this.#writer
    return !this.isSending && bufferedByteCount === 0 && unsentByteCount === 0 ? 'all' : 'partial'
  }

  /** Whether there is more to send. */
  get isSending(): boolean {
    return this.#isHeld || this.#source !== null
  }

  /** Whether content is on its way, and nobody has stopped it. */
  get isStreaming(): boolean {
    return this.#source !== null && !this.#isOver
  }

  /** Sends, and goes on sending after it has returned. A source that fails cancels the exchange. */
  send(): void {
    const writer = this.#writer
    const exchange = this.#exchange
    const { body, fields } = exchange.request
    const head = this.#head
    exchange.sent = this
    exchange.phase = 'send'
    if (fields.expectsContinue) {
      writer.writeText(head, 'latin1')
      this.#isHeld = true
      exchange.deadlines.set(this, exchange.deadlines.now() + exchange.settings.timeouts.continueMs)
    } else if (body.kind === 'text') {
      exchange.contentBegun = true
      exchange.progress.bytesSent = body.text.length
      writer.writeText(head + body.text, 'latin1')
      this.#complete()
    } else {
      writer.writeText(head, 'latin1')
      this.#sendContent()
    }
  }

  /** The peer asks for the content, or has let the time pass in which it could have refused it. */
  proceed(): void {
    if (!this.#isHeld || this.#isStopped) return
    this.#isHeld = false
    this.#exchange.deadlines.clear(this)
    this.#sendContent()
  }

  onDeadline(): void {
    this.proceed()
  }

  /** Nobody wants more: a response is there, or the exchange is over for `reason`. From now on the writer may be another one's. */
  stop(reason?: unknown): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#exchange.sent = this.sent
    if (this.#isHeld) this.#exchange.deadlines.clear(this)
    if (this.#source !== null) this.#release(this.#source, reason)
  }

  #sendContent(): void {
    const exchange = this.#exchange
    const { body, bodyByteCount, content } = exchange.request
    exchange.contentBegun = true
    switch (body.kind) {
      case 'none':
        break
      case 'text':
        this.#writer.writeText(body.text, 'latin1')
        exchange.progress.bytesSent = body.text.length
        break
      case 'bytes':
        // Memory that can be resized may have changed meanwhile: then it is found out as a source is.
        if (body.bytes.length > PIECE_BYTE_COUNT || body.bytes.length !== bodyByteCount) {
          const open = (): BodySource => fromIterable([body.bytes])
          return this.#sendFrom(new FramedSource({ open, byteCount: bodyByteCount }))
        }
        this.#writer.writeOwned(body.bytes)
        exchange.progress.bytesSent = body.bytes.length
        break
      case 'source':
        return this.#sendFrom(
          new FramedSource({
            open: body.open,
            byteCount: bodyByteCount,
            lastChunk: content.trailers?.lastChunk,
          }),
        )
    }
    this.#complete()
  }

  #sendFrom(source: FramedSource): void {
    this.#source = source
    this.#exchange.timeline.sendingAt = this.#exchange.deadlines.now()
    void this.#pump(source)
  }

  async #pump(source: FramedSource): Promise<void> {
    const exchange = this.#exchange
    try {
      for (let pieces = await source.next(); pieces !== null; pieces = await source.next()) {
        if (this.#isOver) return this.#release(source)
        for (const piece of pieces) {
          // Content is bytes, framing is text.
          if (typeof piece === 'string') this.#writer.writeText(piece, 'latin1')
          else {
            this.#writer.writeOwned(piece)
            exchange.progress.bytesSent += piece.length
          }
        }
        this.#awaitTaking()
        const beganAt = exchange.deadlines.now()
        await this.#writer.drain()
        if (this.#isOver) return this.#release(source)
        source.pieceByteCount = nextPieceByteCount(source.pieceByteCount, exchange.deadlines.now() - beganAt)
        if (!this.#isAnswered) exchange.awaitNothing()
        exchange.progressed(false)
      }
      if (this.#isOver) return
      // The writer has all of it: an answer that comes before the kernel has told so (under TLS it tells late) is no early one.
      this.#source = null
      this.#onSent()
      this.#awaitTaking()
      await this.#writer.flush()
    } catch (error) {
      return this.#failed(source, error)
    }
    if (this.#isOver) return
    if (this.#isAnswered) exchange.trace({ type: 'sent', byteCount: exchange.progress.bytesSent })
    else this.#awaitAnswer()
  }

  /** Behind the response's head the peer has to do either: to take content, or to send some. */
  #awaitTaking(): void {
    if (this.#isAnswered) this.#exchange.awaitContent()
    else this.#exchange.awaitTaking()
  }

  #complete(): void {
    this.#onSent()
    this.#awaitAnswer()
  }

  #awaitAnswer(): void {
    this.#exchange.phase = 'wait'
    this.#exchange.awaitHead()
    if (this.#exchange.progress.bytesSent > 0) this.#exchange.progressed(true)
  }

  /** A lost connection is told by the read that waits for the response; what the source did wrong only here. */
  #failed(source: FramedSource, cause: unknown): void {
    this.#release(source, cause)
    if (this.#isOver) return
    const why = `the body's source failed: ${cause instanceof Error ? cause.message : String(cause)}`
    const expected = this.#exchange.request.bodyByteCount
    const received = this.#exchange.progress.bytesSent
    const facts = this.#exchange.facts('no')
    this.#exchange.cancel(
      new BodyError(facts, { code: 'ERR_HTTP_REQUEST_BODY_SOURCE', why, received, expected, cause }),
    )
  }

  #release(source: FramedSource, reason: unknown = this.#exchange.cancelled?.reason): void {
    source.release(reason ?? new Error('nobody takes the rest of the request'))
  }

  get #isAnswered(): boolean {
    return this.#exchange.phase === 'body'
  }

  get #isOver(): boolean {
    return this.#isStopped || this.#exchange.cancelled !== null || this.#writer.isClosing
  }
}
