/** What `util.inspect` and `console.log` show of objects that would show nothing of use by themselves, or too much. */

/** Asked by Node, Deno and Bun. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/** What shows a value as `util.inspect` does; with the options that whoever prints has given. */
type Inspect = (value: unknown, options: object) => string

/** Has an object, or all of a prototype, shown as `name` and the facts that are named: those of use in a log, without what may be secret. */
export function inspectAs<T extends object>(target: T, name: string, factsOf: (value: T) => object): void {
  Object.defineProperty(target, INSPECT, {
    value(this: T, depth: number, options: object, inspect: Inspect) {
      return depth < 0 ? `[${name}]` : `${name} ${inspect(factsOf(this), options)}`
    },
  })
}
