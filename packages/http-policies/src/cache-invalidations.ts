/** When the responses of a URL were given up last, so that an answer which was on its way by then is not stored behind that. */

const MAX_URLS = 1000

export class Invalidations {
  /** The one that was given up last comes last. */
  readonly #last = new Map<string, number>()
  #count = 0
  /** Above the number of those that were forgotten. */
  #floor = 0

  /** A moment, for `hasSince`. */
  mark(): number {
    return this.#count
  }

  record(url: string): void {
    this.#count += 1
    this.#last.delete(url)
    this.#last.set(url, this.#count)
    const [oldest] = this.#last
    if (this.#last.size <= MAX_URLS || oldest === undefined) return
    this.#floor = oldest[1]
    this.#last.delete(oldest[0])
  }

  /** Whether that URL, or one of those that were forgotten, was given up since. */
  hasSince(url: string, mark: number): boolean {
    return (this.#last.get(url) ?? this.#floor) > mark
  }
}
