import type { FieldSection } from '@x/http1'
import type { RedirectRefusal } from './redirect.ts'

const BRAND = Symbol.for('@x/http-session.error')

/** Where in its life a request failed. */
export type Phase =
  | 'queue'
  | 'dns'
  | 'connect'
  | 'proxy'
  | 'tls'
  | 'send'
  | 'wait'
  | 'headers'
  | 'body'
  | 'decode'
  | 'redirect'

/** Whether the same request may be sent again: always, if its method is idempotent, or not. */
export type Retriable = 'safe' | 'idempotent' | 'no'

/** How much of the request is known to have left. */
export type Sent = 'none' | 'partial' | 'all'

/** What every error of a request tells about it: plain data, without credentials. */
export interface RequestFacts {
  readonly method: string
  /** Without user information and fragment. */
  readonly url: string
  readonly phase: Phase
  readonly retriable: Retriable
  readonly sent: Sent
  /**
   * Times the call's requests had been put on a connection when this one was last: redirects, retries and what middlewares send at once count
   * together.
   */
  readonly attempts: number
  /** Milliseconds since the request was made. */
  readonly elapsedMs: number
}

/** Base of all errors of this package. `code` is the contract; messages may change. */
export abstract class HttpSessionError extends Error {
  abstract readonly code: string

  static {
    // Known by any installed copy of this package; not a field, so that it does not show when the error is printed.
    Object.defineProperty(this.prototype, BRAND, { value: true })
  }

  /** The plain data of this error, for logs. */
  toJSON(): Record<string, unknown> {
    return { ...(this as object), message: this.message }
  }
}

/** Whether `value` is an error of this package, whichever installed copy made it. */
export function isHttpSessionError(value: unknown): value is HttpSessionError {
  return typeof value === 'object' && value !== null && BRAND in value
}

/** The session was used wrongly; nothing was sent. SESSION_CLOSED: it takes no more requests; those that it had taken end with a `SessionClosedError`. */
export class UsageError extends HttpSessionError {
  override readonly name = 'UsageError'
  override readonly code:
    | 'ERR_HTTP_INVALID_URL'
    | 'ERR_HTTP_INVALID_METHOD'
    | 'ERR_HTTP_INVALID_HEADER'
    | 'ERR_HTTP_INVALID_BODY'
    | 'ERR_HTTP_INVALID_OPTION'
    | 'ERR_HTTP_BODY_USED'
    | 'ERR_HTTP_NO_TUNNEL'
    | 'ERR_HTTP_SESSION_CLOSED'

