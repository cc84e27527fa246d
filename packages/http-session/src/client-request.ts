import type { FieldSection, FieldsInit } from '@x/http1'
import { isChunks } from './body-kinds.ts'
import type { BodyChunks } from './body-kinds.ts'
import { fromIterable } from './body-source.ts'
import type { Call } from './call.ts'
import type { ContentDecodingLimits } from './decoding-limits.ts'
import type { DialTimeouts } from './dialling.ts'
import { UsageError } from './errors.ts'
import type { Phase, RequestFacts, Retriable } from './errors.ts'
import type { Timeouts } from './exchange.ts'
import { inspectAs } from './inspection.ts'
import { MadeContent } from './made-content.ts'
import { madeHead } from './made-head.ts'
import { checkCallback, checkNames, refuseUnknown } from './options.ts'
import type { BodyInit } from './request-body.ts'
import type { HeadersInit } from './request-fields.ts'
import { canSendAgain, changedRequest, isReplayable } from './request.ts'
import type { FramedRequest } from './request.ts'
import { ClientResponse } from './response.ts'
import { urlText } from './url.ts'

/** What is to be different. */
export interface RequestChanges {
  /** A token (RFC 9110 section 9.1), never CONNECT. Default: the request's own. */
  method?: string
  /**
   * Absolute, or relative to the request's own. User information becomes `Authorization: Basic`. To another origin the fields that were meant for
   * one alone do not go along: Authorization, Cookie, Host, Proxy-Authorization.
   */
  url?: string | URL
  /** Each replaces the fields of that name; `undefined` in a record leaves them out. */
  headers?: HeadersInit
  /** Names of fields to leave out, without case. */
  withoutHeaders?: readonly string[]
  /** Content in place of the request's, with its trailers behind it; `null`: none, and no trailers. */
  body?: BodyInit | null
}

/** A response that no server has sent. */
export interface ResponseInit {
  /** 200 to 999. */
  status: number
  /** Default: empty. */
  reasonPhrase?: string
  /** Default: none. */
  headers?: FieldsInit
  /** Bytes become the response's; of an iterable each piece. Text goes as UTF-8. Default: none. */
  body?: string | Uint8Array | BodyChunks
  /** Default 1.1. */
  httpVersion?: '1.0' | '1.1'
  /** What the body is coded with, however it is read; `Content-Encoding` of the headers tells only what once was. Default: nothing. */
  contentCodings?: readonly string[]
  /** Asked for behind the last piece of the body. */
  trailers?: () => FieldSection | null
}

const KNOWN_CHANGES: ReadonlySet<string> = new Set<keyof RequestChanges>([
  'method',
  'url',
  'headers',
  'withoutHeaders',
  'body',
])
const KNOWN_OF_RESPONSE: ReadonlySet<string> = new Set<keyof ResponseInit>([
  'status',
  'reasonPhrase',
  'headers',
  'body',
  'httpVersion',
  'contentCodings',
  'trailers',
])

/** Set by the class, which alone can look inside. */
let partsOf: (request: ClientRequest) => { readonly framed: FramedRequest; readonly call: Call }

