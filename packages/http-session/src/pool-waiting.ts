import type { Exchange } from './exchange.ts'
import type { H1Connection } from './h1-connection.ts'
import type { Queued } from './pool-queue.ts'

/** Which connections a request can do with. `fresh`: only with one that was not used before. */
export type LeaseKind = 'any' | 'fresh'

/** A request that has no connection yet. While none is being opened for it, `timeouts.queueMs` passes. */
export class Waiting implements Queued<Waiting> {
  previous: Waiting | null = null
  next: Waiting | null = null
  isServed = false
  readonly exchange: Exchange
  readonly kind: LeaseKind
  readonly priority: number
  /** The lower, the longer it has waited. */
  readonly ticket: number
  readonly resolve: (connection: H1Connection) => void
  readonly reject: (error: unknown) => void
  /** Of `queueMs`. */
  #leftMs: number
  /** Since when there is no room; `null`: there is. */
  #since: number | null = null

  constructor(
    exchange: Exchange,
    facts: { readonly kind: LeaseKind; readonly ticket: number },
    resolve: (connection: H1Connection) => void,
    reject: (error: unknown) => void,
  ) {
    this.exchange = exchange
    this.kind = facts.kind
    this.#leftMs = exchange.settings.timeouts.queueMs
    this.priority = exchange.settings.priority ?? 0
    this.ticket = facts.ticket
    this.resolve = resolve
    this.reject = reject
  }

  served(): void {
    this.exchange.phase = 'connect'
    this.#limit('none')
  }

  unserved(): void {
    this.exchange.phase = 'queue'
    this.#limit('until there is room')
  }

  /** It waits no more, whatever has come of it. */
  left(): void {
    this.#limit('none')
    this.exchange.onCancel(null)
  }

  /** Whether it is next where both want room: strictly by priority, then by how long they have waited. */
  isBefore(other: Waiting): boolean {
    return this.priority === other.priority ? this.ticket < other.ticket : this.priority > other.priority
  }

  #limit(limit: 'none' | 'until there is room'): void {
    const { exchange } = this
    if (this.#leftMs === Infinity) return
    const now = exchange.deadlines.now()
    // What has passed without room counts, also if there was some in between.
    if (this.#since !== null) this.#leftMs = Math.max(0, this.#leftMs - (now - this.#since))
    this.#since = limit === 'none' ? null : now
    if (limit === 'none') exchange.awaitNothing()
    else exchange.awaitRoom(this.#leftMs)
  }
}
