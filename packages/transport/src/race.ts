import type { Scheduler } from './scheduler.ts'

/** One attempt: settles exactly once, unless it is cancelled before. */
export type Attempt<C, T> = (
  candidate: C,
  settle: { won: (value: T) => void; failed: (error: Error) => void },
) => () => void

/** A race over `candidates`, one at least, in their order. */
export interface RacePlan<C, T> {
  readonly candidates: readonly C[]
  /** Head start of each candidate over the next; a failure starts the next at once. */
  readonly attemptDelayMs: number
  readonly scheduler: Scheduler
  readonly attempt: Attempt<C, T>
}

/**
 * RFC 8305 section 5: attempts start one after another, overlap, and the first to succeed wins; all others are cancelled.
 *
 * @returns Cancels the race and every attempt.
 */
export function race<C, T>(
  plan: RacePlan<C, T>,
  settle: { won: (value: T) => void; failed: (errors: Error[]) => void },
): () => void {
  const { candidates } = plan
  const errors: Error[] = []
  /** What cancels each attempt that has not ended. */
  const running: ((() => void) | undefined)[] = []
  let nextIndex = 0
  let failedCount = 0
  let over = false
  let stopTimer: (() => void) | undefined

  function cancel(): void {
    over = true
    stopTimer?.()
    for (const stop of running.splice(0)) stop?.()
  }

  function startNext(): void {
    stopTimer?.()
    if (over || nextIndex === candidates.length) return
    const index = nextIndex++
    if (nextIndex < candidates.length) stopTimer = plan.scheduler.setTimer(startNext, plan.attemptDelayMs)
    const stop = plan.attempt(candidates[index] as C, {
      won(value) {
        if (over) return
        running[index] = undefined
        cancel()
        settle.won(value)
      },
      failed(error) {
        if (over) return
        running[index] = undefined
        errors[index] = error
        failedCount++
        if (failedCount < candidates.length) return startNext()
        over = true
        settle.failed(errors)
      },
    })
    // It may have settled already, and ended the race.
    if (!over && errors[index] === undefined) running[index] = stop
  }

  startNext()
  return cancel
}
