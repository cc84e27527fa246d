import { checkWhole } from './encoder.ts'

const MAX_U64 = 2n ** 64n - 1n
const MIN_I64 = -(2n ** 63n)
const MAX_I64 = 2n ** 63n - 1n
/** RFC 9000 section 16: two bits of the first byte tell the length. */
const MAX_QUIC = 2n ** 62n - 1n

/**
 * LEB128: seven bits to a byte, the lowest first; at most 64 bits. Also known as varint.
 *
 * @throws {RangeError} Not a whole number from 0 to 2^64 - 1; a number (not a bigint) above 2^53 - 1.
 */
export function encodeUnsignedLeb128(value: number | bigint): Uint8Array {
  const bytes: number[] = []
  let rest = checkWhole(value, 0n, MAX_U64)
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}

/**
 * LEB128 of a two's complement number: the sign is the second highest bit of the last byte.
 *
 * @throws {RangeError} Not a whole number from -2^63 to 2^63 - 1; a number (not a bigint) beyond 2^53 - 1.
 */
export function encodeSignedLeb128(value: number | bigint): Uint8Array {
  const bytes: number[] = []
  let rest = checkWhole(value, MIN_I64, MAX_I64)
  while (rest > 0x3fn || rest < -0x40n) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest & 0x7fn))
  return Uint8Array.from(bytes)
}

/**
 * A variable-length integer of QUIC (RFC 9000 section 16), as short as possible: 1, 2, 4 or 8 bytes.
 *
 * @throws {RangeError} Not a whole number from 0 to 2^62 - 1; a number (not a bigint) above 2^53 - 1.
 */
export function encodeQuicVarint(value: number | bigint): Uint8Array {
  const whole = checkWhole(value, 0n, MAX_QUIC)
  const lengthCode = whole < 1n << 6n ? 0 : whole < 1n << 14n ? 1 : whole < 1n << 30n ? 2 : 3
  const byteCount = 1 << lengthCode
  const bytes = new Uint8Array(8)
  const marked = whole | (BigInt(lengthCode) << BigInt(8 * byteCount - 2))
  new DataView(bytes.buffer).setBigUint64(0, marked << BigInt(64 - 8 * byteCount))
  return bytes.slice(0, byteCount)
}
