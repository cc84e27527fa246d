/** The only loop: puts a request on a connection, and asks what its answer leads to. */
import { Deadlines } from './deadlines.ts'
import { withoutDebugLog } from './debug-log.ts'
import { Dialler } from './dialling.ts'
import type { DialTimeouts } from './dialling.ts'
import { ConnectionLostError, UsageError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { H1Connection } from './h1-connection.ts'
import type { ResponseStart } from './response-start.ts'
import { Pool } from './pool.ts'
import type { Clock, Connector, DialPhase } from './ports.ts'
import { RedirectChain } from './redirect-chain.ts'
import type { RedirectOptions } from './redirect-chain.ts'
import { isChunked, isReplayable, withoutExpect } from './request.ts'
import type { FramedRequest } from './request.ts'
import { ResponseBody } from './response-body.ts'
import { ClientResponse, handOver } from './response.ts'
import { Running } from './running.ts'
import type { SessionSettings } from './session-options.ts'
import { isWanted, tell } from './trace.ts'
import type { TraceListener } from './trace.ts'
import { nextTurn } from './turns.ts'
import { UrlParser } from './url.ts'
import type { Origin } from './url.ts'

const MAX_KNOWN_HTTP10 = 1000

/** How a request is run. */
export interface RunOptions {
  /** `null`: a redirect is a response like any other. */
  readonly redirects: RedirectOptions | null
  /**
   * Whether it is all that will be done with the request's body, so that a source which was not opened is told so at its end. The response is the
   * caller's then.
   */
  readonly endsBody: boolean
}

/** What sessions with the same connections share. */
export class RequestRunner {
  readonly running: Running
  readonly pool: Pool
  readonly urls: UrlParser = new UrlParser()
  readonly #settings: SessionSettings
  readonly #dialler: Dialler
  /** Origins whose last response was of HTTP/1.0. */
  readonly #http10 = new Set<string>()
  #closed = false

  constructor(settings: SessionSettings, connector: Connector, clock: Clock) {
    this.#settings = settings
    this.running = new Running(new Deadlines(clock))
    this.#dialler = new Dialler(connector, this.running.deadlines, settings.dialTimeouts)
    this.pool = new Pool(
      (origin, control, onPhase) => this.#dial(origin, control, onPhase),
      this.running.deadlines,
      settings.pool,
    )
  }

  get dialTimeouts(): DialTimeouts {
    return this.#settings.dialTimeouts
  }

  /** @throws {UsageError} SESSION_CLOSED. */
  throwIfClosed(): void {
    if (this.#closed) throw sessionClosed()
  }

  /** Takes no more requests. */
  close(): void {
    this.#closed = true
    this.pool.close()
  }

  /**
   * Sends a request, once more where its connection was stale, and follows redirects.
   *
   * @throws What the request fails with; the exchange is over then.
   */
  async run(
    first: Exchange,
    { redirects, endsBody }: RunOptions,
    maxBodyBytes: number,
  ): Promise<ClientResponse> {
    let exchange = first
    let chain: RedirectChain | null = null
    let kind: 'any' | 'fresh' = 'any'
    this.running.beginCall()
    try {
      for (;;) {
        try {
          if (this.#beginAttempt(exchange) === 'in the next turn') await nextTurn()
          const leased = this.#lease(exchange, kind)
          const connection =
            leased instanceof Promise ? this.#unlessCancelled(exchange, await leased) : leased
          if (exchange.isTraced && connection.dialTimings !== null)
            this.#tellOpenerOfEnd(exchange, connection)
          const start = await connection.exchange(exchange)
          const response = this.#responseOf(exchange, connection, start, maxBodyBytes)
          if (response.status < 300) return endsBody ? handOver(response) : response
          if (response.status < 400 && redirects !== null)
            chain ??= new RedirectChain(exchange.request, redirects, this.urls)
          const next = nextRequest(exchange, response, chain)
          if (next === null) return endsBody ? handOver(response) : response
          response.discard()
          const { status } = response
          exchange.trace(
            status === 417 ? { type: 'retry' } : { type: 'redirect', status, location: next.url },
          )
          exchange = exchange.followedBy(next)
          if (chain !== null) exchange.redirects = chain.followed
          kind = 'any'
        } catch (error) {
          // At most once: a new connection cannot be stale.
          if (kind === 'fresh' || !mayResend(exchange, error)) throw error
          kind = 'fresh'
          exchange.trace({ type: 'retry' })
        }
      }
    } catch (error) {
      exchange.end()
      exchange.traceFailure(exchange.cancelled === null ? error : exchange.cancelled.reason)
      throw exchange.cancelled === null ? error : exchange.cancelled.reason
    } finally {
      if (endsBody) discardBody(first.request, first.cancelled?.reason)
      this.running.endCall()
    }
  }

  /** Requests that begin while others are on their way are written together, behind everything that has come by then. */
  #beginAttempt(exchange: Exchange): 'now' | 'in the next turn' {
    const { request } = exchange
    if (isChunked(request) && this.#http10.has(request.origin.href)) throw needsLength(request)
    exchange.beginAttempt()
    const canWait = this.running.exchangeCount > 1 || this.pool.hasRested(request.origin)
    return canWait ? 'in the next turn' : 'now'
  }

  #lease(exchange: Exchange, kind: 'any' | 'fresh'): H1Connection | Promise<H1Connection> {
    exchange.throwIfCancelled()
    return this.pool.lease(exchange, kind)
  }

  #unlessCancelled(exchange: Exchange, connection: H1Connection): H1Connection {
    if (exchange.cancelled !== null) this.pool.release(connection)
    exchange.throwIfCancelled()
    return connection
  }

  #responseOf(
    exchange: Exchange,
    connection: H1Connection,
    start: ResponseStart,
    maxBodyBytes: number,
  ): ClientResponse {
    exchange.throwIfCancelled()
    this.#learnVersion(exchange.request.origin, start.head.minorVersion)
    const body = new ResponseBody(exchange, connection, start, this.pool)
    return new ClientResponse(exchange, start.head, body, maxBodyBytes)
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

  async #dial(
    origin: Origin,
    control: AbortController,
    onPhase: (phase: DialPhase) => void,
  ): Promise<H1Connection> {
    const target = { host: origin.hostname, port: origin.port, secure: origin.secure }
    const { stream, timings } = await this.#dialler.dial(target, control, onPhase)
    const connection = new H1Connection(stream, origin, this.#settings.limits)
    connection.dialTimings = timings
    this.#tellOfEnd(connection, this.#settings.onTrace)
    return connection
  }

  /** Whoever is told that a connection was opened is told of its end; the listener of the session that others extend is told of all. */
  #tellOpenerOfEnd({ settings }: Exchange, connection: H1Connection): void {
    const opener = withoutDebugLog(settings.onTrace)
    if (opener !== withoutDebugLog(this.#settings.onTrace)) this.#tellOfEnd(connection, opener)
  }

  #tellOfEnd(connection: H1Connection, listener: TraceListener | undefined): void {
    if (listener === undefined) return
    const { origin, closed } = connection
    void closed.then(() => {
      const at = this.running.deadlines.now()
      const { exchangeCount } = connection
      if (isWanted(listener)) tell(listener, { type: 'closed', at, origin: origin.href, exchangeCount })
    })
  }
}

/** A stream that nobody has asked for its content is told that nobody will. */
export function discardBody({ body }: FramedRequest, reason: unknown): void {
  if (body.kind === 'source') body.discard(reason)
}

export function sessionClosed(): UsageError {
  return new UsageError('ERR_HTTP_SESSION_CLOSED', 'the session is closed')
}

/** What an answer leads to; `null`: it is the caller's. */
function nextRequest(
  exchange: Exchange,
  { status, headers }: ClientResponse,
  chain: RedirectChain | null,
): FramedRequest | null {
  const { request } = exchange
  if (status === 417 && request.fields.expectsContinue) {
    return exchange.canSendAgain ? withoutExpect(request) : null
  }
  return chain === null ? null : chain.next(request, exchange, { status, headers })
}

function needsLength(request: FramedRequest): UsageError {
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
