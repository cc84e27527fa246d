/** One call of the caller's on its way through the middlewares: what all requests that come of it share. */
import { BodyReading } from './body-reading.ts'
import { CallGuard } from './call-guard.ts'
import type { Deadline } from './deadlines.ts'
import { TimeoutError } from './errors.ts'
import type { RequestFacts } from './errors.ts'
import { Exchange } from './exchange.ts'
import type { Redirect } from './redirect-chain.ts'
import { asStreamed } from './request-body.ts'
import type { RequestSettings } from './request-options.ts'
import { discardBody } from './request-runner.ts'
import type { RequestRunner } from './request-runner.ts'
import type { FramedRequest } from './request.ts'
import { exchangeOf } from './response.ts'
import type { ClientResponse } from './response.ts'
import { nextTurn } from './turns.ts'

export class Call {
  readonly runner: RequestRunner
  readonly settings: RequestSettings
  /** The redirects that led to the request which is on its way. */
  redirects: readonly Redirect[] = []
  readonly #startedAt: number
  /** Whose bodies are this call's, to be given up with it. */
  readonly #claimed = new Set<FramedRequest['body']>()
  readonly #requests: FramedRequest[] = []
  /** Of bodies, that are under way. */
  readonly #readings = new Set<BodyReading>()
  /** The exchange that was begun last. */
  #last: Exchange | null = null
  /** The redirects behind which a request was sent last. */
  #sentFor: readonly Redirect[] | null = null
  #isOver = false

  constructor(runner: RequestRunner, settings: RequestSettings) {
    this.runner = runner
    this.settings = settings
    this.#startedAt = runner.running.deadlines.now()
  }

  /** What `chain` makes of a request. Rejects when the call is given up before, whatever the middlewares do then. */
  run(request: FramedRequest, chain: () => Promise<ClientResponse>): Promise<ClientResponse> {
    const { exchange } = this.settings
    return new Promise((resolve, reject) => {
      exchange.signal?.throwIfAborted()
      this.claim(request)
      const guard = new CallGuard({
        deadlines: this.runner.running.deadlines,
        signal: exchange.signal,
        endsAt: this.#startedAt + exchange.timeouts.totalMs,
        timeout: () =>
          new TimeoutError(this.facts(request), 'ERR_HTTP_TIMEOUT_TOTAL', exchange.timeouts.totalMs),
        // Those that hear of it by themselves go first: they tell more, and give back what they hold.
        onGivenUp: (reason) => void nextTurn().then(() => (this.#end(reason), reject(reason))),
      })
      chain().then(
        (response) => (guard.end() ? (this.#end(undefined), resolve(response)) : response.discard()),
        (error: unknown) => (guard.end(), this.#end(error), reject(error)),
      )
    })
  }

  /** What an error tells about a request of this call. */
  facts(request: FramedRequest): RequestFacts {
    const { method, url } = request
    const elapsedMs = Math.round(this.runner.running.deadlines.now() - this.#startedAt)
    const last = this.#last?.facts() ?? { phase: 'queue', retriable: 'safe', sent: 'none', attempts: 0 }
    return { ...last, method, url, elapsedMs }
  }

  /** The request's body belongs to the call from now on. */
  claim(request: FramedRequest): void {
    const { body } = request
    if (this.#claimed.has(body)) return
    this.#claimed.add(body)
    this.#requests.push(request)
    if (body.kind === 'source') body.claim()
  }

  /** Reads the request's content, in place of a connection. */
  openBody(request: FramedRequest): BodyReading {
    this.claim(request)
    const reading = new BodyReading(asStreamed(request.body).open, (ended) => this.#readings.delete(ended))
    this.#readings.add(reading)
    return reading
  }

  /**
   * An exchange for this request, behind those that were before.
   *
   * @throws The reason, where the call was given up; {UsageError} SESSION_CLOSED: it is over, and so is the session.
   */
  begin(request: FramedRequest): Exchange {
    if (this.#isOver) this.runner.throwIfClosed()
    const { running } = this.runner
    const exchange = new Exchange(request, running, this.settings.exchange, this.#last ?? this.#startedAt)
    exchange.redirects = this.redirects
    this.#last = exchange
    return exchange
  }

  /** Sends a request over the wire. */
  async send(request: FramedRequest): Promise<ClientResponse> {
    this.claim(request)
    const isRetry = this.#sentFor === this.redirects
    this.#sentFor = this.redirects
    const exchange = this.begin(request)
    if (isRetry) exchange.trace({ type: 'retry' })
    const options = { redirects: null, endsBody: false }
    const response = await this.runner.run(exchange, options, this.settings.maxBodyBytes)
    // Another one, where the request was repeated without `Expect`.
    if (this.#last === exchange) this.#last = exchangeOf(response)
    return response
  }

  /** What `promise` settles to; rejects when the call is given up before. Until then it keeps the process alive. */
  async until<T>(request: FramedRequest, promise: PromiseLike<T>): Promise<T> {
    const exchange = this.begin(request)
    exchange.hold()
    try {
      return await new Promise<T>((resolve, reject) => {
        exchange.onCancel(reject)
        promise.then(resolve, reject)
      })
    } finally {
      exchange.letGo()
      exchange.end()
    }
  }

  /** Resolves after `ms` milliseconds; rejects when the call is given up. It keeps the process alive. */
  async wait(request: FramedRequest, ms: number): Promise<void> {
    const { deadlines } = this.runner.running
    const alarm: Deadline = { at: Infinity, place: -1, onDeadline: () => {} }
    const passed = new Promise<void>((resolve) => (alarm.onDeadline = resolve))
    deadlines.set(alarm, deadlines.now() + ms)
    try {
      await this.until(request, passed)
    } finally {
      deadlines.clear(alarm)
    }
  }

  /** The caller has its answer: what was not opened of bodies never will be, and nobody reads on in them. */
  #end(reason: unknown): void {
    this.#isOver = true
    for (const reading of this.#readings) reading.release(reason)
    for (const request of this.#requests) discardBody(request, reason)
  }
}
