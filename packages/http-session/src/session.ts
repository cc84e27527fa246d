import { Call } from './call.ts'
import { ClientRequest, sendOverWire } from './client-request.ts'
import { platformClock } from './clock.ts'
import { knownCodings } from './content-coding.ts'
import type { Deadline } from './deadlines.ts'
import { SessionClosedError } from './errors.ts'
import type { RequestFacts } from './errors.ts'
import { Exchange } from './exchange.ts'
import { followRedirects } from './follow-redirects.ts'
import { inspectAs } from './inspection.ts'
import { compose } from './middleware.ts'
import { checkLimit, checkSignal, checkTimeout, or, refuseUnknown } from './options.ts'
import type { PoolStats } from './pool-stats.ts'
import type { FetchInit } from './fetch.ts'
import type { Connector } from './ports.ts'
import { makeConnectRequest, makeRequest } from './request.ts'
import type { FramedRequest } from './request.ts'
import { headersOf, requestFields, sessionFields, withCodings } from './request-fields.ts'
import type { SessionFields } from './request-fields.ts'
import { checkConnectOptions, requestSettings } from './request-options.ts'
import type { ConnectOptions, RequestOptions, RequestSettings } from './request-options.ts'
import { discardBody, RequestRunner, sessionClosed } from './request-runner.ts'
import type { ClientResponse } from './response.ts'
import { responsePromise } from './response-promise.ts'
import type { ResponsePromise } from './response-promise.ts'
import { extendedOptions, resolveSettings } from './session-options.ts'
import type { SessionOptions, SessionSettings, SharedOptions } from './session-options.ts'
import { isErrorStatus, statusError } from './status-policy.ts'
import type { ThrowOnStatus } from './status-policy.ts'
import { nextTurn } from './turns.ts'
import { urlText } from './url.ts'
import { withQuery } from './query.ts'

/** How a session is closed. */
export interface SessionCloseOptions {
  /** Milliseconds that requests, and bodies that are being read, may still take before they are given up; 0: none. Default 10,000. */
  graceMs?: number
}

/** What is opened before it is needed. */
export interface PreconnectOptions {
  /** Connections. An integer >= 0; default 1. */
  count?: number
  /** Gives it up: `preconnect` rejects with `signal.reason`. */
  signal?: AbortSignal
}

