/** Whether a request is sent again, and when: a decision on plain facts. */

/** How an attempt has ended. */
export type AttemptOutcome =
  | {
      readonly kind: 'response'
      readonly status: number
      /** What `Retry-After` asks for, in milliseconds; `null`: nothing. */
      readonly retryAfterMs: number | null
    }
  | {
      readonly kind: 'error'
      readonly code: string
      /** As errors of the session tell: nothing was sent; the method allows it; neither. */
      readonly retriable: 'safe' | 'idempotent' | 'no'
    }

export interface RetryLimits {
  readonly maxRetries: number
  readonly baseMs: number
  readonly maxDelayMs: number
  readonly maxRetryAfterMs: number
  readonly statuses: ReadonlySet<number>
}

export interface RetryFacts {
  readonly outcome: AttemptOutcome
  /** Retries so far. */
  readonly retries: number
  /** Whether the content can be had again, or there is none. */
  readonly canResendBody: boolean
  /** Whether the method is idempotent besides. */
  readonly isReplayable: boolean
  /** 0 to below 1. */
  readonly random: number
}

/** `deliver`: what came is the caller's. */
export type RetryPlan = { readonly kind: 'deliver' } | { readonly kind: 'retry'; readonly delayMs: number }

const DELIVER: RetryPlan = Object.freeze({ kind: 'deliver' })

/** More than anybody waits; and 0 times as much is 0. */
const MAX_DOUBLINGS = 52

/** They would be the same the next time, or to try again would make them worse. */
const LASTING = new Set([
  'ERR_HTTP_ADDRESS_BLOCKED',
  'ERR_HTTP_AUTH_CHALLENGE',
  'ERR_HTTP_AUTH_RSPAUTH',
  'ERR_HTTP_CIRCUIT_OPEN',
  'ERR_HTTP_DNS_NOTFOUND',
  'ERR_HTTP_PROXY_AUTH',
  'ERR_HTTP_QUEUE_FULL',
  'ERR_HTTP_RATE_LIMITED',
  'ERR_HTTP_TIMEOUT_QUEUE',
  'ERR_HTTP_TIMEOUT_TOTAL',
  'ERR_HTTP_TLS_CERT',
])

export function planRetry(facts: RetryFacts, limits: RetryLimits): RetryPlan {
  const { outcome, retries, random } = facts
  if (retries >= limits.maxRetries || !mayRepeat(facts, limits)) return DELIVER
  const asked = outcome.kind === 'response' ? outcome.retryAfterMs : null
  if (asked !== null && asked > limits.maxRetryAfterMs) return DELIVER
  // Full jitter: those that failed together do not come back together.
  const longestMs = Math.min(limits.maxDelayMs, limits.baseMs * 2 ** Math.min(retries, MAX_DOUBLINGS))
  const backoffMs = random * Math.min(longestMs, Number.MAX_SAFE_INTEGER)
  return { kind: 'retry', delayMs: (asked ?? 0) + backoffMs }
}

function mayRepeat({ outcome, canResendBody, isReplayable }: RetryFacts, { statuses }: RetryLimits): boolean {
  if (outcome.kind === 'response') return isReplayable && statuses.has(outcome.status)
  if (LASTING.has(outcome.code)) return false
  return outcome.retriable === 'safe' ? canResendBody : outcome.retriable === 'idempotent' && isReplayable
}
