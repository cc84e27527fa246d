import type { FieldSection, Http1Limits } from '@x/http1'
import { platformClock } from './clock.ts'
import { Deadlines } from './deadlines.ts'
import { ConnectionLostError, UsageError } from './errors.ts'
import { Exchange } from './exchange.ts'
import type { Timeouts } from './exchange.ts'
import { H1Connection } from './h1-connection.ts'
import { refuseUnknown } from './options.ts'
import { Pool } from './pool.ts'
import type { Connector } from './ports.ts'
import { checkedFields, isReplayable, makeRequest } from './request.ts'
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
  readonly #limits: Partial<Http1Limits>
  readonly #fields: FieldSection
  readonly #connector: Connector
  readonly #deadlines: Deadlines
  readonly #pool: Pool
  readonly #urls = new UrlParser()
  readonly #exchanges = new Set<Exchange>()
  #closed = false
  #onQuiet: (() => void) | null = null

  /** @throws {UsageError} INVALID_OPTION or INVALID_HEADER. */
  constructor(options: SessionOptions = {}) {
    this.#settings = resolveSettings(options)
    this.#limits = options.limits ?? {}
    this.#fields = checkedFields(options.headers ?? DEFAULT_FIELDS)
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
    try {
      return await this.#attempt(exchange, 'any')
    } catch (error) {
      if (!isStale(error) || !isReplayable(exchange.request)) throw this.#failed(exchange, error)
    }
    try {
      // At most once: a new connection cannot be stale.
      return await this.#attempt(exchange, 'fresh')
    } catch (error) {
      throw this.#failed(exchange, error)
    }
  }

  /**
   * Takes no more requests, waits for those that run, bodies included, and closes every connection. Idempotent.
   *
   * Exchanges that outlast `graceMs` are given up: they reject with a UsageError SESSION_CLOSED.
   */
  async close({ graceMs = 10_000 }: SessionCloseOptions = {}): Promise<void> {
    this.#closed = true
    this.#pool.close()
    if (this.#exchanges.size > 0) {
      const timer = { at: Infinity, onDeadline: () => this.#cancelAll(sessionClosed()) }
      if (graceMs > 0) this.#deadlines.set(timer, this.#deadlines.now() + graceMs)
      else this.#cancelAll(sessionClosed())
      if (this.#exchanges.size > 0) await new Promise<void>((resolve) => (this.#onQuiet = resolve))
      this.#deadlines.clear(timer)
    }
    this.#deadlines.close()
  }

  /** Takes no more requests, gives up those that run, which reject with `reason`, and closes every connection. */
  abort(reason: unknown = sessionClosed()): void {
    this.#closed = true
    this.#pool.close()
    this.#cancelAll(reason)
    this.#deadlines.close()
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

  async #attempt(exchange: Exchange, kind: 'any' | 'fresh'): Promise<ClientResponse> {
    exchange.phase = 'queue'
    const leased = this.#pool.lease(exchange, kind)
    const connection = leased instanceof Promise ? await leased : leased
    let start
    try {
      start = await connection.exchange(exchange)
    } catch (error) {
      this.#pool.release(connection)
      throw error
    }
    const body = new ResponseBody(exchange, connection, start, () => {
      this.#pool.release(connection)
      this.#ended(exchange)
    })
    return new ClientResponse(exchange, start, body, this.#settings.maxBodyBytes)
  }

  async #dial(origin: Origin, signal: AbortSignal): Promise<H1Connection> {
    const { hostname, port, secure } = origin
    const stream = await this.#connector({ host: hostname, port, secure }, { signal })
    return new H1Connection(stream, origin, this.#limits)
  }

  #failed(exchange: Exchange, error: unknown): unknown {
    exchange.end()
    this.#ended(exchange)
    return exchange.cancelled === null ? error : exchange.cancelled.reason
  }

  #ended(exchange: Exchange): void {
    this.#exchanges.delete(exchange)
    if (this.#exchanges.size > 0 || this.#onQuiet === null) return
    this.#onQuiet()
    this.#onQuiet = null
  }

  #cancelAll(reason: unknown): void {
    for (const exchange of this.#exchanges) exchange.cancel(reason)
  }
}

function isStale(error: unknown): boolean {
  return error instanceof ConnectionLostError && error.code === 'ERR_HTTP_STALE_CONNECTION'
}

function sessionClosed(): UsageError {
  return new UsageError('ERR_HTTP_SESSION_CLOSED', 'the session is closed')
}
