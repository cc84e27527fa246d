import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryPair, VirtualClock } from './memory.ts'
import type { MemoryPairOptions } from './memory.ts'
import { BufferedRecorder, bytes, Recorder } from './test-peers.test-support.ts'

function connected(options: MemoryPairOptions = {}) {
  const near = new Recorder()
  const far = new Recorder()
  return { near, far, ...memoryPair({ client: () => near, server: () => far, ...options }) }
}

test('bytes, end and loss reach the other side without any clock', async () => {
  const { client, near, far } = connected()
  client.writeLatin1('hello ')
  client.writeOwned(bytes('there'))
  client.close()
  await far.untilLost()
  await near.untilLost()
  expect(far.text).toBe('hello there')
  expect(far.story).toEqual(['made', 'data', 'eof', 'lost'])
  expect([far.reasons, near.reasons]).toEqual([[{ reason: 'eof' }], [{ reason: 'closed' }]])
})

test('B09 what the kernel does not take stays in the buffer, to the byte', async () => {
  const { client, server, far, near } = connected({ link: { capacityBytes: 2 } })
  server.pauseReading()
  client.writeLatin1('data')
  expect(client.bufferedByteCount).toBe(2)
  client.writeLatin1('more')
  expect(client.bufferedByteCount).toBe(6)
  server.resumeReading()
  await far.until(() => far.text === 'datamore')
  await near.until(() => near.calls.includes('emptied'))
  expect(client.bufferedByteCount).toBe(0)
})

test('B10 B11 B20 write takes a copy, writeOwned the array itself; neither changes the caller’s', async () => {
  const { client, server, far } = connected({ link: { capacityBytes: 1 } })
  server.pauseReading()
  const data = bytes('abc')
  client.write(data)
  expect(data).toEqual(bytes('abc'))
  data[2] = 0x7a
  server.resumeReading()
  await far.until(() => far.text.length === 3)
  expect(far.text).toBe('abc')
})

test('B12 an empty write does nothing', () => {
  const { client, near } = connected({ link: { capacityBytes: 1 } })
  client.write(new Uint8Array(0))
  client.writeOwnedMany([new Uint8Array(0)])
  client.writeLatin1('')
  expect([client.bufferedByteCount, near.calls]).toEqual([0, ['made']])
})

test('B19 an empty chunk among others does not keep the connection from closing', async () => {
  const { client, far } = connected()
  client.writeOwnedMany([bytes('hello'), new Uint8Array(0)])
  client.close()
  await far.untilLost()
  expect(far.text).toBe('hello')
})

test('B24 the end waits behind what is buffered', async () => {
  const { client, server, far } = connected({ link: { capacityBytes: 4 } })
  server.pauseReading()
  client.writeLatin1('0123456789')
  client.writeEof()
  client.writeEof()
  expect(client.bufferedByteCount).toBe(6)
  server.resumeReading()
  await far.untilLost()
  expect(far.text).toBe('0123456789')
  expect(far.calls.filter((call) => call === 'eof')).toHaveLength(1)
})

test('latency passes on the clock alone', async () => {
  const clock = new VirtualClock()
  const { client, far } = connected({ clock, clientToServer: { latencyMs: 40 } })
  client.writeLatin1('slow')
  clock.advance(39)
  expect(far.text).toBe('')
  clock.advance(1)
  expect(far.text).toBe('slow')
})

test('a stalled peer: the buffer fills, the close runs out of its grace', async () => {
  const { client, near, clock, clientToServer } = connected({ link: { capacityBytes: 10 } })
  clientToServer.stall()
  client.setWriteBufferLimits({ high: 5, low: 0 })
  client.writeLatin1('0123456789abcdef')
  expect(near.calls).toEqual(['made', 'pause'])
  client.close({ graceMs: 2000 })
  await clock.runUntilQuiet()
  expect(clock.now()).toBe(2000)
  expect(near.reasons).toMatchObject([{ reason: 'aborted', cause: { phase: 'close', limitMs: 2000 } }])
})

test('a reset at a given byte: so many arrive, then both ends are lost with the error', async () => {
  const { client, near, far } = connected({ clientToServer: { resetAfterBytes: 5 } })
  client.writeLatin1('0123456789')
  await far.untilLost()
  await near.untilLost()
  expect(far.text).toBe('01234')
  for (const reasons of [near.reasons, far.reasons]) {
    expect(reasons).toMatchObject([{ reason: 'error', cause: { code: 'ECONNRESET' } }])
  }
})

test('half-close: the other direction goes on', async () => {
  const { client, server, near, far } = connected({ allowHalfOpen: true })
  client.writeEof()
  await far.until(() => far.calls.includes('eof'))
  server.writeLatin1('late answer')
  server.close()
  await near.untilLost()
  expect(near.text).toBe('late answer')
  expect(near.reasons).toEqual([{ reason: 'eof' }])
})

test('an abort with unread bytes resets the peer, without any it ends the stream', async () => {
  const unread = connected()
  unread.server.pauseReading()
  unread.client.writeLatin1('unread')
  unread.server.abort()
  await unread.near.untilLost()
  expect(unread.near.reasons).toMatchObject([{ reason: 'error', cause: { code: 'ECONNRESET' } }])
  const read = connected()
  read.server.abort()
  await read.near.untilLost()
  expect(read.near.reasons).toEqual([{ reason: 'eof' }])
})

test('an end without a protocol holds what arrives until it has one', async () => {
  const far = new Recorder()
  const { client, server } = memoryPair({})
  client.writeLatin1('early')
  await Promise.resolve()
  server.setProtocol(far)
  server.resumeReading()
  await far.until(() => far.text !== '')
  expect(far.text).toBe('early')
})

test('however the bytes are cut, delayed and lent, they arrive in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 20 }), { maxLength: 10 }),
      fc.record({
        seed: fc.nat(),
        capacityBytes: fc.integer({ min: 1, max: 30 }),
        maxChunkBytes: fc.integer({ min: 1, max: 9 }),
        latencyMs: fc.constantFrom(0, 3),
      }),
      fc.integer({ min: 1, max: 7 }),
      async (texts, link, bufferBytes) => {
        const far = new BufferedRecorder(() => new Uint8Array(bufferBytes))
        const { client, clock } = memoryPair({ server: () => far, serverReads: 'lent', link })
        for (const text of texts) client.writeLatin1(text)
        client.close({ graceMs: Infinity })
        await clock.runUntilQuiet()
        expect(far.record.text).toBe(texts.join(''))
        expect(far.record.reasons).toEqual([{ reason: 'eof' }])
      },
    ),
    { numRuns: 60 },
  )
})

test('the same seed gives the same chunks', async () => {
  const lengths = async (seed: number): Promise<number[]> => {
    const chunks: number[] = []
    const { client, clock } = memoryPair({
      server: () => ({ dataReceived: (data) => chunks.push(data.length) }),
      link: { seed, maxChunkBytes: 10 },
    })
    client.writeOwned(new Uint8Array(200))
    await clock.runUntilQuiet()
    return chunks
  }
  expect(await lengths(7)).toEqual(await lengths(7))
  expect(await lengths(7)).not.toEqual(await lengths(8))
})
