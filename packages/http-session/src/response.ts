import type { FieldSection, ResponseHead } from '@x/http1'
import { bodyLines, bodyReader } from './body-reader.ts'
import type { BodyLineOptions, BodyReader, BodyReaderOptions } from './body-reader.ts'
import { byteStreamOf } from './byte-stream.ts'
import { charsetOf, decodeText } from './charset.ts'
import { contentDecodings } from './content-coding.ts'
import { DecodedBody } from './decoded-body.ts'
import { BodyError, UsageError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { inspectAs } from './inspection.ts'
import type { ByteStream } from './ports.ts'
import type { Progress } from './progress.ts'
import type { Redirect } from './redirect-chain.ts'
import type { ResponseTimings } from './trace.ts'
import type { Content, ResponseContent } from './response-body.ts'

/** Set by the class, which alone can look inside. */
let exchangeBehind: (response: ClientResponse) => Exchange
let handOverTo: (response: ClientResponse) => void
let limitBehind: (response: ClientResponse) => number

/** The exchange that a response came of. */
export function exchangeOf(response: ClientResponse): Exchange {
  return exchangeBehind(response)
}

/** The response is the caller's from now on: a body that nobody has begun to read by the time the session closes is given up then. */
export function handOver(response: ClientResponse): ClientResponse {
  if (!response.bodyComplete) handOverTo(response)
  return response
}

/** Longest body, in bytes, that is read as a whole. */
export function maxBodyBytesOf(response: ClientResponse): number {
  return limitBehind(response)
}

/**
 * A response whose head is there and whose body can be read once: whole, by `text`, `json` or `bytes`, or bit by bit, by `for await`, `lines`,
 * `reader` or `toReadableStream`. A second way to read it throws BODY_USED.
 *
 * Content codings are undone as it is read (RFC 9110 section 8.4); `headers` tell what was sent.
 *
 * A small body has arrived with the head and its connection is free already. A larger one holds its connection until it is read, discarded, or
 * has been left alone for `bodyIdleMs`.
 */
export class ClientResponse {
  static {
    exchangeBehind = (response) => response.#exchange
    limitBehind = (response) => response.#maxBodyBytes
    handOverTo = (response) => {
      response.#exchange.onSessionClosing = () => {
        if (!response.#bodyUsed) response.#content.discard()
      }
    }
    inspectAs(this.prototype, 'ClientResponse', (response) => {
      const { status, reasonPhrase, url, httpVersion, headers, contentCodings, bodyUsed } = response
      return { status, reasonPhrase, url, httpVersion, headers, contentCodings, bodyUsed }
    })
  }

  /** Status code, 100 to 999. */
  readonly status: number
  /** Reason phrase; often empty. */
  readonly reasonPhrase: string
  /** `1.0` or `1.1`. */
  readonly httpVersion: '1.0' | '1.1'
  /** The header section: look-up without case, raw names and order, `Set-Cookie` apart. */
  readonly headers: FieldSection
  /**
   * Content codings that the body is delivered with, in lower case and in the order in which they were applied: those that this runtime does not know
   * and what lies below them, all of a 206 (a range of coded content), all with `contentDecoding: false`. Empty: what is read is the content.
   */
  readonly contentCodings: readonly string[]
  readonly #exchange: Exchange
  readonly #body: ResponseContent
  readonly #content: Content
  readonly #maxBodyBytes: number
  #bodyUsed = false

  /** @internal Made by a session. */
  constructor(exchange: Exchange, head: ResponseHead, body: ResponseContent, maxBodyBytes: number) {
    this.status = head.status
    this.reasonPhrase = head.reasonPhrase
    this.httpVersion = head.minorVersion === 0 ? '1.0' : '1.1'
    this.headers = head.fields
    this.#exchange = exchange
    this.#body = body
    this.#maxBodyBytes = maxBodyBytes
    if (body.codings !== null) {
      this.contentCodings = body.codings
      this.#content = body
      return
    }
    const { contentDecoding } = exchange.settings
    const { undo, left } = contentDecodings(head.fields, head.status, contentDecoding?.codings ?? [])
    this.contentCodings = left
    const isCoded = contentDecoding !== undefined && undo.length > 0 && body.hasContent
    this.#content = isCoded ? new DecodedBody(exchange, body, undo, contentDecoding) : body
  }

  /** Whether the status is 200 to 299. */
  get ok(): boolean {
    return this.status >= 200 && this.status < 300
  }

  /** The URL that answered, without user information and fragment. */
  get url(): string {
    return this.#exchange.request.url
  }

  /** The responses that led here, the first one first. */
  get redirects(): readonly Redirect[] {
    return this.#exchange.redirects
  }

  /** How far request and response are: counts that grow while the body is read. */
  get progress(): Progress {
    return this.#exchange.progress
  }

  /** How long its steps took; what comes with the body's end is `null` before. */
  get timings(): ResponseTimings {
    return this.#exchange.timeline.timings()
  }

  /** Whether the body was read, or begun to be. */
  get bodyUsed(): boolean {
    return this.#bodyUsed
  }

  /** Whether the whole body has come: to read it waits for nothing and holds no connection. */
  get bodyComplete(): boolean {
    return this.#body.isComplete
  }

  /** The trailer section of a chunked body; `null` before the body's end and where there is none. */
  get trailers(): FieldSection | null {
    return this.#body.trailers
  }

  /**
   * The whole body; the array is the caller's.
   *
   * @throws {UsageError} BODY_USED.
   * @throws {BodyError} BODY_INCOMPLETE: the connection ended first. BODY_TOO_LARGE: more than the session's `maxBodyBytes`, decoded. DECODE: a
   *   content coding is truncated, corrupt or followed by something else. DECOMPRESSION_LIMIT: a limit of `contentDecoding`.
   * @throws {TimeoutError} BODY_IDLE or TOTAL.
   *
   * Abort (the request's signal): rejects with `signal.reason`, and the connection is closed.
   */
  bytes(): Promise<Uint8Array> {
    try {
      this.#use()
    } catch (error) {
      return Promise.reject(error)
    }
    return this.#content.readAll(this.#maxBodyBytes)
  }

  /** The whole body as text, in the charset that `Content-Type` names, else UTF-8; a byte order mark is dropped. Rejects as `bytes`. */
  async text(): Promise<string> {
    const bytes = await this.bytes()
    return decodeText(bytes, this.#charset)
  }

  /** The whole body, parsed as JSON. Rejects as `bytes`, and with BodyError DECODE where it is not JSON. The value is not checked against `T`. */
  async json<T = unknown>(): Promise<T> {
    const text = await this.text()
    try {
      return JSON.parse(text) as T
    } catch (cause) {
      this.#exchange.phase = 'decode'
      throw new BodyError(this.#exchange.facts('no'), {
        code: 'ERR_HTTP_DECODE',
        why: 'the body is not JSON',
        cause,
      })
    }
  }

  /**
   * The body's lines, without their LF or CRLF, as `lines` of a `StreamReader`: in the charset that `Content-Type` names, else UTF-8, a byte order
   * mark dropped; with `encoding` given, in that. Begins to read at once. Rejects as `bytes`, without a limit on size.
   *
   * @throws {UsageError} BODY_USED. At once, not with the first line.
   * @throws {LimitExceededError} A line of more than `limit` bytes (65,536), as UTF-8. As every error it ends the iteration.
   *
   * Leaving the loop, an error included, discards the rest.
   */
  lines(options?: BodyLineOptions): AsyncIterableIterator<string, undefined> {
    this.#use()
    return bodyLines(this.#content, this.#charset, options)
  }

  /**
   * The body by a `StreamReader`: exact counts, separators, decoders of your own. It begins to read at once and holds up to its high-water mark; what
   * it fails with has the BodyError, or the reason of an abort, as its `cause`. `cancel`, dispose and `detach` end the reading.
   *
   * @throws {UsageError} BODY_USED.
   * @throws {RangeError} An option is out of its range; nothing was read.
   */
  reader(options?: BodyReaderOptions): BodyReader {
    this.#throwIfUsed()
    const reader = bodyReader(this.#content, options)
    this.#bodyUsed = true
    return reader
  }

  /**
   * The body as a `ReadableStream` of bytes, read when it is pulled. It fails with what `bytes` rejects with; to cancel it discards the rest.
   *
   * @throws {UsageError} BODY_USED.
   * @throws {TypeError} The runtime has no `ReadableStream`.
   */
  toReadableStream(): ReadableStream<Uint8Array> {
    this.#use()
    return byteStreamOf(this.#content)
  }

  /**
   * The body in chunks as they arrive, each only lent: its memory is used again once `onChunk` has returned, so that nothing is copied. For what is
   * done with bytes at once, such as to count, hash or parse them. As fast as they come: `onChunk` cannot wait.
   *
   * @throws {UsageError} BODY_USED.
   * @throws What `onChunk` throws; the rest is discarded. Else as `bytes`, without a limit on size.
   */
  async lendChunks(onChunk: (chunk: Uint8Array) => void): Promise<void> {
    this.#use()
    try {
      await this.#content.lend(onChunk)
    } finally {
      this.#content.discard()
    }
  }

  /** The body in chunks as they arrive, each the caller's. Leaving the loop early discards the rest. Throws as `bytes`, without a limit on size. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    this.#use()
    try {
      for (let chunk = await this.#content.read(); chunk !== null; chunk = await this.#content.read())
        yield chunk
    } finally {
      this.#content.discard()
    }
  }

  /**
   * The connection itself, from the connector as it is: behind a status of 101 to a request that offered an `Upgrade`, and behind 2xx to CONNECT.
   * What the peer has sent early is in its reader. It is the caller's from now on: no signal and no time limit of the request holds any more.
   *
   * @typeParam Stream What the session's connector makes; with the default one `Connection` of `@x/streams`. Not checked.
   * @throws {UsageError} NO_TUNNEL: the connection speaks HTTP still, or was taken or given up.
   */
  // eslint-disable-next-line typescript/no-unnecessary-type-parameters -- as of `json`: only the caller knows what the connector makes
  takeConnection<Stream extends ByteStream = ByteStream>(): Stream {
    return this.#body.takeConnection() as Stream
  }

  /** Gives the body up, without waiting: a short rest is read and dropped in the background, else the connection is closed. Idempotent. */
  discard(): void {
    this.#bodyUsed = true
    this.#content.discard()
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.discard()
    return Promise.resolve()
  }

  get #charset(): string {
    return charsetOf(this.headers.get('content-type'))
  }

  #use(): void {
    this.#throwIfUsed()
    this.#bodyUsed = true
  }

  #throwIfUsed(): void {
    if (this.#bodyUsed)
      throw new UsageError('ERR_HTTP_BODY_USED', 'the body of this response was read already, or begun to be')
  }
}
