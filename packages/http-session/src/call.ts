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
import { exchangeOf, handOver } from './response.ts'
import type { ClientResponse } from './response.ts'
import { nextTurn } from './turns.ts'

export class Call {
  readonly runner: RequestRunner
  readonly settings: RequestSettings
  /** The redirects that led to the request which is on its way. */
  redirects: readonly Redirect[] = []
  /** Times that one of its requests was put on a connection. */
  attempts = 0
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
  #givenUp: { readonly reason: unknown } | null = null
  /** Responses whose bodies had not come whole when they were there: of a server, and of a middleware. */
  #open: Map<ClientResponse, 'sent' | 'made'> | null = null
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
        facts: () => this.facts(request),
        // Those that hear of it by themselves go first: they tell more, and give back what they hold.
        onGivenUp: (reason) => {
          this.#givenUp = { reason }
          void nextTurn().then(() => (this.#end(reason), reject(reason)))
        },
      })
      chain().then(
        (response) => {
          this.#discardOthers(response)
          if (!guard.end()) return response.discard()
          this.#end(undefined)
          resolve(handOver(response))
        },
        (error: unknown) => {
          this.#discardOthers(null)
          guard.end()
          this.#end(error)
          reject(error)
        },
      )
    })
  }

  /** A middleware has answered. */
  answered(response: ClientResponse): void {
    if (!response.bodyComplete && this.#open?.has(response) !== true) this.#opened(response, 'made')
  }

  /** What an error tells about a request of this call. */
  facts(request: FramedRequest): RequestFacts {
    const { method, url } = request
    const elapsedMs = Math.round(this.runner.running.deadlines.now() - this.#startedAt)
    const last = this.#last?.facts() ?? { phase: 'queue', retriable: 'safe', sent: 'none' }
    return { ...last, attempts: this.attempts, method, url, elapsedMs }
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
    if (this.#givenUp !== null) throw this.#givenUp.reason
    if (this.#isOver) this.runner.throwIfClosed()
    const { running } = this.runner
    const exchange = new Exchange(request, running, this.settings.exchange, this.#last ?? this.#startedAt)
    exchange.redirects = this.redirects
    exchange.attempts = this.attempts
    exchange.attemptCounter = this
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
    if (!response.bodyComplete) this.#opened(response, 'sent')
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

  #opened(response: ClientResponse, by: 'sent' | 'made'): void {
    this.#open ??= new Map()
    this.#open.set(response, by)
  }

  /**
   * Gives up the responses that nobody has begun to read and that are not the call's answer, whatever the middlewares have forgotten. Where the answer
   * is made, and more of its body is to come, that may be made of them: then when it ends.
   */
  #discardOthers(answer: ClientResponse | null): void {
    if (this.#open === null) return
    const others = [...this.#open.keys()].filter((response) => response !== answer)
    if (others.length === 0) return
    const mayBeMadeOfThem = answer !== null && this.#open.get(answer) !== 'sent' && !exchangeOf(answer).isOver
    if (mayBeMadeOfThem) discardBehind(answer, others)
    else discardUnread(others)
  }

  /** The caller has its answer: what was not opened of bodies never will be, and nobody reads on in them. */
  #end(reason: unknown): void {
    this.#isOver = true
    for (const reading of this.#readings) reading.release(reason)
    for (const request of this.#requests) discardBody(request, reason)
  }
}

function discardUnread(responses: readonly ClientResponse[]): void {
  for (const response of responses) if (!response.bodyUsed) response.discard()
}

function discardBehind(answer: ClientResponse, responses: readonly ClientResponse[]): void {
  const exchange = exchangeOf(answer)
  const { onEnd } = exchange
  exchange.onEnd = () => {
    onEnd?.()
    discardUnread(responses)
  }
}
