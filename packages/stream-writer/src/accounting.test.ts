import { expect, test } from 'vitest'
import { WriteFailedError } from './index.ts'
import { bytes, jobs, KernelSink } from './kernel-sink.test-support.ts'

async function failureOf(sink: KernelSink): Promise<Partial<WriteFailedError>> {
  const error: unknown = await sink.writer.flush().catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(WriteFailedError)
  const { reason, acceptedByteCount, unsentByteCount, sent } = error as WriteFailedError
  return { reason, acceptedByteCount, unsentByteCount, sent }
}

test('B09 what the kernel does not take stays in the buffer, counted', async () => {
  const sink = new KernelSink({ capacity: 2 })
  sink.writer.write(bytes('data'))
  expect(sink.writer.bufferedByteCount).toBe(4)
  await jobs()
  expect(sink.writer.bufferedByteCount).toBe(2)
  sink.peerTakes()
  expect([sink.writer.bufferedByteCount, sink.receivedText]).toEqual([0, 'data'])
})

test('B20 after a loss later writes are counted and not thrown', async () => {
  const sink = new KernelSink()
  sink.writer.write(bytes('gone out'))
  sink.writer.push()
  sink.breaks(new Error('EPIPE'))
  await jobs()
  for (let count = 0; count < 3; count++) sink.writer.write(bytes('four'))
  sink.writer.writeText('four', 'latin1')
  sink.writer.writeMany([bytes('four')])
  expect(sink.writer).toMatchObject({ acceptedByteCount: 28, unsentByteCount: 20, bufferedByteCount: 0 })
  expect(await failureOf(sink)).toEqual({
    reason: 'error',
    acceptedByteCount: 28,
    unsentByteCount: 20,
    sent: 'partial',
  })
  expect(sink.calls).toEqual(['owned 8'])
})

test('sent is none only where no byte was given to the sink', async () => {
  const never = new KernelSink()
  never.breaks(new Error('reset'))
  await jobs()
  never.writer.write(bytes('x'))
  expect(await failureOf(never)).toEqual({
    reason: 'error',
    acceptedByteCount: 1,
    unsentByteCount: 1,
    sent: 'none',
  })
  // A sink cannot tell how far the kernel came with a chunk: all of it unsent is still no proof that nothing left.
  const given = new KernelSink({ capacity: 0 })
  given.writer.write(bytes('x'))
  given.writer.push()
  given.breaks(new Error('reset'))
  await jobs()
  expect(await failureOf(given)).toEqual({
    reason: 'error',
    acceptedByteCount: 1,
    unsentByteCount: 1,
    sent: 'partial',
  })
})

test('sent is all where the loss took nothing of what was written', async () => {
  const sink = new KernelSink()
  sink.writer.write(bytes('request'))
  sink.writer.push()
  sink.breaks(new Error('reset'))
  await jobs()
  expect(await failureOf(sink)).toEqual({
    reason: 'error',
    acceptedByteCount: 7,
    unsentByteCount: 0,
    sent: 'all',
  })
  await sink.writer.close()
})

test('what is pending when the connection is lost is unsent, once', async () => {
  const sink = new KernelSink({ capacity: 5 })
  sink.writer.write(bytes('0123456789'))
  sink.writer.push()
  sink.writer.write(bytes('pending'))
  sink.writer.connectionLost({ reason: 'error', cause: new Error('reset') })
  await jobs()
  expect(sink.writer.unsentByteCount).toBe(12)
  sink.writer.connectionLost({ reason: 'closed' })
  expect(sink.writer.unsentByteCount).toBe(12)
  expect(sink.calls).toEqual(['owned 10'])
  await expect(sink.writer.closed).resolves.toMatchObject({ reason: 'error' })
})

test('the owner may say itself how much was unsent', () => {
  const sink = new KernelSink()
  sink.writer.write(bytes('0123456789'))
  sink.writer.push()
  sink.writer.connectionLost({ reason: 'error' }, 3)
  expect(sink.writer.unsentByteCount).toBe(3)
})

