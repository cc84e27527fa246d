/** Every way to read a body: what it gives, that it is the only one, and what becomes of a body that is left. */
import { expect, test } from 'vitest'
import {
  bytes,
  codedResponse,
  encoded,
  failure,
  get,
  inPieces,
  text,
  URL,
} from './coded-content.test-support.ts'
import type { ClientResponse } from './index.ts'
import { answering, answeringOnce, memoryServer, settle } from './memory-server.test-support.ts'
import type { Script } from './memory-server.test-support.ts'

function plain(content: Uint8Array | string, fields: string = ''): string {
  return codedResponse('identity', bytes(content), fields)
}

async function linesOf(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = []
  for await (const line of lines) all.push(line)
  return all
}

const WAYS: { name: string; read: (response: ClientResponse) => Promise<unknown>; value: unknown }[] = [
  { name: 'bytes', read: (response) => response.bytes(), value: bytes('[1]') },
  { name: 'text', read: (response) => response.text(), value: '[1]' },
  { name: 'json', read: (response) => response.json(), value: [1] },
  { name: 'lines', read: async (response) => linesOf(response.lines()), value: ['[1]'] },
  { name: 'reader', read: async (response) => response.reader().readExactly(3), value: bytes('[1]') },
  {
    name: 'stream',
    read: async (response) => new Response(response.toReadableStream()).text(),
    value: '[1]',
  },
  {
    name: 'for await',
    read: async (response) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of response) chunks.push(chunk)
      return text(bytes(...chunks))
    },
    value: '[1]',
  },
]

for (const { name, read, value } of WAYS) {
  test(`body: ${name}, and only once`, async () => {
    for (const wire of [plain('[1]'), codedResponse('gzip', encoded('gzip', '[1]'))]) {
      const response = await get(wire)
      expect(response.bodyUsed).toBe(false)
      expect(await read(response)).toEqual(value)
      expect(response.bodyUsed).toBe(true)
      for (const again of WAYS) {
        await expect(again.read(response), again.name).rejects.toMatchObject({ code: 'ERR_HTTP_BODY_USED' })
      }
    }
  })
}

test('body: JSON with a byte order mark', async () => {
  expect(await (await get(plain('\ufeff{"a":"ä"}'))).json()).toEqual({ a: 'ä' })
})

// Lines -------------------------------------------------------------------------------------------------------------------

const latin1 = (value: string): Uint8Array => new Uint8Array(Buffer.from(value, 'latin1'))
const utf16 = (value: string): Uint8Array => new Uint8Array(Buffer.from(value, 'utf16le'))

const LINES = [
  { name: 'LF and CRLF, the last one open', content: bytes('a\r\nb\n\nc'), lines: ['a', 'b', '', 'c'] },
  { name: 'the last one ended', content: bytes('a\n'), lines: ['a'] },
  { name: 'none', content: bytes(''), lines: [] },
  { name: 'UTF-8', content: bytes('ä\n€\n'), lines: ['ä', '€'] },
  { name: 'a byte order mark is dropped', content: bytes('\ufeffa\n\ufeffb'), lines: ['a', '\ufeffb'] },
  { name: 'a byte order mark alone', content: bytes('\ufeff'), lines: [''] },
  { name: 'latin1', content: latin1('ä\r\nb\n'), type: 'text/plain; charset=iso-8859-1', lines: ['ä', 'b'] },
  {
    name: 'windows-1252',
    content: Uint8Array.of(0x80, 10, 0x85),
    type: 'a/b;charset=windows-1252',
    lines: ['€', '…'],
  },
  {
    name: 'UTF-16',
    content: utf16('\ufeffaĊ\nb€\r\nc'),
    type: 'a/b; charset=utf-16le',
    lines: ['aĊ', 'b€', 'c'],
  },
  { name: 'unheard of', content: bytes('ä\nb'), type: 'a/b; charset=unheard-of', lines: ['ä', 'b'] },
  {
    name: 'the encoding that is asked for',
    content: latin1('ä\nb'),
    type: 'a/b; charset=utf-8',
    options: { encoding: 'latin1' },
    lines: ['ä', 'b'],
  },
  { name: 'a mark in it', content: bytes('\ufeffa'), options: { encoding: 'utf-8' }, lines: ['\ufeffa'] },
] as const

