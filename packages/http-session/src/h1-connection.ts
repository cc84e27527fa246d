/**
 * One HTTP/1 connection: sends a request, decodes its response, knows whether another exchange may follow. It dials nothing, and knows no policy.
 *
 * One exchange at a time. The response's head and, when it is wholly there, its content are taken by one decoder in one step.
 */
import { advanceClient, ResponseHeadDecoder } from '@x/http1'
import type { BodyDecoder, ClientPhase, ConnectionEvent, Http1Limits } from '@x/http1'
import { ConnectionOutlook } from './connection-outlook.ts'
import { ConnectionLostError, ProtocolError, UsageError } from './errors.ts'
import type { DialTimings } from './dialling.ts'
import type { Exchange } from './exchange.ts'
import { bodyFailure, headFailure } from './failure.ts'
import type { FramedRequest } from './request.ts'
import type { PoolMember } from './pool-member.ts'
import type { ByteStream, ByteWindow, Decoder } from './ports.ts'
import { RequestSender } from './request-sender.ts'
import { responseStart } from './response-start.ts'
import type { ResponseStart } from './response-start.ts'
import { nextTurn } from './turns.ts'
import type { Origin } from './url.ts'

/** The head decoder has its own limits; the rest is bounded by what it takes. */
const UNLIMITED = { limit: Infinity }

export class H1Connection {
  readonly origin: Origin
  /** How it was opened, until its first exchange. */
  dialTimings: DialTimings | null = null
  /** What its pool knows about it. Written by the pool. */
  member: PoolMember | null = null
  /** Exchanges that it was used for, the one that runs included. */
  exchangeCount = 0
  readonly #stream: ByteStream
  readonly #headDecoder: ResponseHeadDecoder
  #phase: ClientPhase = 'idle'
  readonly #outlook = new ConnectionOutlook()
  #used = false
  /** The last content came in pieces: bytes behind it may lie where they were not seen yet. */
  #mayHoldMore = false
  #lost = false
  #request: FramedRequest | null = null
  /** Of a request whose content is still on its way although the response has begun. */
  #sender: RequestSender | null = null

