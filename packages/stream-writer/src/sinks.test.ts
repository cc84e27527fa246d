import { PassThrough, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { WriteFailedError } from './index.ts'
import { bytes, outcome } from './kernel-sink.test-support.ts'
import { writerTo } from './sinks.ts'
import type { NodeWritable, WebWritable } from './sinks.ts'

/** A stream that is through with a chunk only when the test says so. */
interface Slow {
  target: NodeWritable | WebWritable
  chunks: Uint8Array[]
  /** Is through with the chunk at hand, or fails at it. */
  goOn: (error?: Error) => Promise<void>
  ended: () => boolean
  aborted: () => unknown
}

async function turns(): Promise<void> {
  for (let count = 0; count < 5; count++) await new Promise((resolve) => setImmediate(resolve))
}

function webSlow(): Slow {
  const chunks: Uint8Array[] = []
  let settle: ((error?: Error) => void) | undefined
  let ended = false
  let aborted: unknown
  const target = new WritableStream<Uint8Array>({
    write: (chunk) =>
      new Promise((resolve, reject) => {
        chunks.push(chunk)
        settle = (error) => (error === undefined ? resolve() : reject(error))
      }),
    close() {
      ended = true
    },
    abort(reason) {
      aborted = reason
    },
  })
  const goOn = (error?: Error): Promise<void> => (settle?.(error), turns())
  return { target, chunks, goOn, ended: () => ended, aborted: () => aborted }
}

function nodeSlow(): Slow {
  const chunks: Uint8Array[] = []
  let settle: ((error?: Error) => void) | undefined
  let aborted: unknown
  const target = new Writable({
    write(chunk: Uint8Array, _encoding, callback) {
      chunks.push(chunk)
      settle = callback
    },
    destroy(error, callback) {
      aborted = error
      callback(error)
    },
  })
  const goOn = (error?: Error): Promise<void> => (settle?.(error), turns())
  return { target, chunks, goOn, ended: () => target.writableFinished, aborted: () => aborted }
}

for (const { name, open } of [
  { name: 'WritableStream', open: webSlow },
  { name: 'Writable', open: nodeSlow },
]) {
  test(`writerTo ${name}: small writes leave as one chunk, close ends the stream`, async () => {
    const { target, chunks, goOn, ended } = open()
    const writer = writerTo(target)
    writer.write(bytes('hello '))
    writer.writeText('caf\u00e9', 'latin1')
    const closing = writer.close()
    await turns()
    expect(writer.bufferedByteCount).toBe(10)
    expect(await outcome(closing)).toBe('pending')
    await goOn()
    await closing
    expect(chunks.map((chunk) => Buffer.from(chunk).toString('latin1'))).toEqual(['hello caf\u00e9'])
    expect(await writer.closed).toEqual({ reason: 'closed' })
    expect([ended(), writer.bufferedByteCount, writer.unsentByteCount]).toEqual([true, 0, 0])
  })

  test(`writerTo ${name}: drain waits above the high-water mark, flush until all is through`, async () => {
    const { target, goOn } = open()
    const writer = writerTo(target, { highWaterMark: 1000 })
    writer.write(new Uint8Array(1000))
    await writer.drain()
    writer.write(new Uint8Array(700))
    const waits = [writer.drain(), writer.flush()]
    await turns()
    await goOn()
    expect(await Promise.all(waits.map(outcome))).toEqual(['pending', 'pending'])
    await goOn()
    await Promise.all(waits)
    expect(writer.bufferedByteCount).toBe(0)
  })

  test(`writerTo ${name}: a stream that fails rejects what waits, with the bytes that are not through`, async () => {
    const { target, goOn } = open()
    const writer = writerTo(target)
    for (const size of [600, 700, 800]) writer.write(new Uint8Array(size))
    const flushing = writer.flush()
    await turns()
    await goOn()
    const cause = new Error('disk full')
    await goOn(cause)
    const error: unknown = await flushing.catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(WriteFailedError)
    expect(error).toMatchObject({
      reason: 'error',
      acceptedByteCount: 2100,
      unsentByteCount: 1500,
      sent: 'partial',
      cause,
    })
    expect(await writer.closed).toEqual({ reason: 'error', cause })
    await expect(writer.close()).rejects.toBeInstanceOf(WriteFailedError)
  })

  test(`writerTo ${name}: abort aborts the stream`, async () => {
    const { target, aborted, goOn } = open()
    const writer = writerTo(target)
    writer.write(bytes('data'))
    writer.push()
    const reason = new Error('enough')
    const draining = writer.flush()
    writer.abort(reason)
    await expect(draining).rejects.toMatchObject({ reason: 'aborted', unsentByteCount: 4 })
    expect(await writer.closed).toEqual({ reason: 'aborted', cause: reason })
    await goOn()
    expect(aborted()).toBe(reason)
  })

  test(`writerTo ${name}: close with a grace aborts a stream that is stuck`, async () => {
    const { target } = open()
    const writer = writerTo(target)
    writer.write(bytes('data'))
    void writer.close({ graceMs: Infinity })
    const closing = writer.close({ graceMs: 0 })
    await expect(closing).rejects.toMatchObject({ reason: 'aborted', unsentByteCount: 4 })
    expect((await writer.closed).cause).toEqual(new Error('not flushed within 0 ms'))
  })

  test(`writerTo ${name}: writeEof ends the stream, once`, async () => {
    const { target, ended } = open()
    const writer = writerTo(target)
    writer.writeEof()
    writer.writeEof()
    await writer.close()
    expect(ended()).toBe(true)
  })

  test(`writerTo ${name}: wrong options`, () => {
    expect(() => writerTo(open().target, { highWaterMark: -1 })).toThrow(RangeError)
    expect(() => writerTo(open().target).close({ graceMs: Number.NaN })).toThrow(RangeError)
  })
}

test('writerTo: a stream that somebody else destroys is told as aborted, or with its error', async () => {
  const quiet = new PassThrough()
  const writer = writerTo(quiet)
  quiet.destroy()
  expect(await writer.closed).toEqual({ reason: 'aborted' })
  expect(writer.isClosing).toBe(true)
  const failing = new PassThrough()
  const other = writerTo(failing)
  failing.destroy(new Error('gone'))
  expect(await other.closed).toEqual({ reason: 'error', cause: new Error('gone') })
})

test('writerTo leaves no listener on a stream that is closed', async () => {
  const target = new Writable({ write: (_chunk, _encoding, callback) => callback() })
  const before = target.eventNames().length
  const writer = writerTo(target)
  await writer.close()
  await turns()
  expect(target.eventNames().length).toBe(before)
})

test('writerTo: a WritableStream may transfer what it gets; other bytes are not in there', async () => {
  const taken: Uint8Array[] = []
  const writer = writerTo(
    new WritableStream<Uint8Array>({
      write: (chunk) => void taken.push(structuredClone(chunk, { transfer: [chunk.buffer] })),
    }),
  )
  const other = writerTo(new WritableStream<Uint8Array>({ write: (chunk) => void taken.push(chunk) }))
  for (const one of [writer, other, writer]) {
    one.write(bytes('abc'))
    await one.flush()
  }
  expect(taken.map((chunk) => [chunk.buffer.byteLength, Buffer.from(chunk).toString()])).toEqual([
    [3, 'abc'],
    [3, 'abc'],
    [3, 'abc'],
  ])
})

test('writerTo: other things, locked streams and ended ones are refused', () => {
  const locked = new WritableStream<Uint8Array>()
  locked.getWriter()
  const ended = new PassThrough()
  ended.end()
  const destroyed = new PassThrough()
  destroyed.destroy()
  for (const target of [null, undefined, 7, {}, locked, ended, destroyed, new ReadableStream()]) {
    expect(() => writerTo(target as never)).toThrow(TypeError)
  }
})
