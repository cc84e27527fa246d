import type { Deadline, Deadlines } from './deadlines.ts'
import type { RequestFacts } from './errors.ts'
import { unwatchSignal, watchSignal } from './signal-watch.ts'

/** What a call is limited by. */
export interface CallGuardInit {
  readonly deadlines: Deadlines
  readonly signal: AbortSignal | undefined
  /** When its total time has passed. */
  readonly endsAt: number
  /** The error for that. */
  readonly timeout: () => unknown
  /** What an error tells about the call. */
  readonly facts: () => RequestFacts
  /** Called once, if the call is given up: by its signal, its total time or the session's end. */
  readonly onGivenUp: (reason: unknown) => void
}

/** Ends a call, be its middlewares deaf to everything. */
export class CallGuard implements Deadline {
  /** Kept by `Deadlines`. */
  at: number = Infinity
  /** Kept by `Deadlines`. */
  place: number = -1
  readonly #init: CallGuardInit
  #isOver = false

  constructor(init: CallGuardInit) {
    this.#init = init
    watchSignal(init.signal, this)
    init.deadlines.set(this, init.endsAt)
  }

  /** @returns Whether the call had not ended before. */
  end(): boolean {
    if (this.#isOver) return false
    this.#isOver = true
    unwatchSignal(this.#init.signal, this)
    this.#init.deadlines.clear(this)
    return true
  }

  /** The caller's signal is aborted. */
  handleEvent(): void {
    this.cancel(this.#init.signal?.reason)
  }

  onDeadline(): void {
    this.cancel(this.#init.timeout())
  }

  facts(): RequestFacts {
    return this.#init.facts()
  }

  cancel(reason: unknown): void {
    if (this.end()) this.#init.onGivenUp(reason)
  }
}
