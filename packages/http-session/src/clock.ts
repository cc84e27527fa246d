import type { Clock } from './ports.ts'

/** The platform's own time. */
export const platformClock: Clock = {
  now: () => performance.now(),
  setTimer(callback, delayMs) {
    const timer: unknown = setTimeout(callback, delayMs)
    // Where a timer is an object (Node, Bun) it would keep the process alive by itself.
    if (typeof timer === 'object' && timer !== null && 'unref' in timer) (timer as { unref(): void }).unref()
    return () => clearTimeout(timer as number)
  },
}
