import { expect, test } from 'vitest'
import { WriteFailedError, WriterClosedError } from './index.ts'
import { bytes, jobs, KernelSink, outcome } from './kernel-sink.test-support.ts'

const WRITES: { name: string; write: (sink: KernelSink) => void }[] = [
  { name: 'write', write: ({ writer }) => writer.write(bytes('x')) },
  { name: 'writeOwned', write: ({ writer }) => writer.writeOwned(bytes('x')) },
  { name: 'writeMany', write: ({ writer }) => writer.writeMany([bytes('x'), bytes('y')]) },
  { name: 'writeText', write: ({ writer }) => writer.writeText('x') },
  { name: 'writeText latin1', write: ({ writer }) => writer.writeText('x', 'latin1') },
]
const ENDS: { row: string; name: 'writeEof' | 'close' | 'abort'; capacity: number }[] = [
  { row: 'B14', name: 'writeEof', capacity: Infinity },
  { row: 'B15 B17', name: 'close', capacity: Infinity },
  { row: 'B16', name: 'close', capacity: 2 },
  { row: 'B23', name: 'abort', capacity: 2 },
]

for (const { row, name: end, capacity } of ENDS) {
  for (const { name, write } of WRITES) {
    test(`${row} ${name} after ${end}, ${capacity === 2 ? 'with' : 'without'} bytes buffered, throws and nothing is accepted`, async () => {
      const sink = new KernelSink({ capacity })
      sink.writer.write(bytes('data'))
      void sink.writer[end]()
      expect(() => write(sink)).toThrow(WriterClosedError)
      expect(sink.writer.acceptedByteCount).toBe(4)
      sink.peerTakes()
      await jobs()
      expect(() => write(sink)).toThrow(`write after ${end}()`)
      expect(sink.receivedText).toBe(end === 'abort' ? '' : 'data')
    })
  }
}

test('B24 the end waits behind what is written and buffered', async () => {
  const sink = new KernelSink({ capacity: 2 })
  sink.writer.write(bytes('data'))
  sink.writer.writeEof()
  expect(sink.calls).toEqual(['owned 4', 'eof'])
  sink.peerTakes(2)
  expect(sink.eofReceived).toBe(false)
  sink.peerTakes()
  expect([sink.receivedText, sink.eofReceived]).toEqual(['data', true])
  expect(sink.writer.isClosing).toBe(false)
  await sink.writer.flush()
  await sink.writer.drain()
})

test('B25 writeEof twice or after close: one end, no throw', () => {
  const sink = new KernelSink()
  sink.writer.writeEof()
  sink.writer.writeEof()
  void sink.writer.close()
  sink.writer.writeEof()
  expect(sink.calls).toEqual(['eof', 'close'])
})

test('B25 where the sink cannot end one side, writeEof throws that and the writer goes on', async () => {
  const sink = new KernelSink()
  sink.refusal = new Error('not on TLS')
  expect(() => sink.writer.writeEof()).toThrow('not on TLS')
  sink.refusal = null
  sink.writer.write(bytes('still here'))
  await sink.writer.flush()
  expect(sink.calls).toEqual(['owned 10'])
})

test('B19 an empty chunk among others is no obstacle to the close', async () => {
  const sink = new KernelSink()
  sink.writer.writeMany([bytes('hello'), new Uint8Array(0)])
  const closing = sink.writer.close()
  sink.peerTakes()
  await closing
  expect([sink.calls, sink.receivedText]).toEqual([['owned 5', 'close'], 'hello'])
})

test('B21 close sends what is pending and buffered, then the connection ends', async () => {
  const sink = new KernelSink({ capacity: 3 })
  sink.writer.write(bytes('0123456789'))
  const closing = sink.writer.close()
  expect(sink.writer.isClosing).toBe(true)
  expect(await outcome(closing)).toBe('pending')
  sink.peerTakes()
  await closing
  expect(sink.receivedText).toBe('0123456789')
  expect(await sink.writer.closed).toEqual({ reason: 'closed' })
})

test('B22 close and abort twice: the same outcome, one loss', async () => {
  const closed = new KernelSink()
  await Promise.all([closed.writer.close(), closed.writer.close()])
  await closed.writer.close()
  closed.writer.abort()
  expect(closed.calls).toEqual(['close', 'close'])
  const aborted = new KernelSink({ capacity: 0 })
  aborted.writer.write(bytes('x'))
  aborted.writer.push()
  aborted.writer.abort('first')
  aborted.writer.abort('second')
  expect(await aborted.writer.closed).toEqual({ reason: 'aborted', cause: 'first' })
  await expect(aborted.writer.close()).rejects.toMatchObject({ cause: 'first', unsentByteCount: 1 })
  await expect(aborted.writer.close()).rejects.toBeInstanceOf(WriteFailedError)
})

