/**
 * When the next request may begin: a token bucket, kept as the time of the next token. Times are handed in, in milliseconds.
 *
 * Turns are given in order. A pause moves all that were given and have not come yet, by the same time.
 */

export interface BucketLimits {
  readonly requests: number
  readonly intervalMs: number
  readonly burst: number
}

/** The place of one request: the time that was due when it was given, and by how much turns had been moved then. */
export interface Turn {
  readonly at: number
  readonly movedMs: number
}

export class TokenBucket {
  readonly #spacingMs: number
  /** How far ahead of time a full bucket lets requests go. */
  readonly #leadMs: number
  /** When the bucket will be full. */
  #fullAt = -Infinity
  #pausedUntil = -Infinity
  #movedMs = 0

  constructor({ requests, intervalMs, burst }: BucketLimits) {
    this.#spacingMs = intervalMs / requests
    this.#leadMs = (burst - 1) * this.#spacingMs
  }

  /** How long a request would wait that came now. */
  waitMs(now: number): number {
    return Math.max(0, this.#fullAt - this.#leadMs - now)
  }

  /** Gives the next turn. */
  take(now: number): Turn {
    const turn = { at: now + this.waitMs(now), movedMs: this.#movedMs }
    this.#fullAt = Math.max(this.#fullAt, now) + this.#spacingMs
    return turn
  }

  /** How long it is until a turn that was given. */
  untilMs({ at, movedMs }: Turn, now: number): number {
    return Math.max(0, at + this.#movedMs - movedMs - now)
  }

  /** Takes a turn back that nobody wants; only the last one leaves no gap, and is given again. */
  giveBack(turn: Turn): void {
    const next = this.#fullAt - this.#leadMs
    const isLast = next - (turn.at + this.#movedMs - turn.movedMs) < this.#spacingMs * 1.5
    if (isLast) this.#fullAt -= this.#spacingMs
  }

  /** No turn comes before `until`; behind it they come one by one. */
  pause(until: number, now: number): void {
    const moveMs = until - Math.max(now, this.#pausedUntil)
    if (moveMs <= 0) return
    this.#pausedUntil = until
    this.#movedMs += moveMs
    this.#fullAt = Math.max(this.#fullAt + moveMs, until + this.#leadMs)
  }
}
