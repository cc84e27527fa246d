import { checkWhole } from './encoder.ts'
import type { Encoder } from './encoder.ts'

type Endianness = 'big' | 'little'

/** Integers of 8 to 48 bits: numbers hold them exactly. */
export function integer(format: {
  byteCount: 1 | 2 | 3 | 4 | 6
  sign: 'unsigned' | 'signed'
  endianness: Endianness
}): Encoder<number> {
  const { byteCount, sign, endianness } = format
  const span = 2 ** (8 * byteCount)
  const min = sign === 'signed' ? -span / 2 : 0
  const max = min + span - 1
  return (value) => {
    if (typeof value !== 'number') throw new TypeError('value must be a number')
    if (!Number.isInteger(value) || value < min || value > max)
      throw new RangeError(`${value} is not a whole number from ${min} to ${max}`)
    const bytes = new Uint8Array(byteCount)
    let rest = value < 0 ? value + span : value
    for (let at = 0; at < byteCount; at++) {
      bytes[endianness === 'little' ? at : byteCount - 1 - at] = rest % 256
      rest = Math.floor(rest / 256)
    }
    return bytes
  }
}

/** Integers of 64 bits. A number is fine where it is a safe integer. */
export function bigInteger(format: {
  sign: 'unsigned' | 'signed'
  endianness: Endianness
}): Encoder<number | bigint> {
  const { sign, endianness } = format
  const min = sign === 'signed' ? -(2n ** 63n) : 0n
  const max = min + 2n ** 64n - 1n
  return (value) => {
    const bytes = new Uint8Array(8)
    const whole = BigInt.asUintN(64, checkWhole(value, min, max))
    new DataView(bytes.buffer).setBigUint64(0, whole, endianness === 'little')
    return bytes
  }
}

/** IEEE 754. 32 bits round to the nearest value that they can hold. */
export function float(format: { byteCount: 4 | 8; endianness: Endianness }): Encoder<number> {
  const { byteCount, endianness } = format
  return (value) => {
    if (typeof value !== 'number') throw new TypeError('value must be a number')
    const bytes = new Uint8Array(byteCount)
    const view = new DataView(bytes.buffer)
    if (byteCount === 4) view.setFloat32(0, value, endianness === 'little')
    else view.setFloat64(0, value, endianness === 'little')
    return bytes
  }
}
