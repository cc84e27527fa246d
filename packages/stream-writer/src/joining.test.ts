import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytes, jobs, KernelSink } from './kernel-sink.test-support.ts'

const FILL = (length: number, value = 7): Uint8Array => new Uint8Array(length).fill(value)

test('writes of one job leave as one piece at its end', async () => {
  const sink = new KernelSink()
  for (const text of ['one ', 'two ', 'three']) sink.writer.write(bytes(text))
  expect(sink.calls).toEqual([])
  expect(sink.writer.bufferedByteCount).toBe(13)
  await jobs()
  sink.peerTakes()
  expect(sink.calls).toEqual(['owned 13'])
  expect(sink.receivedText).toBe('one two three')
})

test('push hands over at once what is pending, and the end of the job has nothing left to do', async () => {
  const sink = new KernelSink()
  sink.writer.write(bytes('now'))
  sink.writer.push()
  sink.writer.push()
  expect(sink.calls).toEqual(['owned 3'])
  sink.writer.write(bytes('later'))
  await jobs()
  expect(sink.calls).toEqual(['owned 3', 'owned 5'])
})

const BATCHES: { name: string; sizes: number[]; calls: string[]; atOnce?: true }[] = [
  { name: 'pieces of 512 bytes and more stay apart', sizes: [512, 600], calls: ['many 512+600'] },
  { name: 'small neighbours join around a large piece', sizes: [5, 5, 700, 5, 5], calls: ['many 10+700+10'] },
  {
    name: 'joined pieces end at 4096 bytes',
    sizes: Array.from({ length: 20 }, () => 500),
    calls: ['many 4000+4000+2000'],
  },
  {
    name: 'more than 65,536 bytes do not wait for the end of the job',
    sizes: [65_536, 1],
    calls: ['many 65536+1'],
    atOnce: true,
  },
  { name: 'one large write goes straight through', sizes: [100_000], calls: ['owned 100000'], atOnce: true },
]

for (const { name, sizes, calls, atOnce = false } of BATCHES) {
  test(`joining: ${name}`, async () => {
    const sink = new KernelSink({ high: Infinity })
    for (const size of sizes) sink.writer.writeOwned(FILL(size))
    expect(sink.calls).toEqual(atOnce ? calls : [])
    await jobs()
    expect(sink.calls).toEqual(calls)
  })
}

test('a sink without writeOwnedMany and writeLatin1 gets piece by piece, and text as bytes', async () => {
  const sink = new KernelSink({ extras: 'none' })
  sink.writer.writeText('caf\u00e9', 'latin1')
  await jobs()
  for (const size of [3, 600, 3]) sink.writer.writeOwned(FILL(size, 65))
  await jobs()
  sink.peerTakes()
  expect(sink.calls).toEqual(['owned 4', 'owned 3', 'owned 600', 'owned 3'])
  expect(sink.received.slice(0, 5)).toEqual([99, 97, 102, 0xe9, 65])
})

const TEXTS: { name: string; write: (sink: KernelSink) => void; calls: string[]; received: string }[] = [
  {
    name: 'latin1 text alone stays text',
    write: ({ writer }) => writer.writeText('GET / \u00ff', 'latin1'),
    calls: ['text 7'],
    received: 'GET / \u00ff',
  },
  {
    name: 'several latin1 texts leave as one text',
    write: ({ writer }) => ['a', 'b', 'c'].forEach((text) => writer.writeText(text, 'latin1')),
    calls: ['text 3'],
    received: 'abc',
  },
  {
    name: 'latin1 text is not joined beyond 4096 characters',
    write: ({ writer }) => ['a', 'b'].forEach((text) => writer.writeText(text.repeat(3000), 'latin1')),
    calls: ['many 3000+3000'],
    received: 'a'.repeat(3000) + 'b'.repeat(3000),
  },
  {
    name: 'text before bytes',
    write: ({ writer }) => (writer.writeText('head ', 'latin1'), writer.write(bytes('body'))),
    calls: ['owned 9'],
    received: 'head body',
  },
  {
    name: 'text behind bytes, then text',
    write: ({ writer }) => (
      writer.write(bytes('1')),
      writer.writeText('2', 'latin1'),
      writer.writeText('3', 'latin1')
    ),
    calls: ['owned 3'],
    received: '123',
  },
  {
    name: 'utf-8 is the default',
    write: ({ writer }) => writer.writeText('\u20ac\ud800'),
    calls: ['owned 6'],
    received: '\u00e2\u0082\u00ac\u00ef\u00bf\u00bd',
  },
]

for (const { name, write, calls, received } of TEXTS) {
  test(`writeText: ${name}`, async () => {
    const sink = new KernelSink({ high: Infinity })
    write(sink)
    expect(sink.writer.acceptedByteCount).toBe(received.length)
    await jobs()
    sink.peerTakes()
    expect(sink.calls).toEqual(calls)
    expect(sink.receivedText).toBe(received)
  })
}

for (const size of [3, 600]) {
  test(`B10 B11 ${size} bytes: write copies, the caller may change the array at once; it is never changed for him`, async () => {
    const sink = new KernelSink({ capacity: 1 })
    const data = FILL(size)
    sink.writer.write(data)
    expect(data).toEqual(FILL(size))
    data.fill(0)
    await jobs()
    data.fill(1)
    sink.peerTakes()
    expect(sink.received).toEqual([...FILL(size)])
  })
}

test('B11 a Buffer’s slice is a view: it is copied all the same', async () => {
  const sink = new KernelSink()
  const data = Buffer.alloc(600, 7)
  sink.writer.write(data)
  data.fill(0)
  await jobs()
  sink.peerTakes()
  expect(sink.received).toEqual([...FILL(600)])
})

test('B11 writeOwned passes a large array on without a copy', () => {
  const chunks: Uint8Array[] = []
  const sink = new KernelSink()
  sink.writeOwned = (chunk) => void chunks.push(chunk)
  const data = FILL(600)
  sink.writer.writeOwned(data)
  sink.writer.push()
  expect(chunks[0]).toBe(data)
})

test('writers that share the slab never mix their bytes, whatever is still buffered', async () => {
  const step = fc.record({
    writer: fc.nat(3),
    size: fc.integer({ min: 1, max: 900 }),
    text: fc.boolean(),
    push: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.integer({ min: 1, max: 3000 }),
      async (steps, capacity) => {
        const sinks = [0, 1, 2, 3].map(() => new KernelSink({ capacity }))
        const written: number[][] = sinks.map(() => [])
        for (const [at, { writer: index, size, text, push }] of steps.entries()) {
          const { writer } = sinks[index] as KernelSink
          const value = 1 + (at % 255)
          if (text) writer.writeText(String.fromCharCode(value).repeat(size), 'latin1')
          else writer.write(FILL(size, value))
          written[index]?.push(...FILL(size, value))
          if (push) writer.push()
        }
        await jobs()
        for (const [index, sink] of sinks.entries()) {
          sink.peerTakes()
          expect(Buffer.from(sink.received).equals(Buffer.from(written[index] as number[]))).toBe(true)
        }
      },
    ),
    { numRuns: 200 },
  )
})
