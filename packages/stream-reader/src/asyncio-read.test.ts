/** What asyncio's StreamReader does for `read` and `readexactly` (rows A01-A18), here or as stated otherwise. */
import { expect, test } from 'vitest'
import { feed, isPending, readerOf, text } from './feeding.test-support.ts'
import { IncompleteReadError, StreamFailedError, StreamReader } from './index.ts'

const DATA = 'line1\nline2\nline3\n'

test('A01 feed of nothing wakes nobody', async () => {
  const reader = new StreamReader()
  const reading = reader.read()
  feed(reader, '')
  expect(await isPending(reading)).toBe(true)
  expect(reader.bufferedByteCount).toBe(0)
})

test('A02 read(0) takes nothing', async () => {
  const reader = readerOf(DATA)
  expect(await reader.read(0)).toEqual(new Uint8Array(0))
  expect(reader.bufferedByteCount).toBe(DATA.length)
})

test('A03 read waits, then returns what arrived', async () => {
  const reader = new StreamReader()
  const reading = reader.read(30)
  feed(reader, DATA)
  expect(text(await reading)).toBe(DATA)
  expect(reader.bufferedByteCount).toBe(0)
})

test('A04 read takes at most what was asked for, of all that was fed', async () => {
  const reader = readerOf('line1')
  feed(reader, 'line2')
  expect(text(await reader.read(5))).toBe('line1')
  expect(text(reader.tryRead())).toBe('line2')
})

test('A05 read does not wait for more than there is', async () => {
  expect(text(await readerOf('abc').read(10))).toBe('abc')
})

test('A06 read at the end gives null (asyncio: empty bytes)', async () => {
  const reader = new StreamReader()
  const reading = reader.read(1024)
  reader.feedEof()
  expect(await reading).toBe(null)
  expect(await reader.read()).toBe(null)
})

test('A07 readAll (asyncio: read(-1)) joins everything', async () => {
  const reader = readerOf('chunk1\n')
  const reading = reader.readAll()
  feed(reader, 'chunk2')
  reader.feedEof()
  expect(text(await reading)).toBe('chunk1\nchunk2')
})

test('A08 readAll is not bounded by the limit of lines, and does not deadlock above the water marks', async () => {
  const reader = readerOf('data', { limit: 1 })
  reader.setFlowControl({ pauseReading: () => {}, resumeReading: () => {} })
  expect(reader.isPaused).toBe(true)
  const reading = reader.readAll()
  expect(reader.isPaused).toBe(false)
  reader.feedEof()
  expect(text(await reading)).toBe('data')
})

test('A09 read is not bounded by the limit', async () => {
  expect(text(await readerOf('chunk', { limit: 3 }).read(5))).toBe('chunk')
})

for (const limit of [0, -1, 1.5, NaN]) {
  test(`A10 limit ${limit} is a RangeError`, () => {
    expect(() => new StreamReader({ limit })).toThrow(RangeError)
  })
}

test('A11 a failure comes behind the buffered bytes (asyncio: hides them)', async () => {
  const cause = new Error('reset')
  const reader = readerOf('line\n')
  expect(text(await reader.read(2))).toBe('li')
  reader.feedError(cause)
  expect(text(await reader.read(2))).toBe('ne')
  expect(text(await reader.read(2))).toBe('\n')
  const error = await reader.read(2).catch((e: unknown) => e)
  expect(error).toBeInstanceOf(StreamFailedError)
  expect(error).toMatchObject({ code: 'ERR_STREAM_FAILED', reason: 'error', cause })
})

test('A12 a failure beats the end, and comes behind the buffered bytes', async () => {
  const reader = readerOf('ab')
  reader.feedEof()
  reader.feedError(new Error('reset'))
  expect(reader.atEof).toBe(false)
  expect(text(await reader.read())).toBe('ab')
  await expect(reader.read()).rejects.toBeInstanceOf(StreamFailedError)
})

test('A13 readExactly waits for all', async () => {
  const reader = new StreamReader()
  const reading = reader.readExactly(2 * DATA.length)
  for (let i = 0; i < 3; i++) feed(reader, DATA)
  expect(text(await reading)).toBe(DATA + DATA)
  expect(reader.bufferedByteCount).toBe(DATA.length)
})

test('A14 readExactly(0) takes nothing, readExactly(-1) is a RangeError', async () => {
  const reader = readerOf(DATA)
  expect(await reader.readExactly(0)).toEqual(new Uint8Array(0))
  await expect(reader.readExactly(-1)).rejects.toThrow(RangeError)
  expect(reader.bufferedByteCount).toBe(DATA.length)
})

test('A15 readExactly ignores the limit', async () => {
  expect(text(await readerOf('chunk', { limit: 3 }).readExactly(5))).toBe('chunk')
})

test('A16 readExactly at a premature end: partial and expected', async () => {
  const reader = new StreamReader()
  const reading = reader.readExactly(36)
  feed(reader, DATA)
  reader.feedEof()
  const error: unknown = await reading.catch((e: unknown) => e)
  expect(error).toBeInstanceOf(IncompleteReadError)
  expect(error).toMatchObject({ expected: 36, message: 'stream ended after 18 of 36 bytes' })
  expect(text((error as IncompleteReadError).partial)).toBe(DATA)
  expect(reader.bufferedByteCount).toBe(0)
  expect(reader.atEof).toBe(true)
})

test('A17 readExactly at a clean end: an empty partial', async () => {
  const reader = new StreamReader()
  reader.feedEof()
  const fields = { partial: new Uint8Array(0), expected: 3 }
  await expect(reader.readExactly(3)).rejects.toMatchObject(fields)
})

test('A18 argument checks precede the failure, the failure precedes reads of nothing', async () => {
  const reader = new StreamReader()
  reader.feedError(new Error('reset'))
  await expect(reader.readExactly(-1)).rejects.toBeInstanceOf(RangeError)
  await expect(reader.readExactly(0)).rejects.toBeInstanceOf(StreamFailedError)
  await expect(reader.read(0)).rejects.toBeInstanceOf(StreamFailedError)
})

test('A18 an unknown encoding is refused before any line is there', async () => {
  const reader = new StreamReader()
  await expect(reader.readLine({ encoding: 'utf-16' as 'utf-8' })).rejects.toThrow(RangeError)
  expect(() => reader.lines({ encoding: 'utf-16' as 'utf-8' })).toThrow('encoding')
})
