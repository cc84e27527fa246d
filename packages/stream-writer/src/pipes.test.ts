import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { WriteFailedError, WriterClosedError } from './index.ts'
import { bytes, jobs, KernelSink, outcome } from './kernel-sink.test-support.ts'
import { pipeFrom, toWritableStream } from './pipes.ts'
import type { ByteSource } from './pipes.ts'

const TEXTS = ['one', ' two', ' three']

/** What became of a source that gives its chunks and then waits for ever, fails, or ends. */
interface Watched {
  source: ByteSource
  released: () => boolean
}
type After = 'waits' | 'fails' | 'ends'

async function* generate(after: After, onReturn: () => void): AsyncGenerator<Uint8Array> {
  try {
    for (const text of TEXTS) yield bytes(text)
    if (after === 'fails') throw new Error('source failed')
  } finally {
    onReturn()
  }
}

function iterableOf(after: After): Watched {
  let returned = false
  const iterator = generate(after, () => (returned = true))
  const source: AsyncIterableIterator<Uint8Array> = {
    next: async () => {
      const step = await iterator.next()
      return step.done === true && after === 'waits' ? new Promise(() => {}) : step
    },
    return: async () => {
      returned = true
      return iterator.return(undefined)
    },
    [Symbol.asyncIterator]: () => source,
  }
  return { source, released: () => returned }
}

function webOf(after: After): Watched {
  let cancelled = false
  const left = [...TEXTS]
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      const text = left.shift()
      if (text !== undefined) controller.enqueue(bytes(text))
      else if (after === 'ends') controller.close()
      else if (after === 'fails') controller.error(new Error('source failed'))
    },
    cancel() {
      cancelled = true
    },
  })
  return { source, released: () => cancelled || after !== 'waits' }
}

function nodeOf(after: After): Watched {
  const left = [...TEXTS]
  const source = new Readable({
    read() {
      const text = left.shift()
      if (text !== undefined) this.push(text)
      else if (after === 'ends') this.push(null)
      else if (after === 'fails') this.destroy(new Error('source failed'))
    },
  })
  return { source, released: () => source.destroyed }
}

const SOURCES = [
  { name: 'async iterable', of: iterableOf },
  { name: 'Web ReadableStream', of: webOf },
  { name: 'Node Readable', of: nodeOf },
]

/** Node's streams need turns of the event loop. */
async function turns(): Promise<void> {
  for (let count = 0; count < 5; count++) await new Promise((resolve) => setImmediate(resolve))
}

