/** Checks of the options that callers pass: each error names the option, and unknown ones are refused. */
import { UsageError } from './errors.ts'

/** @throws {UsageError} INVALID_OPTION: no object, or one with an option that is not known. */
export function refuseUnknown(what: string, options: object, known: ReadonlySet<string>): void {
  if (!isOptions(options))
    throw new UsageError(
      'ERR_HTTP_INVALID_OPTION',
      `options of ${what}: must be an object, got ${kindOf(options)}`,
    )
  for (const name of Object.keys(options)) {
    if (!known.has(name)) throw invalidOption(name, `${what} has no such option`)
  }
}

/** An integer of at least `least`, or Infinity. */
export function checkCount(name: string, value: number, least: number): number {
  if (value === Infinity || (Number.isSafeInteger(value) && value >= least)) return value
  throw invalidOption(name, `must be an integer >= ${least}, got ${shown(value)}`)
}

/** An integer of at least `least`: there is always a limit. */
export function checkLimit(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw invalidOption(name, `must be an integer >= ${least}, got ${shown(value)}`)
}

/** Milliseconds above zero, or Infinity. */
export function checkTimeout(name: string, value: number): number {
  if (typeof value === 'number' && value > 0) return value
  throw invalidOption(name, `must be a number of milliseconds > 0, got ${shown(value)}`)
}

export function checkFlag(name: string, value: boolean): boolean {
  if (typeof value === 'boolean') return value
  throw invalidOption(name, `must be true or false, got ${shown(value)}`)
}

export function checkCallback<Callback>(name: string, value: Callback | undefined): Callback | undefined {
  return value === undefined ? value : checkFunction(name, value)
}

export function checkFunction<Callback>(name: string, value: Callback): Callback {
  if (typeof value === 'function') return value
  throw invalidOption(name, `must be a function, got ${shown(value)}`)
}

export function checkNames(name: string, value: readonly string[]): readonly string[] {
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
  throw invalidOption(name, `must be a list of names, got ${shown(value)}`)
}

/** An object that is no list; what it may have is for others to check. */
export function checkObject<Value extends object>(name: string, value: Value): Value {
  if (isOptions(value)) return value
  throw invalidOption(name, `must be an object, got ${kindOf(value)}`)
}

/** An object with these methods. */
export function checkMethods<Value extends object>(
  name: string,
  value: Value | undefined,
  methods: readonly (keyof Value & string)[],
): Value | undefined {
  if (
    value === undefined ||
    (isOptions(value) && methods.every((method) => typeof value[method] === 'function'))
  )
    return value
  throw invalidOption(name, `must be an object with ${methods.join(' and ')}, got ${kindOf(value)}`)
}

export function checkSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal === undefined) return signal
  if (
    isOptions(signal) &&
    typeof signal.aborted === 'boolean' &&
    typeof signal.addEventListener === 'function'
  )
    return signal
  throw invalidOption('signal', `must be an AbortSignal, got ${kindOf(signal)}`)
}

/** What was given, checked like a default; `null` is not taken for one. */
export function or<Value>(value: Value | undefined, otherwise: Value): Value {
  return value === undefined ? otherwise : value
}

/** Whether a value holds names and values: a record, empty or not, or an iterable. Dates, streams, promises and their like do not. */
export function isRecord(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Symbol.asyncIterator in value) return false
  if (Symbol.iterator in value || Object.keys(value).length > 0) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** What an error says that it got. */
export function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value
  if (Array.isArray(value)) return 'a list'
  const { constructor } = value as { constructor?: { name?: unknown } | undefined }
  const name = constructor?.name
  return typeof name === 'string' && name !== '' && name !== 'Object' ? `a ${name}` : 'an object'
}

function isOptions(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Numbers as they are; of objects not all have a text. */
function shown(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return `${value}`
  return typeof value === 'boolean' ? `${value}` : kindOf(value)
}

export function invalidOption(name: string, reason: string, cause?: unknown): UsageError {
  const options = cause === undefined ? undefined : { cause }
  return new UsageError('ERR_HTTP_INVALID_OPTION', `option ${name}: ${reason}`, options)
}
