/** Do bytes that arrive in lent memory stay whole, and is memory held only while it is needed? */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ascii, feed, lend, readerOf, text } from './feeding.test-support.ts'
import { StreamReader } from './index.ts'

const SCRATCH_LENGTH = 262_144
const SMALL_SCRATCH_LENGTH = 65_536

/** Byte `index` of an endless stream in which no short piece comes twice soon. */
const byteAt = (index: number): number => (index * 31 + (index >> 8) * 7) & 255
const stretch = (from: number, byteCount: number): Uint8Array =>
  Uint8Array.from({ length: byteCount }, (_, index) => byteAt(from + index))

/** Fills lent memory as a kernel does: all of it, in reads of at most `most` bytes. */
function pour(reader: StreamReader, bytes: Uint8Array, most = Infinity): number[] {
  const lengths: number[] = []
  for (let at = 0; at < bytes.length;) {
    const lent = reader.getBuffer()
    const piece = bytes.subarray(at, at + Math.min(lent.length, most))
    lengths.push(lent.length)
    lent.set(piece)
    reader.bufferUpdated(piece.length)
    at += piece.length
  }
  return lengths
}

test('an idle reader lends the scratch buffer that all share', () => {
  const lent = new StreamReader().getBuffer()
  expect(lent.length).toBe(SCRATCH_LENGTH)
  expect(new StreamReader().getBuffer()).toBe(lent)
})

test('a reader that falls behind lends less of it: what it leaves has to be kept', async () => {
  const reader = new StreamReader()
  lend(reader, 'more than is read')
  expect(reader.getBuffer().length).toBe(SMALL_SCRATCH_LENGTH)
  await reader.readExactly(4)
  expect(reader.getBuffer().length).toBe(SMALL_SCRATCH_LENGTH)
  await reader.read()
  expect(reader.getBuffer().length).toBe(SCRATCH_LENGTH)
})

test('a large exact read lends its own destination', async () => {
  const reader = new StreamReader()
  const reading = reader.readExactly(200_000)
  const content = stretch(0, 200_000)
  expect(pour(reader, content)).toEqual([200_000])
  const read = await reading
  expect(read).toEqual(content)
  expect(read.buffer.byteLength, 'and gives it away whole').toBe(200_000)
  expect(reader.getBuffer().length).toBe(SCRATCH_LENGTH)
})

test('what arrived before a large read costs one copy, the rest none', async () => {
  const reader = readerOf(stretch(0, 10))
  const reading = reader.readExactly(200_000)
  expect(pour(reader, stretch(10, 199_990), 70_000)).toEqual([199_990, 129_990, 59_990])
  expect(await reading).toEqual(stretch(0, 200_000))
})

test('a read of bytes that are only announced gets a bounded array', async () => {
  const reader = new StreamReader()
  const reading = reader.readExactly(1_000_000_000)
  expect(reader.getBuffer().length).toBe(4 * 1024 * 1024)
  reader.feedError('enough')
  await expect(reading).rejects.toMatchObject({ code: 'ERR_STREAM_FAILED' })
})

test('room grows with what has arrived', async () => {
  const reader = new StreamReader()
  const byteCount = 20 * 1024 * 1024
  const reading = reader.readExactly(byteCount)
  const content = new Uint8Array(byteCount).fill(7)
  const lengths = pour(reader, content)
  expect(lengths.map((length) => length / 1024 / 1024)).toEqual([4, 4, 8, 4])
  const read = await reading
  expect(read.buffer.byteLength).toBe(byteCount)
  expect(Buffer.compare(read, content)).toBe(0)
})

test('a decoder that expects many bytes gets them in place too', async () => {
  const reader = new StreamReader()
  const reading = reader.decode((window) => {
    window.expect(100_000)
    return window.byteCount < 100_000 ? undefined : window.takeLast(100_000)
  })
  expect(pour(reader, stretch(0, 100_000), 60_000)).toEqual([100_000, 40_000])
  expect((await reading).buffer.byteLength).toBe(100_000)
})

for (const expected of [Number.NaN, -1, 0.5, Infinity, '9' as unknown as number]) {
  test(`a decoder that expects ${expected} bytes does no harm`, async () => {
    const reader = new StreamReader()
    const reading = reader.decode((window) => {
      window.expect(expected)
      return window.byteCount < 5 ? undefined : window.take(5)
    })
    pour(reader, ascii('ab'))
    pour(reader, ascii('cdefg'))
    expect(text(await reading)).toBe('abcde')
    expect(text(reader.tryRead())).toBe('fg')
  })
}

