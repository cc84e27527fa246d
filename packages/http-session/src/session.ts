import { platformClock } from './clock.ts'
import { Deadlines } from './deadlines.ts'
import { ConnectionLostError, UsageError } from './errors.ts'
import { Exchange } from './exchange.ts'
import type { InformationalResponse, Timeouts } from './exchange.ts'
import { H1Connection } from './h1-connection.ts'
import { checkCallback, checkTimeout, refuseUnknown } from './options.ts'
import { Pool } from './pool.ts'
import type { Connector } from './ports.ts'
import { RedirectChain } from './redirect-chain.ts'
import type { RedirectOptions } from './redirect-chain.ts'
import {
  canSendAgain,
  isChunked,
  isReplayable,
  makeConnectRequest,
  makeRequest,
  withoutExpect,
} from './request.ts'
import type { ClientRequest, RequestInit } from './request.ts'
import { sessionFields } from './request-fields.ts'
import type { RequestFields } from './request-fields.ts'
import { ResponseBody } from './response-body.ts'
import { ClientResponse } from './response.ts'
import { resolveRedirects, resolveSettings, resolveTimeouts } from './session-options.ts'
import type { SessionOptions, SessionSettings } from './session-options.ts'
import { UrlParser } from './url.ts'
import type { Origin } from './url.ts'

export interface RequestOptions extends RequestInit, Partial<RedirectOptions> {
  /** Gives the request up, body included: everything rejects with `signal.reason`. */
  signal?: AbortSignal
  /** Time limits of this request, in place of the session's. */
  timeouts?: Partial<Timeouts>
  /** Called with every 1xx response but 101, before the final one. What it throws ends the request and is what the request rejects with. */
  onInformational?: (response: InformationalResponse) => void
}

/** A request for a tunnel has no content. */
export type ConnectOptions = Pick<RequestOptions, 'headers' | 'signal' | 'timeouts' | 'onInformational'>

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
  'onInformational',
  'maxRedirects',
  'allowInsecureRedirects',
])
const KNOWN_FOR_CONNECT: ReadonlySet<string> = new Set<keyof ConnectOptions>([
  'headers',
  'signal',
  'timeouts',
  'onInformational',
])
const KNOWN_FOR_CLOSE: ReadonlySet<string> = new Set<keyof SessionCloseOptions>(['graceMs'])
const DEFAULT_FIELDS = { Accept: '*/*', 'User-Agent': 'http-session' }
const NO_OPTIONS: RequestOptions = {}
const MAX_KNOWN_HTTP10 = 1000

const loadDefaultConnector: Connector = async (target, options) => {
  const { connect } = await import('./default-connector.ts')
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
  readonly #fields: RequestFields
  readonly #connector: Connector
  readonly #deadlines: Deadlines
  readonly #pool: Pool
  readonly #urls = new UrlParser()
  readonly #exchanges = new Set<Exchange>()
  /** Calls that have not settled. */
  #runningCount = 0
  /** Origins whose last response was of HTTP/1.0. */
  readonly #http10 = new Set<string>()
  #closed = false
  /** Set once everything that runs is given up. */
  #aborted: { readonly reason: unknown } | null = null
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
    this.#throwIfClosed()
    refuseUnknown('a request', options, KNOWN)
    const request = makeRequest(method, this.#urls.parse(url), options, this.#fields)
    const redirects = resolveRedirects(options, this.#settings.redirects)
    return this.#run(this.#begin(request, options), () => new RedirectChain(url, redirects, this.#urls))
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
    refuseUnknown('connect', options, KNOWN_FOR_CONNECT)
    const request = makeConnectRequest(this.#urls.parse(proxy), authority, options, this.#fields)
    return this.#run(this.#begin(request, options), null)
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
    while (!this.#isQuiet) await new Promise<void>((resolve) => this.#onQuiet.push(resolve))
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

  #throwIfClosed(): void {
    if (this.#closed) throw sessionClosed()
  }

  #begin(request: ClientRequest, { timeouts, signal, onInformational }: ConnectOptions): Exchange {
    const exchange = new Exchange(request, this.#deadlines, {
      timeouts: resolveTimeouts(timeouts, this.#settings.timeouts),
      signal,
      onInformational: checkCallback('onInformational', onInformational),
    })
    this.#exchanges.add(exchange)
    return exchange
  }

  /** The only loop: sends, and asks what the answer leads to. */
  async #run(first: Exchange, newChain: (() => RedirectChain) | null): Promise<ClientResponse> {
    let exchange = first
    let chain: RedirectChain | null = null
    let kind: 'any' | 'fresh' = 'any'
    this.#deadlines.hold()
    this.#runningCount += 1
    try {
      for (;;) {
        try {
          const response = await this.#attempt(exchange, kind)
          if (response.status < 300) return response
          if (newChain !== null && response.status < 400) chain ??= newChain()
          const next = nextRequest(exchange, response, chain)
          if (next === null) return response
          response.discard()
          exchange = this.#follow(exchange, next)
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
      this.#deadlines.letGo()
      this.#runningCount -= 1
      this.#tellIfQuiet()
    }
  }

  async #attempt(exchange: Exchange, kind: 'any' | 'fresh'): Promise<ClientResponse> {
    const { request } = exchange
    if (isChunked(request) && this.#http10.has(request.origin.href)) throw needsLength(request)
    exchange.beginAttempt()
    const leased = this.#pool.lease(exchange, kind)
    const connection = leased instanceof Promise ? await leased : leased
    try {
      exchange.throwIfCancelled()
      const start = await connection.exchange(exchange)
      exchange.throwIfCancelled()
      this.#learnVersion(request.origin, start.head.minorVersion)
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

  /** What an origin speaks is remembered: a server of HTTP/1.0 can be sent nothing chunked. */
  #learnVersion({ href }: Origin, minorVersion: number): void {
    if (minorVersion > 0) {
      if (this.#http10.size > 0) this.#http10.delete(href)
      return
    }
    if (this.#http10.size >= MAX_KNOWN_HTTP10) this.#http10.clear()
    this.#http10.add(href)
  }

  /** The exchange of the next request of a call. @throws The reason, where the session was given up meanwhile. */
  #follow(exchange: Exchange, request: ClientRequest): Exchange {
    if (this.#aborted !== null) throw this.#aborted.reason
    const next = exchange.followedBy(request)
    this.#exchanges.add(next)
    return next
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
    this.#tellIfQuiet()
  }

  get #isQuiet(): boolean {
    return this.#exchanges.size === 0 && this.#runningCount === 0
  }

  #tellIfQuiet(): void {
    if (this.#isQuiet) for (const resolve of this.#onQuiet.splice(0)) resolve()
  }

  #cancelAll(reason: unknown): void {
    this.#aborted = { reason }
    for (const exchange of this.#exchanges) exchange.cancel(reason)
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
    return exchange.contentBegun && !canSendAgain(request) ? null : withoutExpect(request)
  }
  return chain === null ? null : chain.next(exchange, status, headers)
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
