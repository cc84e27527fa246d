import { expect, test } from 'vitest'
import { WriteFailedError } from './index.ts'
import type { StreamWriter } from './index.ts'
import { bytes, jobs, KernelSink, outcome } from './kernel-sink.test-support.ts'

/** 40 bytes written: 8 in the kernel, 32 in the buffer, above the high-water mark of 16. */
function blocked(): { sink: KernelSink; writer: StreamWriter } {
  const sink = new KernelSink({ capacity: 8, high: 16, low: 4 })
  sink.writer.write(bytes('0123456789'.repeat(4)))
  sink.writer.push()
  return { sink, writer: sink.writer }
}

async function rejection(promise: Promise<unknown>): Promise<WriteFailedError> {
  const error: unknown = await promise.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(WriteFailedError)
  return error as WriteFailedError
}

test('drain resolves at once up to the high-water mark and sends what is pending', async () => {
  const sink = new KernelSink({ capacity: 0, high: 16 })
  sink.writer.write(bytes('0123456789abcdef'))
  await sink.writer.drain()
  expect(sink.calls).toEqual(['owned 16'])
  expect(sink.writer.bufferedByteCount).toBe(16)
})

test('B18 drain waits above the high-water mark, until the low one', async () => {
  const { sink, writer } = blocked()
  const draining = writer.drain()
  sink.peerTakes(27)
  expect(sink.bufferedByteCount).toBe(5)
  expect(await outcome(draining)).toBe('pending')
  sink.peerTakes(1)
  expect(await outcome(draining)).toBe('resolved')
  expect(writer.bufferedByteCount).toBe(4)
})

test('B18 writeMany obeys the high-water mark as write does', async () => {
  const sink = new KernelSink({ capacity: 8 })
  sink.writer.writeMany([new Uint8Array(600), new Uint8Array(600)])
  expect(await outcome(sink.writer.drain())).toBe('pending')
})

test('C03 ten drains wait together', async () => {
  const { sink, writer } = blocked()
  const drains = Array.from({ length: 10 }, () => writer.drain())
  sink.peerTakes()
  await Promise.all(drains)
  expect(sink.receivedText).toBe('0123456789'.repeat(4))
})

test('C04 all drains reject with the error of the loss as their cause, each with an error of its own, and so does a later one', async () => {
  const { sink, writer } = blocked()
  const drains = [writer.drain(), writer.drain(), writer.flush()]
  const cause = new Error('reset')
  sink.breaks(cause)
  const errors = await Promise.all([...drains, jobs().then(() => writer.drain())].map(rejection))
  for (const error of errors) {
    expect(error).toMatchObject({
      reason: 'error',
      acceptedByteCount: 40,
      unsentByteCount: 32,
      sent: 'partial',
    })
    expect(error.cause).toBe(cause)
  }
  expect(new Set(errors).size).toBe(4)
})

test('C05 a local abort rejects pending drains and flushes at once, with the bytes that never left', async () => {
  const { writer } = blocked()
  writer.write(bytes('pending'))
  const drains = [writer.drain(), writer.flush()]
  const reason = new Error('enough')
  writer.write(bytes('more'))
  writer.abort(reason)
  for (const error of await Promise.all([...drains, writer.drain(), writer.flush()].map(rejection))) {
    expect(error).toMatchObject({
      reason: 'aborted',
      acceptedByteCount: 51,
      unsentByteCount: 43,
      sent: 'partial',
    })
    expect(error.cause).toBe(reason)
  }
})

test('C06 drain is not flush: below the high-water mark drain resolves with bytes unsent, flush waits for zero', async () => {
  const sink = new KernelSink({ capacity: 8, high: 1000 })
  sink.writer.write(bytes('0123456789'))
  await sink.writer.drain()
  expect(sink.writer.bufferedByteCount).toBe(2)
  const flushing = sink.writer.flush()
  expect(await outcome(flushing)).toBe('pending')
  sink.peerTakes(2)
  expect(await outcome(flushing)).toBe('resolved')
})

