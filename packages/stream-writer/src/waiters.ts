/** Promises that wait for the same event. One waiter's abort touches no other, and none has to be awaited. */
export class Waiters {
  readonly #waiting = new Set<(error?: unknown) => void>()

  wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: unknown): void => {
        this.#waiting.delete(settle)
        signal?.removeEventListener('abort', onAbort)
        if (error === undefined) resolve()
        else reject(error)
      }
      const onAbort = (): void => settle(signal?.reason)
      signal?.addEventListener('abort', onAbort)
      this.#waiting.add(settle)
    })
  }

  /** Ends every wait: with an error of its own each where `makeError` returns one. */
  settleAll(makeError?: () => unknown): void {
    for (const settle of this.#waiting) settle(makeError?.())
  }
}
