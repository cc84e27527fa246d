/** Options of wrong type or range are the caller's mistake: TypeError or RangeError, each naming the option. */

/** A whole number from `min` to `max`. */
export function checkInteger(name: string, value: unknown, range: { min: number; max: number }): number {
  if (typeof value !== 'number') throw new TypeError(`option "${name}" must be a number`)
  if (!Number.isInteger(value) || value < range.min || value > range.max) {
    throw new RangeError(
      `option "${name}" must be a whole number from ${range.min} to ${range.max}: ${value}`,
    )
  }
  return value
}

/** A duration of 0 or more milliseconds. */
export function checkDelay(name: string, value: unknown): number {
  if (typeof value !== 'number') throw new TypeError(`option "${name}" must be a number of milliseconds`)
  if (!(value >= 0)) throw new RangeError(`option "${name}" must be 0 ms or more: ${value}`)
  return value
}

/** A limit in time: above 0; Infinity for none. */
export function checkTimeout(name: string, value: unknown): number {
  if (checkDelay(name, value) === 0) throw new RangeError(`option "${name}" must be above 0 ms`)
  return value as number
}

/** A string that is not empty. */
export function checkText(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`option "${name}" must be a string`)
  if (value === '') throw new TypeError(`option "${name}" must not be empty`)
  return value
}

export function checkFlag(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new TypeError(`option "${name}" must be true or false`)
  return value
}

export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw new TypeError(`option "${name}" must be a function`)
}

/** One of the listed values. */
export function checkOneOf<T>(name: string, value: unknown, allowed: readonly T[]): T {
  if (allowed.includes(value as T)) return value as T
  throw new TypeError(`option "${name}" must be one of ${allowed.map(String).join(', ')}`)
}

export function checkObject(name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw new TypeError(`option "${name}" must be an object`)
}

/**
 * An object without members that nobody reads: a misspelt option would be none.
 *
 * @param name Of the option that the object is; empty for the options themselves.
 */
export function checkKnown(options: unknown, known: Readonly<Record<string, true>>, name: string = ''): void {
  checkObject(name || 'options', options)
  for (const member of Object.keys(options as object))
    if (!Object.hasOwn(known, member)) {
      const place = name && `${name}.`
      throw new TypeError(
        `there is no option "${place}${member}": there are ${Object.keys(known).join(', ')}`,
      )
    }
}

/** Milliseconds of `{ graceMs }`; undefined where none were given. */
export function checkGrace(options: { graceMs?: number } | undefined): number | undefined {
  if (options === undefined) return undefined
  checkKnown(options, GRACE)
  return optional(checkDelay, 'graceMs', options.graceMs, undefined)
}

const GRACE = { graceMs: true } as const

/** An AbortSignal, told by its shape: there is more than one class of them. */
export function checkSignal(name: string, value: unknown): AbortSignal {
  checkObject(name, value)
  const signal = value as AbortSignal
  if (typeof signal.aborted === 'boolean' && typeof signal.addEventListener === 'function') return signal
  throw new TypeError(`option "${name}" must be an AbortSignal`)
}

/** `check(name, value)` where the option was given, `fallback` where not. */
export function optional<T, F>(
  check: (name: string, value: unknown) => T,
  name: string,
  value: unknown,
  fallback: F,
): T | F {
  return value === undefined ? fallback : check(name, value)
}
