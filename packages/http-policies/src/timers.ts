/** Waiting outside a request, where the session's clock is not to be had. */
import type { Clock } from '@x/http-session'

/** Longer ones end at once. */
const LONGEST_TIMER_MS = 2_147_483_647

/** The platform's. */
export const platformTimers: Pick<Clock, 'setTimer'> = {
  setTimer(callback, delayMs) {
    const timer = setTimeout(callback, Math.min(delayMs, LONGEST_TIMER_MS))
    return () => clearTimeout(timer)
  },
}

/** Resolves after `ms` milliseconds; it keeps the process alive. Rejects with `signal.reason`. */
export function waitFor(ms: number, clock: Pick<Clock, 'setTimer'>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // eslint-disable-next-line typescript/prefer-promise-reject-errors -- the reason is the caller's, whatever it is
    if (signal.aborted) return reject(signal.reason)
    const onAbort = (): void => {
      stop()
      // eslint-disable-next-line typescript/prefer-promise-reject-errors -- as above
      reject(signal.reason)
    }
    const stop = clock.setTimer(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
