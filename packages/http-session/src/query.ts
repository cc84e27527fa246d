/** What callers write as records: the query of a URL, and forms. */
import { invalidOption, isRecord, kindOf } from './options.ts'

/** One value of a name. */
export type QueryValue = string | number | bigint | boolean

/**
 * Names and values. Of a record, a list gives its name once for each value, `null` and `undefined` leave theirs out. Text is parsed as a query.
 */
export type QueryInit =
  | string
  | URLSearchParams
  | Iterable<readonly [name: string, value: QueryValue]>
  | { readonly [name: string]: QueryValue | readonly QueryValue[] | null | undefined }

/** @throws {UsageError} INVALID_OPTION, naming the option and the value's name. */
export function searchParams(option: string, init: QueryInit): URLSearchParams {
  if (typeof init === 'string' || init instanceof URLSearchParams) return new URLSearchParams(init)
  const params = new URLSearchParams()
  for (const [name, value] of pairsOf(option, init)) params.append(name, plainText(option, name, value))
  return params
}

/** The URL with the query behind what it has of one already; its fragment stays behind. */
export function withQuery(url: string, query: QueryInit): string {
  const added = searchParams('query', query).toString()
  if (added === '') return url
  const hash = url.indexOf('#')
  const [before, fragment] = hash < 0 ? [url, ''] : [url.slice(0, hash), url.slice(hash)]
  const sign = !before.includes('?') ? '?' : /[?&]$/.test(before) ? '' : '&'
  return before + sign + added + fragment
}

/**
 * The names and values of a record, or those that an iterable gives.
 *
 * @throws {UsageError} INVALID_OPTION: neither.
 */
export function* pairsOf(option: string, init: unknown): Generator<readonly [name: string, value: unknown]> {
  if (!isRecord(init))
    throw invalidOption(option, `must be a record, or give pairs of a name and a value, got ${kindOf(init)}`)
  if (Symbol.iterator in init) {
    for (const pair of init as Iterable<unknown>) {
      if (!Array.isArray(pair) || pair.length !== 2)
        throw invalidOption(option, 'must be a record, or give pairs of a name and a value')
      yield [String(pair[0]), pair[1]]
    }
    return
  }
  for (const [name, value] of Object.entries(init)) {
    const values: unknown[] = Array.isArray(value) ? value : [value]
    for (const one of values) if (one !== null && one !== undefined) yield [name, one]
  }
}

/** Whether a value is text, or as good as text. */
export function isPlain(value: unknown): value is QueryValue {
  return /^(?:string|number|bigint|boolean)$/.test(typeof value)
}

function plainText(option: string, name: string, value: unknown): string {
  if (isPlain(value)) return String(value)
  throw invalidOption(option, `${name} must be text, a number or a flag, got ${kindOf(value)}`)
}
