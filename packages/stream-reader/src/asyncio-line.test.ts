/**
 * What asyncio's StreamReader does for `readline` (rows A19-A26). Here a line is text without its LF or CRLF, the end is
 * `null`, and a line that is too long is a LimitExceededError.
 */
import { expect, test } from 'vitest'
import { ascii, everySplit, feed, feedAll, readerOf, text, WAYS } from './feeding.test-support.ts'
import { LimitExceededError, StreamReader } from './index.ts'

test('A19 a line across chunks', async () => {
  const reader = readerOf('chunk1 ')
  const reading = reader.readLine()
  for (const chunk of ['chunk2 ', 'chunk3 ', '\n chunk4']) feed(reader, chunk)
  expect(await reading).toBe('chunk1 chunk2 chunk3 ')
  expect(text(reader.tryRead())).toBe(' chunk4')
})

test('A20 a line that two feeds have cut is there without waiting', () => {
  const reader = readerOf('line1\nline2\nline3\n'.slice(0, 6))
  feed(reader, 'line1\nline2\nline3\n'.slice(6))
  expect(reader.tryReadLine()).toBe('line1')
  expect(text(reader.tryRead())).toBe('line2\nline3\n')
})

test('A21 the last line may have no LF; at the end there is null (asyncio: empty bytes)', async () => {
  const reader = readerOf('some data')
  reader.feedEof()
  expect(await reader.readLine()).toBe('some data')
  expect(await reader.readLine()).toBe(null)
})

test('A22 readLine, then read', async () => {
  const reader = readerOf('line1\nline2\nline3\n')
  await reader.readLine()
  expect(text(await reader.read(7))).toBe('line2\nl')
  expect(text(reader.tryRead())).toBe('ine3\n')
})

test('A23 the limit is exact; LF and CRLF are not counted', async () => {
  const reader = readerOf('1234567\n1234567\r\n12345678\n', { limit: 7 })
  expect(await reader.readLine()).toBe('1234567')
  expect(await reader.readLine()).toBe('1234567')
  const error: unknown = await reader.readLine().catch((e: unknown) => e)
  expect(error).toBeInstanceOf(LimitExceededError)
  expect(error).toMatchObject({ code: 'ERR_LIMIT_EXCEEDED', limit: 7, consumed: 8 })
})

test('A24 a line that is too long: nothing is consumed, the next line read drops it whole', async () => {
  const reader = readerOf('li', { limit: 3 })
  feed(reader, 'ne1\nline2\n')
  await expect(reader.readLine()).rejects.toBeInstanceOf(LimitExceededError)
  expect(reader.bufferedByteCount).toBe(12)
  await expect(reader.readLine()).rejects.toMatchObject({ consumed: 5 })
  expect(text(await reader.peek(5))).toBe('line2')
})

test('A25 a line that is too long and has no end yet: error at once, dropped as it comes', async () => {
  const reader = readerOf('li', { limit: 3 })
  const first = reader.readLine()
  feed(reader, 'ne1')
  await expect(first).rejects.toMatchObject({ consumed: 5 })
  const second = reader.readLine()
  expect(reader.bufferedByteCount).toBe(0)
  feed(reader, 'li\nok\n')
  expect(await second).toBe('ok')
})

test('A26 after a line that is too long every chunking goes on with the next line', async () => {
  for (const chunks of everySplit(ascii('abcd\r\nok\nabcdef\nyes\n'))) {
    for (const way of WAYS) {
      const where = `${way}: ${chunks.map((chunk) => chunk.length).join()}`
      const reader = new StreamReader({ limit: 3 })
      const lines: (string | null)[] = []
      const reading = (async () => {
        for (let line; line !== null;) {
          line = await reader.readLine().catch((error: Error) => error.name)
          lines.push(line)
        }
      })()
      for (const chunk of chunks) {
        feedAll(reader, [chunk], way)
        await Promise.resolve()
      }
      reader.feedEof()
      await reading
      expect(lines, where).toEqual(['LimitExceededError', 'ok', 'LimitExceededError', 'yes', null])
    }
  }
})

test('A26 the dropping is one read: it can be aborted, and goes on with the next line read', async () => {
  const reader = readerOf('abcd', { limit: 3 })
  expect(() => reader.tryReadLine()).toThrow(LimitExceededError)
  const controller = new AbortController()
  const reading = reader.readLine({ signal: controller.signal })
  feed(reader, 'efgh')
  await expect(reader.read()).rejects.toMatchObject({ code: 'ERR_READER_BUSY' })
  controller.abort(new Error('enough'))
  await expect(reading).rejects.toThrow('enough')
  feed(reader, 'i\nok\n')
  expect(reader.tryReadLine()).toBe('ok')
})

test('A26 whoever reads a line that was too long in another way gets all of it, and the next line whole', async () => {
  const reader = readerOf('abcdef\nok\n', { limit: 3 })
  expect(() => reader.tryReadLine()).toThrow(LimitExceededError)
  expect(text(await reader.readUntil('\n', { limit: 10 }))).toBe('abcdef\n')
  expect(reader.tryReadLine()).toBe('ok')
})
