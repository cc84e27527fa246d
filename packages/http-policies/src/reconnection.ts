/** Whether a stream of events is asked for again, and when: a decision on plain facts. */

/** How the last connection ended. */
export type StreamEnding =
  /** The stream has ended in order or fell silent, or it broke off behind an event. */
  | { readonly kind: 'ended' }
  /** No stream came about, or it broke off before its first event. */
  | { readonly kind: 'failed'; readonly code: string }
  /** 204: the server does not want it any more. */
  | { readonly kind: 'refused' }

export interface ReconnectionFacts {
  readonly ending: StreamEnding
  /** Connections that have failed since the last event, but this one. */
  readonly failures: number
  /** What the server has said, else the option. */
  readonly retryMs: number
  readonly maxRetryMs: number
  readonly maxFailures: number
  /** 0 to below 1. */
  readonly random: number
}

export type ReconnectionPlan =
  | { readonly kind: 'reconnect'; readonly delayMs: number; readonly failures: number }
  | { readonly kind: 'end' }
  | { readonly kind: 'fail' }

/** What may pass by itself. A certificate, a blocked address, a redirect or credentials will be the same the next time. */
const PASSES =
  /^ERR_HTTP_(?:TIMEOUT_\w+|CONNECT_FAILED|DNS_FAILED|DNS_NOTFOUND|TLS_HANDSHAKE|STALE_CONNECTION|PEER_CLOSED|RESET|BODY_INCOMPLETE|QUEUE_FULL)$/

/** Whether what a stream has failed with may pass. */
export function mayPass(code: string): boolean {
  return PASSES.test(code)
}

/** No server is asked more often, whatever it says. */
const LEAST_DELAY_MS = 100

/** A stream that was there is asked for after `retryMs`; each failure since the last event doubles that, less up to a half at random. */
export function planReconnection(facts: ReconnectionFacts): ReconnectionPlan {
  const { ending, maxFailures } = facts
  if (ending.kind === 'refused') return { kind: 'end' }
  const failures = facts.failures + (ending.kind === 'failed' ? 1 : 0)
  if (ending.kind === 'failed' && (!mayPass(ending.code) || failures > maxFailures)) return { kind: 'fail' }
  return { kind: 'reconnect', delayMs: delayOf(failures, facts), failures }
}

function delayOf(failures: number, { maxRetryMs, random, ...facts }: ReconnectionFacts): number {
  const retryMs = Math.max(LEAST_DELAY_MS, facts.retryMs)
  if (failures === 0) return retryMs
  const longest = Math.max(retryMs, Math.min(maxRetryMs, retryMs * 2 ** failures))
  return Math.max(LEAST_DELAY_MS, longest * (1 - random / 2))
}