test('B23 abort drops what is buffered: closing at once, lost a job later', async () => {
  const sink = new KernelSink({ capacity: 2 })
  sink.writer.write(bytes('data'))
  sink.writer.push()
  sink.writer.abort()
  expect([sink.writer.isClosing, sink.writer.bufferedByteCount]).toEqual([true, 0])
  expect(await sink.writer.closed).toEqual({ reason: 'aborted', cause: undefined })
})

test('C08 after close neither write nor flush claims that more was sent', async () => {
  const sink = new KernelSink()
  await sink.writer.close()
  expect(() => sink.writer.write(bytes('x'))).toThrow(WriterClosedError)
  await sink.writer.drain() // what was written before the close has left: no failure to tell
  expect(sink.writer.unsentByteCount).toBe(0)
})

test('C08 after the peer closed, write is silent and drain rejects', async () => {
  const sink = new KernelSink()
  sink.peerEnds()
  await jobs()
  sink.writer.write(bytes('x'))
  await expect(sink.writer.drain()).rejects.toMatchObject({ reason: 'eof', sent: 'none', unsentByteCount: 1 })
})

test('C09 closed resolves after close', async () => {
  const sink = new KernelSink()
  const before = sink.writer.closed
  void sink.writer.close()
  expect(await before).toEqual({ reason: 'closed' })
  expect(await sink.writer.closed).toEqual({ reason: 'closed' })
})

test('C11 closed resolves without a close here once the peer’s end has ended the connection', async () => {
  const sink = new KernelSink()
  const { closed } = sink.writer
  expect(await outcome(closed)).toBe('pending')
  sink.peerEnds()
  expect(await closed).toEqual({ reason: 'eof' })
})

test('C12 who gives up waiting for closed poisons nobody', async () => {
  const sink = new KernelSink()
  const gaveUp = Promise.race([sink.writer.closed, Promise.reject(new Error('timeout'))])
  await expect(gaveUp).rejects.toThrow('timeout')
  void sink.writer.close()
  expect(await sink.writer.closed).toEqual({ reason: 'closed' })
})

test('C13 close with a stuck peer ends with the grace', async () => {
  const sink = new KernelSink({ capacity: 3 })
  sink.writer.write(bytes('0123456789'))
  const closing = sink.writer.close({ graceMs: 50 })
  sink.passes(49)
  expect(await outcome(closing)).toBe('pending')
  sink.passes(1)
  const error: unknown = await closing.catch((reason: unknown) => reason)
  expect(error).toMatchObject({
    reason: 'aborted',
    acceptedByteCount: 10,
    unsentByteCount: 7,
    sent: 'partial',
  })
  expect(String(error)).toBe(
    'WriteFailedError: connection lost (aborted), 7 of 10 bytes unsent: grace is over',
  )
})

test('C13 a second close may shorten the grace, an abort ends it', async () => {
  for (const hurry of [
    (sink: KernelSink) => (void sink.writer.close({ graceMs: 0 }), sink.passes(0)),
    (sink: KernelSink) => sink.writer.abort(),
  ]) {
    const sink = new KernelSink({ capacity: 3 })
    sink.writer.write(bytes('0123456789'))
    const closing = sink.writer.close({ graceMs: 50 })
    hurry(sink)
    await expect(closing).rejects.toMatchObject({ reason: 'aborted', unsentByteCount: 7 })
  }
})

test('a grace that the sink refuses throws and leaves the writer open', async () => {
  const sink = new KernelSink()
  expect(() => sink.writer.close({ graceMs: -1 })).toThrow(RangeError)
  sink.writer.write(bytes('x'))
  await sink.writer.flush()
  expect(sink.writer.isClosing).toBe(false)
})

test('close rejects after a loss with bytes unsent, as often as it is called', async () => {
  const sink = new KernelSink({ capacity: 1 })
  sink.writer.write(bytes('xy'))
  const before = sink.writer.close()
  sink.breaks(new Error('reset'))
  for (const closing of [before, jobs().then(() => sink.writer.close())]) {
    await expect(closing).rejects.toMatchObject({ reason: 'error', unsentByteCount: 1 })
  }
})

test('await using closes', async () => {
  const sink = new KernelSink()
  {
    await using writer = sink.writer
    writer.write(bytes('x'))
  }
  expect(sink.calls).toEqual(['owned 1', 'close'])
})

test('the writer is closing when its sink is', () => {
  const sink = new KernelSink()
  expect(sink.writer.isClosing).toBe(false)
  sink.isClosing = true
  expect(sink.writer.isClosing).toBe(true)
})
