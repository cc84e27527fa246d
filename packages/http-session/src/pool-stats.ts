/** Connections of one origin as they are now, and the requests that wait for them. */
export interface OriginStats {
  /** Scheme, host and port: `https://example.com`. */
  readonly origin: string
  /** Being opened, those that nobody waits for any more included. */
  readonly connecting: number
  /** Kept for the next request. */
  readonly idle: number
  /** In use by an exchange. */
  readonly leased: number
  /** Closed here, but not over yet: they still count against the limits. */
  readonly closing: number
  /** Requests without a connection, those included for which one is being opened. */
  readonly waiting: number
}

/** What has happened since the session began. */
export interface PoolCounts {
  /** Connections that were opened. */
  readonly opened: number
  /** Connections that could not be opened; those that were given up do not count. */
  readonly failed: number
  /** Times that a connection was used again. */
  readonly reused: number
  /** Connections that are over, for whatever reason. */
  readonly closed: number
  /** Of those that were closed here: beyond `maxConnectionAgeMs` or `maxRequestsPerConnection`. */
  readonly retired: number
  /** Of those that were closed here: idle, or given back just then, and in the way of a request to another origin. */
  readonly evicted: number
  /** Requests that were sent again because their connection had died while it was kept. */
  readonly staleRetries: number
}

/** A snapshot of a session's connections: plain data, over all origins and for each that anything belongs to. */
export interface PoolStats extends Omit<OriginStats, 'origin'>, PoolCounts {
  /** Each origin that has a connection or a request. */
  readonly origins: readonly OriginStats[]
}

/** The same, to be counted up. */
export type RunningCounts = { -readonly [Name in keyof PoolCounts]: number }

export function noCounts(): RunningCounts {
  return { opened: 0, failed: 0, reused: 0, closed: 0, retired: 0, evicted: 0, staleRetries: 0 }
}

export function totalStats(origins: readonly OriginStats[], counts: PoolCounts): PoolStats {
  const total = { connecting: 0, idle: 0, leased: 0, closing: 0, waiting: 0 }
  for (const each of origins) {
    total.connecting += each.connecting
    total.idle += each.idle
    total.leased += each.leased
    total.closing += each.closing
    total.waiting += each.waiting
  }
  return { ...total, ...counts, origins }
}
