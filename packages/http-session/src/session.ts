import { platformClock } from './clock.ts'
import { knownCodings } from './content-coding.ts'
import { Deadlines } from './deadlines.ts'
import type { Deadline } from './deadlines.ts'
import { ConnectionLostError, UsageError } from './errors.ts'
import { Exchange } from './exchange.ts'
import { H1Connection } from './h1-connection.ts'
import type { ResponseStart } from './h1-connection.ts'
import { checkTimeout, refuseUnknown } from './options.ts'
import { Pool } from './pool.ts'
import type { Connector } from './ports.ts'
import { RedirectChain } from './redirect-chain.ts'
import type { RedirectOptions } from './redirect-chain.ts'
import { isChunked, isReplayable, makeConnectRequest, makeRequest, withoutExpect } from './request.ts'
import type { ClientRequest } from './request.ts'
import { sessionFields, withCodings } from './request-fields.ts'
import type { SessionFields } from './request-fields.ts'
import { checkConnectOptions, requestSettings } from './request-options.ts'
import type { RequestSettings } from './request-options.ts'
import type { ConnectOptions, RequestOptions } from './request-options.ts'
import { ResponseBody } from './response-body.ts'
import { ClientResponse } from './response.ts'
import { resolveSettings } from './session-options.ts'
import type { SessionOptions, SessionSettings } from './session-options.ts'
import { Running } from './running.ts'
import { nextTurn } from './turns.ts'
import { UrlParser } from './url.ts'
import type { Origin } from './url.ts'

export interface SessionCloseOptions {
  /** Milliseconds that exchanges may still take before they are given up. Default 10,000. */
  graceMs?: number
}

const KNOWN_FOR_CLOSE: ReadonlySet<string> = new Set<keyof SessionCloseOptions>(['graceMs'])
const DEFAULT_FIELDS = { Accept: '*/*', 'User-Agent': 'http-session' }
const NO_OPTIONS: RequestOptions = {}
/** What a proxy answers to CONNECT is the caller's, whatever it is. */
const NO_REDIRECTS: RedirectOptions = { maxRedirects: 0, allowInsecureRedirects: false }
const MAX_KNOWN_HTTP10 = 1000

let defaultConnector: Promise<{ connect: Connector }> | null = null

const loadDefaultConnector: Connector = async (target, options) => {
  // Asked for once: even of a module that is there, each import costs a few kilobytes for a while.
  defaultConnector ??= import('./default-connector.ts')
  const { connect } = await defaultConnector
  return connect(target, options)
}

/**
 * An HTTP/1.1 client: requests over kept-alive connections, one pool per origin.
 *
 * Redirects are followed (RFC 9110 section 15.4). A request on a kept connection that ends without a byte of response is sent once more, on a new
 * connection, if its method is idempotent and its body can be had again.
 */
export class ClientSession {
  readonly #settings: SessionSettings
  readonly #fields: SessionFields
  /** Of a request without options. */
  readonly #usual: RequestSettings
  readonly #connector: Connector
  readonly #pool: Pool
  readonly #urls = new UrlParser()
  readonly #running: Running
  /** Origins whose last response was of HTTP/1.0. */
  readonly #http10 = new Set<string>()
  #closed = false

