import type { Deadlines } from './deadlines.ts'
import type { Phase, RequestFacts } from './errors.ts'
import { connectFailure } from './failure.ts'
import type { DialOwner } from './failure.ts'
import type { Dialling, DialHolder } from './pool-dialling.ts'
import type { Origin } from './url.ts'

/** Connections that are wanted before there are requests for them. */
export class Preconnection implements DialHolder, DialOwner {
  readonly cancelled = null
  phase: Phase = 'connect'
  /** Resolves when all its dials have succeeded; rejects with the first failure, or with what it was given up for. */
  readonly done: Promise<void>
  readonly #origin: Origin
  readonly #deadlines: Deadlines
  readonly #startedAt: number
  #dials: readonly Dialling[]
  #pendingCount: number
  #resolve: () => void = () => {}
  #reject: (reason: unknown) => void = () => {}

  /** @param dials All that it waits for. */
  constructor(origin: Origin, deadlines: Deadlines, dials: readonly Dialling[]) {
    this.#origin = origin
    this.#deadlines = deadlines
    this.#startedAt = deadlines.now()
    this.#dials = dials
    this.#pendingCount = dials.length
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    for (const dial of dials) dial.hold(this)
    if (dials.length === 0) this.#resolve()
  }

  dialOpened(): void {
    this.#pendingCount -= 1
    if (this.#pendingCount === 0) this.#resolve()
  }

  dialFailed(error: unknown): void {
    this.giveUp(connectFailure(this, error))
  }

  /** Wants none of its dials any more. */
  giveUp(reason: unknown): void {
    for (const dial of this.#dials) dial.letGo(this)
    this.#dials = []
    this.#reject(reason)
  }

  facts(): RequestFacts {
    return {
      // No token of HTTP's: there is no request.
      method: 'preconnect',
      url: this.#origin.href,
      phase: this.phase,
      retriable: 'safe',
      sent: 'none',
      attempts: 0,
      elapsedMs: Math.round(this.#deadlines.now() - this.#startedAt),
    }
  }
}
