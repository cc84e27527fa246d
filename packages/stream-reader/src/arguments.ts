/** Checks of what callers pass; each names the argument. */

/** The bytes of any view as a plain `Uint8Array` (a Buffer has another `slice`). No copy. */
export function bytesOf(name: string, value: ArrayBufferView): Uint8Array {
  if (!ArrayBuffer.isView(value)) throw new TypeError(`${name} must be bytes`)
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
}

/** An integer from `min` to `max`; Infinity where `max` is. */
export function checkInteger(
  name: string,
  value: number,
  min: number = 0,
  max: number = 2 ** 53 - 1,
): number {
  if (!(value >= min && value <= max && (Number.isInteger(value) || value === Infinity))) {
    throw new (typeof value === 'number' ? RangeError : TypeError)(
      `${name} must be an integer from ${min} to ${max}, got ${value}`,
    )
  }
  return value
}

/** An integer > 0, or Infinity. */
export function checkLimit(name: string, value: number): number {
  return checkInteger(name, value, 1, Infinity)
}

/** What a separator may be: text (as UTF-8), any view of bytes, or several of them. */
export type Separators = string | ArrayBufferView | readonly (string | ArrayBufferView)[]

/** One separator or several, as bytes that nobody else changes. */
export function separatorList(separator: Separators): Uint8Array[] {
  const list = [separator].flat().map((one) => {
    // Copied: the caller's array may change while the read waits.
    const bytes = typeof one === 'string' ? new TextEncoder().encode(one) : bytesOf('separator', one).slice()
    checkLimit('separator.length', bytes.length)
    return bytes
  })
  checkLimit('separator.length', list.length)
  return list
}
