/** How many retries there may be beside the calls that needed none. */
export interface RetryBudgetOptions {
  /** Retries for each request, 0 to 1: 0.1 allows one in ten. */
  ratio?: number
  /** Retries that are allowed beyond that, at the beginning and at most. An integer >= 1. */
  reserve?: number
}

/** Retries as a share of requests, so that a server in trouble is not asked many times over by everybody. */
export class RetryBudget {
  readonly #ratio: number
  readonly #reserve: number
  #left: number

  constructor(ratio: number, reserve: number) {
    this.#ratio = ratio
    this.#reserve = reserve
    this.#left = reserve
  }

  /** A request begins. */
  requestBegun(): void {
    this.#left = Math.min(this.#reserve, this.#left + this.#ratio)
  }

  /** Whether there is a retry to take. */
  get hasOne(): boolean {
    return this.#left >= 1
  }

  /** Takes one retry. @returns Whether there was one. */
  take(): boolean {
    if (!this.hasOne) return false
    this.#left -= 1
    return true
  }
}
