/** Are the fast byte operations and the portable ones the same? */
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { indexOf, indexOfByte, textDecoders } from './bytes.ts'

vi.stubGlobal('Buffer', undefined)
vi.resetModules()
const { textDecoders: portableDecoders } = await import('./bytes.ts')
vi.unstubAllGlobals()

const VARIANTS = { Buffer: textDecoders, portable: portableDecoders }
const octets = fc.uint8Array({ maxLength: 300 })

for (const [name, operations] of Object.entries(VARIANTS)) {
  test(`${name}: latin1 is one character per octet, all 256 of them`, () => {
    const all = Uint8Array.from({ length: 256 }, (_, octet) => octet)
    expect(operations.latin1(all, 0, 256)).toBe(String.fromCharCode(...all))
    expect(operations.latin1(all, 0x80, 0x82)).toBe('\x80\x81')
  })

  test(`${name}: latin1 of much`, () => {
    expect(operations.latin1(new Uint8Array(1_000_000).fill(0xe9), 1, 999_999)).toBe('é'.repeat(999_998))
  })

  test(`${name}: utf8 keeps a byte order mark, replaces what is malformed, respects the borders`, () => {
    const bytes = new TextEncoder().encode('..\ufeffé€😀..')
    expect(operations['utf-8'](bytes, 2, bytes.length - 2)).toBe('\ufeffé€😀')
    expect(operations['utf-8'](Uint8Array.of(0x61, 0xff, 0xe2, 0x82, 0x0a, 0xc3), 0, 6)).toBe(
      'a\ufffd\ufffd\n\ufffd',
    )
    expect(operations['utf-8'](bytes, 3, 3)).toBe('')
  })
}

test('both decode alike', () => {
  fc.assert(
    fc.property(octets, fc.nat(300), fc.nat(300), (bytes, a, b) => {
      const [start, end] = [Math.min(a, b, bytes.length), Math.min(Math.max(a, b), bytes.length)]
      const { Buffer: fast, portable: plain } = VARIANTS
      expect(fast.latin1(bytes, start, end)).toBe(plain.latin1(bytes, start, end))
      expect(fast['utf-8'](bytes, start, end)).toBe(plain['utf-8'](bytes, start, end))
    }),
  )
})

test('indexOf finds what a search byte by byte finds', () => {
  const few = fc.array(fc.constantFrom(0, 1), { maxLength: 40 }).map((bits) => Uint8Array.from(bits))
  const needles = fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(few, needles, fc.nat(40), fc.nat(40), (bytes, needle, from, end) => {
      const stop = Math.min(end, bytes.length)
      const fits = (at: number): boolean =>
        at + needle.length <= stop && needle.every((bit, index) => bytes[at + index] === bit)
      const expected = Array.from(bytes, (_, at) => at).findIndex((at) => at >= from && fits(at))
      expect(indexOf(bytes, Uint8Array.from(needle), from, stop)).toBe(expected)
      if (needle.length === 1) expect(indexOfByte(bytes, needle[0]!, from, stop)).toBe(expected)
    }),
    { numRuns: 2000 },
  )
})