  constructor(code: UsageError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** A request failed. The message says method, URL, phase and reason. */
export abstract class RequestError extends HttpSessionError {
  /** Of the request that has failed: a redirect may have changed it. */
  readonly method: string
  /** Without user information and fragment. */
  readonly url: string
  /** Where in its life the request was. */
  readonly phase: Phase
  /** Whether the same request may be sent again. */
  readonly retriable: Retriable
  /** How much of the request is known to have left. */
  readonly sent: Sent
  /** Times the request was put on a connection; 0: never. */
  readonly attempts: number
  /** Milliseconds since the call. */
  readonly elapsedMs: number

  constructor(facts: RequestFacts, why: string, options?: ErrorOptions) {
    super(`${facts.method} ${facts.url}: ${facts.phase}: ${why}`, options)
    this.method = facts.method
    this.url = facts.url
    this.phase = facts.phase
    this.retriable = facts.retriable
    this.sent = facts.sent
    this.attempts = facts.attempts
    this.elapsedMs = facts.elapsedMs
  }
}

/** No place for the request. */
export class QueueError extends RequestError {
  override readonly name = 'QueueError'
  override readonly code = 'ERR_HTTP_QUEUE_FULL'
  /** Requests that may wait. */
  readonly limit: number

  constructor(facts: RequestFacts, limit: number) {
    super(facts, `${limit} requests are waiting for a connection already`)
    this.limit = limit
  }
}

/** No connection could be opened. */
export class ConnectError extends RequestError {
  override readonly name: string = 'ConnectError'
  override readonly code:
    | 'ERR_HTTP_CONNECT_FAILED'
    | 'ERR_HTTP_ADDRESS_BLOCKED'
    | DnsError['code']
    | TlsError['code']
    | ProxyError['code']

  constructor(facts: RequestFacts, cause: unknown, code: ConnectError['code'] = 'ERR_HTTP_CONNECT_FAILED') {
    super(facts, reasonOf(cause), { cause })
    this.code = code
  }
}

/** The name could not be resolved. */
export class DnsError extends ConnectError {
  override readonly name = 'DnsError'
  declare readonly code: 'ERR_HTTP_DNS_NOTFOUND' | 'ERR_HTTP_DNS_FAILED'

  constructor(facts: RequestFacts, code: DnsError['code'], cause: unknown) {
    super(facts, cause, code)
  }
}

/** No TLS connection came about. */
export class TlsError extends ConnectError {
  override readonly name = 'TlsError'
  declare readonly code: 'ERR_HTTP_TLS_HANDSHAKE' | 'ERR_HTTP_TLS_CERT'

  constructor(facts: RequestFacts, code: TlsError['code'], cause: unknown) {
    super(facts, cause, code)
  }
}

/** A proxy refused: it answered with another status than 2xx, or did not take the credentials. The cause has its answer. */
export class ProxyError extends ConnectError {
  override readonly name = 'ProxyError'
  declare readonly code: 'ERR_HTTP_PROXY_STATUS' | 'ERR_HTTP_PROXY_AUTH'

  constructor(facts: RequestFacts, code: ProxyError['code'], cause: unknown) {
    super(facts, cause, code)
  }
}

/** A time limit was met. */
export class TimeoutError extends RequestError {
  override readonly name = 'TimeoutError'
  override readonly code: `ERR_HTTP_TIMEOUT_${'QUEUE' | 'DNS' | 'CONNECT' | 'TLS' | 'SEND_IDLE' | 'HEADERS' | 'BODY_IDLE' | 'TOTAL'}`
  /** The limit, in milliseconds. */
  readonly limit: number
  /** Milliseconds since the request was made. */
  readonly elapsed: number

  constructor(facts: RequestFacts, code: TimeoutError['code'], limit: number, cause?: unknown) {
    // With a cause it is the connector's own limit.
    const name = cause === undefined ? `timeouts.${optionOf(code)} = ` : ''
    super(facts, `not done within ${name}${limit} ms`, cause === undefined ? undefined : { cause })
    this.code = code
    this.limit = limit
    this.elapsed = facts.elapsedMs
  }
}

/** The connection ended before a response came. */
export class ConnectionLostError extends RequestError {
  override readonly name = 'ConnectionLostError'
  /** `STALE_CONNECTION`: a kept-alive connection ended before its first byte for this request. */
  override readonly code: 'ERR_HTTP_STALE_CONNECTION' | 'ERR_HTTP_PEER_CLOSED' | 'ERR_HTTP_RESET'

  constructor(facts: RequestFacts, code: ConnectionLostError['code'], cause: unknown) {
    super(facts, code === 'ERR_HTTP_PEER_CLOSED' ? 'the peer closed before a response' : reasonOf(cause), {
      cause,
    })
    this.code = code
  }
}

/**
 * The session was closed, and its time to end had passed, or it was aborted without a reason: before the response was there, or before its body was.
 * What was sent by then may have had its effect. A request that the session did not take at all is a `UsageError` of the same code.
 */
export class SessionClosedError extends RequestError {
  override readonly name = 'SessionClosedError'
  override readonly code = 'ERR_HTTP_SESSION_CLOSED'

  constructor(facts: RequestFacts) {
    super(facts, 'the session was closed meanwhile')
  }
}

/** The peer does not speak HTTP/1.1 as it is written. The connection is closed and nothing of the message was delivered as complete. */
export class ProtocolError extends RequestError {
  override readonly name = 'ProtocolError'
  override readonly code:
    | 'ERR_HTTP_PARSE'
    | 'ERR_HTTP_HEADERS_TOO_LARGE'
    | 'ERR_HTTP_BAD_FRAMING'
    | 'ERR_HTTP_UNSOLICITED_RESPONSE'
    | 'ERR_HTTP_TOO_MANY_1XX'

  constructor(facts: RequestFacts, code: ProtocolError['code'], cause: unknown) {
    super(facts, reasonOf(cause), { cause })
    this.code = code
  }
}

/** A body did not arrive or leave as it should. */
export class BodyError extends RequestError {
  override readonly name = 'BodyError'
  override readonly code:
    | 'ERR_HTTP_BODY_INCOMPLETE'
    | 'ERR_HTTP_BODY_TOO_LARGE'
    | 'ERR_HTTP_DECODE'
    | 'ERR_HTTP_DECOMPRESSION_LIMIT'
    | 'ERR_HTTP_REQUEST_BODY_SOURCE'
  /** Bytes that did arrive (or were sent); `null` where that is not the matter. */
  readonly received: number | null
  /** Bytes that should have; `null` where nobody knows. */
  readonly expected: number | null
  /** The option that was met, of BODY_TOO_LARGE and DECOMPRESSION_LIMIT; else `null`. */
  readonly limit: 'maxBodyBytes' | 'maxCodings' | 'maxDecodedBytes' | 'maxRatio' | null
  /** Its value; `null` where there is none. */
  readonly value: number | null

  constructor(
    facts: RequestFacts,
    fields: {
      code: BodyError['code']
      why: string
      received?: number
      expected?: number | null
      limit?: BodyError['limit']
      value?: number
      cause?: unknown
    },
  ) {
    super(facts, fields.why, fields.cause === undefined ? undefined : { cause: fields.cause })
    this.code = fields.code
    this.received = fields.received ?? null
    this.expected = fields.expected ?? null
    this.limit = fields.limit ?? null
    this.value = fields.value ?? null
  }
}

/** A redirect was not followed. */
export class RedirectError extends RequestError {
  override readonly name = 'RedirectError'
  override readonly code: RedirectRefusal
  /** Of the response that wanted it. */
  readonly status: number

  constructor(facts: RequestFacts, code: RedirectRefusal, why: string, status: number) {
    super(facts, why)
    this.code = code
    this.status = status
  }
}

/** The status of a response is an error, with `throwOnStatus`. */
export class StatusError extends RequestError {
  override readonly name = 'StatusError'
  override readonly code = 'ERR_HTTP_STATUS'
  /** Of the final response. */
  readonly status: number
  /** May be empty. */
  readonly reasonPhrase: string
  /** Of the response, content codings as they came. */
  declare readonly headers: FieldSection
  /** The beginning of the body, at most 4 KiB, as UTF-8 whatever it is. As the headers it may be confidential: neither is printed or part of `toJSON`. */
  declare readonly preview: string

  constructor(
    facts: RequestFacts,
    response: { status: number; reasonPhrase: string; headers: FieldSection; preview: string },
  ) {
    super(
      facts,
      `status ${response.status}${response.reasonPhrase === '' ? '' : ` ${response.reasonPhrase}`}`,
    )
    this.status = response.status
    this.reasonPhrase = response.reasonPhrase
    Object.defineProperty(this, 'headers', { value: response.headers })
    Object.defineProperty(this, 'preview', { value: response.preview })
  }
}

/** `BODY_IDLE`: `bodyIdleMs`. */
function optionOf(code: TimeoutError['code']): string {
  const [first = '', ...rest] = code.replace('ERR_HTTP_TIMEOUT_', '').toLowerCase().split('_')
  return `${first}${rest.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('')}Ms`
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
