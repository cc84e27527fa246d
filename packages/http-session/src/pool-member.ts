import type { Deadline } from './deadlines.ts'
import type { H1Connection } from './h1-connection.ts'
import type { Linked } from './pool-links.ts'
import type { Place } from './pool-place.ts'

/**
 * What the pool knows about a connection that stands. It is made once for each: a connection comes and goes between its exchanges without garbage.
 * As a deadline, and as a member of a line, it is the idle connection.
 */
export class PoolMember implements Deadline, Linked<PoolMember> {
  at: number = Infinity
  place: number = -1
  /** Idle for longer, of whatever origin. */
  previous: PoolMember | null = null
  next: PoolMember | null = null
  readonly connection: H1Connection
  /** Where it belongs. */
  readonly home: Place
  /** Milliseconds on the session's clock. */
  readonly openedAt: number
  /** Likewise: of one that is idle, since when. */
  idleSince: number
  readonly #onTooOld: (idle: PoolMember) => void

  constructor(connection: H1Connection, home: Place, openedAt: number, onTooOld: (idle: PoolMember) => void) {
    this.connection = connection
    this.home = home
    this.openedAt = openedAt
    this.idleSince = openedAt
    this.#onTooOld = onTooOld
  }

  /** It was idle for too long, or is too old. */
  onDeadline(): void {
    this.#onTooOld(this)
  }
}
