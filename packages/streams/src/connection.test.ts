import { expect, test } from 'vitest'
import { StreamProtocol } from './index.ts'
import { memoryConnections } from './memory.ts'
import { ascii, settle } from './text-and-turns.test-support.ts'

test('C01 open, write, read a line, read the rest, close', async () => {
  const { client: a, server: b } = memoryConnections()
  b.writer.writeText('HTTP/1.0 200 OK\r\n\r\ntest message')
  expect(await a.reader.readLine()).toBe('HTTP/1.0 200 OK')
  const rest = a.reader.readAll()
  await b.close()
  expect(await rest).toEqual(ascii('\r\ntest message'))
  await a.close()
  expect(await a.closed).toEqual({ reason: 'eof' })
})

test('C02 a connection that breaks is told by reads, once what arrived before is read', async () => {
  const { client: a, server: b, serverToClient } = memoryConnections()
  b.writer.writeText('ab')
  await settle()
  serverToClient.reset()
  await settle()
  expect(await a.reader.read()).toEqual(ascii('ab'))
  for (let again = 0; again < 2; again++) {
    await expect(a.reader.read()).rejects.toMatchObject({
      code: 'ERR_STREAM_FAILED',
      reason: 'error',
      cause: { code: 'ECONNRESET' },
    })
  }
  await expect(a.writer.drain()).rejects.toMatchObject({
    code: 'ERR_WRITE_FAILED',
    cause: { code: 'ECONNRESET' },
  })
  expect(await a.closed).toMatchObject({ reason: 'error', cause: { code: 'ECONNRESET' } })
})

test('C09 closed resolves after close, also with unread input', async () => {
  const { client: a, server: b } = memoryConnections()
  b.writer.writeText('never read')
  await settle()
  await a.close()
  expect(await a.closed).toEqual({ reason: 'closed' })
})

test('C10 the reader sees the end after a close here', async () => {
  const { client: a } = memoryConnections()
  await a.close()
  expect(a.reader.atEof).toBe(true)
  expect(await a.reader.read()).toBe(null)
})

test('C11 closed resolves when the peer ends, without a close here', async () => {
  const { client: a, server: b } = memoryConnections()
  await b.close()
  expect(await a.closed).toEqual({ reason: 'eof' })
})

test('C12 one who gives up waiting for closed touches no other', async () => {
  const { client: a } = memoryConnections()
  await Promise.race([a.closed, Promise.resolve('gave up')])
  const waiting = a.closed
  await a.close()
  expect(await waiting).toEqual({ reason: 'closed' })
})

test('C13 a close with a stuck peer ends after its grace, and says what was not sent', async () => {
  const { client: a, clientToServer, clock } = memoryConnections({ link: { capacityBytes: 10 } })
  clientToServer.stall()
  a.writer.write(new Uint8Array(100))
  const closing = a.close({ graceMs: 500 })
  clock.advance(500)
  await expect(closing).rejects.toMatchObject({
    code: 'ERR_WRITE_FAILED',
    reason: 'aborted',
    acceptedByteCount: 100,
    sent: 'partial',
  })
})

test('abort: waiting reads and drains reject with the reason as their cause', async () => {
  const { client: a, clientToServer } = memoryConnections({
    link: { capacityBytes: 10 },
    writeBufferLimits: { high: 10 },
  })
  clientToServer.stall()
  const reason = new Error('enough')
  const read = a.reader.readExactly(5)
  a.writer.write(new Uint8Array(100))
  const drain = a.writer.drain()
  for (const waiting of [read, drain]) waiting.catch(() => {})
  a.abort(reason)
  await expect(read).rejects.toMatchObject({ code: 'ERR_STREAM_FAILED', reason: 'aborted', cause: reason })
  await expect(drain).rejects.toMatchObject({ code: 'ERR_WRITE_FAILED', reason: 'aborted', sent: 'partial' })
  expect(await a.closed).toEqual({ reason: 'aborted', cause: reason })
})

test('what fails behind the peer’s end does not hide the end from the reader', async () => {
  const { client: a, server: b, clientToServer } = memoryConnections({ allowHalfOpen: true })
  b.writer.writeText('all of it')
  b.writer.writeEof()
  await settle()
  clientToServer.reset()
  await settle()
  expect(await a.reader.readAll()).toEqual(ascii('all of it'))
})

test('what is written just before the peer’s end arrives still leaves', async () => {
  const { client: a, server: b } = memoryConnections()
  const protocol = a.transport.protocol as StreamProtocol
  const eofReceived = protocol.eofReceived.bind(protocol)
  // In the same turn as the end, with nothing between them.
  protocol.eofReceived = () => {
    a.writer.writeText('last words')
    eofReceived()
  }
  const last = b.reader.readAll()
  b.writer.writeEof()
  expect(await last).toEqual(ascii('last words'))
})

test('half-open: the writing side stays open when asked for', async () => {
  const { client: a, server: b } = memoryConnections({ allowHalfOpen: true })
  a.writer.writeText('question')
  a.writer.writeEof()
  expect(await b.reader.readAll()).toEqual(ascii('question'))
  b.writer.writeText('answer')
  await b.close()
  expect(await a.reader.readAll()).toEqual(ascii('answer'))
})

test('a reader that is not read pauses the peer, and a read resumes it', async () => {
  const { client: a, server: b } = memoryConnections({
    link: { capacityBytes: 1000 },
    reader: { highWaterMark: 2000, lowWaterMark: 500 },
  })
  b.writer.write(new Uint8Array(100_000))
  await settle()
  expect(a.reader.isPaused).toBe(true)
  expect(a.reader.bufferedByteCount).toBeLessThan(5000)
  expect(b.writer.bufferedByteCount).toBeGreaterThan(90_000)
  expect((await a.reader.readExactly(100_000)).length).toBe(100_000)
  await b.writer.flush()
})

test('the bytes of a shared read buffer never show up in what was read', async () => {
  const { client: a, server: b } = memoryConnections({ clientReads: 'lent' })
  b.writer.writeText('first line\nsecond')
  expect(await a.reader.readLine()).toBe('first line')
  // The memory transport overwrites the lent buffer as soon as it has it back.
  b.writer.writeText(' half\n')
  expect(await a.reader.readLine()).toBe('second half')
})

test('await using closes', async () => {
  const { client: a, server: b } = memoryConnections()
  {
    await using connection = a
    connection.writer.writeText('bye')
  }
  expect(await b.reader.readAll()).toEqual(ascii('bye'))
})

test('a protocol without a connection has neither writer nor transport', () => {
  const protocol = new StreamProtocol()
  expect(() => protocol.writer).toThrow(TypeError)
  expect(() => protocol.transport).toThrow(TypeError)
})
