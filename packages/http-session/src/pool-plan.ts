/** What the pool knows when a request wants a connection: numbers alone, so that the decision is a pure one. */
export interface PoolSnapshot {
  /** Idle connections to the origin that may be used again. */
  readonly idle: number
  /** Connections to the origin that are being opened, or will be idle in a moment, less the requests that wait for them. */
  readonly soonIdle: number
  /** Connections to the origin, being opened ones included. */
  readonly open: number
  /** The same over all origins. */
  readonly openInAll: number
  /** Idle connections to other origins. */
  readonly idleElsewhere: number
  /** Requests that wait, in all. */
  readonly waiting: number
  readonly maxPerOrigin: number
  readonly maxInAll: number
  readonly maxWaiting: number
}

/**
 * `reuse` an idle connection; `open` another one; `evict` an idle one of another origin, then open; `wait` for one of this origin, or for room;
 * `refuse`: the queue is full.
 */
export type PoolPlan = 'reuse' | 'open' | 'evict' | 'wait' | 'refuse'

export function planPool(pool: PoolSnapshot): PoolPlan {
  if (pool.idle > 0) return 'reuse'
  // It takes no place in the queue: a connection is on its way.
  if (pool.soonIdle > 0) return 'wait'
  if (pool.open < pool.maxPerOrigin) {
    if (pool.openInAll < pool.maxInAll) return 'open'
    if (pool.idleElsewhere > 0) return 'evict'
  }
  return pool.waiting < pool.maxWaiting ? 'wait' : 'refuse'
}
