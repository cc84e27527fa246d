/**
 * One HTTP/1 connection: sends a request, decodes its response, knows whether another exchange may follow. It dials nothing, and knows no policy.
 *
 * One exchange at a time. The response's head and, when it is wholly there, its content are taken by one decoder in one step.
 */
import { createBodyDecoder, persistence, ResponseHeadDecoder, responseFraming, takeBody } from '@x/http1'
import type { BodyDecoder, Http1Limits, MessageFraming, Persistence, ResponseHead } from '@x/http1'
import { BodyError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { bodyFailure, headFailure } from './failure.ts'
import { framedChunks } from './framed-chunks.ts'
import type { ByteStream, ByteWindow, Decoder } from './ports.ts'
import type { ClientRequest } from './request.ts'
import type { Origin } from './url.ts'

/** A response's head and what of its content has come with it. */
export interface ResponseStart {
  readonly head: ResponseHead
  readonly framing: MessageFraming
  /** The beginning of the content, or all of it. */
  readonly content: Uint8Array
  /** Whether that is all of it. */
  readonly complete: boolean
  /** Takes the rest, and has the trailer section; `null` where no content follows the head. */
  readonly decoder: BodyDecoder | null
}

/** The head decoder has its own limits; the rest is bounded by what it takes. */
const UNLIMITED = { limit: Infinity }
const EMPTY = new Uint8Array(0)
const SPENT: Persistence = { reusable: false }

export class H1Connection {
  readonly origin: Origin
  /** Exchanges begun. */
  exchangeCount = 0
  /** What the last response said about the connection's future. */
  persistence: Persistence = { reusable: true }
  /** Whether it is over, or was given up here. */
  lost = false
  /** Since when it is idle: milliseconds on the session's clock. */
  idleSince = 0
  readonly #stream: ByteStream
  readonly #headDecoder: ResponseHeadDecoder
  #requestMethod = ''
  /** A request body is still being sent. */
  #sending = false
  /** It should be sent no further. */
  #stopsSending = false

  constructor(stream: ByteStream, origin: Origin, limits: Partial<Http1Limits>) {
    this.#stream = stream
    this.origin = origin
    this.#headDecoder = new ResponseHeadDecoder(limits)
  }

  /** Resolves once it is over; never rejects. */
  get closed(): Promise<unknown> {
    return this.#stream.closed
  }

  /**
   * Whether another exchange may begin. Bytes that nobody asked for mean that the peer is out of step: they must never be taken for an answer.
   */
  get isReusable(): boolean {
    const { reader } = this.#stream
    return (
      !this.lost &&
      !this.#sending &&
      this.persistence.reusable &&
      reader.bufferedByteCount === 0 &&
      !reader.atEof
    )
  }

  /** Sends the request and waits for the head of its final response. Rejects with what the caller gets; the connection is then aborted. */
  async exchange(exchange: Exchange): Promise<ResponseStart> {
    const reused = this.exchangeCount > 0
    let interim = false
    this.exchangeCount += 1
    this.#requestMethod = exchange.request.method
    this.#headDecoder.reset()
    exchange.attempts += 1
    exchange.onCancel((reason) => this.abort(reason))
    const { reader } = this.#stream
    try {
      this.#send(exchange)
      exchange.awaitHead()
      let start = await reader.decode(this.#responseStart, UNLIMITED)
      while (start.head.status < 200) {
        interim = true
        start = await reader.decode(this.#responseStart, UNLIMITED)
      }
      this.persistence = exchange.request.closes ? SPENT : persistence(start.head, start.framing)
      // RFC 9112 section 9.5: a final response ends the upload; what was not sent any more has spent the connection.
      this.#stopsSending = true
      return start
    } catch (error) {
      exchange.sent = this.#sending || this.#stream.writer.bufferedByteCount > 0 ? 'partial' : 'all'
      const silent = !interim && reader.bufferedByteCount === 0
      const failure = headFailure(exchange, error, { reused, silent })
      this.abort(failure)
      throw failure
    }
  }

  /** The next content, or `null` behind its end. Rejects with what the caller gets; the connection is then aborted. */
  async readContent(exchange: Exchange, decoder: BodyDecoder): Promise<Uint8Array | null> {
    exchange.awaitContent()
    return this.#readBody(exchange, decoder, (window) => {
      const { bytes } = window
      const step = decoder.next(window)
      // Not `slice`: of a Buffer that is a view.
      if (step === 'data') return new Uint8Array(bytes.subarray(decoder.dataStart, decoder.dataEnd))
      return step === 'end' ? null : undefined
    })
  }

  /** The next `byteCount` bytes of content at once, where the head has announced as many: read in place. */
  async readContentExactly(exchange: Exchange, decoder: BodyDecoder, byteCount: number): Promise<Uint8Array> {
    exchange.awaitContent()
    return this.#readBody(exchange, decoder, (window) => {
      if (window.end - window.start >= byteCount) return window.take(byteCount)
      // The decoder tells what is missing, once it was given what is there.
      if (window.ended) while (decoder.next(window) === 'data');
      exchange.awaitContent()
      window.expect(byteCount)
      return undefined
    })
  }

  abort(reason: unknown): void {
    this.lost = true
    this.#stream.abort(reason)
  }

  close(): void {
    this.lost = true
    this.#stream.close()
  }

  ref(): void {
    this.#stream.ref?.()
  }

  unref(): void {
    this.#stream.unref?.()
  }

  async #readBody<T>(exchange: Exchange, decoder: BodyDecoder, decode: Decoder<T>): Promise<T> {
    try {
      return await this.#stream.reader.decode(decode, UNLIMITED)
    } catch (error) {
      const failure = bodyFailure(exchange, error, decoder.receivedByteCount, decoder.expectedByteCount)
      this.abort(failure)
      throw failure
    }
  }

  readonly #responseStart = (window: ByteWindow): ResponseStart | undefined => {
    const head = this.#headDecoder.decode(window)
    if (head === undefined) return undefined
    const framing = responseFraming({ requestMethod: this.#requestMethod, head })
    if (framing.kind === 'none') return { head, framing, content: EMPTY, complete: true, decoder: null }
    const decoder = createBodyDecoder(framing, this.#headDecoder.limits)
    // What is not wholly there stays in the reader, where the rest is read behind it without another copy.
    if (framing.kind === 'content-length' && framing.byteCount > window.end - window.start) {
      return { head, framing, content: EMPTY, complete: false, decoder }
    }
    const { content, complete } = takeBody(decoder, window)
    return { head, framing, content, complete, decoder }
  }

  #send(exchange: Exchange): void {
    const { writer } = this.#stream
    const { head, body } = exchange.request
    exchange.phase = 'send'
    exchange.sent = 'partial'
    if (body.kind === 'text') writer.writeText(head + body.text, 'latin1')
    else writer.writeText(head, 'latin1')
    if (body.kind === 'bytes') writer.writeOwned(body.bytes)
    if (body.kind === 'source') void this.#sendSource(exchange, exchange.request, body.source)
    else exchange.phase = 'wait'
  }

  /** Sends while the response is already awaited: a final response may come before the last chunk and ends the sending. */
  async #sendSource(
    exchange: Exchange,
    { bodyByteCount }: ClientRequest,
    source: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
  ): Promise<void> {
    const { writer } = this.#stream
    this.#sending = true
    this.#stopsSending = false
    try {
      for await (const pieces of framedChunks(source, bodyByteCount)) {
        if (this.lost || this.#stopsSending) return
        for (const piece of pieces) {
          if (typeof piece === 'string') writer.writeText(piece, 'latin1')
          else writer.writeOwned(piece)
        }
        // A lost connection is told by the read that waits for the response.
        await writer.drain().catch(ignore)
      }
      exchange.phase = 'wait'
      this.#sending = false
    } catch (cause) {
      const why = `the body's source failed: ${cause instanceof Error ? cause.message : String(cause)}`
      exchange.cancel(
        new BodyError(exchange.facts('no'), {
          code: 'ERR_HTTP_REQUEST_BODY_SOURCE',
          why,
          expected: bodyByteCount,
          cause,
        }),
      )
    }
  }
}

function ignore(): void {}
