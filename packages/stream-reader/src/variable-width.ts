import type { Decoder } from './byte-window.ts'
import { MalformedValueError } from './malformed-value-error.ts'

const MAX_LEB128_BYTES = 10

/** Unsigned LEB128 of up to 64 bits. @throws {MalformedValueError} Longer, or above 2^64-1. */
export const bigUnsignedLeb128: Decoder<bigint> = leb128('unsigned')

/** Signed LEB128 of up to 64 bits. @throws {MalformedValueError} Longer, or outside -2^63 to 2^63-1. */
export const bigSignedLeb128: Decoder<bigint> = leb128('signed')

/** Unsigned LEB128 as a number. @throws {MalformedValueError} Above 2^53-1. */
export const unsignedLeb128: Decoder<number> = asNumber('LEB128', bigUnsignedLeb128)

/** Signed LEB128 as a number. @throws {MalformedValueError} Outside -(2^53-1) to 2^53-1. */
export const signedLeb128: Decoder<number> = asNumber('LEB128', bigSignedLeb128)

/** Variable-length integer of QUIC, RFC 9000 section 16: one to eight bytes, up to 2^62-1. Longer forms than needed are fine. */
export const bigQuicVarint: Decoder<bigint> = (window) => {
  const { bytes, start, byteCount } = window
  if (byteCount === 0) return undefined
  const first = bytes[start]!
  const length = 1 << (first >> 6)
  if (byteCount < length) return undefined
  let value = BigInt(first & 0x3f)
  for (let at = 1; at < length; at++) value = (value << 8n) | BigInt(bytes[start + at]!)
  window.skip(length)
  return value
}

/** The same as a number. @throws {MalformedValueError} Above 2^53-1. */
export const quicVarint: Decoder<number> = asNumber('QUIC varint', bigQuicVarint)

function leb128(sign: 'unsigned' | 'signed'): Decoder<bigint> {
  return (window) => {
    const { bytes, start, end } = window
    let value = 0n
    for (let at = 0; start + at < end; at++) {
      if (at === MAX_LEB128_BYTES)
        throw new MalformedValueError({ format: 'LEB128', reason: 'longer than 64 bits' })
      const octet = bytes[start + at]!
      value |= BigInt(octet & 0x7f) << BigInt(7 * at)
      if (octet >= 0x80) continue
      const bitCount = 7 * (at + 1)
      if (sign === 'signed' && (octet & 0x40) !== 0) value -= 1n << BigInt(bitCount)
      const fits = sign === 'signed' ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)
      if (fits !== value) throw new MalformedValueError({ format: 'LEB128', reason: 'longer than 64 bits' })
      window.skip(at + 1)
      return value
    }
    if (end - start > MAX_LEB128_BYTES)
      throw new MalformedValueError({ format: 'LEB128', reason: 'longer than 64 bits' })
    return undefined
  }
}

function asNumber(format: string, decoder: Decoder<bigint>): Decoder<number> {
  return (window) => {
    const value = decoder(window)
    if (value === undefined) return undefined
    const number = Number(value)
    if (!Number.isSafeInteger(number))
      throw new MalformedValueError({ format, reason: `${value} is no safe integer` })
    return number
  }
}
