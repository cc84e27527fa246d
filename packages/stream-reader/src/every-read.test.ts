/** Does every read behave alike: success, end, abort, timeout, overlap, failure, limit, above the high-water mark? */
import { expect, test } from 'vitest'
import {
  CountingSource,
  feed,
  isPending,
  lend,
  ManualTimer,
  outcome,
  readerOf,
  text,
} from './feeding.test-support.ts'
import { StreamReader } from './index.ts'
import type { ByteWindow, ReadOptions } from './index.ts'

type Limited = ReadOptions & { limit?: number }

interface Row {
  read: (reader: StreamReader, options?: Limited) => Promise<unknown>
  /** From `line one\nrest`. */
  value: unknown
  /** What is left then. */
  rest: string
  /** At the end with nothing left: a value, or the name of the error. */
  atEnd: unknown
  /** With `line` and the end. */
  cutShort: unknown
  /** With a limit of 4 bytes; absent where the read takes only what it was told to. */
  limited?: true
  /** What it comes to with all of a stream that has failed behind `line one\nrest`; default: `value`. */
  failed?: unknown
  /** Nothing of what it reads is buffered. */
  holdsNothing?: true
}

const INCOMPLETE = { name: 'IncompleteReadError' }

function nineBytes(window: ByteWindow): string | undefined {
  return window.byteCount < 9 ? undefined : text(window.take(9))!
}

const ROWS: Record<string, Row> = {
  read: { read: (r, o) => r.read(9, o), value: 'line one\n', rest: 'rest', atEnd: null, cutShort: 'line' },
  readInto: {
    read: (r, o) => r.readInto(new Uint8Array(9), o),
    value: 9,
    rest: 'rest',
    atEnd: null,
    cutShort: 4,
  },
  readExactly: {
    read: (r, o) => r.readExactly(9, o),
    value: 'line one\n',
    rest: 'rest',
    atEnd: INCOMPLETE,
    cutShort: { ...INCOMPLETE, partial: 'line' },
  },
  readUntil: {
    read: (r, o) => r.readUntil('\n', o),
    value: 'line one\n',
    rest: 'rest',
    atEnd: INCOMPLETE,
    cutShort: { ...INCOMPLETE, partial: 'line' },
    limited: true,
  },
  readLine: {
    read: (r, o) => r.readLine(o),
    value: 'line one',
    rest: 'rest',
    atEnd: null,
    cutShort: 'line',
    limited: true,
  },
  readAll: {
    read: (r, o) => r.readAll(o),
    value: 'line one\nrest',
    rest: '',
    atEnd: '',
    cutShort: 'line',
    limited: true,
    failed: { name: 'StreamFailedError' },
  },
  peek: {
    read: (r, o) => r.peek(9, o),
    value: 'line one\n',
    rest: 'line one\nrest',
    atEnd: '',
    cutShort: 'line',
  },
  skip: {
    read: (r, o) => r.skip(9, o),
    value: undefined,
    rest: 'rest',
    atEnd: INCOMPLETE,
    cutShort: INCOMPLETE,
    holdsNothing: true,
  },
  decode: {
    read: (r, o) => r.decode(nineBytes, o),
    value: 'line one\n',
    rest: 'rest',
    atEnd: INCOMPLETE,
    cutShort: { ...INCOMPLETE, partial: 'line' },
    limited: true,
  },
  lines: {
    read: async (r, o) => (await r.lines(o).next()).value ?? null,
    value: 'line one',
    rest: 'rest',
    atEnd: null,
    cutShort: 'line',
    limited: true,
  },
  frames: {
    read: async (r, o) => (await r.frames(nineBytes, o).next()).value ?? null,
    value: 'line one\n',
    rest: 'rest',
    atEnd: null,
    cutShort: { ...INCOMPLETE, partial: 'line' },
    limited: true,
  },
  iteration: {
    read: async (r) => (await r[Symbol.asyncIterator]().next()).value ?? null,
    value: 'line one\nrest',
    rest: '',
    atEnd: null,
    cutShort: 'line',
  },
}

const expected = (result: unknown): unknown =>
  typeof result === 'object' && result !== null ? expect.objectContaining(result) : { value: result }
const settled = async (promise: Promise<unknown>): Promise<unknown> => {
  const result = (await outcome(promise)) as { value?: unknown }
  const { value } = result
  return typeof value === 'string' && value.startsWith('bytes ') ? { value: value.slice(6) } : result
}

