import type { Deadline } from './deadlines.ts'
import type { Exchange } from './exchange.ts'
import type { H1Connection } from './h1-connection.ts'
import type { Origin } from './url.ts'

/** A request that has no connection yet. */
export interface Waiting {
  readonly exchange: Exchange
  /** `fresh`: it wants one that was not used before. */
  readonly kind: 'any' | 'fresh'
  /** The lower, the longer it has waited. */
  readonly ticket: number
  readonly resolve: (connection: H1Connection) => void
  readonly reject: (error: unknown) => void
}

/** A kept connection, until it is taken, dropped or too old. */
export class IdleConnection implements Deadline {
  at: number = Infinity
  place: number = -1
  readonly connection: H1Connection
  /** Milliseconds on the session's clock. */
  readonly since: number
  readonly #onTooOld: (idle: IdleConnection) => void

  constructor(connection: H1Connection, since: number, onTooOld: (idle: IdleConnection) => void) {
    this.connection = connection
    this.since = since
    this.#onTooOld = onTooOld
  }

  onDeadline(): void {
    this.#onTooOld(this)
  }
}

/** Everything about one origin, counted. */
export class Place {
  readonly origin: Origin
  /** The one used last stands last. */
  readonly idle: IdleConnection[] = []
  readonly waiting: Waiting[] = []
  /** Those that somebody waits for. */
  readonly dials: AbortController[] = []
  /** Connections whose response is there, and that will be idle in a moment. */
  settling = 0
  /** Connections that stand, idle ones included. */
  connected = 0
  /** Dials that nobody waits for any more and that have not ended yet. */
  #unwantedDials = 0

  constructor(origin: Origin) {
    this.origin = origin
  }

  /** Connections in all states. */
  get open(): number {
    return this.connected + this.dials.length + this.#unwantedDials
  }

  /** Requests for which no connection is on the way. */
  get unservedCount(): number {
    return Math.max(0, this.waiting.length - this.dials.length - this.settling)
  }

  /** Of the request that has waited longest among those. */
  get ticket(): number {
    return this.waiting[this.dials.length]?.ticket ?? Infinity
  }

  get isEmpty(): boolean {
    return this.open === 0 && this.waiting.length === 0
  }

  /** The first request that this connection can serve. */
  firstFor(connection: H1Connection): Waiting | undefined {
    return connection.used ? this.waiting.find(({ kind }) => kind === 'any') : this.waiting[0]
  }

  leave(waiting: Waiting): void {
    this.waiting.splice(this.waiting.indexOf(waiting), 1)
    waiting.exchange.onCancel(null)
  }

  beginDial(): AbortController {
    const dial = new AbortController()
    this.dials.push(dial)
    const forWhom = this.waiting[this.dials.length - 1]
    if (forWhom !== undefined) forWhom.exchange.phase = 'connect'
    return dial
  }

  /** @returns Whether somebody waited for it. */
  endDial(dial: AbortController): boolean {
    const index = this.dials.indexOf(dial)
    if (index >= 0) this.dials.splice(index, 1)
    else this.#unwantedDials -= 1
    return index >= 0
  }

  /** A dial that nobody waits for any more would only keep the process alive. */
  abortUnwantedDial(reason: unknown): void {
    if (this.dials.length <= this.waiting.length) return
    this.#unwantedDials += 1
    this.dials.pop()?.abort(reason)
  }

  takeAllIdle(): IdleConnection[] {
    return this.idle.splice(0)
  }

  /** A connection is over: it is not among the idle ones any more. */
  forget(connection: H1Connection, onIdle: (idle: IdleConnection) => void): void {
    const index = this.idle.findIndex((idle) => idle.connection === connection)
    if (index >= 0) for (const idle of this.idle.splice(index, 1)) onIdle(idle)
  }
}
