/** Checks of the options that callers pass: each error names the option, and unknown ones are refused. */
import { UsageError } from '@x/http-session'

/** @throws {UsageError} INVALID_OPTION: no object, or with a member that is not known. */
export function refuseUnknown(what: string, options: object, known: ReadonlySet<string>): void {
  if (typeof options !== 'object' || options === null) throw invalidOption(what, 'must be an object')
  for (const name of Object.keys(options)) {
    if (!known.has(name)) throw invalidOption(name, `${what} has no such option`)
  }
}

/** An integer of at least `least`, or Infinity. */
export function checkCount(name: string, value: number, least: number): number {
  if (value === Infinity || (Number.isSafeInteger(value) && value >= least)) return value
  throw invalidOption(name, `must be an integer >= ${least}, got ${String(value)}`)
}

export function checkFlag(name: string, value: boolean): boolean {
  if (typeof value === 'boolean') return value
  throw invalidOption(name, `must be true or false, got ${String(value)}`)
}

export function checkFunction<Callback>(name: string, value: Callback): Callback {
  if (typeof value === 'function') return value
  throw invalidOption(name, 'must be a function')
}

export function invalidOption(name: string, reason: string): UsageError {
  return new UsageError('ERR_HTTP_INVALID_OPTION', `option ${name}: ${reason}`)
}

/** A number of `least` to `most`, both included. */
export function checkNumber(name: string, value: number, least: number, most: number): number {
  if (typeof value === 'number' && value >= least && value <= most) return value
  throw invalidOption(name, `must be a number of ${least} to ${most}, got ${String(value)}`)
}
