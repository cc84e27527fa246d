import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { ClientSession } from './index.ts'
import type { MultipartInit, MultipartPart } from './index.ts'
import { HELLO, memoryServer, readRequest, settle } from './memory-server.test-support.ts'
import { multipartContent } from './multipart-record.ts'
import { broken, failing, webStream } from './request-body.test-support.ts'

const URL = 'http://a.example/'
const BYTES = new Uint8Array([65, 66])
const text = (content: string): Uint8Array => new TextEncoder().encode(content)

async function* generated(...chunks: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  for (const chunk of chunks) yield chunk
}

/** What a request with these parts sends: its head, and its content with a short boundary. */
async function sent(multipart: MultipartInit): Promise<{ head: string; content: string }> {
  let request = ''
  const { session } = memoryServer(async (peer) => {
    request = (await readRequest(peer)) ?? ''
    peer.writer.writeText(HELLO)
  })
  await session.post(URL, { multipart }).bytes()
  const [head = '', ...rest] = request.split('\n\n')
  const boundary = /boundary=(.*)$/m.exec(head)?.[1] ?? ''
  return { head, content: rest.join('\n\n').replaceAll(boundary, 'b') }
}

/** Of one part. */
const wire = (head: string, content: string): string =>
  `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n--b--\r\n`
const FILE = 'name="f"; filename="blob"\r\nContent-Type: application/octet-stream'

const PARTS: { name: string; part: () => unknown; wire: string; framing: 'length' | 'chunked' }[] = [
  {
    name: 'text: its line ends become CRLF',
    part: () => 'a\nb',
    wire: wire('name="f"', 'a\r\nb'),
    framing: 'length',
  },
  { name: 'a number', part: () => 1.5, wire: wire('name="f"', '1.5'), framing: 'length' },
  { name: 'a flag', part: () => false, wire: wire('name="f"', 'false'), framing: 'length' },
  { name: 'a Uint8Array', part: () => BYTES, wire: wire(FILE, 'AB'), framing: 'length' },
  { name: 'a Buffer', part: () => Buffer.from('AB'), wire: wire(FILE, 'AB'), framing: 'length' },
  { name: 'an ArrayBuffer', part: () => BYTES.slice().buffer, wire: wire(FILE, 'AB'), framing: 'length' },
  {
    name: 'a view of some of its memory',
    part: () => new DataView(Uint8Array.of(64, 65, 66, 67).buffer, 1, 2),
    wire: wire(FILE, 'AB'),
    framing: 'length',
  },
  {
    name: 'a Blob has its type',
    part: () => new Blob(['AB'], { type: 'text/csv' }),
    wire: wire('name="f"; filename="blob"\r\nContent-Type: text/csv', 'AB'),
    framing: 'length',
  },
  {
    name: 'a File has its name',
    part: () => new File(['AB'], 'a.csv'),
    wire: wire('name="f"; filename="a.csv"\r\nContent-Type: application/octet-stream', 'AB'),
    framing: 'length',
  },
  {
    name: '{ body: File } with another name and type',
    part: () => ({ body: new File(['AB'], 'a.csv'), filename: 'b.txt', type: 'text/plain' }),
    wire: wire('name="f"; filename="b.txt"\r\nContent-Type: text/plain', 'AB'),
    framing: 'length',
  },
  {
    name: '{ body: text } goes out as it is',
    part: () => ({ body: '{\n"ä": 1}', type: 'application/json' }),
    wire: wire('name="f"\r\nContent-Type: application/json', '{\n"Ã¤": 1}'),
    framing: 'length',
  },
  {
    name: '{ body: text } as a file',
    part: () => ({ body: 'a\nb', filename: 'a.txt' }),
    wire: wire('name="f"; filename="a.txt"\r\nContent-Type: text/plain;charset=UTF-8', 'a\nb'),
    framing: 'length',
  },
  { name: '{ body: bytes }', part: () => ({ body: BYTES }), wire: wire(FILE, 'AB'), framing: 'length' },
  {
    name: '{ body: Web stream }',
    part: () => ({ body: webStream(BYTES, text('C')) }),
    wire: wire(FILE, 'ABC'),
    framing: 'chunked',
  },
  {
    name: '{ body: Node stream }',
    part: () => ({ body: Readable.from([Buffer.from('AB')]), filename: 'a.bin', type: undefined }),
    wire: wire('name="f"; filename="a.bin"\r\nContent-Type: application/octet-stream', 'AB'),
    framing: 'chunked',
  },
  {
    name: '{ body: generator }',
    part: () => ({ body: generated('A', 'B') }),
    wire: wire(FILE, 'AB'),
    framing: 'chunked',
  },
  {
    name: 'half a character at the end of a part stays in it',
    part: () => ({ body: generated('A\ud83d') }),
    wire: wire(FILE, 'A\xef\xbf\xbd'),
    framing: 'chunked',
  },
  {
    name: '{ body: function }',
    part: () => ({ body: () => 'AB' }),
    wire: wire(FILE, 'AB'),
    framing: 'chunked',
  },
  {
    name: 'line breaks and quotes of names and file names make no fields',
    part: () => ({ body: BYTES, filename: 'a"\r\nX: y\n.txt', type: 'a/b; c="d"' }),
    wire: wire('name="f"; filename="a%22%0D%0AX: y%0A.txt"\r\nContent-Type: a/b; c="d"', 'AB'),
    framing: 'length',
  },
]