const KNOWN_FOR_PRECONNECT: ReadonlySet<string> = new Set<keyof PreconnectOptions>(['count', 'signal'])
const KNOWN_FOR_CLOSE: ReadonlySet<string> = new Set<keyof SessionCloseOptions>(['graceMs'])
const DEFAULT_FIELDS = { Accept: '*/*', 'User-Agent': 'http-session' }
const NO_OPTIONS: RequestOptions = {}

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
  static {
    inspectAs(this.prototype, 'ClientSession', (session) => {
      const { connecting, idle, leased, waiting } = session.stats()
      return { baseUrl: withoutUserInfo(session.#settings.baseUrl), connecting, idle, leased, waiting }
    })
  }

  readonly #options: SessionOptions
  readonly #settings: SessionSettings
  readonly #fields: SessionFields
  /** Of a request without options. */
  readonly #usual: RequestSettings
  #runner: RequestRunner

  /** @throws {UsageError} INVALID_OPTION or INVALID_HEADER. */
  constructor(options: SessionOptions = {}) {
    this.#options = { ...options }
    this.#settings = resolveSettings(options)
    this.#fields = withCodings(sessionFields(options.headers, DEFAULT_FIELDS), knownCodings())
    this.#usual = this.#settingsFor(NO_OPTIONS)
    this.#runner = new RequestRunner(
      this.#settings,
      options.connector ?? loadDefaultConnector,
      options.clock ?? platformClock,
    )
  }

  /** `request('GET', …)`. */
  get(url: string | URL, options?: RequestOptions): ResponsePromise {
    return this.request('GET', url, options)
  }

  /** `request('HEAD', …)`: the response never has a body. */
  head(url: string | URL, options?: RequestOptions): ResponsePromise {
    return this.request('HEAD', url, options)
  }

  /** `request('POST', …)`. */
  post(url: string | URL, options?: RequestOptions): ResponsePromise {
    return this.request('POST', url, options)
  }

  /** `request('PUT', …)`. */
  put(url: string | URL, options?: RequestOptions): ResponsePromise {
    return this.request('PUT', url, options)
  }

  /** `request('PATCH', …)`. */
  patch(url: string | URL, options?: RequestOptions): ResponsePromise {
    return this.request('PATCH', url, options)
  }

  /** `request('DELETE', …)`. */
  delete(url: string | URL, options?: RequestOptions): ResponsePromise {
    return this.request('DELETE', url, options)
  }

  /** `request('OPTIONS', …)`. */
  options(url: string | URL, options?: RequestOptions): ResponsePromise {
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
  request(method: string, url: string | URL, options: RequestOptions = NO_OPTIONS): ResponsePromise {
    let response: Promise<ClientResponse>
    try {
      this.#runner.throwIfClosed()
      const settings = options === NO_OPTIONS ? this.#usual : this.#settingsFor(options)
      const to = this.#runner.urls.parse(this.#address(url, options))
      response = this.#send(makeRequest(method, to, options, settings.fields), settings)
    } catch (error) {
      response = Promise.reject(error)
    }
    return responsePromise(response)
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
    this.#runner.throwIfClosed()
    checkConnectOptions(options)
    const settings = this.#settingsFor(options)
    const request = makeConnectRequest(
      this.#runner.urls.parse(urlText(proxy)),
      authority,
      options,
      settings.fields,
    )
    // What a proxy answers is the caller's, whatever it is.
    return this.#runner.run(
      this.#begin(request, settings),
      { redirects: null, endsBody: true },
      settings.maxBodyBytes,
    )
  }

  /**
   * `fetch` as the runtime has it, over this session: for libraries that take a `fetch` of yours. Bound: `const { fetch } = session` will do.
   *
   * `redirect`, `signal`, `duplex` and the fields of `cache` have their meaning; `credentials`, `mode`, `referrer` and `keepalive` have none, as in Node;
   * `integrity` is refused.
   *
   * @throws {TypeError} What the runtime's `Request` refuses; "fetch failed", with the session's error as its cause.
   *
   * Abort: rejects with `signal.reason`, and so does the body.
   */
  readonly fetch = async (input: string | URL | Request, init?: FetchInit): Promise<Response> => {
    const request = new Request(input, init) // now: whoever gave them may change them while the module is loaded
    const { fetchWith } = await import('./fetch.ts')
    return fetchWith(this, input, init, request)
  }

  /**
   * A session with other defaults over the same connections: `headers` and `timeouts` are laid over this one's, all else that is not `undefined`
   * replaces it.
   * The connections, their limits and their end are shared: `close` and `abort` of either end both.
   *
   * @throws {UsageError} INVALID_OPTION, INVALID_HEADER; also for options of the connections.
   */
  extend(options: Omit<SessionOptions, SharedOptions>): ClientSession {
    const merged = extendedOptions(this.#options, options)
    merged.headers = headersOf(requestFields(this.#fields.plain, options.headers))
    const extended = sessionWith(merged)
    extended.#runner = this.#runner
    return extended
  }

  /**
   * Opens connections to an origin before they are needed: until `count` are idle or on their way, as far as the limits allow.
   *
   * @param url Of the origin, or anything on it.
   * @returns How many of them there are: fewer than `count` where a limit is met.
   * @throws {UsageError} INVALID_URL, INVALID_OPTION, SESSION_CLOSED.
   * @throws {ConnectError} One could not be opened (`DnsError`, `TlsError`, `ProxyError`); {TimeoutError} in time. `method` is then `preconnect`.
   *
   * Abort: rejects with `signal.reason`; connections that nobody waits for besides are given up.
   */
  async preconnect(url: string | URL, options: PreconnectOptions = {}): Promise<number> {
    const { pool, running, urls } = this.#runner
    this.#runner.throwIfClosed()
    refuseUnknown('preconnect', options, KNOWN_FOR_PRECONNECT)
    const { origin } = urls.parse(this.#address(url, NO_OPTIONS))
    const count = checkLimit('count', or(options.count, 1), 0)
    const signal = checkSignal(options.signal)
    running.beginCall()
    try {
      return await pool.preconnect(origin, count, signal)
    } finally {
      running.endCall()
    }
  }

  /** What the connections are at, and what has become of them so far: numbers of this moment. */
  stats(): PoolStats {
    return this.#runner.pool.stats()
  }

  /**
   * Takes no more requests, waits for those that run and for bodies that are being read, and closes every connection. May be called again.
   *
   * A body that nobody has begun to read is discarded at the beginning, as by `response.discard()`: to read it then rejects with BodyError
   * BODY_INCOMPLETE. One that comes later has the rest of `graceMs`.
   *
   * @throws {UsageError} INVALID_OPTION.
   *
   * What outlasts `graceMs` is given up: it rejects with a SessionClosedError.
   */
  async close(options: SessionCloseOptions = {}): Promise<void> {
    refuseUnknown('close', options, KNOWN_FOR_CLOSE)
    const { graceMs = 10_000 } = options
    if (graceMs !== 0) checkTimeout('graceMs', graceMs)
    this.#runner.close()
    const { running } = this.#runner
    const { deadlines } = running
    const grace: Deadline = {
      at: Infinity,
      place: -1,
      onDeadline: () => running.cancelAll(sessionClosed(), closedMeanwhile),
    }
    if (graceMs === 0) grace.onDeadline()
    else deadlines.set(grace, deadlines.now() + graceMs)
    deadlines.hold()
    // Who was given a response just now has begun to read it by then, if it is to be read.
    await nextTurn()
    deadlines.discardUnread()
    await running.untilQuiet()
    deadlines.letGo()
    deadlines.clear(grace)
  }

  /**
   * Takes no more requests, gives up those that run, and closes every connection.
   *
   * @param reason What requests and bodies reject with. Default: a SessionClosedError for each.
   */
  abort(reason?: unknown): void {
    this.#runner.close()
    const { running } = this.#runner
    if (reason === undefined) running.cancelAll(sessionClosed(), closedMeanwhile)
    else running.cancelAll(reason, () => reason)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #settingsFor(options: RequestOptions): RequestSettings {
    return requestSettings(options, this.#settings, this.#fields)
  }

  /** As text, now: whoever gave the URL may change it while the request runs. */
  #address(url: string | URL, { query }: RequestOptions): string {
    const { baseUrl } = this.#settings
    const text = urlText(url)
    const absolute = baseUrl !== null && URL.canParse(text, baseUrl) ? new URL(text, baseUrl).href : text
    return query === undefined ? absolute : withQuery(absolute, query)
  }

  #send(request: FramedRequest, settings: RequestSettings): Promise<ClientResponse> {
    const { redirects, middleware, throwOnStatus, maxBodyBytes } = settings
    const response =
      middleware.length > 0
        ? this.#sendThrough(request, settings)
        : this.#runner.run(this.#begin(request, settings), { redirects, endsBody: true }, maxBodyBytes)
    return throwOnStatus === false ? response : unlessError(response, throwOnStatus)
  }

  #begin(request: FramedRequest, { exchange }: RequestSettings): Exchange {
    try {
      if (request.body.kind === 'source') request.body.claim()
      return new Exchange(request, this.#runner.running, exchange)
    } catch (error) {
      discardBody(request, error)
      throw error
    }
  }

  async #sendThrough(request: FramedRequest, settings: RequestSettings): Promise<ClientResponse> {
    const { running } = this.#runner
    const call = new Call(this.#runner, settings)
    const next = compose(settings.middleware, sendOverWire)
    running.beginCall()
    try {
      const follow = followRedirects(settings.redirects)
      return await call.run(request, () => follow(new ClientRequest(request, call), next))
    } catch (error) {
      discardBody(request, error)
      throw error
    } finally {
      running.endCall()
    }
  }
}

function closedMeanwhile(facts: RequestFacts): SessionClosedError {
  return new SessionClosedError(facts)
}

/** Not within the class: bundlers rename a class whose body names it, and that name would be printed. */
function sessionWith(options: SessionOptions): ClientSession {
  return new ClientSession(options)
}

function withoutUserInfo(href: string | null): string | null {
  if (href === null) return null
  const url = new URL(href)
  url.username = ''
  url.password = ''
  return url.href
}

async function unlessError(promise: Promise<ClientResponse>, policy: ThrowOnStatus): Promise<ClientResponse> {
  const response = await promise
  try {
    if (!isErrorStatus(response.status, policy)) return response
  } catch (error) {
    response.discard()
    throw error
  }
  throw await statusError(response)
}
