/** Options that are misspelt or nonsense are refused when the thing is made, by an error that names the option, and nothing is opened. */
import { expect, test } from 'vitest'
import { connectionFromStreams } from './from-streams.ts'
import { openConnection, startServer, startTls } from './index.ts'
import { memoryConnections } from './memory.ts'

const streams = (): { readable: ReadableStream<Uint8Array>; writable: WritableStream<Uint8Array> } => ({
  readable: new ReadableStream<Uint8Array>(),
  writable: new WritableStream<Uint8Array>(),
})

const TAKERS: { name: string; call: (options: never) => unknown; valid: object }[] = [
  {
    name: 'openConnection',
    call: (options) => openConnection(options),
    valid: { host: '127.0.0.1', port: 1 },
  },
  { name: 'startServer', call: (options) => startServer(() => {}, options), valid: { port: 0 } },
  { name: 'memoryConnections', call: (options) => memoryConnections(options), valid: {} },
  { name: 'connectionFromStreams', call: (options) => connectionFromStreams(streams(), options), valid: {} },
]

for (const { name, call, valid } of TAKERS) {
  test(`${name} refuses an option that it does not have`, async () => {
    const called = (async () => call({ ...valid, reader: { limit: 10 }, timeoutMs: 1 } as never))()
    await expect(called).rejects.toThrow('there is no option "timeoutMs"')
  })
}

const READERS: { reader: unknown; says: string }[] = [
  { reader: null, says: 'option "reader" must be an object' },
  { reader: 5, says: 'option "reader" must be an object' },
  { reader: { limt: 1 }, says: 'unknown option limt' },
  { reader: { limit: -1 }, says: 'limit must be an integer' },
  { reader: { limit: Number.NaN }, says: 'limit must be an integer' },
  { reader: { limit: 'big' }, says: 'limit must be an integer' },
  { reader: { limit: null }, says: 'limit must be an integer' },
  { reader: { highWaterMark: 0 }, says: 'highWaterMark must be an integer' },
  { reader: { lowWaterMark: -1 }, says: 'lowWaterMark must be an integer' },
  { reader: { setTimer: 5 }, says: 'option "reader.setTimer" must be a function' },
]

for (const { name, call, valid } of TAKERS) {
  for (const { reader, says } of READERS) {
    test(`${name} refuses the reader ${JSON.stringify(reader)}: ${says}`, async () => {
      const called = (async () => call({ ...valid, reader } as never))()
      await expect(called).rejects.toThrow(says)
    })
  }
  test(`${name} takes no other thing for options`, async () => {
    for (const options of [null, 5, 'text']) {
      const called = (async () => call(options as never))()
      await expect(called).rejects.toThrow('options must be an object')
    }
  })
}

test('connectionFromStreams leaves streams alone that it refuses options for', () => {
  const pair = streams()
  expect(() => connectionFromStreams(pair, { reader: { limit: -1 } })).toThrow('limit')
  expect([pair.readable.locked, pair.writable.locked]).toEqual([false, false])
})

test('startServer refuses a hook that is none', async () => {
  for (const onHandlerError of [null, 5, {}]) {
    const called = (async () => startServer(() => {}, { port: 0, onHandlerError: onHandlerError as never }))()
    await expect(called).rejects.toThrow('option "onHandlerError" must be a function')
  }
})

const OF_TRANSPORT = [
  { options: { unreadBytes: new Uint8Array(1) }, says: 'there is no option "unreadBytes"' },
  { options: { protocol: {} }, says: 'there is no option "protocol"' },
  { options: { timeoutMs: 1 }, says: 'there is no option "timeoutMs"' },
  { options: { side: 'middle' }, says: 'option "side"' },
  { options: { tls: null }, says: 'option "tls"' },
  { options: { handshakeTimeoutMs: -1 }, says: 'option "handshakeTimeoutMs"' },
]

for (const { options, says } of OF_TRANSPORT) {
  test(`startTls refuses ${says}, and what has arrived can still be read`, async () => {
    const { client, server } = memoryConnections()
    server.writer.writeText('early\n')
    await server.writer.flush()
    await client.reader.peek(1)
    const upgrade = startTls(client, { side: 'client', host: 'a.example', ...options } as never)
    await expect(upgrade).rejects.toThrow(says)
    expect(await client.reader.readLine()).toBe('early')
  })
}

test('startTls takes no null for options', async () => {
  await expect(startTls(memoryConnections().client, null as never)).rejects.toThrow(
    'options must be an object',
  )
})

test('closing refuses what it does not know', async () => {
  const { client } = memoryConnections()
  for (const [options, says] of [
    [{ grace: 1 }, 'there is no option "grace"'],
    [{ graceMs: -1 }, 'option "graceMs"'],
    [{ graceMs: null }, 'option "graceMs"'],
  ] as const)
    await expect((async () => client.close(options as never))()).rejects.toThrow(says)
  expect(client.writer.isClosing).toBe(false)
})
