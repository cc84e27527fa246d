/** Options of wrong type are the caller's mistake: TypeError, naming the option. */
import type { ConnectorOptions, Dial, DialOptions } from './ports.ts'

/** An object without members that nobody reads. */
export function checkKnown(options: unknown, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw new TypeError('options must be an object')
  const unknown = Object.keys(options).find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new TypeError(`there is no option "${unknown}": there are ${names.join(', ')}`)
}

/** One of the listed values. */
export function checkOneOf<const T>(name: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value
  throw new TypeError(`option "${name}" must be one of ${allowed.join(', ')}`)
}

export function checkObject(name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw new TypeError(`option "${name}" must be an object`)
}

/** Options of TLS: what they say is checked by whom they are for, when there is a socket. */
export function checkTls(name: string, value: unknown): void {
  if (value !== undefined) checkObject(name, value)
}

export function checkDial(connect: Dial | undefined): Dial | undefined {
  if (connect === undefined || typeof connect === 'function') return connect
  throw new TypeError('option "connect" must be a function')
}

/** With a signal in any case: whoever is below need not ask. */
export function dialOptions(options: ConnectorOptions): DialOptions {
  const { signal, onPhase } = options
  return { signal: signal ?? new AbortController().signal, onPhase }
}
