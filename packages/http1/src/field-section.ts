import { InvalidArgumentError, InvalidMessageError } from './errors.ts'
import { INSPECT, inspectedFields } from './field-inspection.ts'
import type { Inspect } from './field-inspection.ts'
import type { FieldIndex } from './field-scanner.ts'
import { HTAB, SP, firstOutside, isToken, sameNameAt, TEXT, trimmedSlice } from './grammar.ts'

/** What a field section can be made of. Several values of one name become several field lines. */
export type FieldsInit =
  | FieldSection
  | Iterable<readonly [name: string, value: string]>
  | { readonly [name: string]: string | readonly string[] }

/** The runtime's own `Headers`, where the program's type libraries know it. */
export type PlatformHeaders = typeof globalThis extends { Headers: new (...args: never[]) => infer H }
  ? H
  : { append(name: string, value: string): void; get(name: string): string | null }

/** Makes a section of text that a scanner has checked; set by the class, which alone can. */
let assemble: (text: string, index: FieldIndex) => FieldSection

/**
 * The field lines of a head or of a trailer section, in the order and case in which they were sent; immutable.
 * Always valid: names are tokens, values hold no control characters. A value is made when it is asked for.
 *
 * Memory: values are slices of the head's text, so keeping one may keep the whole head (64 KiB at most).
 */
export class FieldSection {
  static {
    assemble = (text, index) => new this(text, index)
    Object.defineProperty(this.prototype, INSPECT, {
      value(this: FieldSection, _depth: number, options: object, inspect: Inspect) {
        return `FieldSection ${inspect(inspectedFields(this), options)}`
      },
    })
  }

  readonly #text: string
  readonly #index: FieldIndex

  private constructor(text: string, index: FieldIndex) {
    this.#text = text
    this.#index = index
  }

  /**
   * Makes a section to be sent.
   *
   * @throws {InvalidMessageError} A name is not a token, or a value has a control character or one above U+00FF.
   * @throws {InvalidArgumentError} It is something else.
   */
  static from(init: FieldsInit): FieldSection {
    return sectionOf(init)
  }

  /** Number of field lines. */
  get size(): number {
    return this.#index.offsets.length >> 1
  }

