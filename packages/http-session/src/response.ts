import type { FieldSection } from '@x/http1'
import { BodyError, UsageError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import type { ResponseStart } from './h1-connection.ts'
import type { ByteStream } from './ports.ts'
import type { Redirect } from './redirect-chain.ts'
import type { ResponseBody } from './response-body.ts'

/**
 * A response whose head is there and whose body can be read once: whole, by `text`, `json` or `bytes`, or chunk by chunk, by `for await`.
 *
 * A small body has arrived with the head and its connection is free already. A larger one holds its connection until it is read, discarded, or
 * has been left alone for `bodyIdleMs`.
 */
export class ClientResponse {
  /** Status code, 100 to 999. */
  readonly status: number
  /** Reason phrase; often empty. */
  readonly reasonPhrase: string
  /** `1.0` or `1.1`. */
  readonly httpVersion: '1.0' | '1.1'
  /** The header section: look-up without case, raw names and order, `Set-Cookie` apart. */
  readonly headers: FieldSection
  readonly #exchange: Exchange
  readonly #body: ResponseBody
  readonly #maxBodyBytes: number
  #bodyUsed = false

  /** Made by a session. */
  constructor(exchange: Exchange, { head }: ResponseStart, body: ResponseBody, maxBodyBytes: number) {
    this.status = head.status
    this.reasonPhrase = head.reasonPhrase
    this.httpVersion = head.minorVersion === 0 ? '1.0' : '1.1'
    this.headers = head.fields
    this.#exchange = exchange
    this.#body = body
    this.#maxBodyBytes = maxBodyBytes
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

  /** Whether the body was read, or begun to be. */
  get bodyUsed(): boolean {
    return this.#bodyUsed
  }

  /** The trailer section of a chunked body; `null` before the body's end and where there is none. */
  get trailers(): FieldSection | null {
    return this.#body.trailers
  }

  /**
   * The whole body; the array is the caller's.
   *
   * @throws {UsageError} BODY_USED.
   * @throws {BodyError} BODY_INCOMPLETE: the connection ended first. BODY_TOO_LARGE: more than the session's `maxBodyBytes`.
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
    return this.#body.readAll(this.#maxBodyBytes)
  }

  /** The whole body as text, in the charset that `Content-Type` names, else UTF-8; a byte order mark is dropped. Rejects as `bytes`. */
  async text(): Promise<string> {
    const bytes = await this.bytes()
    return decoderFor(this.headers.get('content-type')).decode(bytes)
  }

  /** The whole body, parsed as JSON. Rejects as `bytes`, and with BodyError DECODE where it is not JSON. The value is not checked against `T`. */
  async json<T = unknown>(): Promise<T> {
    const text = await this.text()
    try {
      return JSON.parse(text) as T
    } catch (cause) {
      throw new BodyError(this.#exchange.facts(), {
        code: 'ERR_HTTP_DECODE',
        why: 'the body is not JSON',
        cause,
      })
    }
  }

  /** The body in chunks as they arrive, each the caller's. Leaving the loop early discards the rest. Throws as `bytes`, without a limit on size. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    this.#use()
    try {
      for (let chunk = await this.#body.read(); chunk !== null; chunk = await this.#body.read()) yield chunk
    } finally {
      this.#body.discard()
    }
  }

  /**
   * The connection itself, from the connector as it is: behind a status of 101 to a request that offered an `Upgrade`, and behind 2xx to CONNECT.
   * What the peer has sent early is in its reader. It is the caller's from now on: no signal and no time limit of the request holds any more.
   *
   * @typeParam Stream What the session's connector makes; with the default one `Connection` of `@x/streams`. Not checked.
   * @throws {UsageError} NO_TUNNEL: the connection speaks HTTP still, or was taken or given up.
   */
  takeConnection<Stream extends ByteStream = ByteStream>(): Stream {
    return this.#body.takeConnection() as Stream
  }

  /** Gives the body up, without waiting: a short rest is read and dropped in the background, else the connection is closed. Idempotent. */
  discard(): void {
    this.#bodyUsed = true
    this.#body.discard()
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.discard()
    return Promise.resolve()
  }

  #use(): void {
    if (this.#bodyUsed)
      throw new UsageError('ERR_HTTP_BODY_USED', 'the body of this response was read already, or begun to be')
    this.#bodyUsed = true
  }
}

const utf8 = new TextDecoder()

function decoderFor(contentType: string | undefined): TextDecoder {
  const charset = contentType === undefined ? null : /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1]
  if (charset === null || charset === undefined || /^utf-?8$/i.test(charset)) return utf8
  try {
    return new TextDecoder(charset)
  } catch {
    return utf8 // a charset that nobody knows says nothing
  }
}
