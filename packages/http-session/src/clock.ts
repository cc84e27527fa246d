import type { Clock } from './ports.ts'

/** The platform's own time. */
export const platformClock: Clock = {
  now: () => performance.now(),
  setTimer(callback, delayMs) {
    const timer: unknown = setTimeout(callback, delayMs)
    const stop = (): void => clearTimeout(timer as number)
    // Where a timer is an object (Node, Bun) it can be told whether to keep the process alive.
    if (typeof timer !== 'object' || timer === null || !('unref' in timer)) return stop
    const { ref, unref } = timer as unknown as { ref(): void; unref(): void }
    return Object.assign(stop, { ref: () => ref.call(timer), unref: () => unref.call(timer) })
  },
}
