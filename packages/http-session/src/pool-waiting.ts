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

  constructor(
    exchange: Exchange,
    facts: { readonly kind: LeaseKind; readonly ticket: number },
    resolve: (connection: H1Connection) => void,
    reject: (error: unknown) => void,
  ) {
    this.exchange = exchange
    this.kind = facts.kind
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
    if (exchange.settings.timeouts.queueMs === Infinity) return
    if (limit === 'none') exchange.awaitNothing()
    else exchange.awaitRoom()
  }
}
