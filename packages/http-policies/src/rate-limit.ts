import type { ClientRequest, ClientResponse, Middleware } from '@x/http-session'
import { ByOrigin } from './by-origin.ts'
import { RateLimitError } from './errors.ts'
import { checkCount, checkFunction, checkNumber, invalidOption, refuseUnknown } from './options.ts'
import { httpDate, retryAfterMs } from './retry-after.ts'
import { TokenBucket } from './token-bucket.ts'
import type { BucketLimits } from './token-bucket.ts'
import { named } from './named.ts'

/** How many requests leave, and how long they may wait for it. */
export interface RateLimitOptions {
  /** Requests to one origin within `intervalMs`. An integer >= 1. */
  requests: number
  /** Milliseconds; default 1,000. */
  intervalMs?: number
  /** Requests that may go at once after a quiet time; the others follow one by one. Default `requests`. */
  burst?: number
  /** Requests to one origin that may wait for their turn. Default 1,000. */
  maxWaiting?: number
  /** A longer `Retry-After` counts as so long; 0: none is heeded. Milliseconds; default 60,000. */
  maxRetryAfterMs?: number
  /**
   * Origins that are told apart; of more, the one that was asked longest ago is forgotten, but none for which requests wait or are on their way: while
   * there are more of those, all are kept. Default 1,000.
   */
  maxOrigins?: number
  /** Milliseconds since 1970, for a `Retry-After` that is a date. Default `Date.now`. */
  wallClock?: () => number
}

const KNOWN: ReadonlySet<string> = new Set<keyof RateLimitOptions>([
  'requests',
  'intervalMs',
  'burst',
  'maxWaiting',
  'maxRetryAfterMs',
  'maxOrigins',
  'wallClock',
])

/**
 * Sends requests to an origin no faster than that: the others wait for their turn, in the order in which they came. Where `maxWaiting` wait
 * already, the next one is refused with a RateLimitError. Each hop of a chain of redirects takes a turn of its own.
 *
 * A response of 429 or 503 with `Retry-After` (RFC 9110 section 10.2.3) lets nothing go to its origin for so long, those that wait included. Fields
 * that tell a quota (`RateLimit`, `X-RateLimit-…`) are not read: servers mean different things by them.
 *
 * The caller's signal and `totalMs` end the waiting. A turn that is given up so is lost, unless it was the last.
 *
 * @throws {UsageError} INVALID_OPTION.
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  refuseUnknown('rateLimit', options, KNOWN)
  const { requests, intervalMs = 1000, burst = requests, maxWaiting = 1000, maxOrigins = 1000 } = options
  const { maxRetryAfterMs = 60_000, wallClock = Date.now } = options
  const limits = {
    requests: checkFinite('requests', requests),
    intervalMs: checkNumber('intervalMs', intervalMs, 1, Number.MAX_SAFE_INTEGER),
    burst: checkFinite('burst', burst),
  }
  checkCount('maxWaiting', maxWaiting, 0)
  checkNumber('maxRetryAfterMs', maxRetryAfterMs, 0, Number.MAX_SAFE_INTEGER)
  checkFunction('wallClock', wallClock)
  const gates = new ByOrigin(checkCount('maxOrigins', maxOrigins, 1), () => new Gate(limits, maxWaiting))
  return named('rateLimit', async (request, next) => {
    const { origin } = request
    const gate = gates.take(origin)
    try {
      await gate.pass(request)
      const response = await next(request)
      const pauseMs = pauseAsked(response, wallClock)
      if (pauseMs > 0) gate.pause(request, Math.min(pauseMs, maxRetryAfterMs))
      return response
    } finally {
      gates.letGo(origin)
    }
  })
}

/** Before one origin. */
class Gate {
  readonly #bucket: TokenBucket
  readonly #maxWaiting: number
  #waitingCount = 0
  /** Resolves when the one that came last has passed, and all before it. */
  #last: Promise<void> = Promise.resolve()

  constructor(limits: BucketLimits, maxWaiting: number) {
    this.#bucket = new TokenBucket(limits)
    this.#maxWaiting = maxWaiting
  }

  /** Resolves when it is the request's turn. Rejects as `ClientRequest.wait`. */
  pass(request: ClientRequest): Promise<void> {
    const waitMs = this.#bucket.waitMs(request.now())
    if (waitMs > 0 && this.#waitingCount >= this.#maxWaiting)
      return Promise.reject(new RateLimitError(request.facts('queue'), this.#maxWaiting, waitMs))
    const before = this.#last
    const passed = this.#passBehind(before, request)
    this.#last = passed.catch(() => before)
    return passed
  }

  pause(request: ClientRequest, ms: number): void {
    const now = request.now()
    this.#bucket.pause(now + ms, now)
  }

  async #passBehind(before: Promise<void>, request: ClientRequest): Promise<void> {
    await this.#untilTurn(request)
    // Several may be due when the clock is looked at.
    await before
  }

  async #untilTurn(request: ClientRequest): Promise<void> {
    const turn = this.#bucket.take(request.now())
    this.#waitingCount += 1
    try {
      for (;;) {
        const ms = this.#bucket.untilMs(turn, request.now())
        if (ms === 0) return
        await request.wait(ms)
      }
    } catch (error) {
      this.#bucket.giveBack(turn)
      throw error
    } finally {
      this.#waitingCount -= 1
    }
  }
}

function pauseAsked({ status, headers }: ClientResponse, wallClock: () => number): number {
  if (status !== 429 && status !== 503) return 0
  const now = wallClock()
  return retryAfterMs(headers.get('retry-after'), httpDate(headers.get('date'), now) ?? now) ?? 0
}

function checkFinite(name: string, value: number): number {
  if (value === Infinity) throw invalidOption(name, 'must be finite')
  return checkCount(name, value, 1)
}
