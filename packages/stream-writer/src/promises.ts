// A promise job costs a third of queueMicrotask, which carries an async context along.
export const endOfJob: Promise<void> = Promise.resolve()

const { setImmediate: soon = setTimeout } = globalThis as {
  setImmediate?: (callback: () => void) => unknown
}

/** Resolves after the event loop has turned: I/O and timers that were due have had their say. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => soon(resolve))
}

/** The same promise; no unhandled rejection where nobody waits for it. */
export function ignorable<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
