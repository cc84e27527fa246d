/** Does a read that does not resolve take anything? */
import { expect, test } from 'vitest'
import {
  ascii,
  feed,
  isPending,
  lend,
  ManualTimer,
  outcome,
  readerOf,
  settle,
  text,
} from './feeding.test-support.ts'
import { ReadTimeoutError, StreamReader } from './index.ts'
import type { ByteWindow, ReadOptions } from './index.ts'

const READS: Record<string, (reader: StreamReader, options?: ReadOptions) => Promise<unknown>> = {
  read: (reader, options) => reader.read(4, options),
  readInto: (reader, options) => reader.readInto(new Uint8Array(4), options),
  readExactly: (reader, options) => reader.readExactly(9, options),
  readUntil: (reader, options) => reader.readUntil(['\r\n', 'lo\n'], options),
  readLine: (reader, options) => reader.readLine(options),
  readAll: (reader, options) => reader.readAll(options),
  peek: (reader, options) => reader.peek(9, options),
  decode: (reader, options) => reader.decode(takesAndAsks, options),
  'lines().next': (reader, options) => reader.lines(options).next(),
  'frames().next': (reader, options) => reader.frames(takesAndAsks, options).next(),
}

/** Takes everything on the way, spoils what it took, and asks for more until there are nine bytes. */
function takesAndAsks(window: ByteWindow): string | undefined {
  const taken = window.take(window.byteCount)
  const content = text(taken)!
  taken.fill(0)
  return content.length >= 9 ? content : undefined
}

const WIRE = 'hello\r\nworld\n'

/** Each way to end a wait, and what the read then rejects with. */
const ENDS = {
  abort: () => {
    const controller = new AbortController()
    return {
      options: { signal: controller.signal },
      end: () => controller.abort(new Error('given up')),
      timer: new ManualTimer(),
    }
  },
  timeout: () => {
    const timer = new ManualTimer()
    return { options: { timeoutMs: 250 }, end: () => timer.fire(), timer }
  },
}

for (const [name, read] of Object.entries(READS)) {
  for (const [how, make] of Object.entries(ENDS)) {
    test(`${name}: ${how} at every step takes nothing`, async () => {
      for (let step = 0; step <= WIRE.length; step++) {
        for (const give of [feed, lend]) {
          const { options, end, timer } = make()
          const reader = new StreamReader({ setTimer: timer.setTimer })
          const reading = read(reader, options)
          for (const character of WIRE.slice(0, step)) give(reader, character)
          if (!(await isPending(reading))) {
            expect(timer.pending, 'a read that is done leaves no timer').toEqual([])
            continue
          }
          end()
          const { name: error, message } = (await outcome(reading)) as Error
          expect([error, message]).toEqual(
            how === 'abort' ? ['Error', 'given up'] : ['ReadTimeoutError', 'limit of 250 ms exceeded'],
          )
          expect(timer.pending).toEqual([])
          expect(reader.bufferedByteCount).toBe(step)
          const again = read(reader)
          give(reader, WIRE.slice(step))
          reader.feedEof()
          const whole = readerOf(WIRE)
          whole.feedEof()
          expect(await outcome(again)).toEqual(await outcome(read(whole)))
          expect(reader.bufferedByteCount).toBe(whole.bufferedByteCount)
        }
      }
    })
  }
}

