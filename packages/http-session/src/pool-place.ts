import type { H1Connection } from './h1-connection.ts'
import type { PoolMember } from './pool-member.ts'
import { Dialling } from './pool-dialling.ts'
import { LinkedLine } from './pool-links.ts'
import { WaitingLine } from './pool-queue.ts'
import { Ranking } from './pool-ranking.ts'
import type { Ranked } from './pool-ranking.ts'
import type { OriginStats } from './pool-stats.ts'
import type { Waiting } from './pool-waiting.ts'
import type { DialPhase } from './ports.ts'
import type { Origin } from './url.ts'

/** What the pool counts over all origins: kept as it changes, never summed up. Written by the places alone. */
export class Books {
  /** Connections in all states, those that are being opened included. */
  openCount = 0
  /** Those of them that were closed here and are not over yet. */
  closingCount = 0
  /** Requests for which no connection is on the way. */
  unservedCount = 0
  /** Of all origins, the one that has been idle for longest first. */
  readonly idle: LinkedLine<PoolMember> = new LinkedLine()
  /** Places with such requests and with room for another connection; first, whose request is next. */
  readonly needy: Ranking<Place> = new Ranking((one, other) => one.isBefore(other))
  readonly maxPerOrigin: number

  constructor(maxPerOrigin: number) {
    this.maxPerOrigin = maxPerOrigin
  }
}

/** Everything about one origin, counted. */
export class Place implements Ranked {
  rankAt: number = -1
  readonly origin: Origin
  readonly #books: Books
  /** The one used last stands last. */
  readonly #idle: PoolMember[] = []
  readonly #waiting: WaitingLine<Waiting> = new WaitingLine()
  /** Those that somebody waits for. */
  readonly #dials: Dialling[] = []
  /** Dials that nobody waits for any more and that have not ended yet. */
  #unwantedDialCount = 0
  /** Connections that stand, in all states. */
  #connectedCount = 0
  #settlingCount = 0
  /** Connections that were closed here and are not over yet. */
  readonly #closing = new Set<H1Connection>()
  #unservedCount = 0

  constructor(origin: Origin, books: Books) {
    this.origin = origin
    this.#books = books
  }

  /** Connections in all states, those that are being opened included. */
  get openCount(): number {
    return this.#connectedCount + this.dialCount
  }

  get dialCount(): number {
    return this.#dials.length + this.#unwantedDialCount
  }

  /** Dials that somebody waits for. */
  get wantedDialCount(): number {
    return this.#dials.length
  }

  /** Connections whose response is there, and that will be idle in a moment. */
  get settlingCount(): number {
    return this.#settlingCount
  }

  get waitingCount(): number {
    return this.#waiting.length
  }

  /** Requests for which no connection is on the way. */
  get unservedCount(): number {
    return this.#unservedCount
  }

  get idleCount(): number {
    return this.#idle.length
  }

  /** The one that is taken next. */
  get nextIdle(): PoolMember | undefined {
    return this.#idle.at(-1)
  }

  get isEmpty(): boolean {
    return this.openCount === 0 && this.#waiting.length === 0
  }

  get stats(): OriginStats {
    const idle = this.#idle.length
    return {
      origin: this.origin.href,
      connecting: this.dialCount,
      idle,
      leased: this.#connectedCount - idle - this.#closing.size,
      closing: this.#closing.size,
      waiting: this.#waiting.length,
    }
  }

  /** Whether its next request goes before that of the other place. */
  isBefore(other: Place): boolean {
    const own = this.#waiting.firstUnserved
    const others = other.#waiting.firstUnserved
    return own !== null && (others === null || own.isBefore(others))
  }

  /** The first request that this connection can serve. */
  firstFor(connection: H1Connection): Waiting | null {
    let first = this.#waiting.first
    if (connection.used) while (first !== null && first.kind === 'fresh') first = first.next
    return first
  }

