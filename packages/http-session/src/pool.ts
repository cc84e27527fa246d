/**
 * The connections of a session: who may have one now, who waits, which are kept.
 *
 * A connection is dialled, idle or leased; it is leased to one exchange and given back once. The last one given back is the first one taken, so
 * that a pool which is larger than its load shrinks. Each request that waits is served in its turn, by whichever connection is free first.
 */
import type { Deadline, Deadlines } from './deadlines.ts'
import { QueueError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { connectFailure } from './failure.ts'
import type { H1Connection } from './h1-connection.ts'
import { planPool } from './pool-plan.ts'
import type { Origin } from './url.ts'

export interface PoolOptions {
  readonly maxConnectionsPerOrigin: number
  readonly maxConnections: number
  readonly maxQueuedRequests: number
  readonly idleTimeoutMs: number
}

/** Opens a connection to an origin. */
export type Dial = (origin: Origin, signal: AbortSignal) => Promise<H1Connection>

interface Waiting {
  readonly exchange: Exchange
  readonly resolve: (connection: H1Connection) => void
  readonly reject: (error: unknown) => void
}

/** Everything about one origin. */
interface Place {
  readonly origin: Origin
  readonly idle: IdleConnection[]
  readonly waiting: Waiting[]
  readonly dials: AbortController[]
  /** Connections that stand, idle ones included. */
  connected: number
}

/** The peer's own time limit may pass while a request is on its way to it: stay clear of it by this much. */
const KEEP_ALIVE_MARGIN_MS = 1000

class IdleConnection implements Deadline {
  at = Infinity
  readonly connection: H1Connection
  readonly #onExpired: (idle: IdleConnection) => void

  constructor(connection: H1Connection, onExpired: (idle: IdleConnection) => void) {
    this.connection = connection
    this.#onExpired = onExpired
  }

  onDeadline(): void {
    this.#onExpired(this)
  }
}

export class Pool {
  readonly #dial: Dial
  readonly #deadlines: Deadlines
  readonly #options: PoolOptions
  readonly #places = new Map<string, Place>()
  #openInAll = 0
  #idleInAll = 0
  #waiting = 0
  #closed = false

  constructor(dial: Dial, deadlines: Deadlines, options: PoolOptions) {
    this.#dial = dial
    this.#deadlines = deadlines
    this.#options = options
  }

  /**
   * A connection to the request's origin, leased to this exchange: at once where one is idle, else as soon as there is one.
   *
   * @param kind `fresh`: not one that was used before.
   * @throws {QueueError} QUEUE_FULL.
   */
  lease(exchange: Exchange, kind: 'any' | 'fresh'): H1Connection | Promise<H1Connection> {
    const place = this.#placeOf(exchange.request.origin)
    if (kind === 'fresh') for (const idle of place.idle.slice()) this.#dropIdle(place, idle)
    const plan = planPool({
      idle: this.#usableIdle(place),
      open: place.connected + place.dials.length,
      openInAll: this.#openInAll,
      idleElsewhere: this.#idleInAll - place.idle.length,
      waiting: this.#waiting,
      maxPerOrigin: this.#options.maxConnectionsPerOrigin,
      maxInAll: this.#options.maxConnections,
      maxWaiting: this.#options.maxQueuedRequests,
    })
    if (plan === 'reuse') return this.#takeIdle(place)
    if (plan === 'refuse') throw new QueueError(exchange.facts(), this.#options.maxQueuedRequests)
    if (plan === 'evict') this.#evictOldestIdle()
    if (plan === 'open' || plan === 'evict') void this.#open(place)
    return this.#wait(place, exchange)
  }

  /** Takes a connection back: kept or handed on where it can be used again, else closed. */
  release(connection: H1Connection): void {
    if (connection.lost) return // its end was counted, or will be when it is told
    const place = this.#placeOf(connection.origin)
    if (!connection.isReusable) return connection.close()
    this.#offer(place, connection)
  }

  /** Closes what is idle, now and from now on. */
  close(): void {
    this.#closed = true
    for (const place of this.#places.values())
      for (const idle of place.idle.slice()) this.#dropIdle(place, idle)
  }

  #placeOf(origin: Origin): Place {
    let place = this.#places.get(origin.href)
    if (place === undefined) {
      place = { origin, idle: [], waiting: [], dials: [], connected: 0 }
      this.#places.set(origin.href, place)
    }
    return place
  }

  /** Idle connections that are still good; the others are dropped on the way. */
  #usableIdle(place: Place): number {
    for (
      let last = place.idle.at(-1);
      last !== undefined && !last.connection.isReusable;
      last = place.idle.at(-1)
    )
      this.#dropIdle(place, last)
    return place.idle.length
  }

  #takeIdle(place: Place): H1Connection {
    const idle = place.idle.pop()!
    this.#idleInAll -= 1
    this.#deadlines.clear(idle)
    idle.connection.ref()
    return idle.connection
  }

  #dropIdle(place: Place, idle: IdleConnection): void {
    place.idle.splice(place.idle.indexOf(idle), 1)
    this.#idleInAll -= 1
    this.#deadlines.clear(idle)
    idle.connection.close()
  }

  #evictOldestIdle(): void {
    let oldest: { place: Place; idle: IdleConnection } | null = null
    for (const place of this.#places.values()) {
      const idle = place.idle[0]
      if (
        idle !== undefined &&
        (oldest === null || idle.connection.idleSince < oldest.idle.connection.idleSince)
      )
        oldest = { place, idle }
    }
    if (oldest !== null) this.#dropIdle(oldest.place, oldest.idle)
  }

  #wait(place: Place, exchange: Exchange): Promise<H1Connection> {
    return new Promise((resolve, reject) => {
      const waiting = { exchange, resolve, reject }
      place.waiting.push(waiting)
      this.#waiting += 1
      exchange.onCancel((reason) => {
        this.#unqueue(place, waiting)
        // A dial that nobody waits for any more would only keep the process alive.
        if (place.dials.length > place.waiting.length) place.dials.pop()?.abort(reason)
        reject(reason)
      })
    })
  }

  #unqueue(place: Place, waiting: Waiting): void {
    place.waiting.splice(place.waiting.indexOf(waiting), 1)
    this.#waiting -= 1
    waiting.exchange.onCancel(null)
  }

  async #open(place: Place): Promise<void> {
    const dial = new AbortController()
    place.dials.push(dial)
    this.#openInAll += 1
    try {
      const connection = await this.#dial(place.origin, dial.signal)
      void connection.closed.then(() => this.#onClosed(place, connection))
      place.connected += 1
      this.#openInAll += 1 // the dial's own is taken back below
      if (dial.signal.aborted) connection.close()
      else this.#offer(place, connection)
    } catch (error) {
      if (!dial.signal.aborted) this.#refuseFirst(place, error)
    }
    const index = place.dials.indexOf(dial)
    if (index >= 0) place.dials.splice(index, 1)
    this.#openInAll -= 1
    this.#openForWaiting()
  }

  /** To the first that waits, or among the idle ones. */
  #offer(place: Place, connection: H1Connection): void {
    const first = place.waiting[0]
    if (first !== undefined) {
      this.#unqueue(place, first)
      return first.resolve(connection)
    }
    if (this.#closed) return connection.close()
    const idle = new IdleConnection(connection, (expired) => this.#dropIdle(place, expired))
    connection.idleSince = this.#deadlines.now()
    connection.unref()
    place.idle.push(idle)
    this.#idleInAll += 1
    this.#deadlines.set(idle, connection.idleSince + this.#idleTimeoutOf(connection))
    this.#openForWaiting()
  }

  #idleTimeoutOf({ persistence: { timeoutMs = Infinity } }: H1Connection): number {
    return Math.max(0, Math.min(this.#options.idleTimeoutMs, timeoutMs - KEEP_ALIVE_MARGIN_MS))
  }

  #refuseFirst(place: Place, error: unknown): void {
    const first = place.waiting[0]
    if (first === undefined) return
    this.#unqueue(place, first)
    first.reject(connectFailure(first.exchange, error))
  }

  #onClosed(place: Place, connection: H1Connection): void {
    connection.lost = true
    place.connected -= 1
    this.#openInAll -= 1
    const idle = place.idle.find((kept) => kept.connection === connection)
    if (idle !== undefined) this.#dropIdle(place, idle)
    if (place.connected === 0 && place.dials.length === 0 && place.waiting.length === 0)
      this.#places.delete(place.origin.href)
    this.#openForWaiting()
  }

  /** Room has become free: opens connections for those who wait and have none on the way. */
  #openForWaiting(): void {
    if (this.#waiting === 0) return
    for (const place of this.#places.values()) {
      while (
        place.waiting.length > place.dials.length &&
        place.connected + place.dials.length < this.#options.maxConnectionsPerOrigin
      ) {
        if (this.#openInAll >= this.#options.maxConnections) {
          if (this.#idleInAll === 0) return
          this.#evictOldestIdle()
        }
        void this.#open(place)
      }
    }
  }
}
