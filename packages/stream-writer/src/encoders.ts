/**
 * Values as bytes, the counterpart of `@x/stream-reader/decoders`. Every function returns an array that is the caller's:
 * `writer.writeOwned(encodeUint16BE(80))`. What does not fit throws `RangeError`, another type `TypeError`.
 */

import type { Encoder } from './encoder.ts'
import { bigInteger, float, integer } from './fixed-width.ts'

export type { Encoder }
export { encodeCString, encodeLengthPrefixed } from './framed.ts'
export { encodeQuicVarint, encodeSignedLeb128, encodeUnsignedLeb128 } from './variable-width.ts'

/** 0 to 2^8 - 1. */
export const encodeUint8: Encoder<number> = integer({ byteCount: 1, sign: 'unsigned', endianness: 'big' })
/** -2^7 to 2^7 - 1. */
export const encodeInt8: Encoder<number> = integer({ byteCount: 1, sign: 'signed', endianness: 'big' })
/** 0 to 2^16 - 1, big-endian. */
export const encodeUint16BE: Encoder<number> = integer({ byteCount: 2, sign: 'unsigned', endianness: 'big' })
/** 0 to 2^16 - 1, little-endian. */
export const encodeUint16LE: Encoder<number> = integer({
  byteCount: 2,
  sign: 'unsigned',
  endianness: 'little',
})
/** -2^15 to 2^15 - 1, big-endian. */
export const encodeInt16BE: Encoder<number> = integer({ byteCount: 2, sign: 'signed', endianness: 'big' })
/** -2^15 to 2^15 - 1, little-endian. */
export const encodeInt16LE: Encoder<number> = integer({ byteCount: 2, sign: 'signed', endianness: 'little' })
/** 0 to 2^24 - 1, big-endian. */
export const encodeUint24BE: Encoder<number> = integer({ byteCount: 3, sign: 'unsigned', endianness: 'big' })
/** 0 to 2^24 - 1, little-endian. */
export const encodeUint24LE: Encoder<number> = integer({
  byteCount: 3,
  sign: 'unsigned',
  endianness: 'little',
})
/** -2^23 to 2^23 - 1, big-endian. */
export const encodeInt24BE: Encoder<number> = integer({ byteCount: 3, sign: 'signed', endianness: 'big' })
/** -2^23 to 2^23 - 1, little-endian. */
export const encodeInt24LE: Encoder<number> = integer({ byteCount: 3, sign: 'signed', endianness: 'little' })
/** 0 to 2^32 - 1, big-endian. */
export const encodeUint32BE: Encoder<number> = integer({ byteCount: 4, sign: 'unsigned', endianness: 'big' })
/** 0 to 2^32 - 1, little-endian. */
export const encodeUint32LE: Encoder<number> = integer({
  byteCount: 4,
  sign: 'unsigned',
  endianness: 'little',
})
/** -2^31 to 2^31 - 1, big-endian. */
export const encodeInt32BE: Encoder<number> = integer({ byteCount: 4, sign: 'signed', endianness: 'big' })
/** -2^31 to 2^31 - 1, little-endian. */
export const encodeInt32LE: Encoder<number> = integer({ byteCount: 4, sign: 'signed', endianness: 'little' })
/** 0 to 2^48 - 1, big-endian. */
export const encodeUint48BE: Encoder<number> = integer({ byteCount: 6, sign: 'unsigned', endianness: 'big' })
/** 0 to 2^48 - 1, little-endian. */
export const encodeUint48LE: Encoder<number> = integer({
  byteCount: 6,
  sign: 'unsigned',
  endianness: 'little',
})
/** -2^47 to 2^47 - 1, big-endian. */
export const encodeInt48BE: Encoder<number> = integer({ byteCount: 6, sign: 'signed', endianness: 'big' })
/** -2^47 to 2^47 - 1, little-endian. */
export const encodeInt48LE: Encoder<number> = integer({ byteCount: 6, sign: 'signed', endianness: 'little' })
/** 0 to 2^64 - 1, big-endian; a number has to be a safe integer. */
export const encodeUint64BE: Encoder<number | bigint> = bigInteger({ sign: 'unsigned', endianness: 'big' })
/** 0 to 2^64 - 1, little-endian; a number has to be a safe integer. */
export const encodeUint64LE: Encoder<number | bigint> = bigInteger({ sign: 'unsigned', endianness: 'little' })
/** -2^63 to 2^63 - 1, big-endian; a number has to be a safe integer. */
export const encodeInt64BE: Encoder<number | bigint> = bigInteger({ sign: 'signed', endianness: 'big' })
/** -2^63 to 2^63 - 1, little-endian; a number has to be a safe integer. */
export const encodeInt64LE: Encoder<number | bigint> = bigInteger({ sign: 'signed', endianness: 'little' })
/** IEEE 754 binary32, big-endian. */
export const encodeFloat32BE: Encoder<number> = float({ byteCount: 4, endianness: 'big' })
/** IEEE 754 binary32, little-endian. */
export const encodeFloat32LE: Encoder<number> = float({ byteCount: 4, endianness: 'little' })
/** IEEE 754 binary64, big-endian. */
export const encodeFloat64BE: Encoder<number> = float({ byteCount: 8, endianness: 'big' })
/** IEEE 754 binary64, little-endian. */
export const encodeFloat64LE: Encoder<number> = float({ byteCount: 8, endianness: 'little' })
