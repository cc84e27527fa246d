import { Duplex, PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { transportFromStreams } from './from-streams.ts'
import { bytes, Recorder } from './test-peers.test-support.ts'

test('a Duplex: made, data, eof, lost; bytes counted both ways', async () => {
  const { transport, protocol } = transportFromStreams(() => new Recorder(), new PassThrough())
  transport.write(bytes('hello'))
  transport.writeLatin1('\xe4')
  transport.writeOwnedMany([bytes('a'), bytes(''), bytes('b')])
  transport.writeEof()
  await protocol.untilLost()
  expect(protocol.story).toEqual(['made', 'data', 'eof', 'lost'])
  expect(protocol.reasons).toEqual([{ reason: 'eof' }])
  expect(transport.info).toMatchObject({ remoteAddress: null, tls: null, bytesRead: 8, bytesWritten: 8 })
})

test('Web streams: made, data, eof, lost; bytes counted both ways', async () => {
  const pair = new TransformStream<Uint8Array, Uint8Array>()
  const { transport, protocol } = transportFromStreams(() => new Recorder(), pair)
  transport.write(bytes('hello'))
  transport.writeEof()
  await protocol.untilLost()
  expect(protocol.story).toEqual(['made', 'data', 'emptied', 'eof', 'lost'])
  expect(transport.info).toMatchObject({ bytesRead: 5, bytesWritten: 5 })
})

test('a stream that is destroyed by others: closing at once, lost soon, and what is written goes nowhere', async () => {
  const stream = new PassThrough()
  const { transport, protocol } = transportFromStreams(() => new Recorder(), stream)
  expect(transport.isClosing).toBe(false)
  stream.destroy()
  expect(transport.isClosing).toBe(true)
  await protocol.untilLost()
  expect(protocol.reasons).toEqual([{ reason: 'aborted' }])
})

test('a stream that fails is an error; one of text is refused', async () => {
  const failing = new PassThrough()
  const failed = transportFromStreams(() => new Recorder(), failing)
  const cause = new Error('broken')
  failing.destroy(cause)
  await failed.protocol.untilLost()
  expect(failed.protocol.reasons).toEqual([{ reason: 'error', cause }])
  const text = Duplex.from(['text'])
  const refused = transportFromStreams(() => new Recorder(), text)
  await refused.protocol.untilLost()
  expect(refused.protocol.reasons).toEqual([{ reason: 'error', cause: expect.any(TypeError) }])
})

test('pauseReading holds the bytes of both kinds back', async () => {
  for (const streams of [new PassThrough(), new TransformStream<Uint8Array, Uint8Array>()]) {
    const { transport, protocol } = transportFromStreams(() => new Recorder(), streams)
    transport.pauseReading()
    transport.write(bytes('held'))
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(protocol.text).toBe('')
    transport.resumeReading()
    await protocol.until(() => protocol.text === 'held')
    transport.abort()
    await protocol.untilLost()
  }
})

test('what can close itself is closed before its streams are given up, once', async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const calls: string[] = []
  const reader = readable.getReader()
  const cancel = reader.cancel.bind(reader)
  reader.cancel = (reason) => {
    calls.push('cancel')
    return cancel(reason)
  }
  const streams = { readable: { getReader: () => reader }, writable, close: () => void calls.push('close') }
  const { transport, protocol } = transportFromStreams(() => new Recorder(), streams)
  transport.abort()
  transport.abort()
  await protocol.untilLost()
  await new Promise((resolve) => setImmediate(resolve))
  expect(calls).toEqual(['close', 'cancel'])
})

test('streams of another kind and locked ones are refused', () => {
  expect(() => transportFromStreams(() => new Recorder(), {} as never)).toThrow(TypeError)
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  writable.getWriter()
  expect(() => transportFromStreams(() => new Recorder(), { readable, writable })).toThrow(TypeError)
})
