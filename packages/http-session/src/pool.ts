/**
 * The connections of a session: who may have one now, who waits, which are kept.
 *
 * A connection is dialled, idle or leased; it is leased to one exchange and given back once. The last one given back is the first one taken, so
 * that a pool which is larger than its load shrinks. Requests to one origin are served in their order; where all origins together are at the
 * limit, whoever waits longest is next.
 */
import type { Deadline, Deadlines } from './deadlines.ts'
import { QueueError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { connectFailure } from './failure.ts'
import type { H1Connection } from './h1-connection.ts'
import { planPool } from './pool-plan.ts'
import { IdleConnection, Place } from './pool-place.ts'
import type { Waiting } from './pool-place.ts'
import type { Origin } from './url.ts'

export interface PoolOptions {
  readonly maxConnectionsPerOrigin: number
  readonly maxConnections: number
  readonly maxQueuedRequests: number
  readonly idleTimeoutMs: number
}

/** Opens a connection to an origin. */
export type Dial = (origin: Origin, signal: AbortSignal) => Promise<H1Connection>

/** The peer's own time limit may pass while a request is on its way to it: stay clear of it by this much. */
const KEEP_ALIVE_MARGIN_MS = 1000

/** A peer that has answered, and takes the last of the request this late, is not worth waiting for. */
const MAX_FLUSHING_MS = 1000

/** How long a connection is left alone behind a response that announced content which it must not have. */
const SUSPECT_MS = 5

/** A connection that has been idle for less was just heard of. */
const RESTED_MS = 1

export class Pool {
  readonly #dial: Dial
  readonly #deadlines: Deadlines
  readonly #options: PoolOptions
  readonly #places = new Map<string, Place>()
  #ticket = 0
  #waitingCount = 0
  #closed = false

  constructor(dial: Dial, deadlines: Deadlines, options: PoolOptions) {
    this.#dial = dial
    this.#deadlines = deadlines
    this.#options = options
  }

  /** Origins that something belongs to: a connection, a dial or a request. */
  get originCount(): number {
    return this.#places.size
  }

  /**
   * A connection to the request's origin, leased to this exchange: at once where one is idle, else as soon as there is one.
   *
   * @param kind `fresh`: not one that was used before.
   * @throws {QueueError} QUEUE_FULL.
   */
  lease(exchange: Exchange, kind: 'any' | 'fresh'): H1Connection | Promise<H1Connection> {
    const place = this.#placeOf(exchange.request.origin)
    // A kept connection that has died is seldom the only one.
    if (kind === 'fresh') for (const idle of place.takeAllIdle()) this.#drop(idle)
    return this.#takeIdle(place) ?? this.#wait(place, exchange, kind)
  }

  /**
   * Whether the connection that is next for this origin has been idle for a while. What its peer has sent meanwhile is seen only in the next turn,
   * and must not be taken for the answer to a request that is written before (P34).
   */
  hasRested(origin: Origin): boolean {
    const idle = this.#places.get(origin.href)?.idle.at(-1)
    return idle !== undefined && this.#deadlines.now() - idle.since >= RESTED_MS
  }

  /** Takes a connection back: handed on or kept where it can be used again, else closed. */
  release(connection: H1Connection): void {
    if (connection.lost) return // its end was counted, or will be when it is told
    if (connection.isSuspect) this.#releaseCleared(connection)
    else if (connection.isReusable) this.#offer(this.#placeOf(connection.origin), connection)
    else if (connection.isFlushing) void this.#releaseFlushed(connection)
    else connection.close()
  }

  async #releaseFlushed(connection: H1Connection): Promise<void> {
    const settled = this.#settling(connection, MAX_FLUSHING_MS, () => connection.close())
    await connection.flushed()
    settled()
  }

  #releaseCleared(connection: H1Connection): void {
    const settled = this.#settling(connection, SUSPECT_MS, () => {
      connection.clear()
      settled()
    })
    connection.unref()
  }

  /** Counts the connection among those that will be idle in a moment. @returns To be called once, when that is over. */
  #settling(connection: H1Connection, limitMs: number, onDeadline: () => void): () => void {
    const place = this.#placeOf(connection.origin)
    const limit: Deadline = { at: Infinity, place: -1, onDeadline }
    place.settling += 1
    this.#deadlines.set(limit, this.#deadlines.now() + limitMs)
    return () => {
      place.settling -= 1
      this.#deadlines.clear(limit)
      this.release(connection)
      // Whoever has counted on it needs another one, if it was lost meanwhile.
      this.#settle(place)
    }
  }

  /** Closes what is idle, now and from now on. */
  close(): void {
    this.#closed = true
    for (const place of this.#places.values()) for (const idle of place.takeAllIdle()) this.#drop(idle)
  }

  #placeOf(origin: Origin): Place {
    let place = this.#places.get(origin.href)
    if (place === undefined) {
      place = new Place(origin)
      this.#places.set(origin.href, place)
    }
    return place
  }

  /** The idle connection that was used last and is still good; the others are dropped on the way. */
  #takeIdle(place: Place): H1Connection | null {
    for (let idle = place.idle.pop(); idle !== undefined; idle = place.idle.pop()) {
      if (!idle.connection.isReusable) {
        this.#drop(idle)
        continue
      }
      this.#deadlines.clear(idle)
      idle.connection.ref()
      return idle.connection
    }
    return null
  }

  readonly #onTooOld = (idle: IdleConnection): void => {
    this.#placeOf(idle.connection.origin).forget(idle.connection, (old) => this.#drop(old))
  }

  #drop(idle: IdleConnection): void {
    this.#deadlines.clear(idle)
    idle.connection.close()
  }

  #wait(place: Place, exchange: Exchange, kind: 'any' | 'fresh'): Promise<H1Connection> {
    const plan = planPool({
      idle: 0,
      soonIdle: place.dials.length + (kind === 'any' ? place.settling : 0) - place.waiting.length,
      open: place.open,
      openInAll: this.#sum((each) => each.open),
      idleElsewhere: this.#sum((each) => each.idle.length),
      waiting: this.#sum((each) => each.unservedCount),
      maxPerOrigin: this.#options.maxConnectionsPerOrigin,
      maxInAll: this.#options.maxConnections,
      maxWaiting: this.#options.maxQueuedRequests,
    })
    if (plan === 'refuse') throw new QueueError(exchange.facts(), this.#options.maxQueuedRequests)
    if (plan === 'evict') this.#evictOldestIdle()
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { exchange, kind, ticket: this.#ticket++, resolve, reject }
      place.waiting.push(waiting)
      this.#waitingCount += 1
      exchange.onCancel((reason) => {
        this.#leave(place, waiting)
        place.abortUnwantedDial(reason)
        reject(reason)
        this.#settle(place)
      })
      // An evicted connection makes room when it is closed.
      if (plan === 'open') void this.#open(place)
    })
  }

  #leave(place: Place, waiting: Waiting): void {
    place.leave(waiting)
    this.#waitingCount -= 1
  }

  #sum(count: (place: Place) => number): number {
    let sum = 0
    for (const place of this.#places.values()) sum += count(place)
    return sum
  }

  #evictOldestIdle(): void {
    let oldest: IdleConnection | null = null
    for (const { idle } of this.#places.values()) {
      if (idle[0] !== undefined && (oldest === null || idle[0].since < oldest.since)) oldest = idle[0]
    }
    if (oldest === null) return
    this.#placeOf(oldest.connection.origin).idle.shift()
    this.#drop(oldest)
  }

  async #open(place: Place): Promise<void> {
    const dial = place.beginDial()
    try {
      const connection = await this.#dial(place.origin, dial.signal)
      // Counted until it is over, whatever becomes of it.
      place.connected += 1
      void connection.closed.then(() => {
        place.connected -= 1
        place.forget(connection, (idle) => this.#deadlines.clear(idle))
        this.#settle(place)
      })
      place.endDial(dial)
      this.#offer(place, connection)
    } catch (error) {
      const isWanted = place.endDial(dial)
      if (isWanted && place.waiting.length > place.dials.length) this.#refuseFirst(place, error)
    }
    this.#settle(place)
  }

  #refuseFirst(place: Place, error: unknown): void {
    const first = place.waiting[0]
    if (first === undefined) return
    this.#leave(place, first)
    first.reject(connectFailure(first.exchange, error))
  }

  /** To the first that waits for it, or among the idle ones. */
  #offer(place: Place, connection: H1Connection): void {
    const first = this.#mustMakeRoom(place) ? undefined : place.firstFor(connection)
    if (first !== undefined) {
      this.#leave(place, first)
      connection.ref()
      return first.resolve(connection)
    }
    // Whoever waits here wants another one, or somebody elsewhere has waited for longer: its place is worth more than it is.
    if (this.#closed || place.unservedCount > 0 || this.#mustMakeRoom(place)) return connection.close()
    const since = this.#deadlines.now()
    const idle = new IdleConnection(connection, since, this.#onTooOld)
    connection.unref()
    place.idle.push(idle)
    const keptMs = Math.min(this.#options.idleTimeoutMs, connection.peerTimeoutMs - KEEP_ALIVE_MARGIN_MS)
    this.#deadlines.set(idle, since + Math.max(0, keptMs))
  }

  /** Whether all connections are taken and the request that has waited longest wants one to another origin. */
  #mustMakeRoom(place: Place): boolean {
    if (this.#waitingCount === 0) return false
    if (this.#sum((each) => each.open) < this.#options.maxConnections) return false
    const next = this.#longestWaiting()
    return next !== null && next !== place && next.ticket < place.ticket
  }

  /** The place, with room for another connection, whose first request without one on the way has waited longest. */
  #longestWaiting(): Place | null {
    let longest: Place | null = null
    for (const place of this.#places.values()) {
      if (place.unservedCount === 0 || place.open >= this.#options.maxConnectionsPerOrigin) continue
      if (longest === null || place.ticket < longest.ticket) longest = place
    }
    return longest
  }

  /** Something has ended: opens connections where there is room now, forgets a place that nothing belongs to. */
  #settle(place: Place): void {
    for (
      let next = this.#waitingCount === 0 ? null : this.#longestWaiting();
      next !== null;
      next = this.#longestWaiting()
    ) {
      if (this.#sum((each) => each.open) >= this.#options.maxConnections) {
        this.#evictOldestIdle()
        break
      }
      void this.#open(next)
    }
    if (place.isEmpty && this.#places.get(place.origin.href) === place) this.#places.delete(place.origin.href)
  }
}
