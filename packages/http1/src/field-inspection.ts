/** What `util.inspect` and `console.log` show of field lines, which would be nothing without this. */

/** Asked by Node, Deno and Bun. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom')

/** Names of fields whose values let others in. Wider than need be: a log is read by many. */
const SECRET = /authoriz|cookie|token|secret|passw|credential|session|signature|api-?key/i
const MAX_VALUE_LENGTH = 100

/** What shows a value as `util.inspect` does; with the options that whoever prints has given. */
export type Inspect = (value: unknown, options: object) => string

/** Each field line as it is shown: without values that may be secret, and the beginning of long ones. */
export function inspectedFields(fields: Iterable<readonly [name: string, value: string]>): string[] {
  return Array.from(fields, shownLine)
}

function shownLine([name, value]: readonly [name: string, value: string]): string {
  if (SECRET.test(name)) return `${name}: (hidden)`
  return `${name}: ${value.length > MAX_VALUE_LENGTH ? `${value.slice(0, MAX_VALUE_LENGTH)}…` : value}`
}