for (const { name, part, wire: expected, framing } of PARTS) {
  test(`multipart: ${name}`, async () => {
    const { head, content } = await sent({ f: part() as MultipartPart })
    expect(content).toBe(expected)
    expect(head).toContain(framing === 'chunked' ? 'Transfer-Encoding: chunked' : 'Content-Length: ')
    expect(head).not.toContain(framing === 'chunked' ? 'Content-Length' : 'Transfer-Encoding')
  })
}

test('multipart: names of parts make no fields', async () => {
  const { content } = await sent({ 'a"\r\nX: y': BYTES })
  expect(content).toContain('name="a%22%0D%0AX: y"; filename="blob"\r\n')
})

test('multipart: lists give a name more than once, pairs keep their order, nothing is left out', async () => {
  const { content } = await sent({ a: [BYTES, '1', { body: generated('x') }], b: null, c: undefined })
  expect(content.match(/name="."/g)).toEqual(['name="a"', 'name="a"', 'name="a"'])
  const pairs = await sent([
    ['a', 1],
    ['b', BYTES],
    ['a', { body: webStream(BYTES) }],
  ])
  expect(pairs.content.match(/name="."/g)).toEqual(['name="a"', 'name="b"', 'name="a"'])
})

const stream = webStream(BYTES)
const NOT_PARTS: [name: string, part: unknown, got: string][] = [
  ['a record', { a: 1 }, 'got an object'],
  ['a date', new Date(0), 'got a Date'],
  ['a Node stream that is no body', Readable.from(['a']), 'got a Readable'],
  ['a Web stream that is no body', webStream(BYTES), 'got a ReadableStream'],
  ['a generator that is no body', generated('a'), '{ body } for streams'],
  ['a response of fetch', new Response('a'), 'got a Response'],
  ['a function', () => 'a', 'got function'],
  ['a symbol', Symbol('a'), 'got symbol'],
  ['a list in a list', [['a']], 'got a list'],
  ['a body that is none', { body: new Date(0) }, 'body must be text'],
  ['null as body', { body: null }, 'has no body'],
  ['a form as body', { body: new FormData() }, 'must not be a form'],
  ['an unknown option', { body: 'a', fileName: 'b' }, 'has no option fileName'],
  ['a number as file name', { body: 'a', filename: 1 }, 'filename must be text, got number'],
  ['a number as type', { body: 'a', type: 1 }, 'type must be a media type, got number'],
  ['a type that would add a field', { body: 'a', type: 'a/b\r\nX: y' }, 'type must be a media type'],
  ['a type that would end the line', { body: BYTES, type: 'a/b\n' }, 'type must be a media type'],
  [
    'a Blob whose type would add a field',
    Object.defineProperty(new Blob(['a']), 'type', { value: 'a\rb' }),
    'type of a blob',
  ],
  ['the same stream twice', [{ body: stream }, { body: stream }], 'another part has'],
]

for (const [name, part, got] of NOT_PARTS) {
  test(`multipart: ${name} is refused by the name of the part`, async () => {
    const { session, pairs } = memoryServer(() => {})
    const error: unknown = await session
      .post(URL, { multipart: { ok: '1', f: part } as MultipartInit })
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'ERR_HTTP_INVALID_OPTION' })
    expect((error as Error).message).toContain(`multipart`)
    expect((error as Error).message).toMatch(/"f"/)
    expect((error as Error).message).toContain(got)
    expect(pairs).toEqual([])
  })
}

test('multipart: a request that is refused leaves its streams as they were', async () => {
  const { session } = memoryServer(() => {})
  const node = Readable.from(['a'])
  const web = webStream(BYTES)
  const multipart = { a: { body: node }, b: { body: web }, c: { body: 'x', type: '\n' } }
  await expect(session.post(URL, { multipart })).rejects.toThrow('part "c"')
  await expect(session.post('nonsense', { multipart: { a: { body: node } } })).rejects.toMatchObject({
    code: 'ERR_HTTP_INVALID_URL',
  })
  expect([node.destroyed, node.listenerCount('error'), web.locked]).toEqual([false, 0, false])
})