test('an abort counts before the sink forgets, and the loss that follows counts nothing again', async () => {
  const sink = new KernelSink({ capacity: 4 })
  sink.writer.write(bytes('0123456789'))
  sink.writer.push()
  sink.writer.write(bytes('pending'))
  sink.writer.abort()
  expect(sink.writer.unsentByteCount).toBe(13)
  await jobs()
  expect(sink.writer).toMatchObject({ unsentByteCount: 13, acceptedByteCount: 17, bufferedByteCount: 0 })
})

for (const extras of ['writev and latin1', 'none'] as const) {
  test(`a sink that throws (${extras}) gets nothing more: no gap in what the peer sees, nothing counted twice`, async () => {
    const sink = new KernelSink({ capacity: 4, extras })
    sink.writer.write(bytes('0123456789'))
    sink.writer.push()
    const draining = sink.writer.drain()
    sink.refusal = new Error('closed behind your back')
    sink.writer.write(new Uint8Array(600))
    sink.writer.write(new Uint8Array(700))
    sink.writer.push()
    await draining
    sink.refusal = null
    sink.writer.write(bytes('must not follow'))
    sink.writer.push()
    // Six bytes are still on their way, and are known to be out only once the connection has ended.
    expect(await failureOf(sink)).toMatchObject({
      reason: 'error',
      acceptedByteCount: 1325,
      unsentByteCount: 1321,
    })
    const error: unknown = await sink.writer.drain().catch((reason: unknown) => reason)
    expect((error as Error).cause).toEqual(new Error('closed behind your back'))
    sink.peerTakes()
    const closing = sink.writer.close()
    await expect(closing).rejects.toMatchObject({ reason: 'closed', unsentByteCount: 1315, sent: 'partial' })
    expect(sink.receivedText).toBe('0123456789')
  })
}

test('where a sink takes piece by piece and throws in the middle, only the rest is dropped', async () => {
  const sink = new KernelSink({ extras: 'none' })
  const writeOwned = sink.writeOwned.bind(sink)
  let count = 0
  sink.writeOwned = (chunk) => {
    if (++count === 2) throw new Error('full')
    writeOwned(chunk)
  }
  for (const size of [600, 700, 800]) sink.writer.write(new Uint8Array(size))
  await jobs()
  expect(sink.calls).toEqual(['owned 600'])
  expect(await failureOf(sink)).toEqual({
    reason: 'error',
    acceptedByteCount: 2100,
    unsentByteCount: 1500,
    sent: 'partial',
  })
})

test('bytes for a sink that is closing are held back; flush rejects and counts them once the reason is known', async () => {
  const sink = new KernelSink({ capacity: 2 })
  sink.writer.write(bytes('ab'))
  sink.writer.push()
  sink.peerEnds()
  sink.writer.write(bytes('too late'))
  const failure = failureOf(sink)
  sink.writer.writeBufferEmptied()
  expect(sink.calls).toEqual(['owned 2'])
  expect(sink.writer).toMatchObject({ bufferedByteCount: 8, unsentByteCount: 0 })
  expect(await failure).toEqual({ reason: 'eof', acceptedByteCount: 10, unsentByteCount: 8, sent: 'partial' })
})

test('what is pending when the peer ends still leaves where the owner pushes first', async () => {
  const sink = new KernelSink()
  sink.writer.write(bytes('farewell'))
  sink.peerEnds()
  sink.peerTakes()
  await sink.writer.closed
  expect(sink.receivedText).toBe('farewell')
  await sink.writer.close()
})

test('another sink goes on with what was written meanwhile, and its bytes are counted on', async () => {
  const first = new KernelSink({ capacity: 4, high: 2 })
  const { writer } = first
  writer.write(bytes('plain, much'))
  writer.push()
  first.peerTakes()
  first.isClosing = true // handed over: it takes no more
  writer.write(bytes('secret'))
  const waits = [writer.drain(), writer.flush()]
  await jobs()
  expect(first.calls).toEqual(['owned 11'])
  const second = new KernelSink({ capacity: 4 })
  writer.setSink(second)
  await waits[0]
  expect(second.calls).toEqual(['owned 6'])
  expect(writer).toMatchObject({ bufferedByteCount: 2, acceptedByteCount: 17, isClosing: false })
  writer.abort()
  await expect(waits[1]).rejects.toMatchObject({ unsentByteCount: 2, sent: 'partial' })
  expect(second.calls).toEqual(['owned 6', 'abort'])
})
