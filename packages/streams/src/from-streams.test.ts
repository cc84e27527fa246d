import { Duplex, PassThrough } from 'node:stream'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectionFromStreams } from './from-streams.ts'
import type { Connection } from './index.ts'
import { ascii, settle } from './text-and-turns.test-support.ts'

let server: Server
beforeAll(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) =>
    socket.on('error', () => {}).pipe(socket),
  ).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => server.close())

const dial = () =>
  connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true })
const KINDS: { name: string; open: () => Connection }[] = [
  { name: 'a socket', open: () => connectionFromStreams(dial()) },
  { name: 'a socket as Web streams', open: () => connectionFromStreams(Duplex.toWeb(dial())) },
  {
    name: 'an identity TransformStream',
    open: () => connectionFromStreams(new TransformStream<Uint8Array, Uint8Array>()),
  },
  { name: 'a PassThrough', open: () => connectionFromStreams(new PassThrough()) },
]

for (const { name, open } of KINDS) {
  test(`${name}: echo of lines, of many bytes, end`, async () => {
    const { reader, writer, closed } = open()
    writer.writeText('hello\nwörld\n')
    expect(await reader.readLine()).toBe('hello')
    expect(await reader.readLine()).toBe('wörld')
    writer.write(new Uint8Array(1_000_000).fill(7))
    const many = await reader.readExactly(1_000_000)
    expect(many.every((byte) => byte === 7)).toBe(true)
    await writer.flush()
    writer.writeText('end')
    writer.writeEof()
    expect(await reader.readAll()).toEqual(ascii('end'))
    expect((await closed).reason).toBe('eof')
  })

  test(`${name}: close and abort`, async () => {
    const closing = open()
    closing.writer.writeText('x')
    await closing.close()
    expect((await closing.closed).reason).toBe('closed')
    const aborting = open()
    const reason = new Error('enough')
    const read = aborting.reader.read()
    read.catch(() => {})
    aborting.abort(reason)
    await expect(read).rejects.toMatchObject({ cause: reason })
    expect(await aborting.closed).toEqual({ reason: 'aborted', cause: reason })
  })
}

test('a readable that fails is told by reads, and the writable is released', async () => {
  const cause = new Error('broken')
  let aborted = false
  const connection = connectionFromStreams({
    readable: new ReadableStream({
      start(controller) {
        controller.enqueue(ascii('ab'))
        setImmediate(() => controller.error(cause))
      },
    }),
    writable: new WritableStream({
      abort() {
        aborted = true
      },
    }),
  })
  await settle()
  expect(await connection.reader.read()).toEqual(ascii('ab'))
  await expect(connection.reader.read()).rejects.toMatchObject({ code: 'ERR_STREAM_FAILED', cause })
  expect(await connection.closed).toEqual({ reason: 'error', cause })
  expect(aborted).toBe(true)
})

test('a writable that is slow pauses the writer', async () => {
  const taken: (() => void)[] = []
  const connection = connectionFromStreams({
    readable: new ReadableStream(),
    writable: new WritableStream({ write: () => new Promise<void>((resolve) => taken.push(resolve)) }),
  })
  connection.writer.write(new Uint8Array(100_000))
  let drained = false
  const drain = connection.writer.drain().then(() => (drained = true))
  await settle()
  expect(drained).toBe(false)
  taken[0]?.()
  await drain
  expect(connection.writer.bufferedByteCount).toBe(0)
  connection.abort()
})

test('an unread readable is not pulled beyond the high-water mark', async () => {
  let pulled = 0
  const connection = connectionFromStreams(
    {
      readable: new ReadableStream({
        pull(controller) {
          pulled += 1
          controller.enqueue(new Uint8Array(1000))
        },
      }),
      writable: new WritableStream(),
    },
    { reader: { highWaterMark: 5000 } },
  )
  await settle()
  await settle()
  expect(pulled).toBeLessThan(20)
  connection.abort()
})

test('streams of another kind, and locked ones, are refused', () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  readable.getReader()
  expect(() => connectionFromStreams({ readable, writable })).toThrow(TypeError)
  expect(() => connectionFromStreams({} as never)).toThrow(TypeError)
})