test('a tail that was lent is never written beside its holder', async () => {
  const reader = new StreamReader()
  const reading = reader.readExactly(10_000)
  pour(reader, stretch(0, 100))
  const lent = reader.getBuffer()
  feed(reader, stretch(100, 50))
  lent.set(stretch(150, 200))
  reader.bufferUpdated(200)
  pour(reader, stretch(350, 9650))
  expect(await reading).toEqual(stretch(0, 10_000))
})

test('a tail that was lent is not lent again before it is given back', async () => {
  const reader = new StreamReader()
  const reading = reader.readExactly(10_000)
  const stale = reader.getBuffer()
  const lent = reader.getBuffer()
  lent.set(stretch(0, 100))
  reader.bufferUpdated(100)
  stale.fill(0xee)
  pour(reader, stretch(100, 9900))
  expect(await reading).toEqual(stretch(0, 10_000))
})

test('a tail outlives the read that wanted it: aborted, read on, put back', async () => {
  const reader = new StreamReader()
  const controller = new AbortController()
  const reading = reader.readExactly(10_000, { signal: controller.signal })
  pour(reader, ascii('abc'))
  const lent = reader.getBuffer()
  controller.abort()
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
  expect(text(reader.tryReadExactly(2))).toBe('ab')
  reader.unread(ascii('XY'))
  lent.set(ascii('def'))
  reader.bufferUpdated(3)
  lent.fill(0xee)
  expect(text(reader.tryRead())).toBe('XYcdef')
})

test('bufferUpdated without getBuffer, or beyond it, is a RangeError', () => {
  const reader = new StreamReader()
  expect(() => reader.bufferUpdated(1)).toThrow('byteCount must be an integer from 0 to 0, got 1')
  reader.getBuffer()
  expect(() => reader.bufferUpdated(SCRATCH_LENGTH + 1)).toThrow(RangeError)
  expect(() => reader.bufferUpdated(-1)).toThrow(RangeError)
  reader.getBuffer()
  reader.bufferUpdated(0)
  expect(() => reader.bufferUpdated(1), 'each lending is reported once').toThrow(RangeError)
  expect(reader.bufferedByteCount).toBe(0)
})

test('bytes of one reader never show up in another', () => {
  const [a, b] = [new StreamReader(), new StreamReader()]
  lend(a, 'secret of a')
  lend(b, 'b')
  expect(text(b.tryRead())).toBe('b')
  expect(text(a.tryRead())).toBe('secret of a')
})

/** One step of a source and a consumer that know nothing of each other. */
type Step =
  | { do: 'lend' | 'feed' | 'read' | 'put back'; byteCount: number }
  | { do: 'ask for memory' | 'abort' | 'fill what was lent' }

const sizes = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 3000, max: 20_000 }))
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('lend', 'feed', 'read', 'put back'), byteCount: sizes }),
  fc.record({ do: fc.constantFrom('ask for memory', 'abort', 'fill what was lent') }),
)

test('whatever is lent, fed, put back, aborted and scribbled on: the bytes come in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 60 }), async (script) => {
      const reader = new StreamReader()
      let [given, taken] = [0, 0]
      let controller = new AbortController()
      const lent: Uint8Array[] = []
      const check = (bytes: Uint8Array): void => {
        expect(Buffer.compare(bytes, stretch(taken, bytes.length))).toBe(0)
        taken += bytes.length
        bytes.fill(0xdd) // the array is ours
      }
      for (const step of script) {
        if (step.do === 'feed') reader.feed(stretch(given, step.byteCount))
        else if (step.do === 'lend') pour(reader, stretch(given, step.byteCount), 7000)
        else if (step.do === 'ask for memory') lent.push(reader.getBuffer())
        else if (step.do === 'abort') controller.abort()
        else if (step.do === 'fill what was lent') {
          const target = lent.pop()
          if (target !== undefined && reader.getBuffer() === target) {
            const byteCount = Math.min(target.length, 5000)
            target.set(stretch(given, byteCount))
            reader.bufferUpdated(byteCount)
            given += byteCount
          }
        } else if (step.do === 'put back' && !reader.isReading) {
          const byteCount = Math.min(step.byteCount, taken)
          reader.unread(stretch(taken - byteCount, byteCount))
          taken -= byteCount
        } else if (step.do === 'read' && !reader.isReading) {
          controller = new AbortController()
          reader.readExactly(step.byteCount, { signal: controller.signal }).then(check, () => {})
        }
        if (step.do === 'feed' || step.do === 'lend') given += step.byteCount
        // Whoever was lent memory may write into it at any time, the source behind the scratch buffer too.
        for (const target of lent) target.fill(0xee)
        await Promise.resolve()
        expect(reader.bufferedByteCount).toBe(given - taken)
      }
      controller.abort()
      await Promise.resolve()
      const rest = reader.tryRead()
      if (rest) check(rest)
      expect(taken).toBe(given)
    }),
    { numRuns: 400 },
  )
}, 60_000)