for (const [name, row] of Object.entries(ROWS)) {
  const { read } = row

  test(`${name}: what is buffered`, async () => {
    const reader = readerOf('line one\nrest')
    reader.feedEof()
    expect(await settled(read(reader))).toEqual(expected(row.value))
    expect(text(reader.tryRead()) ?? '').toBe(row.rest)
  })

  test(`${name}: at the end`, async () => {
    const waiting = new StreamReader()
    const reading = read(waiting)
    waiting.feedEof()
    expect(await settled(reading)).toEqual(expected(row.atEnd))
    expect(await settled(read(waiting))).toEqual(expected(row.atEnd))
    const short = readerOf('line')
    short.feedEof()
    expect(await settled(read(short))).toEqual(expected(row.cutShort))
  })

  test(`${name}: overlap is refused and harms nobody`, async () => {
    const reader = new StreamReader()
    const first = reader.readExactly(1)
    await expect(read(reader)).rejects.toMatchObject({ code: 'ERR_READER_BUSY' })
    lend(reader, '!line one\nrest')
    reader.feedEof()
    expect(text(await first)).toBe('!')
    expect(await settled(read(reader))).toEqual(expected(row.value))
  })

  test(`${name}: it is refused by another one that waits, and by try-reads`, async () => {
    const reader = new StreamReader()
    const first = read(reader)
    await expect(reader.read()).rejects.toMatchObject({ code: 'ERR_READER_BUSY' })
    expect(() => reader.tryReadLine()).toThrow('waiting')
    expect(() => reader.tryReadExactly(1)).toThrow('waiting')
    expect(() => reader.tryDecode(nineBytes)).toThrow('waiting')
    lend(reader, 'line one\nrest')
    reader.feedEof()
    expect(await settled(first)).toEqual(expected(row.value))
  })

  test(`${name}: buffered bytes come before a failure, the failure comes every time`, async () => {
    const reader = readerOf('line one\nrest')
    reader.feedError(new Error('reset'))
    reader.feedError(new Error('a later one'))
    feed(reader, 'ignored')
    lend(reader, 'ignored')
    reader.feedEof()
    expect(await settled(read(reader))).toEqual(expected('failed' in row ? row.failed : row.value))
    if (reader.bufferedByteCount > 0) reader.tryRead()
    for (let i = 0; i < 2; i++) {
      await expect(read(reader)).rejects.toMatchObject({
        code: 'ERR_STREAM_FAILED',
        cause: { message: 'reset' },
      })
    }
  })

  test(`${name}: an abort of the connection here says so`, async () => {
    const reader = new StreamReader()
    const reading = read(reader)
    reader.feedError('changed our mind', 'aborted')
    await expect(reading).rejects.toMatchObject({ reason: 'aborted', cause: 'changed our mind' })
  })

  test(`${name}: above the high-water mark it gets what it waits for`, async () => {
    const reader = new StreamReader({ highWaterMark: 2, lowWaterMark: 0 })
    const source = new CountingSource()
    reader.setFlowControl(source)
    feed(reader, 'line')
    expect(source.calls).toEqual(['pause'])
    const reading = read(reader)
    lend(reader, ' one\n')
    lend(reader, 'rest')
    reader.feedEof()
    const result = await settled(reading)
    // Those that take what is there were satisfied by what was there.
    expect([expected(row.value), expected(row.cutShort)]).toContainEqual(result)
    expect(source.calls[1]).toBe('resume')
  })

  if (name !== 'iteration') {
    test(`${name}: options are checked before anything else`, async () => {
      const reader = readerOf('line one\nrest')
      for (const timeoutMs of [0, -1, Number.NaN, Infinity, 2 ** 31]) {
        await expect(reader.read(1, { timeoutMs })).rejects.toThrow('timeoutMs')
      }
      expect(reader.bufferedByteCount).toBe(13)
    })

    test(`${name}: no timer and no listener where nothing has to wait`, async () => {
      const timer = new ManualTimer()
      const reader = new StreamReader({ setTimer: timer.setTimer })
      feed(reader, 'line one\n')
      reader.feedEof()
      await read(reader, { timeoutMs: 1, signal: new AbortController().signal })
      expect(timer.pending).toEqual([])
    })
  }

  if (row.limited) {
    test(`${name}: the limit, buffered or dripped, leaves every byte`, async () => {
      const buffered = readerOf('line one\nrest')
      await expect(read(buffered, { limit: 4 })).rejects.toMatchObject({
        code: 'ERR_LIMIT_EXCEEDED',
        limit: 4,
      })
      expect(buffered.bufferedByteCount).toBe(13)
      const dripped = new StreamReader()
      const reading = read(dripped, { limit: 4 })
      lend(dripped, 'line')
      expect(await isPending(reading)).toBe(true)
      lend(dripped, ' ')
      await expect(reading).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED', limit: 4 })
      expect(text(dripped.tryRead())).toBe('line ')
    })

    test(`${name}: a limit has to be one`, async () => {
      for (const limit of [-1, Number.NaN, 1.5, '4' as unknown as number]) {
        const reader = readerOf('line one\nrest')
        await expect((async () => read(reader, { limit }))()).rejects.toThrow('limit must be an integer')
        expect(reader.bufferedByteCount).toBe(13)
      }
    })
  }
}
