import { RequestError } from '@x/http-session'
import type { ClientRequest, ClientResponse, Middleware, Next } from '@x/http-session'
import { checkCount, checkFunction, checkNumber, invalidOption, refuseUnknown } from './options.ts'
import { httpDate, retryAfterMs } from './retry-after.ts'
import { RetryBudget } from './retry-budget.ts'
import type { RetryBudgetOptions } from './retry-budget.ts'
import { planRetry } from './retry-plan.ts'
import type { AttemptOutcome, RetryLimits, RetryPlan } from './retry-plan.ts'
import { named } from './named.ts'

/** What is about to be tried again. */
export interface RetryAttempt {
  /** As it will be sent again. */
  readonly request: ClientRequest
  /** Retries so far: 0 before the first. */
  readonly retries: number
  /** Milliseconds. */
  readonly delayMs: number
  /** The response that will be given up, or `null`. */
  readonly response: ClientResponse | null
  /** What the request has failed with, or `undefined`. */
  readonly error: unknown
}

/** What is sent again, how often, and after how long. */
export interface RetryOptions {
  /** Default 2. */
  maxRetries?: number
  /** The first wait is up to so long, each further one up to twice the one before. Milliseconds; default 100. */
  baseMs?: number
  /** No wait is longer, but for `Retry-After`. Milliseconds; default 10,000. */
  maxDelayMs?: number
  /** A response that asks for a longer wait is the caller's. Milliseconds; default 60,000. */
  maxRetryAfterMs?: number
  /** Statuses that are tried again. Default 408, 425, 429, 500, 502, 503, 504. */
  statuses?: readonly number[]
  /** Retries as a share of requests, over all origins. Default `{ ratio: 0.1, reserve: 10 }`; `false`: no such limit. */
  budget?: RetryBudgetOptions | false
  /** Called before each wait; to answer `false` ends it there. What it throws is what the request rejects with. */
  onRetry?: (attempt: RetryAttempt) => boolean | void
  /** 0 to below 1. Default `Math.random`. */
  random?: () => number
  /** Milliseconds since 1970, for a `Retry-After` that is a date. Default `Date.now`. */
  wallClock?: () => number
}

const KNOWN: ReadonlySet<string> = new Set<keyof RetryOptions>([
  'maxRetries',
  'baseMs',
  'maxDelayMs',
  'maxRetryAfterMs',
  'statuses',
  'budget',
  'onRetry',
  'random',
  'wallClock',
])
const KNOWN_OF_BUDGET: ReadonlySet<string> = new Set<keyof RetryBudgetOptions>(['ratio', 'reserve'])
const STATUSES = [408, 425, 429, 500, 502, 503, 504]

/**
 * Sends requests again that failed for what may pass: with exponential backoff and full jitter, as `Retry-After` asks, within a budget.
 *
 * Only where it can do no harm: nothing was sent; or the method is idempotent and the content can be had again (RFC 9110 section 9.2.2). What
 * would fail again (a name that does not exist, a certificate, a blocked address) is not tried. The caller's signal and `totalMs` end the waiting.
 *
 * @throws {UsageError} INVALID_OPTION.
 */
export function retry(options: RetryOptions = {}): Middleware {
  refuseUnknown('retry', options, KNOWN)
  const limits = limitsOf(options)
  const budget = budgetOf(options.budget ?? {})
  const onRetry = options.onRetry === undefined ? undefined : checkFunction('onRetry', options.onRetry)
  const random = checkFunction('random', options.random ?? Math.random)
  const wallClock = checkFunction('wallClock', options.wallClock ?? Date.now)
  return named('retry', async (request, next) => {
    budget?.requestBegun()
    for (let retries = 0; ; retries++) {
      const { outcome, response, error } = await attempt(request, next, wallClock)
      const { canResendBody, isReplayable } = request
      const plan: RetryPlan =
        outcome === null
          ? { kind: 'deliver' }
          : planRetry({ outcome, retries, canResendBody, isReplayable, random: random() }, limits)
      const isAllowed =
        plan.kind === 'retry' &&
        (budget === null || budget.hasOne) &&
        isAgreed(onRetry, { request, retries, delayMs: plan.delayMs, response, error }) &&
        // Last: a retry that is not wanted is none.
        (budget === null || budget.take())
      if (!isAllowed) {
        if (response === null) throw error
        return response
      }
      response?.discard()
      await request.wait(plan.delayMs)
    }
  })
}

/** @throws What `onRetry` throws; the response is given up then. */
function isAgreed(onRetry: RetryOptions['onRetry'], attempted: RetryAttempt): boolean {
  try {
    return onRetry?.(attempted) !== false
  } catch (error) {
    attempted.response?.discard()
    throw error
  }
}

/** Sends a request, and tells how that has ended. `outcome` is `null` where the request was given up or is not valid. */
export async function attempt(
  request: ClientRequest,
  next: Next,
  wallClock: () => number,
): Promise<{ outcome: AttemptOutcome | null; response: ClientResponse | null; error?: unknown }> {
  try {
    const response = await next(request)
    const { status, headers } = response
    const now = wallClock()
    const asked = retryAfterMs(headers.get('retry-after'), httpDate(headers.get('date'), now) ?? now)
    return { outcome: { kind: 'response', status, retryAfterMs: asked }, response }
  } catch (error) {
    if (!(error instanceof RequestError)) return { outcome: null, response: null, error }
    const { code, retriable } = error
    return { outcome: { kind: 'error', code, retriable }, response: null, error }
  }
}

/** @throws {UsageError} INVALID_OPTION. */
export function limitsOf(options: RetryOptions): RetryLimits {
  const { maxRetries = 2, baseMs = 100, maxDelayMs = 10_000, maxRetryAfterMs = 60_000 } = options
  const { statuses = STATUSES } = options
  if (!Array.isArray(statuses) || !statuses.every((one) => Number.isInteger(one) && one >= 400 && one <= 599))
    throw invalidOption('statuses', 'must be a list of integers of 400 to 599')
  return {
    maxRetries: checkCount('maxRetries', maxRetries, 0),
    baseMs: checkNumber('baseMs', baseMs, 0, Infinity),
    maxDelayMs: checkNumber('maxDelayMs', maxDelayMs, 0, Infinity),
    maxRetryAfterMs: checkNumber('maxRetryAfterMs', maxRetryAfterMs, 0, Infinity),
    statuses: new Set(statuses),
  }
}

function budgetOf(options: RetryBudgetOptions | false): RetryBudget | null {
  if (options === false) return null
  refuseUnknown('budget', options, KNOWN_OF_BUDGET)
  const { ratio = 0.1, reserve = 10 } = options
  return new RetryBudget(checkNumber('budget.ratio', ratio, 0, 1), checkCount('budget.reserve', reserve, 1))
}