  /**
   * The value of a field, its name compared without case; several field lines joined in order with `, `
   * (RFC 9110 section 5.3). For `Set-Cookie`, whose values cannot be told apart again, use `getSetCookie`.
   *
   * @returns `undefined` where there is no such field.
   */
  get(name: string): string | undefined {
    let line = this.#find(name, 0)
    if (line === -1) return undefined
    let value = this.#value(line)
    while ((line = this.#find(name, line + 2)) !== -1) value += `, ${this.#value(line)}`
    return value
  }

  /** The values of all field lines of that name, in order. */
  getAll(name: string): string[] {
    const values: string[] = []
    for (let line = this.#find(name, 0); line !== -1; line = this.#find(name, line + 2)) {
      values.push(this.#value(line))
    }
    return values
  }

  /** The values of all `Set-Cookie` lines, in order, never joined. */
  getSetCookie(): string[] {
    return this.getAll('set-cookie')
  }

  /** Whether there is a field of that name. */
  has(name: string): boolean {
    return this.#find(name, 0) !== -1
  }

  /** Each field line as name and value, in the order and case in which they were sent. */
  *[Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    const { offsets } = this.#index
    for (let line = 0; line + 1 < offsets.length; line += 2) {
      yield [this.#text.slice(offsets[line], offsets[line + 1]), this.#value(line)]
    }
  }

  /** The field lines as a list of pairs, in the order and case in which they were sent; the caller's. */
  raw(): [name: string, value: string][] {
    return [...this]
  }

  /** This section's field lines, then those of `more`. */
  concat(more: FieldsInit): FieldSection {
    return sectionOf([...this, ...fieldPairs(more)])
  }

  /**
   * A new `Headers` of the runtime, `Set-Cookie` lines apart.
   *
   * @throws {TypeError} The runtime has no `Headers`.
   */
  toHeaders(): PlatformHeaders {
    const { Headers } = globalThis as { readonly Headers?: new () => PlatformHeaders }
    if (Headers === undefined) throw new TypeError('this runtime has no Headers')
    const headers = new Headers()
    for (const [name, value] of this) headers.append(name, value)
    return headers
  }

  /** The field lines as they are sent, each with its CRLF, one octet a character; folds become one space. */
  toString(): string {
    const { offsets, folded } = this.#index
    if (!folded) return this.#text.slice(offsets[0], offsets.at(-1))
    let lines = ''
    for (const [name, value] of this) lines += `${name}: ${value}\r\n`
    return lines
  }

  /** Index in `offsets` of the next field line of that name, or -1. */
  #find(name: string, from: number): number {
    const { offsets, lengthBits } = this.#index
    const { length } = name
    if ((lengthBits & (1 << length)) === 0) return -1
    for (let line = from; line + 1 < offsets.length; line += 2) {
      const start = offsets[line]!
      if (offsets[line + 1]! - start === length && sameNameAt(this.#text, start, name)) return line
    }
    return -1
  }

  #value(line: number): string {
    const { offsets, folded } = this.#index
    const start = offsets[line + 1]! + 1
    const end = offsets[line + 2]! - 2
    return folded ? unfolded(this.#text.slice(start, end)) : trimmedSlice(this.#text, start, end)
  }
}

/** Not within the class: bundlers rename a class whose body names it, and that name would be printed. */
function sectionOf(init: FieldsInit): FieldSection {
  if (init instanceof FieldSection) return init
  const index: FieldIndex = { offsets: [], lengthBits: 0, folded: false }
  let text = ''
  for (const [name, value] of fieldPairs(init)) {
    index.offsets.push(text.length, text.length + name.length)
    index.lengthBits |= 1 << name.length
    text += fieldLine(name, value)
  }
  index.offsets.push(text.length)
  return assemble(text, index)
}

/** A section without field lines. */
export const EMPTY_FIELDS: FieldSection = FieldSection.from([])

/**
 * A section of text that `FieldScanner` has checked. Not public: here nothing is checked again.
 *
 * @param index The scanner's, handed over.
 */
export function scannedFields(text: string, index: FieldIndex): FieldSection {
  return assemble(text, index)
}

/**
 * One field line to be sent, with its CRLF.
 *
 * @throws {InvalidMessageError} As `FieldSection.from`.
 */
export function fieldLine(name: string, value: string): string {
  if (typeof name !== 'string' || !isToken(name)) {
    throw new InvalidMessageError({
      part: 'field name',
      reason: 'not a token',
      field: typeof name === 'string' ? name : 'not a string',
    })
  }
  if (typeof value !== 'string') {
    throw new InvalidMessageError({ part: 'field value', reason: 'not a string', field: name })
  }
  const wrong = firstOutside(value, TEXT)
  if (wrong !== -1) {
    const code = value.charCodeAt(wrong).toString(16).toUpperCase().padStart(4, '0')
    const reason = `U+${code} at index ${wrong} cannot be sent`
    throw new InvalidMessageError({ part: 'field value', reason, field: name, offset: wrong })
  }
  return `${name}: ${hasBlankEnd(value) ? trimmedSlice(value, 0, value.length) : value}\r\n`
}

/** The names and values of whatever a section can be made of. */
export function* fieldPairs(init: FieldsInit): Generator<readonly [name: string, value: string]> {
  if (typeof init !== 'object' || init === null)
    throw new InvalidArgumentError({
      argument: 'fields',
      reason: 'must be an object or an iterable of pairs',
    })
  if (Symbol.iterator in init) {
    yield* init as Iterable<readonly [string, string]>
    return
  }
  for (const [name, values] of Object.entries(init)) {
    if (typeof values === 'string') yield [name, values]
    else if (Array.isArray(values)) for (const value of values as readonly string[]) yield [name, value]
    else throw new InvalidMessageError({ part: 'field value', reason: 'not a string', field: name })
  }
}

function hasBlankEnd(value: string): boolean {
  const first = value.charCodeAt(0)
  const last = value.charCodeAt(value.length - 1)
  return first === SP || first === HTAB || last === SP || last === HTAB
}

/** Each fold, with the whitespace around it, becomes one space (RFC 9112 section 5.2). */
function unfolded(value: string): string {
  // Not by a pattern: one that takes the whitespace before CRLF as well is quadratic in a run of spaces.
  const parts = value.split('\r\n').map((part) => trimmedSlice(part, 0, part.length))
  const joined = parts.join(' ')
  return trimmedSlice(joined, 0, joined.length)
}