  /** @throws {UsageError} INVALID_OPTION or INVALID_HEADER. */
  constructor(options: SessionOptions = {}) {
    this.#settings = resolveSettings(options)
    this.#fields = withCodings(sessionFields(options.headers ?? DEFAULT_FIELDS), knownCodings())
    this.#usual = this.#settingsFor(NO_OPTIONS)
    this.#connector = options.connector ?? loadDefaultConnector
    this.#running = new Running(new Deadlines(options.clock ?? platformClock))
    this.#pool = new Pool(
      (origin, signal) => this.#dial(origin, signal),
      this.#running.deadlines,
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
   * @throws {RedirectError} A redirect that is not followed.
   * @throws {BodyError} REQUEST_BODY_SOURCE: the body's source threw, or gave another length than declared.
   *
   * @throws What a callback of the options throws.
   *
   * Abort: rejects with `signal.reason`. What was sent by then may have had its effect; the connection is closed.
   */
  request(method: string, url: string | URL, options: RequestOptions = NO_OPTIONS): Promise<ClientResponse> {
    try {
      this.#throwIfClosed()
      const settings = options === NO_OPTIONS ? this.#usual : this.#settingsFor(options)
      // Now: whoever gave the URL may change it while the request runs.
      const text = String(url)
      const request = makeRequest(method, this.#urls.parse(text), options, settings.fields)
      return this.#run(this.#begin(request, settings), text, settings.redirects)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Asks a proxy for a tunnel (RFC 9110 section 9.3.6). After an answer of 2xx the connection is the caller's by `response.takeConnection()`; any
   * other answer is a response like any other.
   *
   * @param proxy Absolute, http or https. User information becomes `Proxy-Authorization: Basic`; path and query have no meaning.
   * @param authority Where the tunnel leads: `host:port`, IPv6 in brackets.
   * @throws As `request`.
   *
   * Abort: as `request`, until the connection is taken over.
   */
  async connect(
    proxy: string | URL,
    authority: string,
    options: ConnectOptions = NO_OPTIONS,
  ): Promise<ClientResponse> {
    this.#throwIfClosed()
    checkConnectOptions(options)
    const settings = this.#settingsFor(options)
    const url = String(proxy)
    const request = makeConnectRequest(this.#urls.parse(url), authority, options, settings.fields)
    return this.#run(this.#begin(request, settings), url, NO_REDIRECTS)
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
    const { deadlines } = this.#running
    const grace: Deadline = {
      at: Infinity,
      place: -1,
      onDeadline: () => this.#running.cancelAll(sessionClosed()),
    }
    if (graceMs === 0) grace.onDeadline()
    else deadlines.set(grace, deadlines.now() + graceMs)
    deadlines.hold()
    await this.#running.untilQuiet()
    deadlines.letGo()
    deadlines.clear(grace)
  }

  /** Takes no more requests, gives up those that run, which reject with `reason`, and closes every connection. */
  abort(reason: unknown = sessionClosed()): void {
    this.#closed = true
    this.#pool.close()
    this.#running.cancelAll(reason)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #throwIfClosed(): void {
    if (this.#closed) throw sessionClosed()
  }

  #settingsFor(options: RequestOptions): RequestSettings {
    return requestSettings(options, this.#settings, this.#fields)
  }

  #begin(request: ClientRequest, { exchange }: RequestSettings): Exchange {
    try {
      if (request.body.kind === 'source') request.body.claim()
      return new Exchange(request, this.#running, exchange)
    } catch (error) {
      discardBody(request, error)
      throw error
    }
  }

  /** The only loop: sends, and asks what the answer leads to. */
  async #run(first: Exchange, url: string, redirects: RedirectOptions): Promise<ClientResponse> {
    let exchange = first
    let chain: RedirectChain | null = null
    let kind: 'any' | 'fresh' = 'any'
    this.#running.beginCall()
    try {
      for (;;) {
        try {
          if (this.#beginAttempt(exchange) === 'in the next turn') await nextTurn()
          const leased = this.#lease(exchange, kind)
          const connection =
            leased instanceof Promise ? this.#unlessCancelled(exchange, await leased) : leased
          const response = this.#responseOf(exchange, connection, await connection.exchange(exchange))
          if (response.status < 300) return response
          if (response.status < 400) chain ??= new RedirectChain(url, redirects, this.#urls)
          const next = nextRequest(exchange, response, chain)
          if (next === null) return response
          response.discard()
          exchange = exchange.followedBy(next)
          if (chain !== null) exchange.redirects = chain.followed
          kind = 'any'
        } catch (error) {
          // At most once: a new connection cannot be stale.
          if (kind === 'fresh' || !mayResend(exchange, error)) throw error
          kind = 'fresh'
        }
      }
    } catch (error) {
      throw this.#failed(exchange, error)
    } finally {
      discardBody(first.request, first.cancelled?.reason)
      this.#running.endCall()
    }
  }

  /** Requests that begin while others are on their way are written together, behind everything that has come by then. */
  #beginAttempt(exchange: Exchange): 'now' | 'in the next turn' {
    const { request } = exchange
    if (isChunked(request) && this.#http10.has(request.origin.href)) throw needsLength(request)
    exchange.beginAttempt()
    const canWait = this.#running.exchangeCount > 1 || this.#pool.hasRested(request.origin)
    return canWait ? 'in the next turn' : 'now'
  }

  #lease(exchange: Exchange, kind: 'any' | 'fresh'): H1Connection | Promise<H1Connection> {
    exchange.throwIfCancelled()
    return this.#pool.lease(exchange, kind)
  }

  #unlessCancelled(exchange: Exchange, connection: H1Connection): H1Connection {
    if (exchange.cancelled !== null) this.#pool.release(connection)
    exchange.throwIfCancelled()
    return connection
  }

  #responseOf(exchange: Exchange, connection: H1Connection, start: ResponseStart): ClientResponse {
    exchange.throwIfCancelled()
    this.#learnVersion(exchange.request.origin, start.head.minorVersion)
    const body = new ResponseBody(exchange, connection, start, this.#pool)
    return new ClientResponse(exchange, start, body, this.#settings.maxBodyBytes)
  }

  /** What an origin speaks is remembered: a server of HTTP/1.0 can be sent nothing chunked. */
  #learnVersion({ href }: Origin, minorVersion: number): void {
    if (minorVersion > 0) {
      if (this.#http10.size > 0) this.#http10.delete(href)
      return
    }
    if (this.#http10.size >= MAX_KNOWN_HTTP10) this.#http10.clear()
    this.#http10.add(href)
  }

  async #dial(origin: Origin, signal: AbortSignal): Promise<H1Connection> {
    const { hostname, port, secure } = origin
    const stream = await this.#connector({ host: hostname, port, secure }, { signal })
    return new H1Connection(stream, origin, this.#settings.limits)
  }

  #failed(exchange: Exchange, error: unknown): unknown {
    exchange.end()
    return exchange.cancelled === null ? error : exchange.cancelled.reason
  }
}

/** What an answer leads to; `null`: it is the caller's. */
function nextRequest(
  exchange: Exchange,
  { status, headers }: ClientResponse,
  chain: RedirectChain | null,
): ClientRequest | null {
  const { request } = exchange
  if (status === 417 && request.fields.expectsContinue) {
    return exchange.canSendAgain ? withoutExpect(request) : null
  }
  return chain === null ? null : chain.next(exchange, status, headers)
}

/** A stream that nobody has asked for its content is told that nobody will. */
function discardBody({ body }: ClientRequest, reason: unknown): void {
  if (body.kind === 'source') body.discard(reason)
}

function needsLength(request: ClientRequest): UsageError {
  return new UsageError(
    'ERR_HTTP_INVALID_BODY',
    `${request.origin.href} speaks HTTP/1.0, which has no chunks: the body needs a Content-Length`,
  )
}

/** RFC 9110 section 9.2.2: sent again where the method allows it, or where nothing was sent. */
function mayResend(exchange: Exchange, error: unknown): boolean {
  if (!(error instanceof ConnectionLostError) || error.code !== 'ERR_HTTP_STALE_CONNECTION') return false
  return isReplayable(exchange.request) || error.sent === 'none'
}

function sessionClosed(): UsageError {
  return new UsageError('ERR_HTTP_SESSION_CLOSED', 'the session is closed')
}
