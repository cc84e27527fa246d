/** What asyncio's StreamReader does about flow control and how it shows itself (rows A52-A57). */
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { CountingSource, feed, readerOf, text } from './feeding.test-support.ts'
import { IncompleteReadError, LimitExceededError, StreamReader } from './index.ts'

function pausable(options = { limit: 4 }): { reader: StreamReader; source: CountingSource } {
  const reader = new StreamReader(options)
  const source = new CountingSource()
  reader.setFlowControl(source)
  return { reader, source }
}

for (const [byteCount, calls] of [
  [8, []],
  [9, ['pause']],
  [10, ['pause']],
] as const) {
  test(`A52 limit 4, high-water mark 8: ${byteCount} bytes`, () => {
    const { reader, source } = pausable()
    for (let i = 0; i < byteCount; i++) feed(reader, 'x')
    expect(source.calls).toEqual(calls)
  })
}

test('A53 resumes at the low-water mark, not before', async () => {
  const { reader, source } = pausable()
  feed(reader, '123456789')
  await reader.read(4)
  expect(source.calls).toEqual(['pause'])
  await reader.read(1)
  expect(source.calls).toEqual(['pause', 'resume'])
})

test('A54 a read that waits while paused resumes once: no deadlock', async () => {
  const { reader, source } = pausable()
  feed(reader, '123456789')
  const reading = reader.readExactly(20)
  expect(source.calls).toEqual(['pause', 'resume'])
  feed(reader, '0123456789')
  expect(source.calls).toEqual(['pause', 'resume'])
  feed(reader, 'X')
  expect(text(await reading)).toBe('1234567890123456789X')
})

test('A53 a line read that drops a line that was too long resumes, even where it then fails', () => {
  const { reader, source } = pausable()
  feed(reader, 'a line x\nmore')
  expect(() => reader.tryReadLine({ limit: 3 })).toThrow('limit of 3 bytes')
  expect(source.calls).toEqual(['pause'])
  expect(() => reader.tryReadLine({ limit: 3 })).toThrow('limit of 3 bytes')
  expect(source.calls).toEqual(['pause', 'resume'])
})

test('A54 an aborted read pauses again', async () => {
  const { reader, source } = pausable()
  feed(reader, '123456789')
  const controller = new AbortController()
  const reading = reader.readExactly(20, { signal: controller.signal })
  controller.abort()
  expect(source.calls).toEqual(['pause', 'resume', 'pause'])
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
})

test('A55 a source that cannot pause is asked once, its bytes are buffered', () => {
  const reader = new StreamReader({ limit: 4 })
  let asked = 0
  const pauseReading = (): void => {
    asked++
    throw new Error('not supported')
  }
  reader.setFlowControl({ pauseReading, resumeReading: () => {} })
  for (let i = 0; i < 30; i++) feed(reader, 'x')
  expect(asked).toBe(1)
  expect(reader.bufferedByteCount).toBe(30)
  expect(reader.isPaused).toBe(false)
})

test('A55 a source that fails to resume costs no byte', async () => {
  const reader = new StreamReader({ limit: 4 })
  const resumeReading = (): void => {
    throw new Error('gone')
  }
  reader.setFlowControl({ pauseReading: () => {}, resumeReading })
  feed(reader, '123456789')
  expect(text(await reader.read())).toBe('123456789')
})

test('A56 errors keep their data on the way through JSON and structuredClone (by toJSON)', () => {
  const incomplete = new IncompleteReadError({ partial: Uint8Array.of(1, 2), expected: 3 })
  const limit = new LimitExceededError({ limit: 5, consumed: 6 })
  expect(structuredClone(incomplete.toJSON())).toEqual({
    name: 'IncompleteReadError',
    code: 'ERR_INCOMPLETE_READ',
    message: 'stream ended after 2 of 3 bytes',
    partial: Uint8Array.of(1, 2),
    expected: 3,
  })
  expect(JSON.parse(JSON.stringify(limit))).toEqual({
    name: 'LimitExceededError',
    code: 'ERR_LIMIT_EXCEEDED',
    message: 'limit of 5 bytes exceeded',
    limit: 5,
    consumed: 6,
  })
  expect(JSON.parse(JSON.stringify(incomplete))).toMatchObject({ partial: { 0: 1, 1: 2 }, expected: 3 })
})

test('A57 a reader as text (asyncio: repr; here the limit is a property, not part of the text)', () => {
  expect(String(new StreamReader())).toBe('StreamReader(0 bytes)')
  expect(String(readerOf('data', { limit: 123 }))).toBe('StreamReader(4 bytes)')
  const ended = readerOf('data')
  ended.feedEof()
  expect(String(ended)).toBe('StreamReader(4 bytes, ended)')
  const failed = readerOf('data')
  failed.feedError(new Error('reset'))
  expect(String(failed)).toBe('StreamReader(4 bytes, error)')
  const aborted = new StreamReader()
  aborted.feedError(Symbol('why'), 'aborted')
  expect(String(aborted)).toBe('StreamReader(0 bytes, aborted)')
  const waiting = new StreamReader()
  void waiting.read()
  expect(String(waiting)).toBe('StreamReader(0 bytes, reading)')
  const { reader } = pausable()
  feed(reader, '123456789')
  expect(String(reader)).toBe('StreamReader(9 bytes, paused)')
  expect(inspect(new StreamReader())).toContain('StreamReader')
})
