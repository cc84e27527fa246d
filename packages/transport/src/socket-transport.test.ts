import { once } from 'node:events'
import { expect, test } from 'vitest'
import { createConnection } from './index.ts'
import { BufferedRecorder, bytes, rawServer, Recorder, textOf } from './test-peers.test-support.ts'

const LOCAL = '127.0.0.1'

test('B01 made, data, eof, lost, each in its place and lost once', async () => {
  await using peer = await rawServer((socket) => socket.end('hi'))
  const { protocol } = await createConnection(() => new Recorder(), { host: LOCAL, port: peer.port })
  await protocol.untilLost()
  expect(protocol.story).toEqual(['made', 'data', 'eof', 'lost'])
  expect(protocol.text).toBe('hi')
  expect(protocol.reasons).toEqual([{ reason: 'eof' }])
})

test('B02 connectionMade, then the promise, then the first data', async () => {
  await using peer = await rawServer((socket) => socket.write('at once'))
  const { protocol } = await createConnection(() => new Recorder(), { host: LOCAL, port: peer.port })
  expect(protocol.calls).toEqual(['made'])
  await protocol.until(() => protocol.text === 'at once')
})

test('B03 reading paused inside connectionMade brings nothing until it is resumed', async () => {
  await using peer = await rawServer((socket) => socket.end('early'))
  class Paused extends Recorder {
    override connectionMade(transport: Recorder['transport']): void {
      transport.pauseReading()
      super.connectionMade(transport)
    }
  }
  const { transport, protocol } = await createConnection(() => new Paused(), { host: LOCAL, port: peer.port })
  const socket = await peer.accepted()
  if (!socket.writableFinished) await once(socket, 'finish')
  await new Promise(setImmediate)
  expect(protocol.calls).toEqual(['made'])
  transport.resumeReading()
  expect(protocol.calls, 'never inside the call').toEqual(['made'])
  await protocol.untilLost()
  expect(protocol.text).toBe('early')
})

test('B04 pause and resume are idempotent; resume after close does nothing', async () => {
  await using peer = await rawServer()
  const { transport, protocol } = await createConnection(() => new Recorder(), {
    host: LOCAL,
    port: peer.port,
  })
  expect(transport.isReading).toBe(true)
  transport.pauseReading()
  transport.pauseReading()
  expect(transport.isReading).toBe(false)
  transport.resumeReading()
  transport.resumeReading()
  expect(transport.isReading).toBe(true)
  transport.close()
  transport.resumeReading()
  expect(transport.isReading).toBe(false)
  await protocol.untilLost()
  expect(protocol.reasons).toEqual([{ reason: 'closed' }])
})

test('B06 half-open on request: writable after the end of the peer, lost when both directions ended', async () => {
  await using peer = await rawServer((socket) => socket.end())
  const { transport, protocol } = await createConnection(() => new Recorder(), {
    host: LOCAL,
    port: peer.port,
    allowHalfOpen: true,
  })
  const socket = await peer.accepted()
  await protocol.until(() => protocol.calls.includes('eof'))
  expect(transport.isClosing).toBe(false)
  transport.writeLatin1('still here')
  transport.writeEof()
  expect(await textOf(socket)).toBe('still here')
  await protocol.untilLost()
  expect(protocol.reasons).toEqual([{ reason: 'eof' }])
})

test('B21 close sends everything first and delivers nothing more', async () => {
  await using peer = await rawServer()
  const { transport, protocol } = await createConnection(() => new Recorder(), {
    host: LOCAL,
    port: peer.port,
  })
  const socket = await peer.accepted()
  const size = 8_000_000
  transport.writeOwned(new Uint8Array(size).fill(65))
  expect(transport.bufferedByteCount).toBeGreaterThan(0)
  transport.close()
  socket.write('too late')
  expect((await textOf(socket)).length).toBe(size)
  await protocol.untilLost()
  expect(protocol.text).toBe('')
  expect(protocol.reasons).toEqual([{ reason: 'closed' }])
})

test('B33 a buffered protocol gets the bytes in the memory it lent', async () => {
  await using peer = await rawServer((socket) => socket.on('data', (chunk) => socket.write(chunk)))
  const { transport, protocol } = await createConnection(() => new BufferedRecorder(), {
    host: LOCAL,
    port: peer.port,
  })
  for (const word of ['one', 'two', 'three']) {
    transport.write(bytes(word))
    await protocol.record.until(() => protocol.record.text.endsWith(word))
  }
  expect(protocol.record.text).toBe('onetwothree')
  transport.abort()
  await protocol.record.untilLost()
  expect(protocol.record.reasons).toEqual([{ reason: 'aborted' }])
})

test('C13 a peer that resets while bytes wait: they are counted as unsent', async () => {
  await using peer = await rawServer((socket) => socket.pause())
  const { transport, protocol } = await createConnection(() => new Recorder(), {
    host: LOCAL,
    port: peer.port,
  })
  const socket = await peer.accepted()
  transport.writeOwned(new Uint8Array(50_000_000))
  expect(transport.bufferedByteCount).toBe(50_000_000)
  socket.resetAndDestroy()
  await protocol.untilLost()
  expect(protocol.reasons[0]?.reason).toBe('error')
  expect(transport.bufferedByteCount).toBe(50_000_000)
})
