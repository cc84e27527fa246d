import { LinkedLine } from './pool-links.ts'
import type { Linked } from './pool-links.ts'

/** A member of a `WaitingLine`. */
export interface Queued<T> extends Linked<T> {
  /** The higher, the earlier; those of one priority are served in the order in which they came. */
  readonly priority: number
  /** Written by `WaitingLine` alone. */
  isServed: boolean
  /** It is among those that are served now. */
  served(): void
  /** It is not, from the beginning or not any more: one with a higher priority came, or less is on its way. */
  unserved(): void
}

/**
 * Who waits, in the order in which they get what they wait for, and who of them is served: something is on its way for as many as stand first.
 *
 * Members join and leave in constant time, whatever their number; each priority that is in use costs a step of a binary search.
 */
export class WaitingLine<T extends Queued<T>> {
  readonly #line = new LinkedLine<T>()
  /** The highest priority first. */
  readonly #lastOfEachPriority: T[] = []
  #lastServed: T | null = null
  #servedCount = 0
  #onTheWayCount = 0

  get first(): T | null {
    return this.#line.first
  }

  get length(): number {
    return this.#line.length
  }

  get firstUnserved(): T | null {
    return this.#lastServed === null ? this.#line.first : this.#lastServed.next
  }

  /** So much is on its way: as many are served, from the first one on. */
  serve(onTheWayCount: number): void {
    this.#onTheWayCount = onTheWayCount
    this.#moveBoundary()
  }

  /** Behind those of the same priority. It is told at once whether it is served. */
  join(member: T): void {
    const ends = this.#lastOfEachPriority
    const at = this.#indexOf(member.priority)
    const end = ends[at]
    const isKnown = end?.priority === member.priority
    this.#line.insertBehind((isKnown ? end : ends[at - 1]) ?? null, member)
    if (isKnown) ends[at] = member
    else ends.splice(at, 0, member)
    if (member.next?.isServed === true) this.#markServed(member)
    this.#moveBoundary()
    if (!member.isServed) member.unserved()
  }

  /** @param member One of this line. It is told nothing. */
  leave(member: T): void {
    const { previous, priority } = member
    const ends = this.#lastOfEachPriority
    const at = this.#indexOf(priority)
    if (ends[at] === member) {
      if (previous?.priority === priority) ends[at] = previous
      else ends.splice(at, 1)
    }
    if (member.isServed) {
      member.isServed = false
      this.#servedCount -= 1
      if (this.#lastServed === member) this.#lastServed = previous
    }
    this.#line.remove(member)
    this.#moveBoundary()
  }

  /** Of the first priority that is not higher. */
  #indexOf(priority: number): number {
    const ends = this.#lastOfEachPriority
    let low = 0
    for (let high = ends.length; low < high;) {
      const middle = (low + high) >> 1
      if (ends[middle]!.priority > priority) low = middle + 1
      else high = middle
    }
    return low
  }

  #markServed(member: T): void {
    member.isServed = true
    this.#servedCount += 1
    member.served()
  }

  #moveBoundary(): void {
    while (this.#servedCount < this.#onTheWayCount) {
      const next = this.firstUnserved
      if (next === null) break
      this.#lastServed = next
      this.#markServed(next)
    }
    while (this.#servedCount > this.#onTheWayCount && this.#lastServed !== null) {
      const last: T = this.#lastServed
      this.#lastServed = last.previous
      this.#servedCount -= 1
      last.isServed = false
      last.unserved()
    }
  }
}
