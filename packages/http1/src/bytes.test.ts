import { expect, test } from 'vitest'
import { bufferLatin1, latin1Bytes, latin1Text, portableLatin1 } from './bytes.ts'

const EVERY_OCTET = Uint8Array.from({ length: 256 }, (_, octet) => octet)
const EVERY_CHARACTER = String.fromCharCode(...EVERY_OCTET)

const WAYS = [
  { name: 'portable', codec: portableLatin1 },
  { name: 'by Buffer', codec: bufferLatin1(Buffer)! },
  { name: 'as chosen', codec: { decode: latin1Text, encode: latin1Bytes } },
]

for (const { name, codec } of WAYS) {
  test(`true latin1, not windows-1252: ${name}`, () => {
    expect(codec.decode(EVERY_OCTET, 0, 256)).toBe(EVERY_CHARACTER)
    expect(codec.encode(EVERY_CHARACTER)).toEqual(EVERY_OCTET)
  })

  test(`a range of a larger array, and nothing: ${name}`, () => {
    expect(codec.decode(EVERY_OCTET.subarray(0x40), 1, 4)).toBe('ABC')
    expect(codec.decode(EVERY_OCTET, 5, 5)).toBe('')
    expect(codec.encode('')).toEqual(new Uint8Array(0))
  })

  test(`long text, and an array of its own: ${name}`, () => {
    const text = EVERY_CHARACTER.repeat(70)
    const bytes = codec.encode(text)
    expect(bytes.buffer.byteLength).toBe(text.length)
    expect(codec.decode(bytes, 1, bytes.length - 1)).toBe(text.slice(1, -1))
  })
}

test('a Buffer that does something else is not used', () => {
  const refuses = {
    latin1Slice: () => {
      throw new TypeError('not a Buffer')
    },
    latin1Write: () => 0,
  }
  const writesNothing = { latin1Slice: () => '', latin1Write: () => 0 }
  expect(bufferLatin1(undefined)).toBeUndefined()
  expect(bufferLatin1({ prototype: {} })).toBeUndefined()
  expect(bufferLatin1({ prototype: refuses })).toBeUndefined()
  expect(bufferLatin1({ prototype: writesNothing })).toBeUndefined()
})
