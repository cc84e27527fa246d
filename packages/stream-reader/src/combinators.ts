import { checkInteger } from './arguments.ts'
import type { Decoder } from './byte-window.ts'

/** What `decoder` finds, changed by `change`, which must not return undefined. */
export function map<From, To>(decoder: Decoder<From>, change: (value: From) => To): Decoder<To> {
  return (window) => {
    const value = decoder(window)
    return value === undefined ? undefined : change(value)
  }
}

/** One after the other; all or none. */
export function sequence<const Values extends readonly unknown[]>(
  ...decoders: { readonly [Index in keyof Values]: Decoder<Values[Index]> }
): Decoder<Values> {
  return (window) => {
    const values: unknown[] = []
    for (const decoder of decoders) {
      const value = decoder(window)
      if (value === undefined) return undefined
      values.push(value)
    }
    return values as unknown as Values // one of each, in order
  }
}

/** A record of fixed fields, in the order in which they are named. */
export function record<Fields extends object>(decoders: {
  readonly [Name in keyof Fields]: Decoder<Fields[Name]>
}): Decoder<Fields> {
  const entries = Object.entries<Decoder<unknown>>(decoders)
  return (window) => {
    const fields: Record<string, unknown> = {}
    for (const [name, decoder] of entries) {
      const value = decoder(window)
      if (value === undefined) return undefined
      fields[name] = value
    }
    return fields as Fields // one of each, by its name
  }
}

/** The same `count` times. @throws {RangeError} `count` is not an integer >= 0. */
export function repeat<T>(decoder: Decoder<T>, count: number): Decoder<T[]> {
  checkInteger('count', count, 0, Number.MAX_SAFE_INTEGER)
  return (window) => {
    const values: T[] = []
    while (values.length < count) {
      const value = decoder(window)
      if (value === undefined) return undefined
      values.push(value)
    }
    return values
  }
}