for (const { name, content, lines, ...rest } of LINES) {
  test(`lines: ${name}, in every cut, coded or not`, async () => {
    const { type = '', options } = rest as { type?: string; options?: { encoding: 'latin1' } }
    const fields = type === '' ? '' : `Content-Type: ${type}\r\n`
    for (const wire of [plain(content, fields), codedResponse('gzip', encoded('gzip', content), fields)]) {
      for (let at = wire.indexOf('\r\n\r\n') + 4; at <= wire.length; at++) {
        const response = await get(inPieces(wire.slice(0, at), wire.slice(at)))
        expect(await linesOf(response.lines(options)), `cut at ${at}`).toEqual(lines)
      }
    }
  })
}

test('lines: one that is too long ends them, and discards the rest', async () => {
  const { session, openCount } = memoryServer(answering(plain(`a\n${'b'.repeat(99)}\nc\n`)))
  const response = await session.get(URL)
  const lines = response.lines({ limit: 50 })
  expect(await lines.next()).toEqual({ done: false, value: 'a' })
  await expect(lines.next()).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED', limit: 50 })
  expect(await lines.next().catch(String)).toEqual({ done: true })
  expect(openCount()).toBe(1)
})

test('lines: an option out of its range is refused at once, and the body discarded', async () => {
  const { session, openCount } = memoryServer(endless)
  const response = await session.get(URL)
  expect(() => response.lines({ limit: 0 })).toThrow(RangeError)
  await settle()
  expect(openCount()).toBe(0)
})

test('lines: a failure is told as the body tells it', async () => {
  const { session } = memoryServer(answeringOnce('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na\nb'))
  const lines = (await session.get(URL)).lines()
  expect(await lines.next()).toEqual({ done: false, value: 'a' })
  await expect(lines.next()).rejects.toMatchObject({ code: 'ERR_HTTP_BODY_INCOMPLETE', received: 3 })
})

// What is left ------------------------------------------------------------------------------------------------------------

/** The beginning of a body that never ends. */
const endless: Script = inPieces('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n', 'a\nb\n')

const LEAVINGS: { name: string; leave: (response: ClientResponse) => Promise<unknown> }[] = [
  {
    name: 'for await',
    leave: async (response) => {
      for await (const _ of response) break
    },
  },
  {
    name: 'lines',
    leave: async (response) => {
      for await (const line of response.lines()) if (line === 'a') break
    },
  },
  {
    name: 'lines, while one is awaited',
    leave: async (response) => {
      const lines = response.lines()
      const waiting = [lines.next(), lines.next()]
      await waiting[0]
      void waiting[1]?.catch(() => {})
      await lines.return?.()
    },
  },
  { name: 'reader.cancel', leave: async (response) => response.reader().cancel() },
  { name: 'reader, disposed of', leave: async (response) => response.reader()[Symbol.asyncDispose]() },
  { name: 'stream.cancel', leave: async (response) => response.toReadableStream().cancel() },
  {
    name: 'stream.cancel while a read waits',
    leave: async (response) => {
      const reader = response.toReadableStream().getReader()
      await reader.read()
      const waiting = reader.read()
      await reader.cancel()
      expect(await waiting).toEqual({ done: true, value: undefined })
    },
  },
  { name: 'discard', leave: async (response) => response.discard() },
  {
    name: 'await using',
    leave: async (response) => {
      await using _ = response
    },
  },
]

for (const { name, leave } of LEAVINGS) {
  test(`a body that is left by ${name} is discarded`, async () => {
    const { session, openCount } = memoryServer(endless)
    await leave(await session.get(URL))
    await settle()
    expect(openCount()).toBe(0)
    await session.close({ graceMs: 0 })
  })
}

