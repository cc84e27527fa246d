/** Does it matter how the bytes are cut, how they come in, or when a read begins? */
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import {
  ascii,
  cuts,
  everySplit,
  feedOne,
  outcome,
  outcomeOf,
  settle,
  text,
  WAYS,
} from './feeding.test-support.ts'
import type { Way } from './feeding.test-support.ts'
import { StreamReader } from './index.ts'
import type { ByteWindow } from './index.ts'

/** A frame: its length as a digit, then as many bytes; `!` in the length is an error, `?` asks for ever. */
function frame(window: ByteWindow): string | undefined {
  if (window.byteCount === 0) return undefined
  const head = String.fromCharCode(window.bytes[window.start]!)
  window.skip(1)
  if (head === '!') throw new SyntaxError('no length')
  const byteCount = head >= '0' && head <= '9' ? Number(head) : 3
  if (head === '\n' || window.byteCount < byteCount) return undefined
  return `${head}:${text(window.take(byteCount))}`
}

type Operation = (reader: StreamReader) => Promise<unknown>

const OPERATIONS: Record<string, Operation> = {
  'readExactly 3': (reader) => reader.readExactly(3),
  'readExactly 0': (reader) => reader.readExactly(0),
  'readUntil LF': (reader) => reader.readUntil('\n', { limit: 6 }),
  'readUntil ab, b1 or 1': (reader) => reader.readUntil(['ab', 'b1', '1\r\n'], { limit: 4 }),
  readLine: (reader) => reader.readLine({ limit: 5 }),
  'readLine latin1': (reader) => reader.readLine({ limit: 9, encoding: 'latin1' }),
  'peek 4': (reader) => reader.peek(4),
  'skip 2': (reader) => reader.skip(2),
  readAll: (reader) => reader.readAll({ limit: 8 }),
  decode: (reader) => reader.decode(frame, { limit: 6 }),
}

/** Runs the operations one after the other while the chunks come in; all that came of it. */
async function play(plan: {
  operations: readonly string[]
  chunks: readonly Uint8Array[]
  way: Way
  ending: 'eof' | 'error'
  start: 'before' | 'after'
  Reader?: typeof StreamReader
}): Promise<unknown[]> {
  const reader = new (plan.Reader ?? StreamReader)({ limit: 64 })
  const log: unknown[] = []
  const run = async (): Promise<void> => {
    for (const name of plan.operations) log.push([name, await outcome(OPERATIONS[name]!(reader))])
  }
  const running = plan.start === 'before' ? run() : undefined
  for (const [index, chunk] of plan.chunks.entries()) {
    feedOne(reader, chunk, plan.way, index)
    await settle()
  }
  if (plan.ending === 'eof') reader.feedEof()
  else reader.feedError(new Error('reset'))
  await (running ?? run())
  log.push(['rest', outcomeOf(() => reader.tryRead())])
  return log
}

const contents = fc
  .array(fc.constantFrom('\n', '\r', '\r\n', 'a', 'b', '1', '2', '3', '!', 'abc', 'é', '\x80'), {
    maxLength: 24,
  })
  .map((parts) => ascii(parts.join('')))
const plans = contents.chain((content) =>
  fc
    .record({
      content: fc.constant(content),
      chunks: cuts(content),
      operations: fc.array(fc.constantFrom(...Object.keys(OPERATIONS)), { minLength: 1, maxLength: 8 }),
      way: fc.constantFrom(...WAYS),
      ending: fc.constantFrom('eof', 'error'),
      start: fc.constantFrom('before', 'after'),
    })
    // A read of nothing tells whether the stream has failed by now (A18), which is a matter of time, not of bytes.
    .filter(({ ending, operations }) => ending === 'eof' || !operations.includes('readExactly 0')),
)

test('the same bytes in any pieces give the same values, errors and leftovers', async () => {
  await fc.assert(
    fc.asyncProperty(plans, async ({ content, ...plan }) => {
      const whole = await play({ ...plan, chunks: [content], way: 'fed', start: 'after' })
      expect(await play(plan)).toEqual(whole)
    }),
    { numRuns: 1500 },
  )
}, 60_000)

