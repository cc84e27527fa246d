import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as all from './encoders.ts'

const encoders = { ...all }
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex')

/** Each against the platform's own writer of the same format. */
const FIXED = [
  ...(['', 'U'] as const).flatMap((sign) =>
    [8, 16, 24, 32, 48].flatMap((bits) =>
      (bits === 8 ? [''] : ['BE', 'LE']).map((order) => ({
        sign,
        bits,
        order,
        name: `encode${sign === '' ? 'Int' : 'Uint'}${bits}${order}`,
      })),
    ),
  ),
]

for (const { sign, bits, order, name } of FIXED) {
  const encode = encoders[name as 'encodeUint16BE']
  const [min, max] = sign === '' ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1]

  test(`${name} writes what the platform writes`, () => {
    const check = (value: number): void => {
      const expected = Buffer.alloc(bits / 8)
      if (sign === '') {
        if (order === 'LE') expected.writeIntLE(value, 0, bits / 8)
        else expected.writeIntBE(value, 0, bits / 8)
      } else if (order === 'LE') expected.writeUIntLE(value, 0, bits / 8)
      else expected.writeUIntBE(value, 0, bits / 8)
      expect(hex(encode(value))).toBe(hex(expected))
    }
    for (const value of [min, max, 0, 1, max - 1]) check(value)
    fc.assert(
      fc.property(
        fc.maxSafeInteger().filter((value) => value >= min && value <= max),
        check,
      ),
      { numRuns: 20 },
    )
  })

  test(`${name} refuses what does not fit`, () => {
    for (const value of [min - 1, max + 1, 0.5, Number.NaN, Infinity])
      expect(() => encode(value)).toThrow(RangeError)
    for (const value of ['1', 1n, null]) expect(() => encode(value as never)).toThrow(TypeError)
  })
}

test('64 bits: numbers and bigints', () => {
  expect(hex(encoders.encodeUint64BE(258))).toBe('0000000000000102')
  expect(hex(encoders.encodeUint64LE(2n ** 64n - 2n))).toBe('feffffffffffffff')
  expect(hex(encoders.encodeInt64BE(-2))).toBe('fffffffffffffffe')
  expect(hex(encoders.encodeInt64LE(-(2n ** 63n)))).toBe('0000000000000080')
})

test('64 bits refuse what does not fit, and numbers that have lost digits', () => {
  for (const value of [-1, 2n ** 64n, 2 ** 53, 0.5])
    expect(() => encoders.encodeUint64BE(value)).toThrow(RangeError)
  for (const value of [2n ** 63n, -(2n ** 63n) - 1n])
    expect(() => encoders.encodeInt64LE(value)).toThrow(RangeError)
  expect(() => encoders.encodeInt64BE('1' as never)).toThrow(TypeError)
})

test('floats', () => {
  expect(hex(encoders.encodeFloat32BE(1.5))).toBe('3fc00000')
  expect(hex(encoders.encodeFloat32LE(-0))).toBe('00000080')
  expect(hex(encoders.encodeFloat64BE(Math.PI))).toBe('400921fb54442d18')
  expect(hex(encoders.encodeFloat64LE(-Infinity))).toBe('000000000000f0ff')
  expect(() => encoders.encodeFloat64BE(1n as never)).toThrow(TypeError)
})

const VARIABLE: {
  name: 'encodeUnsignedLeb128' | 'encodeSignedLeb128' | 'encodeQuicVarint'
  rows: [number | bigint, string][]
}[] = [
  {
    name: 'encodeUnsignedLeb128',
    rows: [
      [0, '00'],
      [127, '7f'],
      [128, '8001'],
      [624_485, 'e58e26'],
      [2n ** 64n - 1n, 'ffffffffffffffffff01'],
    ],
  },
  {
    name: 'encodeSignedLeb128',
    rows: [
      [0, '00'],
      [63, '3f'],
      [64, 'c000'],
      [-1, '7f'],
      [-64, '40'],
      [-65, 'bf7f'],
      [-123_456, 'c0bb78'],
      [-(2n ** 63n), '8080808080808080807f'],
    ],
  },
  {
    // The examples of RFC 9000 appendix A.1, and the edges.
    name: 'encodeQuicVarint',
    rows: [
      [37, '25'],
      [15_293, '7bbd'],
      [494_878_333, '9d7f3e7d'],
      [151_288_809_941_952_652n, 'c2197c5eff14e88c'],
      [63, '3f'],
      [64, '4040'],
      [16_383, '7fff'],
      [16_384, '80004000'],
      [2 ** 30 - 1, 'bfffffff'],
      [2 ** 30, 'c000000040000000'],
      [2n ** 62n - 1n, 'ffffffffffffffff'],
    ],
  },
]

for (const { name, rows } of VARIABLE) {
  for (const [value, wire] of rows) {
    test(`${name}(${value})`, () => {
      expect(hex(encoders[name](value))).toBe(wire)
      expect(hex(encoders[name](BigInt(value)))).toBe(wire)
    })
  }

  test(`${name} refuses what does not fit`, () => {
    for (const value of [2n ** 64n, -(2n ** 64n), 1.5, 2 ** 60])
      expect(() => encoders[name](value)).toThrow(RangeError)
    expect(() => encoders[name]('1' as never)).toThrow(TypeError)
  })
}

test('encodeCString', () => {
  expect(hex(encoders.encodeCString('h\u00e9'))).toBe('68c3a900')
  expect(() => encoders.encodeCString('a\0b')).toThrow(RangeError)
  expect(() => encoders.encodeCString(1 as never)).toThrow(TypeError)
})

test('encodeLengthPrefixed', () => {
  const encode = encoders.encodeLengthPrefixed(encoders.encodeUint8)
  expect(hex(encode(Uint8Array.of(7, 8)))).toBe('020708')
  expect(() => encode(new Uint8Array(256))).toThrow(RangeError)
  expect(() => encode('x' as never)).toThrow(TypeError)
  expect(encoders.encodeLengthPrefixed(encoders.encodeQuicVarint)(new Uint8Array(100)).length).toBe(102)
})
