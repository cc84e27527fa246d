import { READ_SIZE } from './read-side.ts'
import type { Scheduler } from './scheduler.ts'

/** Longer delays overflow in setTimeout, and would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The real time. */
const scheduler: Scheduler = {
  // nextTick comes after all microtasks that follow from the one running now: whoever awaits a connection gets it before
  // the first data.
  soon: (callback) => process.nextTick(callback),
  setTimer(callback, delayMs) {
    if (delayMs > LONGEST_TIMER_MS) return () => {}
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}

/** What all sockets of the process share. The scratch buffer holds bytes only while a read callback runs. */
export const nodeWorld: { readonly scheduler: Scheduler; readonly scratch: Uint8Array } = {
  scheduler,
  scratch: new Uint8Array(READ_SIZE),
}
