/** What a `Ranking` orders. */
export interface Ranked {
  /** Where it stands; -1: nowhere. Written by `Ranking` alone. */
  rankAt: number
}

/** Knows which comes first, of members that change: a binary heap, in which each member knows its place. */
export class Ranking<T extends Ranked> {
  readonly #isBefore: (one: T, other: T) => boolean
  readonly #heap: T[] = []

  constructor(isBefore: (one: T, other: T) => boolean) {
    this.#isBefore = isBefore
  }

  get first(): T | null {
    // Asked for at each release: of an empty list nothing is read.
    return this.#heap.length === 0 ? null : this.#heap[0]!
  }

  /** Puts a member where it belongs now: to be called whenever that may have changed. */
  place(member: T, belongs: boolean): void {
    if (belongs) {
      if (member.rankAt < 0) member.rankAt = this.#heap.push(member) - 1
      this.#settle(member)
    } else if (member.rankAt >= 0) {
      this.#remove(member)
    }
  }

  #remove(member: T): void {
    const { rankAt } = member
    member.rankAt = -1
    const last = this.#heap.pop()
    if (last === undefined || last === member) return
    this.#put(last, rankAt)
    this.#settle(last)
  }

  #put(member: T, at: number): void {
    this.#heap[at] = member
    member.rankAt = at
  }

  /** Towards the front while it comes before the one above it, else towards the end while one below comes before it. */
  #settle(member: T): void {
    let at = member.rankAt
    for (let above = this.#heap[(at - 1) >> 1]; at > 0 && above !== undefined;) {
      if (!this.#isBefore(member, above)) break
      this.#put(above, at)
      at = (at - 1) >> 1
      above = this.#heap[(at - 1) >> 1]
    }
    for (let below = this.#firstBelow(at); below !== undefined; below = this.#firstBelow(at)) {
      if (!this.#isBefore(below, member)) break
      const { rankAt } = below
      this.#put(below, at)
      at = rankAt
    }
    this.#put(member, at)
  }

  #firstBelow(at: number): T | undefined {
    const left = this.#heap[2 * at + 1]
    const right = this.#heap[2 * at + 2]
    return left !== undefined && right !== undefined && this.#isBefore(right, left) ? right : left
  }
}