test('P60 an abort: lines and stream reject with the reason, a reader has it as cause', async () => {
  const ways: ((response: ClientResponse) => Promise<unknown>)[] = [
    (response) => linesOf(response.lines()),
    (response) => new Response(response.toReadableStream()).text(),
    async (response) => {
      const error = await response.reader().readAll().catch(failure)
      throw error
    },
  ]
  for (const way of ways) {
    const controller = new AbortController()
    const { session } = memoryServer(endless)
    const reading = way(await session.get(URL, { signal: controller.signal }))
    reading.catch(() => {})
    await settle()
    controller.abort('enough')
    await expect(reading).rejects.toBe('enough')
  }
})

// Reader and stream -------------------------------------------------------------------------------------------------------

test('reader: all reads of a StreamReader over what is decoded', async () => {
  const content = encoded('gzip', 'one\ntwo;three!rest')
  const reader = (await get(codedResponse('gzip', content))).reader({ limit: 10 })
  expect(reader.limit).toBe(10)
  expect(await reader.readLine()).toBe('one')
  expect(text(await reader.readUntil(';'))).toBe('two;')
  expect(text(await reader.peek(2))).toBe('th')
  expect(text(await reader.readExactly(6))).toBe('three!')
  expect(text(await reader.readAll())).toBe('rest')
  expect(reader.atEof).toBe(true)
})

test('reader: an option out of its range is refused, and the body can still be read', async () => {
  const response = await get(plain('a'))
  expect(() => response.reader({ limit: -1 })).toThrow(RangeError)
  expect(response.bodyUsed).toBe(false)
  expect(await response.text()).toBe('a')
})

test('reader: the body’s own failure is the cause', async () => {
  const reader = (await get(codedResponse('gzip', bytes('not gzip')))).reader()
  await expect(reader.readLine()).rejects.toMatchObject({
    code: 'ERR_STREAM_FAILED',
    cause: { name: 'BodyError', code: 'ERR_HTTP_DECODE' },
  })
})

test('reader: no more is read than it holds', async () => {
  const piece = 'x'.repeat(50_000)
  const { session, peers } = memoryServer(inPieces('HTTP/1.1 200 OK\r\n\r\n'))
  const response = await session.get(URL)
  const reader = response.reader({ limit: 1000, highWaterMark: 2000 })
  await settle()
  for (let count = 0; count < 10; count++) peers[0]?.writer.writeText(piece)
  for (let turn = 0; turn < 10; turn++) await settle()
  expect(reader.bufferedByteCount).toBeLessThan(200_000)
  await reader.cancel()
})

test('stream: a byte stream, pulled only, into memory of whoever reads', async () => {
  const stream = (await get(plain('Hello'))).toReadableStream()
  const reader = stream.getReader({ mode: 'byob' })
  const { value } = await reader.read(new Uint8Array(3))
  expect(text(value ?? new Uint8Array(0))).toBe('Hel')
  expect(text((await reader.read(new Uint8Array(9))).value ?? new Uint8Array(0))).toBe('lo')
  expect((await reader.read(new Uint8Array(9))).done).toBe(true)
})

test('stream: nothing is read before it is pulled', async () => {
  const { session } = memoryServer(endless)
  const response = await session.get(URL)
  const { bytesReceived } = response.progress
  const stream = response.toReadableStream()
  await settle()
  expect(response.progress.bytesReceived).toBe(bytesReceived)
  await stream.cancel()
})

test('stream: where the runtime has no byte streams it is an ordinary one', async () => {
  const Original = globalThis.ReadableStream
  globalThis.ReadableStream = class<T> extends Original<T> {
    constructor(source: UnderlyingDefaultSource<T>, strategy?: QueuingStrategy<T>) {
      if ('type' in source) throw new RangeError('no byte streams')
      super(source, strategy)
    }
  } as typeof Original
  try {
    const stream = (await get(codedResponse('gzip', encoded('gzip', 'Hello')))).toReadableStream()
    expect(() => stream.getReader({ mode: 'byob' })).toThrow(TypeError)
    expect(await new Response(stream).text()).toBe('Hello')
  } finally {
    globalThis.ReadableStream = Original
  }
})

test('stream: it fails with the body’s own failure', async () => {
  const stream = (await get(codedResponse('gzip', bytes('not gzip')))).toReadableStream()
  await expect(stream.getReader().read()).rejects.toMatchObject({ code: 'ERR_HTTP_DECODE' })
})