  constructor(stream: ByteStream, origin: Origin, limits: Partial<Http1Limits>) {
    this.#stream = stream
    this.origin = origin
    this.#headDecoder = new ResponseHeadDecoder(limits)
    void stream.closed.then(() => (this.#lost = true))
  }

  /** Resolves once it is over; never rejects. */
  get closed(): Promise<unknown> {
    return this.#stream.closed
  }

  /** Whether it has served an exchange, or was kept for one: it may have died since. */
  get used(): boolean {
    return this.#used
  }

  /** Whether it is over, or was given up here. */
  get lost(): boolean {
    return this.#lost
  }

  /** How long the peer says that it keeps the connection while it is idle; `Infinity` where it does not say. */
  get peerTimeoutMs(): number {
    return this.#outlook.peerTimeoutMs
  }

  /**
   * Whether another exchange may begin. Bytes that nobody asked for mean that the peer is out of step: they must never be taken for an answer.
   * Bytes of a request that the peer did not take would come before the next one.
   */
  get isReusable(): boolean {
    const { reader, writer } = this.#stream
    const isQuiet = reader.bufferedByteCount === 0 && writer.bufferedByteCount === 0
    return isQuiet && !this.#lost && this.#phase === 'idle' && !reader.atEof && !writer.isClosing
  }

  /** Whether another exchange may follow the one whose response has begun. */
  get persists(): boolean {
    return this.#outlook.persists && this.#phase === 'receiving'
  }

  /** Whether it is better left alone for a moment: what comes then would be taken for the next answer. */
  get isSuspect(): boolean {
    return this.#outlook.isSuspect && this.isReusable
  }

  /** It was left alone for a moment. */
  clear(): void {
    this.#outlook.isSuspect = false
  }

  /** Whether it waits for its peer to take the last of a request that was answered already. Of bytes under TLS it is told late that they have left. */
  get isFlushing(): boolean {
    const { writer } = this.#stream
    return writer.bufferedByteCount > 0 && this.#phase === 'idle' && !this.#lost && !writer.isClosing
  }

  /** Resolves when everything written was handed to the kernel, or never will be. */
  async flushed(): Promise<void> {
    await this.#stream.writer.flush().catch(ignore)
  }

  /** Sends the request and waits for the head of its final response. Rejects with what the caller gets; the connection is then aborted. */
  async exchange(exchange: Exchange): Promise<ResponseStart> {
    const { reader } = this.#stream
    const sender = new RequestSender(this.#stream, exchange, this.#requestSent)
    const reused = this.#used
    let interim = false
    this.#used = true
    this.exchangeCount += 1
    this.#request = exchange.request
    this.#headDecoder.reset()
    exchange.connected(this.dialTimings)
    this.dialTimings = null
    exchange.onCancel((reason) => {
      sender.stop(reason)
      this.abort(reason)
    })
    try {
      if (this.#mayHoldMore) await this.#seeAll(exchange)
      this.#checkSilence(exchange, reused)
      this.#advance('requestHead')
      sender.send()
      const decode = exchange.isTraced ? this.#tracedStart(exchange) : this.#responseStart
      let start = await reader.decode(decode, UNLIMITED)
      while (start.head.status < 200 && start.head.status !== 101) {
        interim = true
        this.#informationalArrived(exchange, sender, start)
        start = await reader.decode(this.#responseStart, UNLIMITED)
      }
      exchange.throwIfCancelled()
      this.#headArrived(exchange, sender, start)
      return start
    } catch (error) {
      const failure = headFailure(exchange, error, {
        reused,
        silent: !interim && reader.bufferedByteCount === 0,
      })
      sender.stop(failure)
      this.abort(failure)
      throw failure
    }
  }

  /**
   * Hands the connection over, behind a head that has made a tunnel of it: what came early is in its reader. It is the caller's from now on, and
   * no exchange begins here any more.
   */
  detach(): ByteStream {
    this.#lost = true
    return this.#stream
  }

  /** The next content, or `null` behind its end. Rejects with what the caller gets; the connection is then aborted. */
  readContent(exchange: Exchange, decoder: BodyDecoder): Promise<Uint8Array | null> {
    exchange.awaitContent()
    return this.#readBody(exchange, decoder, (window) => {
      const { bytes } = window
      const step = decoder.next(window)
      exchange.progress.bytesReceived = decoder.receivedByteCount
      // Not `slice`: of a Buffer that is a view.
      if (step === 'data') return new Uint8Array(bytes.subarray(decoder.dataStart, decoder.dataEnd))
      if (step !== 'end') return undefined
      exchange.progress.bytesToReceive = decoder.receivedByteCount
      this.#responseEnded()
      this.#mayHoldMore = true
      return null
    })
  }

  /**
   * Lends the content that has come, or comes next, to `onChunk`, piece by piece: borrowed until that returns. `null` behind its end. What `onChunk`
   * throws cancels the exchange.
   */
  lendContent(
    exchange: Exchange,
    decoder: BodyDecoder,
    onChunk: (chunk: Uint8Array) => void,
  ): Promise<'more' | null> {
    exchange.awaitContent()
    return this.#readBody(exchange, decoder, (window) => {
      const { bytes } = window
      let answer: 'more' | undefined
      for (let step = decoder.next(window); step !== undefined; step = decoder.next(window)) {
        exchange.progress.bytesReceived = decoder.receivedByteCount
        if (step === 'end') {
          exchange.progress.bytesToReceive = decoder.receivedByteCount
          this.#responseEnded()
          this.#mayHoldMore = true
          return null
        }
        answer = 'more'
        try {
          onChunk(bytes.subarray(decoder.dataStart, decoder.dataEnd))
        } catch (error) {
          // Not from within the reader: to cancel aborts the connection.
          queueMicrotask(() => exchange.cancel(error))
          return answer
        }
      }
      return answer
    })
  }

  /** The next `byteCount` bytes of content at once, where the head has announced as many: read in place. */
  readContentExactly(exchange: Exchange, decoder: BodyDecoder, byteCount: number): Promise<Uint8Array> {
    const { progress, settings } = exchange
    const before = progress.bytesReceived
    exchange.awaitContent()
    return this.#readBody(exchange, decoder, (window) => {
      progress.bytesReceived = before + Math.min(byteCount, window.end - window.start)
      if (window.end - window.start >= byteCount) {
        this.#responseEnded()
        this.#mayHoldMore = true
        return window.takeLast(byteCount)
      }
      // The decoder tells what is missing, once it was given what is there.
      if (window.ended) while (decoder.next(window) === 'data');
      exchange.awaitContent()
      // Not from within the reader: what the callback throws aborts the connection.
      if (settings.onProgress !== undefined) queueMicrotask(() => exchange.progressed(false))
      window.expect(byteCount)
      return undefined
    })
  }

  abort(reason: unknown): void {
    this.#lost = true
    this.#sender?.stop(reason)
    this.#advance('closed')
    this.#stream.abort(reason)
  }

  /** Ends it for good: in order, or at once where the peer did not take all of the request. */
  close(): void {
    if (this.#stream.writer.bufferedByteCount > 0) return this.abort(new Error('the connection was retired'))
    this.#lost = true
    this.#stream.close()
  }

  ref(): void {
    this.#stream.ref?.()
  }

  unref(): void {
    this.#stream.unref?.()
  }

  /** It is kept for a request that may come: it does not keep the process alive, and its peer may end it before anybody sees that. */
  rest(): void {
    this.#used = true
    this.unref()
  }

  /** What the platform has read behind the last response, but not told yet, is told within a turn. */
  async #seeAll(exchange: Exchange): Promise<void> {
    this.#mayHoldMore = false
    await nextTurn()
    exchange.throwIfCancelled()
  }

  /** What came before the request was sent is no answer to it (P33, P34). A connection that has ended takes no request. */
  #checkSilence(exchange: Exchange, reused: boolean): void {
    const { reader, writer, forwarding } = this.#stream
    if (forwarding !== undefined && exchange.request.method === 'CONNECT') {
      throw new UsageError(
        'ERR_HTTP_INVALID_METHOD',
        'CONNECT over a connection to a proxy that forwards: have that proxy make a tunnel',
      )
    }
    if (reader.bufferedByteCount > 0 && !reused) {
      const cause = new Error('bytes came before the request was sent')
      throw new ProtocolError(exchange.facts('no'), 'ERR_HTTP_UNSOLICITED_RESPONSE', cause)
    }
    if (this.#lost || reader.bufferedByteCount > 0 || reader.atEof || writer.isClosing) {
      exchange.phase = 'send'
      const code = reused ? 'ERR_HTTP_STALE_CONNECTION' : 'ERR_HTTP_PEER_CLOSED'
      throw new ConnectionLostError(
        exchange.facts(),
        code,
        new Error('the connection had ended, or was out of step, before the request was sent'),
      )
    }
  }

  #informationalArrived(exchange: Exchange, sender: RequestSender, { head }: ResponseStart): void {
    this.#advance('informational')
    const { status, reasonPhrase, fields } = head
    exchange.informationalArrived({ status, reasonPhrase, headers: fields })
    exchange.throwIfCancelled()
    if (status === 100) sender.proceed()
  }

  /**
   * A response that is complete, or is none of success, ends the upload (RFC 9112 section 9.5); else both go on. What was not sent by the head has spent the
   * connection.
   */
  #headArrived(exchange: Exchange, sender: RequestSender, start: ResponseStart): void {
    const { head, framing, content, complete } = start
    const isTunnel = framing.kind === 'tunnel'
    if (isTunnel && sender.isSending) {
      const cause = new Error('101 came before the request was sent whole')
      throw new ProtocolError(exchange.facts('no'), 'ERR_HTTP_UNSOLICITED_RESPONSE', cause)
    }
    exchange.phase = 'body'
    exchange.headArrived(head.status)
    if (sender.isStreaming && !complete && head.status < 300) this.#sender = sender
    else sender.stop()
    if (isTunnel) return this.#advance(head.status === 101 ? 'switched' : 'connected')
    this.#advance('finalHead')
    this.#outlook.responseArrived(head, framing, exchange.request.fields.closes)
    exchange.progress.bytesReceived = content.length
    exchange.progress.bytesToReceive =
      framing.kind === 'content-length' ? framing.byteCount : complete ? content.length : null
    if (complete) this.#responseEnded()
    exchange.progressed(complete)
  }

  /** In step only where both messages are complete. */
  #responseEnded(): void {
    this.#request = null
    this.#sender?.stop()
    this.#sender = null
    this.#advance('responseEnd')
    if (this.#phase === 'done') this.#advance(this.#outlook.persists ? 'reused' : 'retired')
  }

  #advance(event: ConnectionEvent): void {
    this.#phase = advanceClient(this.#phase, event)
  }

  async #readBody<T>(exchange: Exchange, decoder: BodyDecoder, decode: Decoder<T>): Promise<T> {
    const { reader } = this.#stream
    try {
      return await reader.decode(decode, UNLIMITED)
    } catch (error) {
      const { bytesReceived } = exchange.progress
      const failure = bodyFailure(exchange, error, bytesReceived, decoder.expectedByteCount)
      this.abort(failure)
      throw failure
    }
  }

  #tracedStart(exchange: Exchange): Decoder<ResponseStart> {
    let isFirst = true
    return (window) => {
      if (isFirst && window.end > window.start) {
        isFirst = false
        exchange.trace({ type: 'firstByte' })
      }
      return this.#responseStart(window)
    }
  }

  readonly #requestSent = (): void => {
    // Behind an early response the connection is not used again, sent whole or not.
    if (this.#phase === 'sending') this.#advance('requestEnd')
  }

  readonly #responseStart = (window: ByteWindow): ResponseStart | undefined =>
    responseStart(window, this.#headDecoder, this.#request)
}

function ignore(): void {}
