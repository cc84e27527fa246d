/** How long connections are good for. `Infinity`: no limit. */
export interface KeepingLimits {
  /** Longest time that a connection is kept without a request, in milliseconds. */
  readonly idleTimeoutMs: number
  /** How old a connection may be when an exchange begins on it, in milliseconds since it was opened. */
  readonly maxConnectionAgeMs: number
  /** Exchanges that a connection is used for at most. */
  readonly maxRequestsPerConnection: number
}

/** What a connection has behind it. */
export interface ConnectionWear {
  readonly ageMs: number
  readonly exchangeCount: number
}

/** The peer's own time limit may pass while a request is on its way to it: stay clear of it by this much (P36). */
const KEEP_ALIVE_MARGIN_MS = 1000

/** Whether no other exchange may begin on a connection. One that runs is not cut short. */
export function isWorn({ ageMs, exchangeCount }: ConnectionWear, limits: KeepingLimits): boolean {
  return exchangeCount >= limits.maxRequestsPerConnection || ageMs >= limits.maxConnectionAgeMs
}

/**
 * For how long a connection may be kept that is idle from now on; 0: it is closed at once. Of a peer that keeps it for no longer than the margin
 * nobody knows whether it still would take a request.
 *
 * @param peerTimeoutMs What the peer has said; `Infinity`: nothing.
 */
export function keptMs(ageMs: number, peerTimeoutMs: number, limits: KeepingLimits): number {
  return Math.max(
    0,
    Math.min(limits.idleTimeoutMs, peerTimeoutMs - KEEP_ALIVE_MARGIN_MS, limits.maxConnectionAgeMs - ageMs),
  )
}
