/** Somebody who wants connections for requests that are still to come. */
export interface DialHolder {
  dialOpened(): void
  dialFailed(error: unknown): void
}

const NOBODY: readonly DialHolder[] = []

/** A connection that is being opened. */
export class Dialling {
  readonly controller: AbortController = new AbortController()
  /** Who wants it beside the requests that wait. */
  #holders = NOBODY

  get isHeld(): boolean {
    return this.#holders.length > 0
  }

  hold(holder: DialHolder): void {
    this.#holders = [...this.#holders, holder]
  }

  letGo(holder: DialHolder): void {
    this.#holders = this.#holders.filter((other) => other !== holder)
  }

  opened(): void {
    for (const holder of this.#holders) holder.dialOpened()
  }

  failed(error: unknown): void {
    for (const holder of this.#holders) holder.dialFailed(error)
  }
}
