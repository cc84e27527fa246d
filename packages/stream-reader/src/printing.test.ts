/** What `console.log` shows of a reader and its errors: one clear first line, plain data, none of what is buffered. */
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { readerOf } from './feeding.test-support.ts'
import {
  FeedAfterEofError,
  IncompleteReadError,
  LimitExceededError,
  ReaderBusyError,
  ReadTimeoutError,
  StreamFailedError,
} from './index.ts'
import { readerFrom } from './sources.ts'

test('a reader shows its limit, and as text how it stands; never what is buffered', () => {
  const reader = readerOf('a secret')
  expect(inspect(reader)).toBe('StreamReader { limit: 65536 }')
  expect(inspect(reader, { showHidden: true, depth: null })).not.toMatch(/secret|115, 101/)
  expect(String(reader)).toBe('StreamReader(8 bytes)')
  reader.feedEof()
  expect(String(reader)).toBe('StreamReader(8 bytes, ended)')
  expect(inspect(readerFrom([]))).toBe('SourceReader { limit: 65536 }')
})

const ERRORS: { error: Error; line: string; data: object }[] = [
  {
    error: new IncompleteReadError({ partial: Uint8Array.of(1), expected: 5 }),
    line: 'IncompleteReadError: stream ended after 1 of 5 bytes',
    data: { code: 'ERR_INCOMPLETE_READ', partial: Uint8Array.of(1), expected: 5 },
  },
  {
    error: new LimitExceededError({ limit: 5, consumed: 4 }),
    line: 'LimitExceededError: limit of 5 bytes exceeded',
    data: { code: 'ERR_LIMIT_EXCEEDED', limit: 5, consumed: 4 },
  },
  {
    error: new ReaderBusyError(),
    line: 'ReaderBusyError: another read is waiting',
    data: { code: 'ERR_READER_BUSY' },
  },
  {
    error: new StreamFailedError({ reason: 'error', cause: new Error('reset') }),
    line: 'StreamFailedError: stream error',
    data: { code: 'ERR_STREAM_FAILED', reason: 'error' },
  },
  {
    error: new ReadTimeoutError(5),
    line: 'ReadTimeoutError: limit of 5 ms exceeded',
    data: { code: 'ERR_READ_TIMEOUT', timeoutMs: 5 },
  },
  {
    error: new FeedAfterEofError(),
    line: 'FeedAfterEofError: stream ended before these bytes',
    data: { code: 'ERR_FEED_AFTER_EOF' },
  },
]

for (const { error, line, data } of ERRORS) {
  test(`an error: ${line}`, () => {
    const [first, second] = inspect(error).split('\n')
    expect(first).toBe(line)
    expect(second).toMatch(/^ {4}at /)
    expect(Object.assign({}, error)).toEqual({ name: error.name, ...data })
  })
}
