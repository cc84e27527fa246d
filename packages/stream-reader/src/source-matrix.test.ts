/** Every kind of source with every read: the end, an abort, an overlap, an error behind data, more than the high-water mark. */
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { readerFrom } from './sources.ts'
import type { ByteSource } from './sources.ts'
import type { ReadOptions, StreamReader } from './index.ts'

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A generator that gives chunks one by one, with a turn between them, then ends, fails or hangs. */
async function* giving(
  chunks: readonly Uint8Array[],
  then: 'end' | 'fail' | 'hang',
): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    await new Promise((resolve) => setImmediate(resolve))
    yield chunk
  }
  if (then === 'fail') throw CAUSE
  if (then === 'hang') await new Promise(() => {})
}

const CAUSE = new Error('broken')

function webStream(source: AsyncGenerator<Uint8Array>, type?: 'bytes'): ByteSource {
  async function pull(
    controller: ReadableStreamDefaultController<Uint8Array> | ReadableByteStreamController,
  ) {
    const { done, value } = await source.next()
    if (done !== true) return controller.enqueue(new Uint8Array(value))
    controller.close()
    if ('byobRequest' in controller) controller.byobRequest?.respond(0)
  }
  return type === undefined ? new ReadableStream<Uint8Array>({ pull }) : new ReadableStream({ type, pull })
}

const SOURCES: { name: string; of: (source: AsyncGenerator<Uint8Array>) => ByteSource }[] = [
  { name: 'async iterable', of: (source) => source },
  { name: 'Node Readable', of: (source) => Readable.from(source) },
  { name: 'Web stream', of: (source) => webStream(source) },
  { name: 'Web byte stream', of: (source) => webStream(source, 'bytes') },
]

const WIRE = 'line 1\nrest'

/** `atEnd`: what an empty stream gives. `wanted`: what the read is for when more is asked than there is. */
const READS: {
  name: string
  read: (reader: StreamReader, options?: ReadOptions) => Promise<unknown>
  value: unknown
  atEnd: unknown
}[] = [
  {
    name: 'read',
    read: (r, o) => r.read(6, o).then((bytes) => bytes?.length ?? null),
    value: 6,
    atEnd: null,
  },
  { name: 'readInto', read: (r, o) => r.readInto(new Uint8Array(6), o), value: 6, atEnd: null },
  {
    name: 'readExactly',
    read: (r, o) => r.readExactly(6, o).then(({ length }) => length),
    value: 6,
    atEnd: 'ERR_INCOMPLETE_READ',
  },
  {
    name: 'readUntil',
    read: (r, o) => r.readUntil('\n', o).then(({ length }) => length),
    value: 7,
    atEnd: 'ERR_INCOMPLETE_READ',
  },
  { name: 'readLine', read: (r, o) => r.readLine(o), value: 'line 1', atEnd: null },
  { name: 'readAll', read: (r, o) => r.readAll(o).then(({ length }) => length), value: 11, atEnd: 0 },
  { name: 'peek', read: (r, o) => r.peek(6, o).then(({ length }) => length), value: 6, atEnd: 0 },
  { name: 'skip', read: (r, o) => r.skip(6, o), value: undefined, atEnd: 'ERR_INCOMPLETE_READ' },
  {
    name: 'decode',
    read: (r, o) => r.decode((window) => (window.byteCount < 6 ? undefined : window.take(6).length), o),
    value: 6,
    atEnd: 'ERR_INCOMPLETE_READ',
  },
]

/** What a read gives, or the code or the reason that it rejects with. */
function outcome(reading: Promise<unknown>): Promise<unknown> {
  return reading.catch((error: unknown) => (error as { code?: unknown } | null)?.code ?? error)
}

for (const source of SOURCES) {
  for (const { name, read, value, atEnd } of READS) {
    test(`${source.name} × ${name}`, async () => {
      const open = (chunks: string[], then: 'end' | 'fail' | 'hang', highWaterMark = 65_536) =>
        readerFrom(source.of(giving(chunks.map(ascii), then)), { highWaterMark })

      expect(await outcome(read(open([WIRE], 'end'))), 'value').toEqual(value)
      expect(await outcome(read(open([], 'end'))), 'end of stream').toEqual(atEnd)

      const hanging = open([], 'hang')
      const controller = new AbortController()
      const aborted = read(hanging, { signal: controller.signal })
      expect(await outcome(read(hanging)), 'overlap').toBe('ERR_READER_BUSY')
      controller.abort('enough')
      expect(await outcome(aborted), 'abort').toBe('enough')

      const failing = open([WIRE.slice(0, 3)], 'fail')
      expect(new TextDecoder().decode(await failing.readExactly(3)), 'data before the error').toBe('lin')
      expect(await outcome(read(failing)), 'error').toBe('ERR_STREAM_FAILED')
      await expect(failing.read()).rejects.toMatchObject({ cause: CAUSE })

      // One byte at a time through a reader that likes to hold no more than two.
      expect(
        await outcome(read(await buffered(open(WIRE.split(''), 'end', 2)))),
        'above the high-water mark',
      ).toEqual(value)
    })
  }
}

/** Has so much arrived that even a read that takes what is there gets all it asks for. */
async function buffered(reader: StreamReader): Promise<StreamReader> {
  await reader.peek(7)
  return reader
}