test('flush resolves at once where everything is out already', async () => {
  const sink = new KernelSink()
  await sink.writer.flush()
  sink.writer.write(bytes('x'))
  await sink.writer.flush()
  expect(sink.calls).toEqual(['owned 1'])
})

test('an aborted wait rejects with the signal’s reason and touches no other', async () => {
  const { sink, writer } = blocked()
  const controller = new AbortController()
  const reason = new Error('not me')
  const aborted = [writer.drain({ signal: controller.signal }), writer.flush({ signal: controller.signal })]
  const others = [writer.drain(), writer.flush()]
  controller.abort(reason)
  for (const wait of aborted) await expect(wait).rejects.toBe(reason)
  sink.peerTakes()
  await Promise.all(others)
  expect(sink.received.length).toBe(40)
})

test('an already aborted signal rejects, and what was written is still sent', async () => {
  const sink = new KernelSink()
  const reason = new Error('too late')
  sink.writer.write(bytes('sent'))
  await expect(sink.writer.drain({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  await expect(sink.writer.flush({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  sink.peerTakes()
  expect(sink.receivedText).toBe('sent')
})

test('a settled wait leaves no listener on the signal', async () => {
  const { signal } = new AbortController()
  const listeners = new Set<unknown>()
  signal.addEventListener = (_type: string, listener: unknown): void => void listeners.add(listener)
  signal.removeEventListener = (_type: string, listener: unknown): void => void listeners.delete(listener)
  const { sink, writer } = blocked()
  const drains = [writer.drain({ signal }), writer.flush({ signal })]
  expect(listeners.size).toBe(2)
  sink.peerTakes()
  await Promise.all(drains)
  expect(listeners.size).toBe(0)
})

test('C07 a loop of writes to a connection that breaks rejects within bounded turns', async () => {
  const sink = new KernelSink({ high: 1e6 })
  setImmediate(() => sink.breaks(new Error('reset')))
  let rounds = 0
  const loop = async (): Promise<void> => {
    for (; rounds < 100_000; rounds++) {
      sink.writer.write(bytes('x'))
      await sink.writer.drain()
    }
  }
  await expect(loop()).rejects.toThrow('reset')
  expect(rounds).toBeLessThan(200)
})

test('C07 a loop of writes to a peer that has ended waits for the end of the connection instead of spinning', async () => {
  const sink = new KernelSink({ capacity: 4 })
  sink.writer.write(bytes('answer'))
  sink.peerEnds()
  let rounds = 0
  const loop = (async () => {
    for (; rounds < 1000; rounds++) {
      sink.writer.write(bytes('x'))
      await sink.writer.drain()
    }
  })()
  expect(await outcome(loop)).toBe('pending')
  expect(rounds).toBe(0)
  sink.peerTakes()
  const error = await rejection(loop)
  expect(error).toMatchObject({ reason: 'eof', acceptedByteCount: 7, unsentByteCount: 1, sent: 'partial' })
  expect(sink.receivedText).toBe('answer')
})

test('a loop of writes lets the event loop turn, however fast the sink is', async () => {
  const sink = new KernelSink()
  let turned = false
  setImmediate(() => (turned = true))
  for (let count = 0; count < 130; count++) {
    sink.writer.write(bytes('x'))
    await sink.writer.drain()
  }
  expect(turned).toBe(true)
})

test('whatever is ignored, no rejection is unhandled', async () => {
  const unhandled: unknown[] = []
  const listener = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', listener)
  for (const end of [
    (sink: KernelSink) => sink.breaks(new Error('reset')),
    (sink: KernelSink) => sink.writer.abort(new Error('enough')),
    (sink: KernelSink) => (sink.refusal = new Error('no')),
  ]) {
    const { sink, writer } = blocked()
    const ignoreAll = (): void => {
      for (let count = 0; count < 70; count++) void writer.drain()
      void writer.flush()
      void writer.close()
      void writer.closed
      void writer.drain({ signal: AbortSignal.abort() })
    }
    void writer.drain()
    void writer.flush()
    writer.write(bytes('more'))
    end(sink)
    ignoreAll()
    await jobs()
    ignoreAll()
  }
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  process.off('unhandledRejection', listener)
  expect(unhandled).toEqual([])
})