// Again, and not ----------------------------------------------------------------------------------------------------------

/** Redirects once, so that the content has to be sent again. */
function redirecting(): { session: ClientSession; requests: string[] } {
  const requests: string[] = []
  const { session } = memoryServer(async (peer) => {
    for (;;) {
      const request = await readRequest(peer)
      if (request === null) return
      requests.push(request.split('\n\n').slice(1).join(''))
      const again = 'HTTP/1.1 307 Again\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n'
      peer.writer.writeText(requests.length === 1 ? again : HELLO)
    }
  })
  return { session, requests }
}

test('multipart: functions, bytes and blobs are sent again, with the same boundary', async () => {
  const { session, requests } = redirecting()
  const multipart = { a: { body: () => generated('A') }, b: BYTES, c: new Blob(['C']) }
  expect((await session.post(URL, { multipart })).status).toBe(200)
  expect(requests).toHaveLength(2)
  expect(requests[1]).toBe(requests[0])
  expect(requests[0]).toContain('\r\n\r\nA\r\n')
})

test('multipart: a stream is not sent again', async () => {
  const { session, requests } = redirecting()
  const multipart = { a: BYTES, b: { body: webStream(BYTES) } }
  await expect(session.post(URL, { multipart })).rejects.toMatchObject({
    code: expect.stringContaining('REDIRECT'),
  })
  expect(requests).toHaveLength(1)
})

test('multipart: a part that fails is the error, and the parts behind it are given up', async () => {
  const { session, openCount } = memoryServer(async (peer) => void (await readRequest(peer)))
  const behind = Readable.from(['b'])
  const reasons: unknown[] = []
  const web = new ReadableStream<Uint8Array>({ cancel: (reason) => void reasons.push(reason) })
  const multipart = { a: { body: failing() }, b: { body: behind }, c: { body: web } }
  await expect(session.post(URL, { multipart })).rejects.toMatchObject({ cause: broken })
  await settle()
  expect([behind.destroyed, reasons, openCount()]).toEqual([true, [broken], 0])
})

test('multipart: an abort gives up the part that is read, and those behind it', async () => {
  const { session } = memoryServer(async (peer) => void (await readRequest(peer)))
  const reasons: unknown[] = []
  const hanging = (): ReadableStream<Uint8Array> =>
    new ReadableStream({ cancel: (reason) => void reasons.push(reason) })
  const node = new Readable({ read() {} })
  const controller = new AbortController()
  const multipart = { a: { body: hanging() }, b: { body: node }, c: { body: hanging() } }
  const response = session.post(URL, { multipart, signal: controller.signal })
  await settle()
  controller.abort(broken)
  await expect(response).rejects.toBe(broken)
  await settle()
  expect([reasons, node.destroyed]).toEqual([[broken, broken], true])
})

test('multipart: an abort while a request waits gives up all its streams; their errors end nothing', async () => {
  const session = new ClientSession({ connector: () => new Promise(() => {}) })
  const node = new Readable({ read() {} })
  const controller = new AbortController()
  const multipart = { a: { body: node } }
  const response = session.post(URL, { multipart, signal: controller.signal })
  node.destroy(new Error('early')) // nobody reads yet
  await settle()
  controller.abort(broken)
  await expect(response).rejects.toBe(broken)
  session.abort()
})

test('multipart: what a function gives too late is given up', async () => {
  const reasons: unknown[] = []
  let give: (stream: ReadableStream<Uint8Array>) => void = () => {}
  const body = () => new Promise<ReadableStream<Uint8Array>>((resolve) => (give = resolve))
  const { body: content } = multipartContent({ a: { body } })
  if (content.kind !== 'source') throw new Error('it is streamed')
  const source = await content.open()
  await source.next()
  const waiting = Promise.resolve(source.next()).catch((reason: unknown) => reason)
  source.release(broken)
  give(new ReadableStream({ cancel: (reason) => void reasons.push(reason) }))
  expect(await waiting).toBe(broken)
  expect(reasons).toEqual([broken])
})

test('multipart: a form with streams can be opened once', async () => {
  const { body } = multipartContent({ a: { body: generated('a') } })
  if (body.kind !== 'source') throw new Error('it is streamed')
  expect(body.replayable).toBe(false)
  await body.open()
  expect(() => body.open()).toThrow('only once')
})
