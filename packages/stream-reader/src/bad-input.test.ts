/** What is said to a caller who passes nonsense? */
import { expect, test } from 'vitest'
import { ascii, lend, readerOf, text } from './feeding.test-support.ts'
import { LimitExceededError, StreamReader, StreamReaderError } from './index.ts'

const nonsense = (value: unknown): never => value as never

const ROWS: [string, (reader: StreamReader) => unknown, typeof Error, string][] = [
  ['feed text', (r) => r.feed(nonsense('text')), TypeError, 'chunk must be bytes'],
  ['feed nothing', (r) => r.feed(nonsense(undefined)), TypeError, 'chunk must be bytes'],
  ['unread an array', (r) => r.unread(nonsense([1])), TypeError, 'bytes must be bytes'],
  ['readInto a number', (r) => r.readInto(nonsense(5)), TypeError, 'target must be bytes'],
  ['read text', (r) => r.read(nonsense('5')), TypeError, 'maxByteCount must be an integer'],
  [
    'read half a byte',
    (r) => r.read(0.5),
    RangeError,
    'maxByteCount must be an integer from 0 to Infinity, got 0.5',
  ],
  ['tryRead less than nothing', (r) => r.tryRead(-1), RangeError, 'maxByteCount'],
  ['readExactly of all', (r) => r.readExactly(Infinity), RangeError, 'byteCount must be an integer'],
  [
    'readExactly nothing given',
    (r) => r.readExactly(nonsense(undefined)),
    TypeError,
    'byteCount must be an integer',
  ],
  ['tryReadExactly NaN', (r) => r.tryReadExactly(Number.NaN), RangeError, 'byteCount'],
  ['peek of all', (r) => r.peek(Infinity), RangeError, 'byteCount'],
  ['skip back', (r) => r.skip(-1), RangeError, 'byteCount'],
  ['readUntil a number', (r) => r.readUntil(nonsense(10)), TypeError, 'separator must be bytes'],
  ['readUntil numbers', (r) => r.readUntil(nonsense([10])), TypeError, 'separator must be bytes'],
  [
    'readLine in EBCDIC',
    (r) => r.readLine({ encoding: nonsense('ebcdic') }),
    RangeError,
    'unknown encoding ebcdic',
  ],
  [
    'readLine in an encoding of the name of a method',
    (r) => r.readLine({ encoding: nonsense('toString') }),
    RangeError,
    'unknown encoding toString',
  ],
  ['tryDecode with a limit of 0', (r) => r.tryDecode(() => 1, { limit: 0 }), RangeError, 'limit'],
  ['decode with no decoder', (r) => r.decode(nonsense({})), TypeError, 'decoder is not a function'],
  ['a decoder that takes too much', (r) => r.tryDecode((w) => w.take(99)), RangeError, 'byteCount'],
  ['a decoder that skips back', (r) => r.tryDecode((w) => (w.skip(1), w.skip(-1))), RangeError, 'byteCount'],
  ['timeoutMs as text', (r) => r.read(1, { timeoutMs: nonsense('soon') }), RangeError, 'timeoutMs'],
]

for (const [name, call, kind, message] of ROWS) {
  test(`${name}: ${kind.name}, nothing is consumed, the reader works on`, async () => {
    const reader = readerOf('data')
    const error: unknown = await (async () => call(reader))().catch((e: unknown) => e)
    expect(error).toBeInstanceOf(kind)
    expect((error as Error).message).toContain(message)
    lend(reader, '!')
    expect(text(await reader.read())).toBe('data!')
  })
}

for (const options of [
  { limit: 0 },
  { highWaterMark: 0 },
  { lowWaterMark: -1 },
  { highWaterMark: 4, lowWaterMark: 5 },
  { limit: nonsense('big') },
]) {
  test(`no reader with ${JSON.stringify(options)}`, () => {
    expect(() => new StreamReader(options)).toThrow('must be an integer')
  })
}

test('an option of another name is refused by name', () => {
  expect(() => new StreamReader(nonsense({ limt: 1 }))).toThrow(new TypeError('unknown option limt'))
})

test('limits and marks may be Infinity', async () => {
  const reader = new StreamReader({ limit: Infinity })
  const reading = reader.readLine()
  for (let i = 0; i < 3; i++) lend(reader, 'x'.repeat(100_000))
  lend(reader, '\n')
  expect((await reading)?.length).toBe(300_000)
})

test('the default limit of decode is 16 MiB', async () => {
  const reader = new StreamReader()
  const reading = reader.decode(() => undefined)
  reader.feed(new Uint8Array(16_777_216))
  expect(reader.isReading).toBe(true)
  lend(reader, ascii('x'))
  await expect(reading).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED', limit: 16_777_216 })
})

test('a timeout may be as long as a timer can be, and no whole number', async () => {
  const reader = new StreamReader()
  for (const timeoutMs of [2 ** 31 - 1, 0.5]) {
    const reading = reader.read(1, { timeoutMs })
    lend(reader, 'x')
    expect(text(await reading)).toBe('x')
  }
})

test('errors are known by their brand, in any copy of the package', () => {
  const error: unknown = new LimitExceededError({ limit: 1, consumed: 2 })
  expect(StreamReaderError.is(error)).toBe(true)
  expect(Symbol.for('@x/stream-reader.error') in (error as object)).toBe(true)
  for (const other of [null, undefined, 'x', new Error('x'), {}])
    expect(StreamReaderError.is(other)).toBe(false)
})
