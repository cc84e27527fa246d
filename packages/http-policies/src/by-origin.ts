/**
 * Something for each origin, for so many of them: of more, those that nobody uses are forgotten, the one that was let go longest ago first. While
 * all are in use, there are more.
 */
export class ByOrigin<Value> {
  readonly #maxOrigins: number
  readonly #make: () => Value
  /** In the order in which they were asked for. */
  readonly #entries = new Map<string, { readonly value: Value; useCount: number }>()
  /** In the order in which they were let go. */
  readonly #unused = new Set<string>()

  constructor(maxOrigins: number, make: () => Value) {
    this.#maxOrigins = maxOrigins
    this.#make = make
  }

  /** Whoever takes it has to let it go, once. */
  take(origin: string): Value {
    const entry = this.#entries.get(origin) ?? { value: this.#make(), useCount: 0 }
    entry.useCount += 1
    this.#entries.delete(origin)
    this.#entries.set(origin, entry)
    this.#unused.delete(origin)
    this.#forgetUnused()
    return entry.value
  }

  letGo(origin: string): void {
    const entry = this.#entries.get(origin)!
    entry.useCount -= 1
    if (entry.useCount > 0) return
    this.#unused.add(origin)
    this.#forgetUnused()
  }

  *entries(): Generator<[origin: string, value: Value], void, undefined> {
    for (const [origin, { value }] of this.#entries) yield [origin, value]
  }

  #forgetUnused(): void {
    for (const origin of this.#unused) {
      if (this.#entries.size <= this.#maxOrigins) return
      this.#unused.delete(origin)
      this.#entries.delete(origin)
    }
  }
}
