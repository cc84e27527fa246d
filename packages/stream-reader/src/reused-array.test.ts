/** Do large chunks, of which values straddle the borders, share an array with nobody who could see it change? */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { feedOne, WAYS } from './feeding.test-support.ts'
import type { Way } from './feeding.test-support.ts'
import { lengthPrefixed, uint16BE } from './decoders.ts'
import { StreamReader } from './index.ts'

const frame = lengthPrefixed(uint16BE)

/** Bytes that tell where they stand; no LF among them. */
function pattern(byteCount: number, seed: number = 0): Uint8Array {
  return Uint8Array.from({ length: byteCount }, (_, at) => 32 + ((at * 7 + seed * 13) % 90))
}

function framed(contents: readonly Uint8Array[]): Uint8Array {
  return joined(contents.flatMap((content) => [Uint8Array.of(content.length >> 8, content.length), content]))
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => Array.from(piece)))
}

function cut(bytes: Uint8Array, byteCount: number): Uint8Array[] {
  const chunks = []
  for (let at = 0; at < bytes.length; at += byteCount) chunks.push(bytes.slice(at, at + byteCount))
  return chunks
}

const sizes = fc.array(fc.oneof(fc.nat(70), fc.nat(400), fc.nat(6000)), { maxLength: 60 })
const chunkSizes = fc.integer({ min: 50, max: 9000 })

for (const way of WAYS) {
  test(`frames stay what they were while large chunks arrive, ${way}`, () => {
    fc.assert(
      fc.property(sizes, chunkSizes, (lengths, chunkSize) => {
        const contents = lengths.map((length, index) => pattern(length, index))
        expect(framesOf(cut(framed(contents), chunkSize), way)).toEqual(contents)
      }),
      { numRuns: 60 },
    )
  })

  test(`lines are the same however large chunks are cut, ${way}`, () => {
    fc.assert(
      fc.property(sizes, chunkSizes, (lengths, chunkSize) => {
        const lines = lengths.map((length, index) => String.fromCharCode(...pattern(length, index)))
        const bytes = new TextEncoder().encode(lines.map((line, index) => line + ending(index)).join(''))
        expect(linesOf(cut(bytes, chunkSize), way)).toEqual(lines)
      }),
      { numRuns: 60 },
    )
  })
}

function ending(index: number): string {
  return index % 3 === 0 ? '\r\n' : '\n'
}

function framesOf(chunks: readonly Uint8Array[], way: Way): Uint8Array[] {
  const reader = new StreamReader()
  const values: Uint8Array[] = []
  for (const [index, chunk] of chunks.entries()) {
    feedOne(reader, chunk, way, index)
    for (let value; (value = reader.tryDecode(frame)) !== undefined;) values.push(value)
  }
  expect(reader.bufferedByteCount).toBe(0)
  return values
}

function linesOf(chunks: readonly Uint8Array[], way: Way): string[] {
  const reader = new StreamReader()
  const values: string[] = []
  for (const [index, chunk] of chunks.entries()) {
    feedOne(reader, chunk, way, index)
    for (let value; typeof (value = reader.tryReadLine()) === 'string';) values.push(value)
  }
  expect(reader.bufferedByteCount).toBe(0)
  return values
}

test('a chunk that was fed is not written to', () => {
  const whole = framed(Array.from({ length: 200 }, (_, index) => pattern(100 + index, index)))
  // A small one behind a large one that is nearly used up: there would be room for it.
  const chunks = cut(whole, 8000).flatMap((piece) => [piece.slice(0, 7500), piece.slice(7500)])
  const reader = new StreamReader()
  for (const chunk of chunks) {
    reader.feed(chunk)
    while (reader.tryDecode(frame) !== undefined);
  }
  expect(joined(chunks)).toEqual(whole)
})

test('an array of which the tail is lent is not used again before that is given back', async () => {
  const all = pattern(40_000)
  const reader = new StreamReader()
  const controller = new AbortController()
  const reading = reader.readExactly(20_000, { signal: controller.signal })
  reader.feed(all.slice(0, 5000))
  const lent = reader.getBuffer()
  expect(lent.length, 'room for what is expected').toBe(15_000)
  controller.abort('changed my mind')
  await expect(reading).rejects.toBe('changed my mind')
  const first = reader.tryReadExactly(4900)
  reader.feed(all.slice(5000, 15_000))
  lent.fill(0xee) // as a kernel may at any time
  const second = reader.tryReadExactly(10_000)
  lent.set(all.subarray(15_000, 30_000))
  reader.bufferUpdated(15_000)
  reader.feed(all.slice(30_000))
  reader.feedEof()
  expect(joined([first!, second!, await reader.readAll()])).toEqual(all)
})

test('an array that was given away whole is not used again', () => {
  const reader = new StreamReader()
  const kept: Uint8Array[] = []
  for (let turn = 0; turn < 8; turn++) {
    for (const piece of cut(pattern(12_000, turn), 3000)) reader.feed(piece)
    kept.push(reader.tryRead()!)
  }
  expect(kept).toEqual(Array.from({ length: 8 }, (_, turn) => pattern(12_000, turn)))
})

test('leaving the loop over lines leaves the rest in the same array', async () => {
  const reader = new StreamReader()
  const lines = Array.from({ length: 300 }, (_, index) => `line ${index}`)
  for (const piece of cut(new TextEncoder().encode(`${lines.join('\n')}\n`), 500)) reader.feed(piece)
  reader.feedEof()
  const found: (string | null)[] = []
  for await (const line of reader.lines()) if (found.push(line) === 100) break
  expect(reader.bufferedByteCount).toBe(lines.slice(100).join('\n').length + 1)
  found.push(reader.tryReadLine()!)
  for await (const line of reader.lines()) found.push(line)
  expect(found).toEqual(lines)
})
