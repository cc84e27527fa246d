/** Asked by `util.inspect` and `console.log` of Node, Deno and Bun. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

type Inspect = (value: unknown, options: object) => string

/** Has the objects of a class shown as `name` and what `facts` says of them, in place of their fields. */
export function showAs<T extends object>(prototype: T, name: string, facts: (object: T) => object): void {
  Object.defineProperty(prototype, INSPECT, {
    value(this: T, _depth: number, options: object, inspect: Inspect) {
      return `${name} ${inspect(facts(this), options)}`
    },
  })
}