for (const [name, read] of Object.entries(READS)) {
  test(`${name}: an aborted signal takes nothing even where the bytes are there`, async () => {
    const reader = readerOf(WIRE)
    reader.feedEof()
    await expect(read(reader, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before')
    expect(reader.bufferedByteCount).toBe(WIRE.length)
  })

  test(`${name}: a failure at every step takes nothing`, async () => {
    for (let step = 0; step <= WIRE.length; step++) {
      const reader = new StreamReader()
      const reading = read(reader)
      lend(reader, WIRE.slice(0, step))
      const pending = await isPending(reading)
      reader.feedError('reset')
      if (pending) {
        await expect(reading).rejects.toMatchObject({ code: 'ERR_STREAM_FAILED', cause: 'reset' })
        expect(reader.bufferedByteCount).toBe(step)
      }
    }
  })
}

test('a decoder that throws takes nothing, whatever it took and did to it', async () => {
  const spoils = (window: ByteWindow): never => {
    window.take(window.byteCount).fill(0)
    throw new SyntaxError('no frame')
  }
  for (const give of [feed, lend]) {
    const reader = new StreamReader()
    give(reader, 'abc')
    expect(() => reader.tryDecode(spoils)).toThrow('no frame')
    await expect(reader.decode(spoils)).rejects.toThrow('no frame')
    expect(text(reader.tryRead())).toBe('abc')
  }
})

test('a decoder that throws at a later chunk takes nothing', async () => {
  const reader = new StreamReader()
  const reading = reader.decode((window) => {
    if (window.byteCount < 3) return undefined
    window.skip(2)
    throw new SyntaxError('no frame')
  })
  lend(reader, 'ab')
  lend(reader, 'cd')
  await expect(reading).rejects.toThrow('no frame')
  expect(text(reader.tryRead())).toBe('abcd')
})

test('a decoder that aborts its own read takes nothing', async () => {
  const controller = new AbortController()
  const { signal } = controller
  const abortsAt = (byteCount: number) => (window: ByteWindow) => {
    if (window.byteCount < byteCount) return undefined
    controller.abort(new Error('seen enough'))
    return window.take(byteCount)
  }
  const reader = new StreamReader()
  const reading = reader.decode(abortsAt(2), { signal })
  feed(reader, 'abc')
  await expect(reading).rejects.toThrow('seen enough')
  expect(text(reader.tryRead())).toBe('abc')
})

test('a decoder that aborts its own read and asks for more does not wait for ever', async () => {
  const controller = new AbortController()
  const asks = (): undefined => controller.abort(new Error('seen enough')) as undefined
  await expect(new StreamReader().decode(asks, { signal: controller.signal })).rejects.toThrow('seen enough')
})

test('a decoder that throws IncompleteReadError before the end takes nothing', () => {
  const reader = readerOf('abc')
  const short = (window: ByteWindow): never => {
    window.take(2)
    throw Object.assign(new Error('short'), { code: 'ERR_INCOMPLETE_READ' })
  }
  expect(() => reader.tryDecode(short)).toThrow('short')
  expect(reader.bufferedByteCount).toBe(3)
  reader.feedEof()
  expect(() => reader.tryDecode(short)).toThrow('short')
  expect(reader.bufferedByteCount).toBe(1)
})

test('an aborted skip has dropped what had come, and nothing else', async () => {
  const timer = new ManualTimer()
  const reader = new StreamReader({ setTimer: timer.setTimer })
  const skipping = reader.skip(10, { timeoutMs: 5 })
  lend(reader, 'abc')
  lend(reader, 'd')
  expect(reader.bufferedByteCount).toBe(0)
  timer.fire()
  await expect(skipping).rejects.toBeInstanceOf(ReadTimeoutError)
  feed(reader, 'ef')
  expect(text(reader.tryRead())).toBe('ef')
})

test('leaving an iteration while it waits ends the wait and takes nothing', async () => {
  for (const iterate of [
    (reader: StreamReader) => reader.lines(),
    (reader: StreamReader) => reader.frames(takesAndAsks),
    (reader: StreamReader) => reader[Symbol.asyncIterator](),
  ]) {
    const reader = new StreamReader()
    const iteration: AsyncIterator<unknown> = iterate(reader)
    const next = iteration.next()
    expect(await iteration.return?.()).toEqual({ done: true, value: undefined })
    expect(await next).toEqual({ done: true, value: undefined })
    expect(reader.isReading).toBe(false)
    feed(reader, 'abcdefghi\n')
    expect(await iteration.next()).toEqual({ done: true, value: undefined })
    expect(text(reader.tryRead())).toBe('abcdefghi\n')
  }
})

test('an iteration that is left leaves the reads of others alone', async () => {
  const reader = new StreamReader()
  const iteration = reader.lines()
  const next = iteration.next()
  feed(reader, 'first\n')
  const other = reader.readLine()
  await iteration.return?.()
  expect(await next, 'what was taken is delivered').toEqual({ done: false, value: 'first' })
  feed(reader, 'second\n')
  expect(await other).toBe('second')
})

test('signals keep no listener, timers are stopped, when a read is done', async () => {
  const timer = new ManualTimer()
  const controller = new AbortController()
  const counts = { add: 0, remove: 0 }
  const { signal } = controller
  const spied = {
    get aborted() {
      return signal.aborted
    },
    throwIfAborted: () => signal.throwIfAborted(),
    addEventListener: () => void counts.add++,
    removeEventListener: () => void counts.remove++,
  } as unknown as AbortSignal
  const reader = new StreamReader({ setTimer: timer.setTimer })
  for (const finish of [() => feed(reader, 'x'), () => timer.fire(), () => reader.feedError('reset')]) {
    const reading = reader.read(1, { signal: spied, timeoutMs: 10 })
    expect(timer.pending).toEqual([10])
    finish()
    await outcome(reading)
    expect(timer.pending).toEqual([])
    expect(counts.add).toBe(counts.remove)
  }
  await settle()
})

test('a timer that fires late ends no other read', async () => {
  let late = (): void => {}
  const setTimer = (callback: () => void) => {
    late = callback
    return () => {}
  }
  const reader = new StreamReader({ setTimer })
  const first = reader.read(1, { timeoutMs: 5 })
  lend(reader, ascii('a'))
  const second = reader.read(1)
  late()
  lend(reader, ascii('b'))
  expect(text(await first)).toBe('a')
  expect(text(await second)).toBe('b')
})
