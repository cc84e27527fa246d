import { expect, test } from 'vitest'
import { StreamWriterError, WriteFailedError, WriterClosedError } from './index.ts'
import { bytes, jobs, KernelSink } from './kernel-sink.test-support.ts'

const WRONG: { name: string; call: (sink: KernelSink) => unknown; error: string }[] = [
  {
    name: 'B13 write(string)',
    call: ({ writer }) => writer.write('text' as never),
    error: 'TypeError: data must be',
  },
  {
    name: 'write(array)',
    call: ({ writer }) => writer.write([1, 2] as never),
    error: 'TypeError: data must be',
  },
  {
    name: 'write()',
    call: ({ writer }) => writer.write(undefined as never),
    error: 'TypeError: data must be',
  },
  {
    name: 'writeOwned(ArrayBuffer)',
    call: ({ writer }) => writer.writeOwned(new ArrayBuffer(1) as never),
    error: 'TypeError',
  },
  {
    name: 'writeMany: one is wrong',
    call: ({ writer }) => writer.writeMany([bytes('x'), 'y' as never]),
    error: 'TypeError: data',
  },
  {
    name: 'writeMany(bytes)',
    call: ({ writer }) => writer.writeMany(bytes('xy') as never),
    error: 'TypeError: data must be',
  },
  {
    name: 'writeText(bytes)',
    call: ({ writer }) => writer.writeText(bytes('x') as never),
    error: 'TypeError: text must be',
  },
  {
    name: 'writeText: encoding',
    call: ({ writer }) => writer.writeText('x', 'ascii' as never),
    error: 'RangeError: encoding',
  },
  {
    name: 'writeText: not latin1',
    call: ({ writer }) => writer.writeText('a\u0100', 'latin1'),
    error: 'RangeError: text[1] is not latin1',
  },
]

for (const { name, call, error } of WRONG) {
  test(`${name} throws, accepts nothing and leaves the writer as it was`, async () => {
    const sink = new KernelSink()
    let thrown: unknown
    try {
      call(sink)
    } catch (reason) {
      thrown = reason
    }
    expect(String(thrown)).toContain(error)
    expect(sink.writer.acceptedByteCount).toBe(0)
    sink.writer.write(bytes('ok'))
    await sink.writer.flush()
    expect(sink.calls).toEqual(['owned 2'])
  })
}

test('writeMany takes what its iterable gave only when it gave all', () => {
  const sink = new KernelSink()
  const chunks = function* (): Generator<Uint8Array> {
    yield bytes('one')
    throw new Error('source failed')
  }
  expect(() => sink.writer.writeMany(chunks())).toThrow('source failed')
  expect(sink.writer.acceptedByteCount).toBe(0)
})

test('B12 an empty write sends nothing', async () => {
  const sink = new KernelSink()
  sink.writer.write(new Uint8Array(0))
  sink.writer.writeText('')
  sink.writer.writeText('', 'latin1')
  sink.writer.writeMany([])
  await sink.writer.flush()
  expect(sink.calls).toEqual([])
})

test('wrong arguments are told before the state of the writer', async () => {
  const sink = new KernelSink()
  await sink.writer.close()
  expect(() => sink.writer.write('x' as never)).toThrow(TypeError)
})

test('errors are known by code and brand, and are plain data for logs', async () => {
  const sink = new KernelSink({ capacity: 1 })
  sink.writer.write(bytes('abc'))
  sink.writer.push()
  sink.breaks(new Error('reset'))
  await jobs()
  const failed: unknown = await sink.writer.drain().catch((reason: unknown) => reason)
  expect(JSON.parse(JSON.stringify(failed))).toEqual({
    name: 'WriteFailedError',
    code: 'ERR_WRITE_FAILED',
    message: 'connection lost (error), 2 of 3 bytes unsent: reset',
    reason: 'error',
    acceptedByteCount: 3,
    unsentByteCount: 2,
    sent: 'partial',
  })
  const closed = new WriterClosedError('close')
  expect(closed).toMatchObject({ code: 'ERR_WRITER_CLOSED', message: 'write after close()' })
  expect(JSON.stringify(closed)).toContain('"code":"ERR_WRITER_CLOSED"')
  for (const value of [failed, closed]) expect(StreamWriterError.is(value)).toBe(true)
  for (const value of [new Error('x'), null, undefined, 'x', {}])
    expect(StreamWriterError.is(value)).toBe(false)
  expect(failed).toBeInstanceOf(WriteFailedError)
})
