/**
 * Deadlines that are moved far more often than they pass.
 *
 * One timer serves them all. It is set for the earliest moment that is known and, when it fires too early because that deadline has moved on,
 * looks for the next: moving a deadline costs no timer unless it becomes earlier than every other.
 *
 * A list, not a Set: a Set makes its table anew again and again, and each old table keeps what was in it from the young collector.
 */
import type { RequestFacts } from './errors.ts'
import type { Clock, StopTimer } from './ports.ts'

export interface Deadline {
  /** Milliseconds on the clock; `Infinity`: none. Written by `Deadlines` alone. */
  at: number
  /** Where it stands among all; -1: it is off. Written by `Deadlines` alone. */
  place: number
  /** The moment has passed. The deadline is off by then. */
  onDeadline(): void
  /** Gives up what the deadline is for. Without it: nothing is to be given up. */
  cancel?(reason: unknown): void
  /** What an error tells about what is given up. Without it: there is no request. */
  facts?(): RequestFacts
  /** Gives up what has come for somebody who has not begun to take it. */
  discardUnread?(): void
}

/** setTimeout cannot wait longer. */
const MAX_DELAY_MS = 2 ** 31 - 1

export class Deadlines {
  readonly #clock: Clock
  /** In no order. */
  readonly #all: Deadline[] = []
  #firesAt = Infinity
  #stopTimer: StopTimer | null = null
  #holds = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  now(): number {
    return this.#clock.now()
  }

  /** Sets or moves a deadline. */
  set(deadline: Deadline, at: number): void {
    deadline.at = at
    if (deadline.place < 0) deadline.place = this.#all.push(deadline) - 1
    if (at < this.#firesAt) this.#fireAt(at)
  }

  /** Takes a deadline away. The timer stops with the last one. */
  clear(deadline: Deadline): void {
    const { place } = deadline
    deadline.at = Infinity
    if (place < 0) return
    deadline.place = -1
    const last = this.#all.pop()!
    if (last !== deadline) {
      this.#all[place] = last
      last.place = place
    }
    if (this.#all.length === 0) this.#stop()
  }

  /** Gives up everything that has a deadline, be it never: each request for its own reason. */
  cancelAll(reason: unknown, reasonFor: (facts: RequestFacts) => unknown): void {
    for (const deadline of [...this.#all]) {
      const facts = deadline.facts?.()
      deadline.cancel?.(facts === undefined ? reason : reasonFor(facts))
    }
  }

  /** Gives up what nobody has begun to take. */
  discardUnread(): void {
    for (const deadline of [...this.#all]) deadline.discardUnread?.()
  }

  /** Somebody waits for what a deadline may end: until `letGo`, the timer keeps the process alive. */
  hold(): void {
    if (++this.#holds === 1) this.#stopTimer?.ref?.()
  }

  /** Takes one `hold` back. */
  letGo(): void {
    if (--this.#holds === 0) this.#stopTimer?.unref?.()
  }

  #stop(): void {
    this.#stopTimer?.()
    this.#stopTimer = null
    this.#firesAt = Infinity
  }

  #fireAt(at: number): void {
    this.#stopTimer?.()
    this.#firesAt = at
    const delayMs = Math.min(Math.max(0, at - this.#clock.now()), MAX_DELAY_MS)
    this.#stopTimer = this.#clock.setTimer(() => this.#fire(), Math.ceil(delayMs))
    if (this.#holds === 0) this.#stopTimer.unref?.()
  }

  #fire(): void {
    const now = this.#clock.now()
    this.#stopTimer = null
    this.#firesAt = Infinity
    for (const deadline of [...this.#all]) {
      if (deadline.at > now) continue
      this.clear(deadline)
      deadline.onDeadline()
    }
    let earliest = Infinity
    for (const { at } of this.#all) earliest = Math.min(earliest, at)
    if (earliest < this.#firesAt) this.#fireAt(earliest)
  }
}