/** A request as middlewares see it: a value that never changes. `with` makes another one, `respond` an answer to it. */
export class ClientRequest {
  static {
    partsOf = (request) => ({ framed: request.#framed, call: request.#call })
    inspectAs(this.prototype, 'ClientRequest', ({ method, url, headers, bodyByteCount }) => {
      return { method, url, headers, bodyByteCount }
    })
  }

  readonly #framed: FramedRequest
  readonly #call: Call

  /** @internal Made by a session. */
  constructor(framed: FramedRequest, call: Call) {
    this.#framed = framed
    this.#call = call
  }

  /** As it is sent; case counts. */
  get method(): string {
    return this.#framed.method
  }

  /** Absolute, without user information and fragment. */
  get url(): string {
    return this.#framed.url
  }

  /** Scheme, host and port: `https://example.com`. */
  get origin(): string {
    return this.#framed.origin.href
  }

  /** All fields to be sent but those that frame the message, and `Host` and `Content-Type` where only the client has said them. */
  get headers(): FieldSection {
    return this.#framed.fields.section
  }

  /** The media type of the body, whoever has said it; `null` where nobody did. */
  get contentType(): string | null {
    return this.headers.get('content-type') ?? this.#framed.content.contentType
  }

  /** Whether it has content, be it empty. */
  get hasBody(): boolean {
    return this.#framed.body.kind !== 'none'
  }

  /** Whether fields go out behind the content. `with({ body })` keeps them. */
  get hasTrailers(): boolean {
    return this.#framed.content.trailers !== undefined
  }

  /** Bytes of the content; `null`: there is none, or only its end will tell. */
  get bodyByteCount(): number | null {
    return this.#framed.bodyByteCount
  }

  /** Whether the same content can be had again, or there is none. */
  get canResendBody(): boolean {
    return canSendAgain(this.#framed)
  }

  /** Whether it may be sent again without asking: its method is idempotent (RFC 9110 section 9.2.2), and its content can be had again. */
  get isReplayable(): boolean {
    return isReplayable(this.#framed)
  }

  /** All time limits that hold for it; those of a dial are the session's. */
  get timeouts(): Timeouts & DialTimeouts {
    const { runner, settings } = this.#call
    return { ...settings.exchange.timeouts, ...runner.dialTimeouts }
  }

  /**
   * The limits within which content codings of the response are undone for the caller; `false`: its content comes as it was sent. Who answers with
   * content that was kept, or is for several, has to heed it.
   */
  get contentDecoding(): ContentDecodingLimits | false {
    const { codings = [], limits } = this.#call.settings.exchange.contentDecoding ?? {}
    return codings.length > 0 && limits !== undefined ? { ...limits } : false
  }

  /** Longest content of the response, decoded, that `bytes`, `text` and `json` read. Bytes; the session's. */
  get maxBodyBytes(): number {
    return this.#call.settings.maxBodyBytes
  }

  /** The caller's. */
  get signal(): AbortSignal | undefined {
    return this.#call.settings.exchange.signal
  }

  /** Higher goes first where requests wait for a connection. */
  get priority(): number {
    return this.#call.settings.exchange.priority ?? 0
  }

  /**
   * The same request but for what is named.
   *
   * @throws {UsageError} INVALID_URL, INVALID_METHOD, INVALID_HEADER, INVALID_BODY; INVALID_OPTION.
   */
  with(changes: RequestChanges): ClientRequest {
    refuseUnknown('with', changes, KNOWN_CHANGES)
    if (changes.withoutHeaders !== undefined) checkNames('withoutHeaders', changes.withoutHeaders)
    const { urls } = this.#call.runner
    const { url } = changes
    const to = url === undefined ? this.#framed.to : urls.parse(resolved(urlText(url), this.url))
    return requestOf(changedRequest(this.#framed, { ...changes, to }), this.#call)
  }

  /**
   * The content, from its beginning. Content that cannot be had again (`canResendBody`) can be opened once, and is not there to be sent then.
   *
   * @returns Pieces of at least one byte, not to be changed. It ends with the call, also where its source hangs.
   * @throws What the source throws, when it is read.
   */
  openBody(): AsyncIterableIterator<Uint8Array, undefined> {
    return this.#call.openBody(this.#framed)
  }

  /**
   * An answer to it. Where its body is an iterable, it lasts until that was read or discarded: the caller's signal and `totalMs` hold, and `bodyIdleMs`
   * while nobody reads; how long the iterable takes for a piece is its own business.
   *
   * @throws {UsageError} INVALID_OPTION, INVALID_HEADER, INVALID_BODY: no iterable.
   * @throws What the body throws where it refuses to begin.
   */
  respond(init: ResponseInit): ClientResponse {
    refuseUnknown('respond', init, KNOWN_OF_RESPONSE)
    const head = madeHead(init)
    const { body = '', contentCodings = [] } = init
    const trailers = checkCallback('trailers', init.trailers)
    const isWhole = typeof body === 'string' || body instanceof Uint8Array
    // First: it may refuse to begin.
    const source = fromIterable(isWhole ? [body] : checkChunks(body))
    const exchange = this.#call.begin(this.#framed)
    // Nothing has to be given up any more.
    if (isWhole) exchange.end()
    const content = new MadeContent(exchange, {
      status: head.status,
      source,
      codings: contentCodings,
      trailers,
    })
    return new ClientResponse(exchange, head, content, this.#call.settings.maxBodyBytes)
  }

  /** What an error tells about it. @param phase Where it failed. */
  facts(phase: Phase, retriable?: Retriable): RequestFacts {
    const facts = this.#call.facts(this.#framed)
    return { ...facts, phase, retriable: retriable ?? facts.retriable }
  }

  /** The time of the session's clock, in milliseconds since any fixed moment. */
  now(): number {
    return this.#call.runner.running.deadlines.now()
  }

  /**
   * Resolves after `ms` milliseconds, a number >= 0.
   *
   * Abort: rejects with `signal.reason`; with TimeoutError TOTAL when that limit passes; with SessionClosedError when the session ends.
   */
  async wait(ms: number): Promise<void> {
    if (typeof ms !== 'number' || !(ms >= 0))
      throw new UsageError('ERR_HTTP_INVALID_OPTION', `wait: must be milliseconds >= 0, got ${String(ms)}`)
    return this.#call.wait(this.#framed, ms)
  }

  /**
   * What a promise settles to, such as that of a store or of a source of tokens. It goes on where the request ends first, and nobody hears of it.
   *
   * Abort: as `wait`.
   */
  until<T>(promise: PromiseLike<T>): Promise<T> {
    return this.#call.until(this.#framed, promise)
  }
}

/** Not within the class: bundlers rename a class whose body names it, and that name would be printed. */
function requestOf(framed: FramedRequest, call: Call): ClientRequest {
  return new ClientRequest(framed, call)
}

/** Sends a request over the wire: what stands behind the last middleware. */
export function sendOverWire(request: ClientRequest): Promise<ClientResponse> {
  const { framed, call } = partsOf(request)
  return call.send(framed)
}

/** The form of a request on the wire, and the call that it belongs to. */
export function insideOf(request: ClientRequest): { readonly framed: FramedRequest; readonly call: Call } {
  return partsOf(request)
}

function resolved(url: string, base: string): string {
  try {
    return new URL(url, base).href
  } catch {
    return url // refused where it is parsed
  }
}

function checkChunks(body: BodyChunks): BodyChunks {
  if (typeof body === 'object' && (body as unknown) !== null && isChunks(body)) return body
  throw new UsageError(
    'ERR_HTTP_INVALID_BODY',
    'the body of a response must be text, bytes, or an iterable of them',
  )
}
