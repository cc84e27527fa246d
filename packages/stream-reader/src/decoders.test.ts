import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as decoders from './decoders.ts'
import type { Decoder } from './index.ts'
import { StreamReader } from './index.ts'

const { bytes, cString, delimited, lengthPrefixed, map, record, repeat, sequence } = decoders

function hex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

/** What a decoder makes of `wire`, the same for every cut in two; with how many bytes are left. */
async function decoded(
  decoder: () => Decoder<unknown>,
  wire: Uint8Array,
): Promise<{ value: unknown; left: number }> {
  const outcomes: { value: unknown; left: number }[] = []
  for (let cut = 0; cut <= wire.length; cut++) {
    const reader = new StreamReader()
    const reading = reader.decode(decoder()).catch((error: { code: string }) => error.code)
    reader.feed(wire.slice(0, cut))
    reader.feed(wire.slice(cut))
    reader.feedEof()
    outcomes.push({ value: await reading, left: reader.bufferedByteCount })
  }
  for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0])
  return outcomes[0] ?? { value: undefined, left: -1 }
}

const NUMBERS: { name: keyof typeof decoders; wire: string; value: number | bigint }[] = [
  { name: 'uint8', wire: 'ff', value: 255 },
  { name: 'int8', wire: 'ff', value: -1 },
  { name: 'uint16BE', wire: '0102', value: 258 },
  { name: 'uint16LE', wire: '0102', value: 513 },
  { name: 'int16BE', wire: '8000', value: -32_768 },
  { name: 'int16LE', wire: '0080', value: -32_768 },
  { name: 'uint24BE', wire: '010203', value: 66_051 },
  { name: 'uint24LE', wire: '010203', value: 197_121 },
  { name: 'int24BE', wire: 'ffffff', value: -1 },
  { name: 'int24LE', wire: '000080', value: -8_388_608 },
  { name: 'uint32BE', wire: 'ffffffff', value: 4_294_967_295 },
  { name: 'uint32LE', wire: '01000000', value: 1 },
  { name: 'int32BE', wire: 'ffffffff', value: -1 },
  { name: 'int32LE', wire: '00000080', value: -2_147_483_648 },
  { name: 'uint48BE', wire: 'ffffffffffff', value: 281_474_976_710_655 },
  { name: 'uint48LE', wire: '010000000000', value: 1 },
  { name: 'int48BE', wire: '800000000000', value: -140_737_488_355_328 },
  { name: 'int48LE', wire: 'ffffffffffff', value: -1 },
  { name: 'uint64BE', wire: 'ffffffffffffffff', value: 18_446_744_073_709_551_615n },
  { name: 'uint64LE', wire: '0100000000000000', value: 1n },
  { name: 'int64BE', wire: 'ffffffffffffffff', value: -1n },
  { name: 'int64LE', wire: '0000000000000080', value: -9_223_372_036_854_775_808n },
  { name: 'float32BE', wire: '3fc00000', value: 1.5 },
  { name: 'float32LE', wire: '0000c03f', value: 1.5 },
  { name: 'float64BE', wire: 'c000000000000000', value: -2 },
  { name: 'float64LE', wire: '00000000000000c0', value: -2 },
  { name: 'unsignedLeb128', wire: 'e58e26', value: 624_485 },
  { name: 'signedLeb128', wire: 'c0bb78', value: -123_456 },
  { name: 'bigUnsignedLeb128', wire: 'ffffffffffffffffff01', value: 18_446_744_073_709_551_615n },
  { name: 'bigSignedLeb128', wire: '8080808080808080807f', value: -9_223_372_036_854_775_808n },
  { name: 'quicVarint', wire: '25', value: 37 },
  { name: 'quicVarint', wire: '7bbd', value: 15_293 },
  { name: 'quicVarint', wire: '9d7f3e7d', value: 494_878_333 },
  { name: 'bigQuicVarint', wire: 'c2197c5eff14e88c', value: 151_288_809_941_952_652n },
  { name: 'quicVarint', wire: '4025', value: 37 },
]

for (const { name, wire, value } of NUMBERS) {
  test(`${name} ${wire}`, async () => {
    const decoder = decoders[name] as Decoder<number | bigint>
    expect(await decoded(() => decoder, hex(`${wire}aa`))).toEqual({ value, left: 1 })
    expect(await decoded(() => decoder, hex(wire).slice(0, -1))).toMatchObject({
      value: 'ERR_INCOMPLETE_READ',
    })
  })
}

const MALFORMED: { name: keyof typeof decoders; wire: string }[] = [
  { name: 'unsignedLeb128', wire: 'ffffffffffffffff7f' },
  { name: 'unsignedLeb128', wire: '8080808080808080808000' },
  { name: 'bigUnsignedLeb128', wire: 'ffffffffffffffffff02' },
  { name: 'signedLeb128', wire: 'ffffffffffffffffff00' },
  { name: 'bigSignedLeb128', wire: '80808080808080808001' },
  { name: 'quicVarint', wire: 'ffffffffffffffff' },
]

for (const { name, wire } of MALFORMED) {
  test(`${name} refuses ${wire} and takes nothing`, async () => {
    const decoder = decoders[name] as Decoder<unknown>
    expect(await decoded(() => decoder, hex(wire))).toEqual({
      value: 'ERR_MALFORMED_VALUE',
      left: wire.length / 2,
    })
  })
}

