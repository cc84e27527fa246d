/** One call of the caller's on its way through the middlewares: what all requests that come of it share. */
import type { Deadline } from './deadlines.ts'
import { Exchange } from './exchange.ts'
import type { Redirect } from './redirect-chain.ts'
import type { RequestSettings } from './request-options.ts'
import { discardBody } from './request-runner.ts'
import type { RequestRunner } from './request-runner.ts'
import type { FramedRequest } from './request.ts'
import type { ClientResponse } from './response.ts'

export class Call {
  readonly runner: RequestRunner
  readonly settings: RequestSettings
  /** The redirects that led to the request which is on its way. */
  redirects: readonly Redirect[] = []
  /** Whose bodies are this call's, to be given up with it. */
  readonly #claimed = new Set<FramedRequest['body']>()
  readonly #requests: FramedRequest[] = []
  #last: Exchange | null = null
  /** The redirects behind which a request was sent last. */
  #sentFor: readonly Redirect[] | null = null
  /** One that goes nowhere, where something was asked about a request before any was begun. */
  #placeholder: Exchange | null = null

  constructor(runner: RequestRunner, settings: RequestSettings) {
    this.runner = runner
    this.settings = settings
  }

  /** The exchange that was begun last; for a call that has begun none, one that goes nowhere. */
  lastFor(request: FramedRequest): Exchange {
    if (this.#last === null) this.#last = this.#placeholder = this.#begin(request, null)
    return this.#last
  }

  /** The request's body belongs to the call from now on. @throws The reason, where the call was given up already. */
  claim(request: FramedRequest): void {
    const { body } = request
    if (this.#claimed.has(body)) return
    this.#claimed.add(body)
    this.#requests.push(request)
    if (body.kind === 'source') body.claim()
  }

  /** An exchange for this request, behind those that were before. @throws The reason, where the call was given up. */
  begin(request: FramedRequest): Exchange {
    this.#last = this.#begin(request, this.#last)
    return this.#last
  }

  /** Sends a request over the wire. */
  send(request: FramedRequest): Promise<ClientResponse> {
    this.claim(request)
    const isRetry = this.#sentFor === this.redirects
    this.#sentFor = this.redirects
    const exchange = this.begin(request)
    if (isRetry) exchange.trace({ type: 'retry' })
    const options = { redirects: null, endsBody: false }
    return this.runner.run(exchange, options, this.settings.maxBodyBytes)
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

  /** Nothing more will come of it: what was not opened of bodies never will be. */
  end(): void {
    this.#placeholder?.end()
    for (const request of this.#requests) discardBody(request, this.#last?.cancelled?.reason)
  }

  #begin(request: FramedRequest, before: Exchange | null): Exchange {
    const { running } = this.runner
    const exchange = new Exchange(request, running, this.settings.exchange, before)
    exchange.redirects = this.redirects
    return exchange
  }
}
