import type { Decoder } from './byte-window.ts'

type Endianness = 'big' | 'little'

/** Integers of 8 to 48 bits: numbers hold them exactly. */
export function integer(format: {
  byteCount: 1 | 2 | 3 | 4 | 6
  sign: 'unsigned' | 'signed'
  endianness: Endianness
}): Decoder<number> {
  const { byteCount, sign, endianness } = format
  const span = 2 ** (8 * byteCount)
  const firstNegative = sign === 'signed' ? span / 2 : Infinity
  return (window) => {
    const { bytes, start } = window
    if (window.byteCount < byteCount) return undefined
    let value = 0
    for (let at = 0; at < byteCount; at++) {
      value = value * 256 + bytes[endianness === 'big' ? start + at : start + byteCount - 1 - at]!
    }
    window.skip(byteCount)
    return value >= firstNegative ? value - span : value
  }
}

/** Integers of 64 bits. */
export function bigInteger(format: { sign: 'unsigned' | 'signed'; endianness: Endianness }): Decoder<bigint> {
  const isLittle = format.endianness === 'little'
  return viewed(8, (view) =>
    format.sign === 'signed' ? view.getBigInt64(0, isLittle) : view.getBigUint64(0, isLittle),
  )
}

/** IEEE 754. */
export function float(format: { byteCount: 4 | 8; endianness: Endianness }): Decoder<number> {
  const isLittle = format.endianness === 'little'
  return viewed(format.byteCount, (view) =>
    format.byteCount === 4 ? view.getFloat32(0, isLittle) : view.getFloat64(0, isLittle),
  )
}

function viewed<T>(byteCount: number, get: (view: DataView) => T): Decoder<T> {
  return (window) => {
    if (window.byteCount < byteCount) return undefined
    const { bytes, start } = window
    const value = get(new DataView(bytes.buffer, bytes.byteOffset + start, byteCount))
    window.skip(byteCount)
    return value
  }
}