for (const { name, of } of SOURCES) {
  test(`pipeFrom ${name}: everything, in order, and the writer stays open`, async () => {
    const sink = new KernelSink()
    expect(await pipeFrom(sink.writer, of('ends').source)).toBe(13)
    sink.writer.write(bytes('!'))
    sink.writer.push()
    sink.peerTakes()
    expect(sink.receivedText).toBe('one two three!')
  })

  test(`pipeFrom ${name}: a source that fails is told as it is; the writer goes on`, async () => {
    const sink = new KernelSink()
    await expect(pipeFrom(sink.writer, of('fails').source)).rejects.toThrow('source failed')
    await sink.writer.drain()
    expect(sink.writer.isClosing).toBe(false)
  })

  test(`pipeFrom ${name}: an abort while the source has nothing ends the pipe and releases the source`, async () => {
    const sink = new KernelSink()
    const { source, released } = of('waits')
    const controller = new AbortController()
    const piping = pipeFrom(sink.writer, source, { signal: controller.signal })
    await turns()
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(piping).rejects.toBe(reason)
    await turns()
    expect(released()).toBe(true)
    sink.peerTakes()
    expect(sink.receivedText).toBe('one two three')
  })

  test(`pipeFrom ${name}: a loss while the source has nothing ends the pipe and releases the source`, async () => {
    const sink = new KernelSink()
    const { source, released } = of('waits')
    const piping = pipeFrom(sink.writer, source)
    await turns()
    sink.peerEnds()
    await expect(piping).rejects.toMatchObject({ code: 'ERR_WRITE_FAILED', reason: 'eof', sent: 'all' })
    await turns()
    expect(released()).toBe(true)
  })

  test(`pipeFrom ${name}: a loss while it drains ends the pipe and releases the source`, async () => {
    const sink = new KernelSink({ capacity: 0, high: 2 })
    const { source, released } = of('waits')
    const piping = pipeFrom(sink.writer, source)
    await turns()
    sink.breaks(new Error('reset'))
    await expect(piping).rejects.toMatchObject({ reason: 'error', unsentByteCount: 3 })
    await turns()
    expect(released()).toBe(true)
  })

  test(`pipeFrom ${name}: an already aborted signal takes nothing`, async () => {
    const sink = new KernelSink()
    const reason = new Error('never')
    await expect(
      pipeFrom(sink.writer, of('ends').source, { signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason)
    expect(sink.writer.acceptedByteCount).toBe(0)
  })
}

test('pipeFrom asks no faster than the writer drains', async () => {
  const sink = new KernelSink({ capacity: 0, high: 25 })
  let asked = 0
  const source = function* (): Generator<Uint8Array> {
    for (; asked < 10; asked++) yield new Uint8Array(10)
  }
  const piping = pipeFrom(sink.writer, source())
  expect(await outcome(piping)).toBe('pending')
  expect(asked).toBe(2)
  sink.writer.abort()
  await expect(piping).rejects.toBeInstanceOf(WriteFailedError)
})

test('pipeFrom copies the chunks of an iterable: it may use its buffer again', async () => {
  const sink = new KernelSink({ capacity: 1 })
  const source = function* (): Generator<Uint8Array> {
    const buffer = new Uint8Array(600)
    for (let value = 1; value <= 3; value++) yield buffer.fill(value)
  }
  const piping = pipeFrom(sink.writer, source())
  for (let count = 0; count < 4; count++) {
    await jobs()
    sink.peerTakes()
  }
  expect(await piping).toBe(1800)
  expect(sink.received).toEqual([1, 2, 3].flatMap((value) => [...new Uint8Array(600).fill(value)]))
})

test('pipeFrom: closing the writer meanwhile ends the pipe', async () => {
  const sink = new KernelSink()
  const source = async function* (): AsyncGenerator<Uint8Array> {
    yield bytes('a')
    void sink.writer.close()
    yield bytes('b')
  }
  await expect(pipeFrom(sink.writer, source())).rejects.toBeInstanceOf(WriterClosedError)
})

for (const source of [null, undefined, 7, 'text', bytes('x'), {}, ['text'], [1]]) {
  test(`pipeFrom(${JSON.stringify(source)}) is a TypeError`, async () => {
    await expect(pipeFrom(new KernelSink().writer, source as never)).rejects.toBeInstanceOf(TypeError)
  })
}

test('pipeFrom leaves no listener on the signal', async () => {
  const { signal } = new AbortController()
  const listeners = new Set<unknown>()
  signal.addEventListener = (_type: string, listener: unknown): void => void listeners.add(listener)
  signal.removeEventListener = (_type: string, listener: unknown): void => void listeners.delete(listener)
  await pipeFrom(new KernelSink().writer, [bytes('x')], { signal })
  expect(listeners.size).toBe(0)
})

test('toWritableStream: a pipe into the connection, which is then closed', async () => {
  const sink = new KernelSink()
  const piping = (webOf('ends').source as ReadableStream<Uint8Array>).pipeTo(toWritableStream(sink.writer))
  await turns()
  sink.peerTakes()
  await piping
  expect([sink.receivedText, sink.calls.at(-1)]).toEqual(['one two three', 'close'])
})

test('toWritableStream: closing may end this direction alone', async () => {
  const sink = new KernelSink()
  const stream = toWritableStream(sink.writer, { onClose: 'writeEof' })
  await (webOf('ends').source as ReadableStream<Uint8Array>).pipeTo(stream)
  expect(sink.calls.at(-1)).toBe('eof')
})

test('toWritableStream: write waits for room, abort interrupts it and aborts the connection', async () => {
  const sink = new KernelSink({ capacity: 0, high: 2 })
  const stream = toWritableStream(sink.writer).getWriter()
  const writing = stream.write(bytes('data'))
  expect(await outcome(writing)).toBe('pending')
  const reason = new Error('enough')
  const aborting = stream.abort(reason)
  await expect(writing).rejects.toBe(reason)
  await aborting
  expect(await sink.writer.closed).toEqual({ reason: 'aborted', cause: reason })
  await expect(stream.closed).rejects.toBe(reason)
})

test('toWritableStream: fails with the connection', async () => {
  const sink = new KernelSink()
  const stream = toWritableStream(sink.writer).getWriter()
  sink.breaks(new Error('reset'))
  await expect(stream.closed).rejects.toMatchObject({ code: 'ERR_WRITE_FAILED', reason: 'error' })
})
