/** Decoders of common formats, for `decode`, `tryDecode` and `frames`. Each is a value: it may serve any number of reads. */
import type { Decoder } from './byte-window.ts'
import { bigInteger, float, integer } from './fixed-width.ts'

export { map, record, repeat, sequence } from './combinators.ts'
export { bytes, cString, delimited, lengthPrefixed } from './framed.ts'
export type { FramedOptions } from './framed.ts'
export { MalformedValueError } from './malformed-value-error.ts'
export {
  bigQuicVarint,
  bigSignedLeb128,
  bigUnsignedLeb128,
  quicVarint,
  signedLeb128,
  unsignedLeb128,
} from './variable-width.ts'

/** 8 bits, unsigned. */
export const uint8: Decoder<number> = integer({ byteCount: 1, sign: 'unsigned', endianness: 'big' })
/** 8 bits, two's complement. */
export const int8: Decoder<number> = integer({ byteCount: 1, sign: 'signed', endianness: 'big' })
/** 16 bits, unsigned, big-endian. */
export const uint16BE: Decoder<number> = integer({ byteCount: 2, sign: 'unsigned', endianness: 'big' })
/** 16 bits, unsigned, little-endian. */
export const uint16LE: Decoder<number> = integer({ byteCount: 2, sign: 'unsigned', endianness: 'little' })
/** 16 bits, two's complement, big-endian. */
export const int16BE: Decoder<number> = integer({ byteCount: 2, sign: 'signed', endianness: 'big' })
/** 16 bits, two's complement, little-endian. */
export const int16LE: Decoder<number> = integer({ byteCount: 2, sign: 'signed', endianness: 'little' })
/** 24 bits, unsigned, big-endian. */
export const uint24BE: Decoder<number> = integer({ byteCount: 3, sign: 'unsigned', endianness: 'big' })
/** 24 bits, unsigned, little-endian. */
export const uint24LE: Decoder<number> = integer({ byteCount: 3, sign: 'unsigned', endianness: 'little' })
/** 24 bits, two's complement, big-endian. */
export const int24BE: Decoder<number> = integer({ byteCount: 3, sign: 'signed', endianness: 'big' })
/** 24 bits, two's complement, little-endian. */
export const int24LE: Decoder<number> = integer({ byteCount: 3, sign: 'signed', endianness: 'little' })
/** 32 bits, unsigned, big-endian. */
export const uint32BE: Decoder<number> = integer({ byteCount: 4, sign: 'unsigned', endianness: 'big' })
/** 32 bits, unsigned, little-endian. */
export const uint32LE: Decoder<number> = integer({ byteCount: 4, sign: 'unsigned', endianness: 'little' })
/** 32 bits, two's complement, big-endian. */
export const int32BE: Decoder<number> = integer({ byteCount: 4, sign: 'signed', endianness: 'big' })
/** 32 bits, two's complement, little-endian. */
export const int32LE: Decoder<number> = integer({ byteCount: 4, sign: 'signed', endianness: 'little' })
/** 48 bits, unsigned, big-endian. */
export const uint48BE: Decoder<number> = integer({ byteCount: 6, sign: 'unsigned', endianness: 'big' })
/** 48 bits, unsigned, little-endian. */
export const uint48LE: Decoder<number> = integer({ byteCount: 6, sign: 'unsigned', endianness: 'little' })
/** 48 bits, two's complement, big-endian. */
export const int48BE: Decoder<number> = integer({ byteCount: 6, sign: 'signed', endianness: 'big' })
/** 48 bits, two's complement, little-endian. */
export const int48LE: Decoder<number> = integer({ byteCount: 6, sign: 'signed', endianness: 'little' })
/** 64 bits, unsigned, big-endian. */
export const uint64BE: Decoder<bigint> = bigInteger({ sign: 'unsigned', endianness: 'big' })
/** 64 bits, unsigned, little-endian. */
export const uint64LE: Decoder<bigint> = bigInteger({ sign: 'unsigned', endianness: 'little' })
/** 64 bits, two's complement, big-endian. */
export const int64BE: Decoder<bigint> = bigInteger({ sign: 'signed', endianness: 'big' })
/** 64 bits, two's complement, little-endian. */
export const int64LE: Decoder<bigint> = bigInteger({ sign: 'signed', endianness: 'little' })
/** IEEE 754, 32 bits, big-endian. */
export const float32BE: Decoder<number> = float({ byteCount: 4, endianness: 'big' })
/** IEEE 754, 32 bits, little-endian. */
export const float32LE: Decoder<number> = float({ byteCount: 4, endianness: 'little' })
/** IEEE 754, 64 bits, big-endian. */
export const float64BE: Decoder<number> = float({ byteCount: 8, endianness: 'big' })
/** IEEE 754, 64 bits, little-endian. */
export const float64LE: Decoder<number> = float({ byteCount: 8, endianness: 'little' })
