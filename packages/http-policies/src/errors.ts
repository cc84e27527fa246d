/** What the policies of this package fail with: errors of requests, as the session's own. */
import { HttpSessionError, RequestError } from '@x/http-session'
import type { RequestFacts } from '@x/http-session'

/** Credentials could not be made, or the answer to them is not the server's. Never shows a credential. */
export class AuthenticationError extends RequestError {
  override readonly name = 'AuthenticationError'
  /**
   * `CREDENTIALS`: the token's source has failed or gave what cannot be sent. `CHALLENGE`: the server asks for what is not possible here.
   * `RSPAUTH`: the server does not prove that it knows the secret.
   */
  override readonly code: `ERR_HTTP_AUTH_${'CREDENTIALS' | 'CHALLENGE' | 'RSPAUTH'}`

  constructor(facts: RequestFacts, code: AuthenticationError['code'], why: string, options?: ErrorOptions) {
    super(facts, why, options)
    this.code = code
  }
}

/** The cookie store has failed. */
export class CookieStoreError extends RequestError {
  override readonly name = 'CookieStoreError'
  override readonly code = 'ERR_HTTP_COOKIE_STORE'

  constructor(facts: RequestFacts, cause: unknown) {
    super(facts, `the cookie store failed: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
}

/** A download that broke off cannot go on. The cause is what it broke off with. */
export class ResumeError extends RequestError {
  override readonly name = 'ResumeError'
  /** `CHANGED`: the server has another representation by now, or no ranges. `RANGE`: it sends another part than the one asked for. */
  override readonly code: `ERR_HTTP_RESUME_${'CHANGED' | 'RANGE'}`
  /** Bytes that did arrive. */
  readonly received: number

  constructor(
    facts: RequestFacts,
    fields: { code: ResumeError['code']; why: string; received: number; cause?: unknown },
  ) {
    super(facts, fields.why, fields.cause === undefined ? undefined : { cause: fields.cause })
    this.code = fields.code
    this.received = fields.received
  }
}

/** The call was not made: calls to its origin fail too often. */
export class CircuitOpenError extends RequestError {
  override readonly name = 'CircuitOpenError'
  override readonly code = 'ERR_HTTP_CIRCUIT_OPEN'
  /** Scheme, host and port. */
  readonly origin: string
  /** Milliseconds until a call is tried again; 0: one is being tried. */
  readonly retryAfterMs: number

  constructor(facts: RequestFacts, origin: string, retryAfterMs: number) {
    super(facts, `calls to ${origin} fail too often: the next one is tried in ${Math.ceil(retryAfterMs)} ms`)
    this.origin = origin
    this.retryAfterMs = retryAfterMs
  }
}

/** The request was not sent: too many wait already for their turn with its origin. */
export class RateLimitError extends RequestError {
  override readonly name = 'RateLimitError'
  override readonly code = 'ERR_HTTP_RATE_LIMITED'
  /** Requests that may wait. */
  readonly limit: number
  /** Milliseconds that it would have had to wait. */
  readonly retryAfterMs: number

  constructor(facts: RequestFacts, limit: number, retryAfterMs: number) {
    super(facts, `${limit} requests are waiting for their turn already`)
    this.limit = limit
    this.retryAfterMs = retryAfterMs
  }
}

/** A stream of events cannot be read, and to ask for it again would not help. */
export class EventStreamError extends HttpSessionError {
  override readonly name = 'EventStreamError'
  /** `STATUS`, `TYPE`: the answer is no stream of events. `LINE_TOO_LONG`, `TOO_LARGE`: a limit. */
  override readonly code: `ERR_HTTP_EVENT_${'STATUS' | 'TYPE' | 'LINE_TOO_LONG' | 'TOO_LARGE'}`
  /** Without user information and fragment. */
  readonly url: string
  /** Of the answer; `null` where that is not the matter. */
  readonly status: number | null

  constructor(
    code: EventStreamError['code'],
    fields: { url: string; why: string; status?: number | undefined },
  ) {
    super(`${fields.url}: ${fields.why}`)
    this.code = code
    this.url = fields.url
    this.status = fields.status ?? null
  }
}

/** There is a next page, and it is not asked for. */
export class PaginationError extends HttpSessionError {
  override readonly name = 'PaginationError'
  /** `LIMIT`: there were `maxPages` already. `LOOP`: it is one of those before. `ORIGIN`: it is on another origin. `URL`: it is none. */
  override readonly code: `ERR_HTTP_PAGE_${'LIMIT' | 'LOOP' | 'ORIGIN' | 'URL'}`
  /** Of the page that leads to it, without user information and fragment. */
  readonly url: string

  constructor(code: PaginationError['code'], url: string, why: string) {
    super(`${url}: ${why}`)
    this.code = code
    this.url = url
  }
}