const FRAMES: {
  name: string
  decoder: () => Decoder<unknown>
  wire: string
  value: unknown
  left?: number
}[] = [
  { name: 'bytes', decoder: () => bytes(3), wire: 'abcd', value: ascii('abc'), left: 1 },
  { name: 'no bytes', decoder: () => bytes(0), wire: 'a', value: ascii(''), left: 1 },
  {
    name: 'lengthPrefixed',
    decoder: () => lengthPrefixed(decoders.uint8),
    wire: '\x03abcd',
    value: ascii('abc'),
    left: 1,
  },
  {
    name: 'lengthPrefixed, empty',
    decoder: () => lengthPrefixed(decoders.uint8),
    wire: '\x00a',
    value: ascii(''),
    left: 1,
  },
  {
    name: 'lengthPrefixed above its limit',
    decoder: () => lengthPrefixed(decoders.uint8, { limit: 2 }),
    wire: '\x03abc',
    value: 'ERR_LIMIT_EXCEEDED',
    left: 4,
  },
  { name: 'delimited', decoder: () => delimited('\r\n'), wire: 'ab\rc\r\nd', value: ascii('ab\rc'), left: 1 },
  {
    name: 'delimited by several',
    decoder: () => delimited(['\r\n', '\n']),
    wire: 'ab\nc\r\n',
    value: ascii('ab'),
    left: 3,
  },
  {
    name: 'delimited, the longer of two that end together',
    decoder: () => delimited(['\r\n', ';']),
    wire: 'ab\r\nc',
    value: ascii('ab'),
    left: 1,
  },
  {
    name: 'delimited at its limit',
    decoder: () => delimited(';', { limit: 2 }),
    wire: 'ab;',
    value: ascii('ab'),
    left: 0,
  },
  {
    name: 'delimited above its limit',
    decoder: () => delimited(';', { limit: 2 }),
    wire: 'abc;',
    value: 'ERR_LIMIT_EXCEEDED',
    left: 4,
  },
  { name: 'cString', decoder: () => cString(), wire: 'h\xc3\xa4\0x', value: 'hä', left: 1 },
  {
    name: 'cString latin1',
    decoder: () => cString({ encoding: 'latin1' }),
    wire: '\x80\xe4\0',
    value: '\x80ä',
    left: 0,
  },
  { name: 'map', decoder: () => map(decoders.uint8, (value) => value * 2), wire: '\x03', value: 6, left: 0 },
  {
    name: 'sequence',
    decoder: () => sequence(decoders.uint8, cString(), decoders.uint8),
    wire: '\x01ab\0\x02',
    value: [1, 'ab', 2],
    left: 0,
  },
  {
    name: 'record',
    decoder: () => record({ kind: decoders.uint8, name: cString() }),
    wire: '\x01ab\0c',
    value: { kind: 1, name: 'ab' },
    left: 1,
  },
  {
    name: 'repeat',
    decoder: () => repeat(lengthPrefixed(decoders.uint8), 2),
    wire: '\x01a\x02bc',
    value: [ascii('a'), ascii('bc')],
    left: 0,
  },
  { name: 'repeat, none', decoder: () => repeat(decoders.uint8, 0), wire: 'a', value: [], left: 1 },
]

for (const { name, decoder, wire, value, left } of FRAMES) {
  test(`framed: ${name}`, async () => {
    expect(
      await decoded(
        decoder,
        Uint8Array.from(wire, (octet) => octet.charCodeAt(0)),
      ),
    ).toEqual({ value, left })
  })
}

test('one decoder serves many reads, also after one that was aborted and others that took bytes between', async () => {
  const reader = new StreamReader()
  const item = delimited(';')
  reader.feed(ascii('ab'))
  const controller = new AbortController()
  const aborted = reader.decode(item, { signal: controller.signal })
  controller.abort('enough')
  await expect(aborted).rejects.toBe('enough')
  expect(await reader.readExactly(1)).toEqual(ascii('a'))
  reader.feed(ascii(';c;d'))
  expect(reader.tryDecode(item)).toEqual(ascii('b'))
  expect(reader.tryDecode(item)).toEqual(ascii('c'))
  expect(reader.tryDecode(item)).toBe(undefined)
  reader.unread(ascii(';'))
  expect(reader.tryDecode(item)).toEqual(ascii(''))
})

test('frames of a record, up to the end', async () => {
  const reader = new StreamReader()
  const entry = record({ key: lengthPrefixed(decoders.uint8), value: decoders.uint16BE })
  reader.feed(hex('016100010162000201'))
  reader.feed(hex('630003'))
  reader.feedEof()
  const values: number[] = []
  for await (const { value } of reader.frames(entry)) values.push(value)
  expect(values).toEqual([1, 2, 3])
})

test('arguments are checked when a decoder is made', () => {
  expect(() => bytes(-1)).toThrow(RangeError)
  expect(() => repeat(decoders.uint8, 1.5)).toThrow(RangeError)
  expect(() => delimited('')).toThrow(RangeError)
  expect(() => lengthPrefixed(decoders.uint8, { limit: 0 })).toThrow(RangeError)
})

test('property: LEB128 and QUIC varints are what was encoded', async () => {
  await fc.assert(
    fc.asyncProperty(fc.bigInt({ min: 0n, max: 2n ** 62n - 1n }), async (value) => {
      const leb: number[] = []
      for (let rest = value; leb.length === 0 || rest > 0n; rest >>= 7n) leb.push(Number(rest & 0x7fn) | 0x80)
      leb.push((leb.pop() ?? 0) & 0x7f)
      expect((await decoded(() => decoders.bigUnsignedLeb128, Uint8Array.from(leb))).value).toBe(value)
      const quic = hex((value | (3n << 62n)).toString(16))
      expect((await decoded(() => decoders.bigQuicVarint, quic)).value).toBe(value)
    }),
    { numRuns: 100 },
  )
})
