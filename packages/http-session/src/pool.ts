/**
 * The connections of a session: who may have one now, who waits, which are kept.
 *
 * A connection is dialled, idle or leased; it is leased to one exchange and given back once. The last one given back is the first one taken, so
 * that a pool which is larger than its load shrinks. Requests to one origin are served by priority, then in their order; where all origins together
 * are at the limit, whoever comes first by the same rule over all origins is next. Nothing here takes longer the more origins or requests there are.
 */
import type { Deadlines } from './deadlines.ts'
import { QueueError, UsageError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { connectFailure } from './failure.ts'
import type { H1Connection } from './h1-connection.ts'
import type { Dialling } from './pool-dialling.ts'
import { isWorn, keptMs } from './pool-keeping.ts'
import type { KeepingLimits } from './pool-keeping.ts'
import { PoolMember } from './pool-member.ts'
import { Books, Place } from './pool-place.ts'
import { planPool } from './pool-plan.ts'
import { Preconnection } from './pool-preconnect.ts'
import { Settling } from './pool-settling.ts'
import { noCounts, totalStats } from './pool-stats.ts'
import type { PoolStats } from './pool-stats.ts'
import { Waiting } from './pool-waiting.ts'
import type { LeaseKind } from './pool-waiting.ts'
import type { DialPhase } from './ports.ts'
import { unwatchSignal, watchSignal } from './signal-watch.ts'
import type { Origin } from './url.ts'

export interface PoolOptions extends KeepingLimits {
  readonly maxConnectionsPerOrigin: number
  readonly maxConnections: number
  readonly maxQueuedRequests: number
}

/** Opens a connection to an origin. */
export type Dial = (
  origin: Origin,
  control: AbortController,
  onPhase: (phase: DialPhase) => void,
) => Promise<H1Connection>

/** A connection that has been idle for less was just heard of. */
const RESTED_MS = 1

export class Pool {
  readonly #dial: Dial
  readonly #deadlines: Deadlines
  readonly #options: PoolOptions
  readonly #places = new Map<string, Place>()
  readonly #books: Books
  readonly #settling: Settling
  readonly #counts = noCounts()
  readonly #preconnections = new Set<Preconnection>()
  #ticket = 0
  #closed = false

  constructor(dial: Dial, deadlines: Deadlines, options: PoolOptions) {
    this.#dial = dial
    this.#deadlines = deadlines
    this.#options = options
    this.#books = new Books(options.maxConnectionsPerOrigin)
    this.#settling = new Settling(deadlines, ({ connection, home }) => {
      this.release(connection)
      // Whoever has counted on it needs another one, if it was lost meanwhile.
      this.#settle(home)
    })
  }

  /** Origins that something belongs to: a connection, a dial or a request. */
  get originCount(): number {
    return this.#places.size
  }

  /** What there is now, and what was. */
  stats(): PoolStats {
    const origins = Array.from(this.#places.values(), ({ stats }) => stats)
    return totalStats(origins, this.#counts)
  }

  /**
   * A connection to the request's origin, leased to this exchange: at once where one is idle, else as soon as there is one.
   *
   * @param kind `fresh`: not one that was used before.
   * @throws {QueueError} QUEUE_FULL, whatever the priority.
   *
   * Where requests wait, those with a higher `priority` go first, however long others have waited: they can keep those with a lower one waiting for
   * ever, which only `queueMs` and `totalMs` end.
   */
  lease(exchange: Exchange, kind: LeaseKind): H1Connection | Promise<H1Connection> {
    const place = this.#placeOf(exchange.request.origin)
    if (kind === 'fresh') {
      // A kept connection that has died is seldom the only one.
      this.#dropAllIdle(place)
      this.#counts.staleRetries += 1
    }
    return this.#takeIdle(place) ?? this.#wait(place, exchange, kind)
  }

  /**
   * Opens connections for requests that are still to come, so that up to `count` are idle or on their way: as many as there is room for. No idle
   * connection of another origin gives way. A request that comes meanwhile takes the first one that is there.
   *
   * @param count An integer >= 0.
   * @returns How many there are: idle ones that were found, and those that were opened.
   * @throws {UsageError} SESSION_CLOSED: the pool is closed, or was meanwhile.
   * @throws {ConnectError} One of them could not be opened (`DnsError`, `TlsError`, `ProxyError`); the others are given up, as far as no request
   * waits for them.
   * @throws {TimeoutError} Likewise.
   *
   * Abort: rejects with `signal.reason`, likewise.
   */
  async preconnect(origin: Origin, count: number, signal?: AbortSignal): Promise<number> {
    signal?.throwIfAborted()
    if (this.#closed) throw sessionClosed()
    const place = this.#placeOf(origin)
    const dials = place.heldDials().slice(0, Math.max(0, count - place.idleCount))
    while (place.idleCount + dials.length < count && this.#hasRoom(place)) dials.push(this.#open(place))
    const foundCount = Math.min(count, place.idleCount) + dials.length
    const preconnection = new Preconnection(origin, this.#deadlines, dials)
    const watcher = { handleEvent: () => preconnection.giveUp(signal?.reason) }
    this.#preconnections.add(preconnection)
    watchSignal(signal, watcher)
    try {
      await preconnection.done
      return foundCount
    } catch (error) {
      place.abortUnwantedDials(error)
      throw error
    } finally {
      unwatchSignal(signal, watcher)
      this.#preconnections.delete(preconnection)
      this.#settle(place)
    }
  }

  /**
   * Whether the connection that is next for this origin has been idle for a while. What its peer has sent meanwhile is seen only in the next turn,
   * and must not be taken for the answer to a request that is written before (P34). One that should have been closed by now, had the process not
   * slept meanwhile, is closed.
   */
  hasRested(origin: Origin): boolean {
    const place = this.#places.get(origin.href)
    let idle = place?.nextIdle
    if (place === undefined || idle === undefined) return false
    const now = this.#deadlines.now()
    for (; idle !== undefined && idle.at <= now; idle = place.nextIdle) this.#drop(idle)
    return idle !== undefined && now - idle.idleSince >= RESTED_MS
  }

  /** Takes a connection back: handed on or kept where it can be used again, else closed. */
  release(connection: H1Connection): void {
    const { member } = connection
    if (member === null || connection.lost) return // its end was counted, or will be when it is told
    if (connection.isSuspect) this.#settling.clear(member)
    else if (connection.isReusable) this.#offer(member)
    else if (connection.isFlushing) void this.#settling.flush(member)
    else member.home.close(connection)
  }

  /** Closes what is idle, now and from now on. */
  close(): void {
    this.#closed = true
    for (const preconnection of this.#preconnections) preconnection.giveUp(sessionClosed())
    for (const place of this.#places.values()) this.#dropAllIdle(place)
  }

  #placeOf(origin: Origin): Place {
    let place = this.#places.get(origin.href)
    if (place === undefined) {
      place = new Place(origin, this.#books)
      this.#places.set(origin.href, place)
    }
    return place
  }

  /** The idle connection that was used last and is still good; the others are dropped on the way. */
  #takeIdle(place: Place): H1Connection | null {
    for (let idle = place.takeIdle(); idle !== undefined; idle = place.takeIdle()) {
      const { connection } = idle
      this.#deadlines.clear(idle)
      if (connection.isReusable) return this.#leased(connection)
      place.close(connection)
    }
    return null
  }

  #leased(connection: H1Connection): H1Connection {
    if (connection.exchangeCount > 0) this.#counts.reused += 1
    connection.ref()
    return connection
  }

  #drop(idle: PoolMember): void {
    this.#deadlines.clear(idle)
    idle.home.removeIdle(idle)
    idle.home.close(idle.connection)
  }

  #dropAllIdle(place: Place): void {
    for (let idle = place.nextIdle; idle !== undefined; idle = place.nextIdle) this.#drop(idle)
  }

  #wait(place: Place, exchange: Exchange, kind: LeaseKind): Promise<H1Connection> {
    const settling = kind === 'any' ? place.settlingCount : 0
    const plan = planPool({
      idle: 0,
      soonIdle: place.wantedDialCount + settling - place.waitingCount,
      open: place.openCount,
      openInAll: this.#books.openCount,
      idleElsewhere: this.#books.idle.length - place.idleCount,
      waiting: this.#books.unservedCount,
      maxPerOrigin: this.#options.maxConnectionsPerOrigin,
      maxInAll: this.#options.maxConnections,
      maxWaiting: this.#options.maxQueuedRequests,
    })
    if (plan === 'refuse') {
      this.#forgetEmpty(place)
      throw new QueueError(exchange.facts(), this.#options.maxQueuedRequests)
    }
    if (plan === 'evict') this.#evictOldestIdle()
    return new Promise((resolve, reject) => {
      const waiting = new Waiting(exchange, { kind, ticket: this.#ticket++ }, resolve, reject)
      place.join(waiting)
      exchange.onCancel((reason) => {
        place.leave(waiting)
        place.abortUnwantedDials(reason)
        reject(reason)
        this.#settle(place)
      })
      // An evicted connection makes room when it is closed.
      if (plan === 'open') this.#open(place)
    })
  }

  #evictOldestIdle(): void {
    const oldest = this.#books.idle.first
    if (oldest === null) return
    this.#counts.evicted += 1
    this.#drop(oldest)
  }

  #open(place: Place): Dialling {
    const dial = place.beginDial()
    void this.#openBy(dial, place)
    return dial
  }

  async #openBy(dial: Dialling, place: Place): Promise<void> {
    try {
      const connection = await this.#dial(place.origin, dial.controller, (phase) =>
        place.dialEntered(dial, phase),
      )
      const member = this.#began(place, connection)
      place.endDial(dial)
      this.#offer(member)
      dial.opened()
    } catch (error) {
      const isWanted = place.endDial(dial)
      if (isWanted) this.#dialFailed(dial, place, error)
    }
    this.#settle(place)
  }

  /** Counted until it is over, whatever becomes of it. */
  #began(place: Place, connection: H1Connection): PoolMember {
    const member = new PoolMember(connection, place, this.#deadlines.now(), this.#onTooOld)
    connection.member = member
    this.#counts.opened += 1
    place.connectionBegan()
    void connection.closed.then(() => {
      this.#counts.closed += 1
      this.#deadlines.clear(member)
      place.connectionEnded(member)
      this.#settle(place)
    })
    return member
  }

  /** Who wanted it before there was a request is told; else the first request that has counted on it. */
  #dialFailed(dial: Dialling, place: Place, error: unknown): void {
    this.#counts.failed += 1
    if (dial.isHeld) return dial.failed(error)
    const first = place.firstWithoutDial()
    if (first === null) return
    place.leave(first)
    first.reject(connectFailure(first.exchange, error))
  }

  /** To the first that waits for it, or among the idle ones. */
  #offer(member: PoolMember): void {
    const { connection, home: place } = member
    if (this.#isWorn(member)) {
      this.#counts.retired += 1
      return place.close(connection)
    }
    const mustMakeRoom = this.#mustMakeRoom(place)
    const first = mustMakeRoom ? null : place.firstFor(connection)
    if (first !== null) {
      place.leave(first)
      return first.resolve(this.#leased(connection))
    }
    // Whoever waits here wants another one, or somebody elsewhere is next: its place is worth more than it is.
    if (mustMakeRoom) this.#counts.evicted += 1
    if (this.#closed || place.unservedCount > 0 || mustMakeRoom) place.close(connection)
    else this.#keep(member)
  }

  #isWorn({ connection, openedAt }: PoolMember): boolean {
    const isAgeless = this.#options.maxConnectionAgeMs === Infinity
    const ageMs = isAgeless ? 0 : this.#deadlines.now() - openedAt
    return isWorn({ ageMs, exchangeCount: connection.exchangeCount }, this.#options)
  }

  #keep(member: PoolMember): void {
    const { connection, home } = member
    const now = this.#deadlines.now()
    const forMs = keptMs(now - member.openedAt, connection.peerTimeoutMs, this.#options)
    if (forMs === 0) return home.close(connection)
    connection.rest()
    member.idleSince = now
    home.addIdle(member)
    this.#deadlines.set(member, now + forMs)
  }

  readonly #onTooOld = (idle: PoolMember): void => this.#drop(idle)

  /** Whether all connections are taken, and the request that is next wants one to another origin and is not about to get room. */
  #mustMakeRoom(place: Place): boolean {
    const next = this.#books.needy.first
    if (next === null || this.#hasRoomInAll || !this.#needsMoreRoom) return false
    return next !== place && next.isBefore(place)
  }

  get #hasRoomInAll(): boolean {
    return this.#books.openCount < this.#options.maxConnections
  }

  /** Connections that are being closed make room in a moment. */
  get #needsMoreRoom(): boolean {
    return this.#books.closingCount < this.#books.unservedCount
  }

  #hasRoom(place: Place): boolean {
    return this.#hasRoomInAll && place.openCount < this.#options.maxConnectionsPerOrigin
  }

  /** Something has ended: opens connections where there is room now, forgets a place that nothing belongs to. */
  #settle(place: Place): void {
    const { needy } = this.#books
    for (let next = needy.first; next !== null && this.#hasRoomInAll; next = needy.first) this.#open(next)
    if (needy.first !== null && this.#needsMoreRoom) this.#evictOldestIdle()
    this.#forgetEmpty(place)
  }

  #forgetEmpty(place: Place): void {
    if (place.isEmpty && this.#places.get(place.origin.href) === place) this.#places.delete(place.origin.href)
  }
}

function sessionClosed(): UsageError {
  return new UsageError('ERR_HTTP_SESSION_CLOSED', 'the session is closed')
}
