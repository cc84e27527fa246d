/** What asyncio's StreamReader does about overlap, cancellation, failure and iteration (rows A42-A51). */
import { expect, test } from 'vitest'
import { feed, isPending, readerOf, settle, text } from './feeding.test-support.ts'
import { FeedAfterEofError, ReaderBusyError, StreamReader } from './index.ts'

test('A42 a second read while one waits is refused, the first one unharmed', async () => {
  const reader = new StreamReader()
  const first = reader.readExactly(5)
  await expect(reader.read(1)).rejects.toBeInstanceOf(ReaderBusyError)
  feed(reader, 'abcde')
  expect(text(await first)).toBe('abcde')
})

test('A43 also where bytes are buffered (asyncio: the second read steals them)', async () => {
  const reader = new StreamReader()
  const first = reader.readExactly(5)
  feed(reader, 'ab')
  await expect(reader.read(1)).rejects.toBeInstanceOf(ReaderBusyError)
  expect(() => reader.tryRead()).toThrow(ReaderBusyError)
  expect(() => reader.unread(new Uint8Array(1))).toThrow(ReaderBusyError)
  feed(reader, 'cde')
  expect(text(await first)).toBe('abcde')
})

const READS = {
  readExactly: (reader: StreamReader, signal?: AbortSignal) => reader.readExactly(6, { signal }),
  readUntil: (reader: StreamReader, signal?: AbortSignal) => reader.readUntil('f', { signal }),
  readLine: (reader: StreamReader, signal?: AbortSignal) => reader.readLine({ signal }),
}

for (const [name, read] of Object.entries(READS)) {
  test(`A44 an aborted ${name} loses nothing`, async () => {
    const reader = readerOf('abc')
    const controller = new AbortController()
    const reading = read(reader, controller.signal)
    controller.abort(new Error('changed my mind'))
    await expect(reading).rejects.toThrow('changed my mind')
    feed(reader, 'def\n')
    const value = await read(reader)
    expect(typeof value === 'string' ? value : text(value)).toBe('abcdef')
  })
}

test('A45 an aborted readAll loses nothing (asyncio: loses all that was there)', async () => {
  const reader = readerOf('abcdef')
  const controller = new AbortController()
  const reading = reader.readAll({ signal: controller.signal })
  controller.abort()
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
  feed(reader, 'Z')
  reader.feedEof()
  expect(text(await reader.readAll())).toBe('abcdefZ')
})

test('A46 a failure during readAll leaves the bytes readable (asyncio: they are gone)', async () => {
  const reader = readerOf('abcdef')
  const reading = reader.readAll()
  reader.feedError(new Error('reset'))
  await expect(reading).rejects.toMatchObject({ code: 'ERR_STREAM_FAILED' })
  expect(text(await reader.read())).toBe('abcdef')
})

test('A47 a read right behind an abort works (asyncio: busy)', async () => {
  const reader = new StreamReader()
  const controller = new AbortController()
  const first = reader.readLine({ signal: controller.signal })
  controller.abort()
  const second = reader.readLine()
  feed(reader, 'ok\n')
  expect(await second).toBe('ok')
  await expect(first).rejects.toMatchObject({ name: 'AbortError' })
})

test('A48 a failure wakes the waiting read', async () => {
  const reader = new StreamReader()
  const reading = reader.readLine()
  reader.feedError(new Error('reset'))
  await expect(reading).rejects.toMatchObject({ reason: 'error', cause: { message: 'reset' } })
})

test('A48 a failure behind an aborted read rejects nothing a second time', async () => {
  const reader = new StreamReader()
  const controller = new AbortController()
  const reading = reader.readLine({ signal: controller.signal })
  controller.abort()
  reader.feedError(new Error('reset'))
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
  await settle()
})

test('A49 atEof: ended, and all was read', async () => {
  const reader = readerOf('some data\n')
  expect(reader.atEof).toBe(false)
  reader.feedEof()
  expect(reader.atEof).toBe(false)
  await reader.read()
  expect(reader.atEof).toBe(true)
})

test('A50 feeding after the end is a mistake, a second end is none', () => {
  const reader = new StreamReader()
  reader.feedEof()
  reader.feedEof()
  expect(() => feed(reader, 'x')).toThrow(FeedAfterEofError)
  reader.getBuffer()
  expect(() => reader.bufferUpdated(1)).toThrow(FeedAfterEofError)
  feed(reader, '')
  expect(reader.atEof).toBe(true)
})

test('A51 iteration gives chunks as they come; lines() gives lines (asyncio: iteration gives lines)', async () => {
  const chunks: unknown[] = []
  const reader = readerOf('a\nb')
  reader.feedEof()
  for await (const chunk of reader) chunks.push(text(chunk))
  expect(chunks).toEqual(['a\nb'])

  const lines: string[] = []
  const again = readerOf('a\nb')
  again.feedEof()
  for await (const line of again.lines()) lines.push(line)
  expect(lines).toEqual(['a', 'b'])
})

test('A51 leaving a loop leaves the rest readable', async () => {
  const reader = readerOf('a\nb\nc')
  for await (const line of reader.lines()) if (line === 'a') break
  expect(text(reader.tryRead())).toBe('b\nc')
  expect(await isPending(reader.read())).toBe(true)
})
