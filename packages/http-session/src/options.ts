/** Checks of the options that callers pass: each error names the option, and unknown ones are refused. */
import { UsageError } from './errors.ts'

export function refuseUnknown(what: string, options: object, known: ReadonlySet<string>): void {
  for (const name of Object.keys(options)) {
    if (!known.has(name)) throw invalidOption(name, `${what} has no such option`)
  }
}

/** An integer of at least `least`, or Infinity. */
export function checkCount(name: string, value: number, least: number): number {
  if (value === Infinity || (Number.isSafeInteger(value) && value >= least)) return value
  throw invalidOption(name, `must be an integer >= ${least}, got ${String(value)}`)
}

/** An integer of at least `least`: there is always a limit. */
export function checkLimit(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw invalidOption(name, `must be an integer >= ${least}, got ${String(value)}`)
}

/** Milliseconds above zero, or Infinity. */
export function checkTimeout(name: string, value: number): number {
  if (typeof value === 'number' && value > 0) return value
  throw invalidOption(name, `must be a number of milliseconds > 0, got ${String(value)}`)
}

export function checkFlag(name: string, value: boolean): boolean {
  if (typeof value === 'boolean') return value
  throw invalidOption(name, `must be true or false, got ${String(value)}`)
}

export function checkCallback<Callback>(name: string, value: Callback | undefined): Callback | undefined {
  if (value === undefined || typeof value === 'function') return value
  throw invalidOption(name, `must be a function, got ${String(value)}`)
}

export function checkSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal === undefined || typeof (signal as { aborted?: unknown } | null)?.aborted === 'boolean')
    return signal
  throw invalidOption('signal', 'must be an AbortSignal')
}

function invalidOption(name: string, reason: string): UsageError {
  return new UsageError('ERR_HTTP_INVALID_OPTION', `option ${name}: ${reason}`)
}
