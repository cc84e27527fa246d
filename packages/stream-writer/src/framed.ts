import type { Encoder } from './encoder.ts'

const utf8 = new TextEncoder()

/**
 * UTF-8 text and a zero byte behind it.
 *
 * @throws {RangeError} The text holds a zero character: the reader would stop there.
 */
export function encodeCString(text: string): Uint8Array {
  if (typeof text !== 'string') throw new TypeError('text must be a string')
  if (text.includes('\0')) throw new RangeError('text must not hold a zero character')
  return utf8.encode(`${text}\0`)
}

/**
 * Bytes behind their count: `encodeLengthPrefixed(encodeUint16BE)`.
 *
 * @param encodeLength Any encoder that takes a number. What it refuses is too long.
 */
export function encodeLengthPrefixed(encodeLength: Encoder<number>): Encoder<Uint8Array> {
  return (data) => {
    if (!(data instanceof Uint8Array)) throw new TypeError('data must be a Uint8Array')
    const length = encodeLength(data.length)
    const bytes = new Uint8Array(length.length + data.length)
    bytes.set(length)
    bytes.set(data, length.length)
    return bytes
  }
}
