/** Something for each origin, for so many of them at most: the one that was asked for longest ago is forgotten first. */
export class ByOrigin<Value> {
  readonly #maxOrigins: number
  readonly #make: () => Value
  /** In the order in which they were asked for. */
  readonly #values = new Map<string, Value>()

  constructor(maxOrigins: number, make: () => Value) {
    this.#maxOrigins = maxOrigins
    this.#make = make
  }

  of(origin: string): Value {
    const value = this.#values.get(origin) ?? this.#make()
    this.#values.delete(origin)
    this.#values.set(origin, value)
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= this.#maxOrigins) break
      this.#values.delete(oldest)
    }
    return value
  }

  entries(): IterableIterator<[origin: string, value: Value]> {
    return this.#values.entries()
  }
}
