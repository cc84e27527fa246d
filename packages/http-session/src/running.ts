import type { Deadlines } from './deadlines.ts'
import type { RequestFacts } from './errors.ts'

/** What runs in a session: calls until they settle, exchanges until their last byte. */
export class Running {
  readonly deadlines: Deadlines
  #callCount = 0
  #lastId = 0
  #exchangeCount = 0
  #cancelled: { readonly reason: unknown } | null = null
  #onQuiet: (() => void)[] = []

  constructor(deadlines: Deadlines) {
    this.deadlines = deadlines
  }

  /** Exchanges, bodies that are being read or dropped included. */
  get exchangeCount(): number {
    return this.#exchangeCount
  }

  /** For the next call that is traced. */
  nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }

  /** Somebody waits for a response: time limits keep the process alive. */
  beginCall(): void {
    this.#callCount += 1
    this.deadlines.hold()
  }

  endCall(): void {
    this.#callCount -= 1
    this.deadlines.letGo()
    this.#tellIfQuiet()
  }

  /** @throws The reason, where everything was given up. */
  beginExchange(): void {
    if (this.#cancelled !== null) throw this.#cancelled.reason
    this.#exchangeCount += 1
  }

  endExchange(): void {
    this.#exchangeCount -= 1
    this.#tellIfQuiet()
  }

  /**
   * Gives everything up, and what would still begin.
   *
   * @param reason Of what would still begin.
   * @param reasonFor Of a request that was begun.
   */
  cancelAll(reason: unknown, reasonFor: (facts: RequestFacts) => unknown): void {
    this.#cancelled = { reason }
    this.deadlines.cancelAll(reason, reasonFor)
  }

  /** Resolves when nothing runs any more. */
  async untilQuiet(): Promise<void> {
    while (!this.#isQuiet) await new Promise<void>((resolve) => this.#onQuiet.push(resolve))
  }

  get #isQuiet(): boolean {
    return this.#exchangeCount === 0 && this.#callCount === 0
  }

  #tellIfQuiet(): void {
    if (this.#onQuiet.length === 0 || !this.#isQuiet) return
    for (const resolve of this.#onQuiet.splice(0)) resolve()
  }
}
