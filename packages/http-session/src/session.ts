import { platformClock } from './clock.ts'
import { Deadlines } from './deadlines.ts'
import { ConnectionLostError, UsageError } from './errors.ts'
import { Exchange } from './exchange.ts'
import type { Timeouts } from './exchange.ts'
import { H1Connection } from './h1-connection.ts'
import { checkTimeout, refuseUnknown } from './options.ts'
import { Pool } from './pool.ts'
import type { Connector } from './ports.ts'
import { isReplayable, makeRequest } from './request.ts'
import { sessionFields } from './request-fields.ts'
import type { RequestFields } from './request-fields.ts'
import type { RequestInit } from './request.ts'
import { ResponseBody } from './response-body.ts'
import { ClientResponse } from './response.ts'
import { resolveSettings, resolveTimeouts } from './session-options.ts'
import type { SessionOptions, SessionSettings } from './session-options.ts'
import { UrlParser } from './url.ts'
import type { Origin } from './url.ts'

export interface RequestOptions extends RequestInit {
  /** Gives the request up, body included: everything rejects with `signal.reason`. */
  signal?: AbortSignal
  /** Time limits of this request, in place of the session's. */
  timeouts?: Partial<Timeouts>
}

export interface SessionCloseOptions {
  /** Milliseconds that exchanges may still take before they are given up. Default 10,000. */
  graceMs?: number
}

const KNOWN: ReadonlySet<string> = new Set<keyof RequestOptions>([
  'headers',
  'body',
  'json',
  'signal',
  'timeouts',
])
const KNOWN_FOR_CLOSE: ReadonlySet<string> = new Set<keyof SessionCloseOptions>(['graceMs'])
const DEFAULT_FIELDS = { Accept: '*/*', 'User-Agent': 'http-session' }
const NO_OPTIONS: RequestOptions = {}

const loadDefaultConnector: Connector = async (target, options) => {
  const { connect } = await import('./default-connector.ts')
  return connect(target, options)
}

/**
 * An HTTP/1.1 client: requests over kept-alive connections, one pool per origin.
 *
 * Redirects are answers like any other. A request on a kept connection that ends without a byte of response is sent once more, on a new
 * connection, if its method is idempotent and its body can be had again.
 */
export class ClientSession {
  readonly #settings: SessionSettings
  readonly #fields: RequestFields
  readonly #connector: Connector
  readonly #deadlines: Deadlines
  readonly #pool: Pool
  readonly #urls = new UrlParser()
  readonly #exchanges = new Set<Exchange>()
  #closed = false
  readonly #onQuiet: (() => void)[] = []

