/** The time, as transports need it. Real for sockets, virtual for `memoryPair`. */
export interface Scheduler {
  /** Runs `callback` once, after the code that is running now and whatever awaits its promises. */
  soon(callback: () => void): void
  /** Runs `callback` once in `delayMs`; the returned function cancels it. Infinity never comes. */
  setTimer(callback: () => void, delayMs: number): () => void
}
