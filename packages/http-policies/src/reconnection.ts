/** Whether a stream of events is asked for again, and when: a decision on plain facts. */

/** How the last connection ended. */
export type StreamEnding =
  /** The stream has ended in order, or broke off, after it had begun. */
  | { readonly kind: 'ended' }
  /** No stream came about. */
  | { readonly kind: 'failed'; readonly code: string }
  /** 204: the server does not want it any more. */
  | { readonly kind: 'refused' }

export interface ReconnectionFacts {
  readonly ending: StreamEnding
  /** Connections before this one, without a pause, of which no stream came. */
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

/** A stream that was there is asked for after `retryMs`; each failure in a row doubles that, less up to a half at random. */
export function planReconnection(facts: ReconnectionFacts): ReconnectionPlan {
  const { ending, retryMs, maxRetryMs, random } = facts
  if (ending.kind === 'refused') return { kind: 'end' }
  if (ending.kind === 'ended') return { kind: 'reconnect', delayMs: retryMs, failures: 0 }
  const failures = facts.failures + 1
  if (!mayPass(ending.code) || failures > facts.maxFailures) return { kind: 'fail' }
  const longest = Math.max(retryMs, Math.min(maxRetryMs, retryMs * 2 ** failures))
  return { kind: 'reconnect', delayMs: longest * (1 - random / 2), failures }
}