  /** @throws {UsageError} INVALID_OPTION or INVALID_HEADER. */
  constructor(options: SessionOptions = {}) {
    this.#settings = resolveSettings(options)
    this.#fields = sessionFields(options.headers ?? DEFAULT_FIELDS)
    this.#connector = options.connector ?? loadDefaultConnector
    this.#deadlines = new Deadlines(options.clock ?? platformClock)
    this.#pool = new Pool(
      (origin, signal) => this.#dial(origin, signal),
      this.#deadlines,
      this.#settings.pool,
    )
  }

  /** `request('GET', …)`. */
  get(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request('GET', url, options)
  }

  /** `request('HEAD', …)`: the response never has a body. */
  head(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request('HEAD', url, options)
  }

  /** `request('POST', …)`. */
  post(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request('POST', url, options)
  }

  /** `request('PUT', …)`. */
  put(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request('PUT', url, options)
  }

  /** `request('PATCH', …)`. */
  patch(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request('PATCH', url, options)
  }

  /** `request('DELETE', …)`. */
  delete(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request('DELETE', url, options)
  }

  /** `request('OPTIONS', …)`. */
  options(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    return this.request('OPTIONS', url, options)
  }

  /**
   * Sends a request and resolves with the head of its final response; the body is read from that.
   *
   * @param method A token, sent as it is. Not CONNECT.
   * @param url Absolute, http or https. User information becomes `Authorization: Basic`; the fragment is not sent.
   * @throws {UsageError} Something of the request is not valid, or the session is closed; nothing was sent.
   * @throws {QueueError} Too many requests wait.
   * @throws {ConnectError} No connection (`DnsError`, `TlsError`).
   * @throws {TimeoutError} A time limit.
   * @throws {ConnectionLostError} The connection ended before a response.
   * @throws {ProtocolError} The response is not valid HTTP; the connection is closed.
   * @throws {BodyError} REQUEST_BODY_SOURCE: the body's source threw, or gave another length than declared.
   *
   * Abort: rejects with `signal.reason`. What was sent by then may have had its effect; the connection is closed.
   */
  async request(
    method: string,
    url: string | URL,
    options: RequestOptions = NO_OPTIONS,
  ): Promise<ClientResponse> {
    const exchange = this.#begin(method, url, options)
    exchange.hold()
    try {
      return await this.#attempt(exchange, 'any')
    } catch (error) {
      if (!mayResend(exchange, error)) throw this.#failed(exchange, error)
    } finally {
      exchange.letGo()
    }
    return this.#resend(exchange)
  }

  /**
   * Takes no more requests, waits for those that run, bodies included, and closes every connection. May be called again.
   *
   * @throws {UsageError} INVALID_OPTION.
   *
   * Exchanges that outlast `graceMs` are given up: they reject with a UsageError SESSION_CLOSED.
   */
  async close(options: SessionCloseOptions = {}): Promise<void> {
    refuseUnknown('close', options, KNOWN_FOR_CLOSE)
    const { graceMs = 10_000 } = options
    if (graceMs !== 0) checkTimeout('graceMs', graceMs)
    this.#closed = true
    this.#pool.close()
    const grace = { at: Infinity, onDeadline: () => this.#cancelAll(sessionClosed()) }
    if (graceMs === 0) grace.onDeadline()
    else this.#deadlines.set(grace, this.#deadlines.now() + graceMs)
    this.#deadlines.hold()
    while (this.#exchanges.size > 0) await new Promise<void>((resolve) => this.#onQuiet.push(resolve))
    this.#deadlines.letGo()
    this.#deadlines.clear(grace)
  }

  /** Takes no more requests, gives up those that run, which reject with `reason`, and closes every connection. */
  abort(reason: unknown = sessionClosed()): void {
    this.#closed = true
    this.#pool.close()
    this.#cancelAll(reason)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #begin(method: string, url: string | URL, options: RequestOptions): Exchange {
    if (this.#closed) throw sessionClosed()
    refuseUnknown('a request', options, KNOWN)
    const request = makeRequest(method, this.#urls.parse(url), options, this.#fields)
    const exchange = new Exchange(
      request,
      this.#deadlines,
      resolveTimeouts(options.timeouts, this.#settings.timeouts),
      options.signal,
    )
    this.#exchanges.add(exchange)
    return exchange
  }

  async #resend(exchange: Exchange): Promise<ClientResponse> {
    exchange.hold()
    try {
      // At most once: a new connection cannot be stale.
      return await this.#attempt(exchange, 'fresh')
    } catch (error) {
      throw this.#failed(exchange, error)
    } finally {
      exchange.letGo()
    }
  }

  async #attempt(exchange: Exchange, kind: 'any' | 'fresh'): Promise<ClientResponse> {
    exchange.beginAttempt()
    const leased = this.#pool.lease(exchange, kind)
    const connection = leased instanceof Promise ? await leased : leased
    try {
      exchange.throwIfCancelled()
      const start = await connection.exchange(exchange)
      exchange.throwIfCancelled()
      const body = new ResponseBody(exchange, connection, start, () => {
        this.#pool.release(connection)
        this.#ended(exchange)
      })
      return new ClientResponse(exchange, start, body, this.#settings.maxBodyBytes)
    } catch (error) {
      this.#pool.release(connection)
      throw error
    }
  }

  async #dial(origin: Origin, signal: AbortSignal): Promise<H1Connection> {
    const { hostname, port, secure } = origin
    const stream = await this.#connector({ host: hostname, port, secure }, { signal })
    return new H1Connection(stream, origin, this.#settings.limits)
  }

  #failed(exchange: Exchange, error: unknown): unknown {
    exchange.end()
    this.#ended(exchange)
    return exchange.cancelled === null ? error : exchange.cancelled.reason
  }

  #ended(exchange: Exchange): void {
    this.#exchanges.delete(exchange)
    if (this.#exchanges.size === 0) for (const resolve of this.#onQuiet.splice(0)) resolve()
  }

  #cancelAll(reason: unknown): void {
    for (const exchange of this.#exchanges) exchange.cancel(reason)
  }
}

/** RFC 9110 section 9.2.2: sent again where the method allows it, or where nothing was sent. */
function mayResend(exchange: Exchange, error: unknown): boolean {
  if (!(error instanceof ConnectionLostError) || error.code !== 'ERR_HTTP_STALE_CONNECTION') return false
  return isReplayable(exchange.request) || error.sent === 'none'
}

function sessionClosed(): UsageError {
  return new UsageError('ERR_HTTP_SESSION_CLOSED', 'the session is closed')
}
