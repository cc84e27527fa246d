/** Time that passes only when it is told to: tests of hours take no time, and give the same result each time. */

import { showAs } from './inspection.ts'
import { checkInteger, checkKnown } from './option-checks.ts'

interface Timer {
  readonly dueMs: number
  readonly callback: () => void
}

/** Time that passes when it is told to: what waits on it, waits without sleeping. */
export class VirtualClock {
  static {
    showAs(this.prototype, 'VirtualClock', (clock) => ({ nowMs: clock.now(), timerCount: clock.timerCount }))
  }

  #nowMs = 0
  /** In the order they are due; those due together in the order they were set. */
  readonly #timers: Timer[] = []

  /** Milliseconds since the clock was made. */
  now(): number {
    return this.#nowMs
  }

  /** Number of timers that are set. */
  get timerCount(): number {
    return this.#timers.length
  }

  /**
   * Runs `callback` once when `delayMs` have passed.
   *
   * @param delayMs 0 or more; Infinity never comes.
   * @returns Cancels it. Harmless when it has run.
   */
  setTimer(callback: () => void, delayMs: number): () => void {
    if (delayMs === Infinity) return () => {}
    const timer: Timer = { dueMs: this.#nowMs + Math.max(0, delayMs), callback }
    const behind = this.#timers.findIndex(({ dueMs }) => dueMs > timer.dueMs)
    this.#timers.splice(behind < 0 ? this.#timers.length : behind, 0, timer)
    return () => {
      const index = this.#timers.indexOf(timer)
      if (index >= 0) this.#timers.splice(index, 1)
    }
  }

  /**
   * Lets `ms` pass and runs, inside this call, every timer that falls due, those too that are set on the way. Promises that
   * they resolve are continued after this call; see `runUntilQuiet` for both.
   */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`time cannot pass by ${ms} ms`)
    const endMs = this.#nowMs + ms
    while (this.#timers[0] !== undefined && this.#timers[0].dueMs <= endMs) this.#runNext()
    this.#nowMs = endMs
  }

  /**
   * Lets everything that is under way happen: promises first, then the next timer, and so on until no timer is left. That
   * includes limits: a `close()` whose peer is stalled runs out of its grace.
   *
   * @throws {Error} More than `maxTimers` timers ran (default 100,000): something sets them for ever.
   */
  async runUntilQuiet(options: { maxTimers?: number } = {}): Promise<void> {
    checkKnown(options, { maxTimers: true })
    const { maxTimers = 100_000 } = options
    if (maxTimers !== Infinity) checkInteger('maxTimers', maxTimers, { min: 0, max: Number.MAX_SAFE_INTEGER })
    await turn()
    for (let count = 0; this.#timers.length > 0; count++) {
      if (count === maxTimers) throw new Error(`not quiet after ${maxTimers} timers`)
      this.#runNext()
      await turn()
    }
  }

  #runNext(): void {
    const timer = this.#timers.shift() as Timer
    this.#nowMs = timer.dueMs
    timer.callback()
  }
}

/** One turn of the event loop: all microtasks have run when it resolves. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0)
  })
}