  /** The first request, where there are more than there are dials for them. */
  firstWithoutDial(): Waiting | null {
    return this.#waiting.length > this.#dials.length ? this.#waiting.first : null
  }

  join(waiting: Waiting): void {
    this.#waiting.join(waiting)
    this.#recount()
  }

  leave(waiting: Waiting): void {
    this.#waiting.leave(waiting)
    waiting.left()
    this.#recount()
  }

  beginDial(): Dialling {
    const dial = new Dialling()
    this.#dials.push(dial)
    this.#books.openCount += 1
    this.#recount()
    return dial
  }

  /** A dial has come to its next step: the request that counts on it fails in that, if it does. */
  dialEntered(dial: Dialling, phase: DialPhase): void {
    const index = this.#dials.indexOf(dial)
    // Of one that nobody waits for any more nobody is told.
    let waiting = index < 0 ? null : this.#waiting.first
    for (let ahead = index; ahead > 0 && waiting !== null; ahead--) waiting = waiting.next
    if (waiting?.isServed === true) waiting.exchange.phase = phase
  }

  /** @returns Whether somebody waited for it. */
  endDial(dial: Dialling): boolean {
    const index = this.#dials.indexOf(dial)
    if (index >= 0) this.#dials.splice(index, 1)
    else this.#unwantedDialCount -= 1
    this.#books.openCount -= 1
    this.#recount()
    return index >= 0
  }

  /** Dials that are wanted for requests that are still to come. */
  heldDials(): Dialling[] {
    return this.#dials.filter(({ isHeld }) => isHeld)
  }

  /** Dials that nobody waits for any more would only keep the process alive. */
  abortUnwantedDials(reason: unknown): void {
    while (this.#dials.length > this.#waiting.length) {
      const wantedCount = this.#waiting.length + this.heldDials().length
      const index = this.#dials.findLastIndex(({ isHeld }) => !isHeld)
      if (this.#dials.length <= wantedCount || index < 0) return
      const [dial] = this.#dials.splice(index, 1)
      this.#unwantedDialCount += 1
      this.#recount()
      dial?.controller.abort(reason)
    }
  }

  connectionBegan(): void {
    this.#connectedCount += 1
    this.#books.openCount += 1
    this.#recount()
  }

  /** It is over, idle or not. */
  connectionEnded(member: PoolMember): void {
    this.#connectedCount -= 1
    this.#books.openCount -= 1
    if (this.#closing.delete(member.connection)) this.#books.closingCount -= 1
    this.#recount()
    if (this.#idle.includes(member)) this.removeIdle(member)
  }

  /** Ends a connection in order; it counts until it is over. */
  close(connection: H1Connection): void {
    // Of one that was lost the end is told in a moment, or was.
    if (!connection.lost) {
      this.#closing.add(connection)
      this.#books.closingCount += 1
    }
    connection.close()
  }

  /** A connection will be idle in a moment. */
  beginSettling(): void {
    this.#settlingCount += 1
    this.#recount()
  }

  endSettling(): void {
    this.#settlingCount -= 1
    this.#recount()
  }

  addIdle(idle: PoolMember): void {
    this.#idle.push(idle)
    this.#books.idle.insertBehind(this.#books.idle.last, idle)
  }

  takeIdle(): PoolMember | undefined {
    const idle = this.#idle.pop()
    if (idle !== undefined) this.#books.idle.remove(idle)
    return idle
  }

  removeIdle(idle: PoolMember): void {
    this.#idle.splice(this.#idle.indexOf(idle), 1)
    this.#books.idle.remove(idle)
  }

  #recount(): void {
    const onTheWayCount = this.#dials.length + this.#settlingCount
    const unservedCount = Math.max(0, this.#waiting.length - onTheWayCount)
    this.#waiting.serve(this.#dials.length)
    this.#books.unservedCount += unservedCount - this.#unservedCount
    this.#unservedCount = unservedCount
    this.#books.needy.place(this, unservedCount > 0 && this.openCount < this.#books.maxPerOrigin)
  }
}