test('also without the methods of Buffer', async () => {
  vi.stubGlobal('Buffer', undefined)
  vi.resetModules()
  const portable = await import('./index.ts')
  vi.unstubAllGlobals()
  expect(portable.StreamReader).not.toBe(StreamReader)
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      expect(await play({ ...plan, Reader: portable.StreamReader })).toEqual(await play(plan))
    }),
    { numRuns: 300 },
  )
}, 60_000)

/** Values by try-reads alone, polled after every chunk. */
function poll<T>(
  chunks: readonly Uint8Array[],
  way: Way,
  tryRead: (reader: StreamReader) => T | undefined,
): T[] {
  const reader = new StreamReader({ limit: 64 })
  const values: T[] = []
  const drain = (): void => {
    for (let value; (value = tryRead(reader)) !== undefined && value !== null;) values.push(value)
  }
  for (const [index, chunk] of chunks.entries()) {
    feedOne(reader, chunk, way, index)
    drain()
  }
  reader.feedEof()
  drain()
  return values
}

const LINES = [
  'LF\ntwo\n\nfour',
  'CRLF\r\ntwo\r\n\r\nfour\r\n',
  'mixed\r\nb\nc\rd\r\r\ne\r',
  'h\xc3\xa9\n\xff\n\xe2\x82\xac',
  '\n\n\n',
]

for (const wire of LINES) {
  test(`tryReadLine in every split: ${JSON.stringify(wire)}`, () => {
    const bytes = ascii(wire)
    const lines = new TextDecoder().decode(bytes).split(/\r?\n/)
    if (lines.at(-1) === '') lines.pop()
    for (const chunks of everySplit(bytes)) {
      for (const way of WAYS) {
        const where = `${way}, chunks of ${chunks.map((chunk) => chunk.length).join()}`
        expect(
          poll(chunks, way, (reader) => reader.tryReadLine()),
          where,
        ).toEqual(lines)
      }
    }
  })
}

test('lines are the same whether they are decoded one by one or ahead, and other reads come in between', () => {
  const line = fc.stringMatching(/^[a-zé€\r]{0,12}$/)
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), fc.infiniteStream(fc.nat(9)), (lines, choices) => {
      const wire = new TextEncoder().encode(lines.map((one) => `${one}\n`).join(''))
      const reader = new StreamReader()
      for (let at = 0; at < wire.length; at += 50) reader.feed(wire.slice(at, at + 50))
      for (const expected of lines) {
        const choice = choices.next().value
        const bytes = new TextEncoder().encode(expected)
        const content = expected.replace(/\r$/, '')
        if (choice === 0) {
          expect(reader.tryReadExactly(bytes.length + 1)?.subarray(0, -1)).toEqual(bytes)
          continue
        }
        if (choice === 1 && bytes.length > 0) {
          const first = reader.tryReadExactly(1)!
          reader.unread(Uint8Array.of(0x78, 0x0a))
          expect(reader.tryReadLine()).toBe('x')
          reader.unread(first)
        }
        const latin1 = String.fromCharCode(...bytes).replace(/\r$/, '')
        if (choice === 2) expect(reader.tryReadLine({ encoding: 'latin1' })).toBe(latin1)
        else expect(reader.tryReadLine()).toBe(content)
      }
      expect(reader.bufferedByteCount).toBe(0)
    }),
    { numRuns: 500 },
  )
})

test('frames by tryDecode are the same in any pieces', async () => {
  const wire = ascii('3abc05hello9123456789')
  const expected = ['3:abc', '0:', '5:hello', '9:123456789']
  for (const chunks of everySplit(wire)) {
    for (const way of WAYS) {
      const tryFrame = (reader: StreamReader): string | undefined =>
        reader.atEof ? undefined : reader.tryDecode(frame)
      expect(poll(chunks, way, tryFrame)).toEqual(expected)
    }
  }
})
