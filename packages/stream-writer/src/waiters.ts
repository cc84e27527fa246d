/** Promises that wait for the same event. One waiter's abort touches no other, and none has to be awaited. */
export class Waiters {
  /** Made for the first: most writers never wait, and an empty Set is not small. */
  #waiting: Set<(error?: unknown) => void> | undefined

  wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = (this.#waiting ??= new Set())
      const settle = (error?: unknown): void => {
        waiting.delete(settle)
        signal?.removeEventListener('abort', onAbort)
        if (error === undefined) resolve()
        else reject(error)
      }
      const onAbort = (): void => settle(signal?.reason)
      signal?.addEventListener('abort', onAbort)
      waiting.add(settle)
    })
  }

  /** Ends every wait: with an error of its own each where `makeError` returns one. */
  settleAll(makeError?: () => unknown): void {
    for (const settle of this.#waiting ?? []) settle(makeError?.())
  }
}
