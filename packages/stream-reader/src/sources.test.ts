import { PassThrough, Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { StreamReader } from './index.ts'
import { readerFrom, toReadableStream } from './sources.ts'
import type { ByteSource } from './sources.ts'

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)
const CHUNKS = ['two li', 'nes\r\nand ', 'four bytes\n', '1234']

async function* generated(): AsyncGenerator<Uint8Array> {
  for (const chunk of CHUNKS) yield ascii(chunk)
}

const webStream = (options: UnderlyingDefaultSource<Uint8Array> = {}) => {
  const chunks = CHUNKS.map(ascii)
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks.shift()
      if (chunk === undefined) controller.close()
      else controller.enqueue(chunk)
    },
    ...options,
  })
}

const byteStream = () => {
  const chunks = CHUNKS.map(ascii)
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      const chunk = chunks.shift()
      if (chunk !== undefined) return controller.enqueue(new Uint8Array(chunk))
      controller.close()
      controller.byobRequest?.respond(0)
    },
  })
}

const SOURCES: { name: string; source: () => ByteSource }[] = [
  { name: 'a Node Readable', source: () => Readable.from(CHUNKS.map((chunk) => Buffer.from(chunk))) },
  { name: 'a Web stream', source: webStream },
  { name: 'a Web byte stream', source: byteStream },
  { name: 'an async iterable', source: generated },
  { name: 'an array', source: () => CHUNKS.map(ascii) },
  { name: 'a Set', source: () => new Set(CHUNKS.map(ascii)) },
  { name: 'bytes', source: () => ascii(CHUNKS.join('')) },
  { name: 'a Blob', source: () => new Blob(CHUNKS) },
]

for (const { name, source } of SOURCES) {
  test(`${name}: lines, bytes, end`, async () => {
    const reader = readerFrom(source())
    expect(await reader.readLine()).toBe('two lines')
    expect(await reader.readLine()).toBe('and four bytes')
    expect(await reader.readExactly(4)).toEqual(ascii('1234'))
    expect(await reader.read()).toBe(null)
  })

  test(`${name}: an overlapping read, an abort, a read above the high-water mark`, async () => {
    const reader = readerFrom(source(), { highWaterMark: 4, limit: 100 })
    const controller = new AbortController()
    const aborted = reader.readExactly(1000, { signal: controller.signal })
    const overlapping = reader.read()
    overlapping.catch(() => {})
    controller.abort('enough')
    await expect(overlapping).rejects.toMatchObject({ code: 'ERR_READER_BUSY' })
    await expect(aborted).rejects.toBe('enough')
    expect(await reader.readAll()).toEqual(ascii(CHUNKS.join('')))
  })

  test(`${name}: detach returns what was not read, and the reader is over`, async () => {
    const reader = readerFrom(source())
    expect(await reader.readLine()).toBe('two lines')
    const leftovers = new TextDecoder().decode(await reader.detach())
    expect('and four bytes\n1234'.startsWith(leftovers)).toBe(true)
    await expect(reader.read()).rejects.toMatchObject({ code: 'ERR_STREAM_FAILED', reason: 'aborted' })
  })
}

test('detach: what was not taken is still in the Web stream', async () => {
  const stream = webStream()
  const reader = readerFrom(stream, { highWaterMark: 1 })
  expect(await reader.readExactly(3)).toEqual(ascii('two'))
  const leftovers = new TextDecoder().decode(await reader.detach())
  let rest = ''
  for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>)
    rest += new TextDecoder().decode(chunk)
  expect(`two${leftovers}${rest}`).toBe(CHUNKS.join(''))
})

test('a source that fails: what it gave is read first, then its error is the cause', async () => {
  const cause = new Error('broken')
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield ascii('ab')
    throw cause
  }
  const stream = new PassThrough()
  stream.write('ab')
  for (const source of [failing(), Readable.from(failing()), stream]) {
    const reader = readerFrom(source)
    expect(await reader.readExactly(2)).toEqual(ascii('ab'))
    if (source === stream) stream.destroy(cause)
    for (let again = 0; again < 2; again++) {
      await expect(reader.read()).rejects.toMatchObject({ code: 'ERR_STREAM_FAILED', reason: 'error', cause })
    }
  }
})

test('a source that gives no bytes is a failure, not silence', async () => {
  for (const source of [['text'], Readable.from(['text']), [1]]) {
    await expect(readerFrom(source as never).read()).rejects.toMatchObject({ cause: expect.any(TypeError) })
  }
  for (const source of [5, null, {}, 'text']) expect(() => readerFrom(source as never)).toThrow(TypeError)
  const locked = webStream()
  locked.getReader()
  expect(() => readerFrom(locked)).toThrow(TypeError)
})

test('cancel: the source hears it, reads say so behind what is buffered', async () => {
  const heard: unknown[] = []
  const reader = readerFrom(webStream({ cancel: (reason) => void heard.push(reason) }), { highWaterMark: 1 })
  expect(await reader.readExactly(3)).toEqual(ascii('two'))
  await reader.cancel('enough')
  expect(heard).toEqual(['enough'])
  expect(await reader.readExactly(3)).toEqual(ascii(' li'))
  await expect(reader.read()).rejects.toMatchObject({ reason: 'aborted', cause: 'enough' })
})

test('back-pressure: an unread source is pulled up to the high-water mark', async () => {
  let given = 0
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      given += 1
      yield new Uint8Array(1000)
    }
  }
  await using reader = readerFrom(endless(), { highWaterMark: 5000, lowWaterMark: 1000 })
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(given).toBeLessThan(10)
  await reader.readExactly(20_000)
  expect(given).toBeGreaterThanOrEqual(20)
})

test('toReadableStream: the rest of a reader, and a cancel that takes nothing', async () => {
  const reader = new StreamReader()
  reader.feed(ascii('head\nbody'))
  expect(await reader.readLine()).toBe('head')
  const stream = toReadableStream(reader)
  const streamReader = stream.getReader()
  expect((await streamReader.read()).value).toEqual(ascii('body'))
  const waiting = streamReader.read()
  await streamReader.cancel('enough')
  expect(await waiting).toEqual({ done: true, value: undefined })
  reader.feed(ascii('more'))
  reader.feedEof()
  expect(new TextDecoder().decode(await reader.readAll())).toBe('more')
  const other = new StreamReader()
  other.feed(ascii('all'))
  other.feedEof()
  expect(await new Response(toReadableStream(other)).text()).toBe('all')
})
