/** Every kind of body: what of it reaches the wire, what is refused, what its failure is told as, and whether it hears that nobody wants more. */
import { Readable } from 'node:stream'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import type { BodyInit, RequestOptions } from './index.ts'
import { answering, HELLO, memoryServer, readRequest, settle } from './memory-server.test-support.ts'
import { prepareBody } from './request-body.ts'
import { webStream } from './request-body.test-support.ts'

const URL = 'http://a.example/'

/** Head and content as the server sees them; `null`: the request was never completed. And what the caller got, if it was an error. */
async function sent(
  body: unknown,
  options: RequestOptions = {},
): Promise<{ request: string | null; error: unknown }> {
  let request: string | null = null
  const { session } = memoryServer(
    async (peer) => {
      request = await readRequest(peer).catch(() => null)
      if (request !== null) peer.writer.writeText(HELLO)
    },
    { headers: { accept: undefined, 'user-agent': undefined, 'Accept-Encoding': 'identity' } },
  )
  const error = await session.post(URL, { body: body as BodyInit, ...options }).then(
    () => null,
    (reason: unknown) => reason,
  )
  await settle()
  return { request, error }
}

async function* generated(...chunks: string[]): AsyncGenerator<string> {
  yield* chunks
}

function form(...files: Blob[]): FormData {
  const data = new FormData()
  data.append('a', '1')
  for (const file of files) data.append('f', file)
  return data
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const POST = 'POST / HTTP/1.1\nHost: a.example\nAccept-Encoding: identity\n'
const CHUNKED = 'Transfer-Encoding: chunked\n\n'
const lengthOf = (count: number): string => `Content-Length: ${count}\n\n`

// What goes out ---------------------------------------------------------------------------------------------------------

const BODIES: { name: string; body: () => unknown; wire: string }[] = [
  { name: 'Blob', body: () => new Blob(['ab', 'c']), wire: `${lengthOf(3)}abc` },
  {
    name: 'Blob with a type',
    body: () => new Blob(['a'], { type: 'text/CSV' }),
    wire: `Content-Type: text/csv\n${lengthOf(1)}a`,
  },
  { name: 'Blob without content', body: () => new Blob(), wire: lengthOf(0) },
  {
    name: 'File',
    body: () => new File(['abc'], 'a.txt', { type: 'text/plain' }),
    wire: `Content-Type: text/plain\n${lengthOf(3)}abc`,
  },
  { name: 'part of a Blob', body: () => new Blob(['abcdef']).slice(2, 4), wire: `${lengthOf(2)}cd` },
  { name: 'numbers of 16 bits', body: () => new Uint16Array([0x6161, 0x6262]), wire: `${lengthOf(4)}aabb` },
  {
    name: 'a view of a part of a buffer',
    body: () => new DataView(bytes('abcdef').buffer, 1, 3),
    wire: `${lengthOf(3)}bcd`,
  },
  {
    name: 'bytes of another realm',
    body: () => runInNewContext('new Uint8Array([97, 98, 99]).subarray(1)'),
    wire: `${lengthOf(2)}bc`,
  },
  {
    name: 'a buffer of another realm',
    body: () => runInNewContext('new ArrayBuffer(2)'),
    wire: `${lengthOf(2)}\0\0`,
  },
  { name: 'Web stream', body: () => webStream(bytes('ab'), 'ä', ''), wire: `${CHUNKED}abÃ¤` },
  { name: 'Web stream without content', body: () => webStream(), wire: CHUNKED },
  {
    name: 'Web stream whose class has no iterator',
    body: () => Object.assign(webStream('abc'), { [Symbol.asyncIterator]: undefined }),
    wire: `${CHUNKED}abc`,
  },
  {
    name: 'Web stream of bytes',
    body: () =>
      new ReadableStream({
        type: 'bytes',
        start(controller) {
          controller.enqueue(bytes('abc') as Uint8Array<ArrayBuffer>)
          controller.close()
        },
      }),
    wire: `${CHUNKED}abc`,
  },
  {
    name: 'Node stream',
    body: () => Readable.from([Buffer.from('ab'), 'c'], { objectMode: false }),
    wire: `${CHUNKED}abc`,
  },
  { name: 'Node stream of text objects', body: () => Readable.from(['ab', 'c']), wire: `${CHUNKED}abc` },
  {
    name: 'Node stream of text',
    body: () => Readable.from([Buffer.from('ä')]).setEncoding('utf8'),
    wire: `${CHUNKED}Ã¤`,
  },
  { name: 'Node stream without content', body: () => Readable.from([]), wire: CHUNKED },
  { name: 'list', body: () => ['a', bytes('b')], wire: `${CHUNKED}ab` },
  { name: 'set', body: () => new Set(['a', 'b']), wire: `${CHUNKED}ab` },
  { name: 'generator', body: () => generated('a', '', 'b'), wire: `${CHUNKED}ab` },
  {
    name: 'text cut in the middle of a character',
    body: () => ['\ud83d', '\ude00'],
    wire: `${CHUNKED}ð\x9f\x98\x80`,
  },
  { name: 'function of text', body: () => () => 'abc', wire: `${CHUNKED}abc` },
  { name: 'function of no text', body: () => () => '', wire: CHUNKED },
  { name: 'function of bytes', body: () => () => bytes('abc'), wire: `${CHUNKED}abc` },
  {
    name: 'function of parameters',
    body: () => () => new URLSearchParams({ a: 'b c' }),
    wire: `${CHUNKED}a=b+c`,
  },
  { name: 'function of a Blob', body: () => () => new Blob(['abc'], { type: 'a/b' }), wire: `${CHUNKED}abc` },
  {
    name: 'function of a promise of a stream',
    body: () => async () => webStream('abc'),
    wire: `${CHUNKED}abc`,
  },
  {
    name: 'function of a generator: a generator function',
    body: () => () => generated('a', 'b'),
    wire: `${CHUNKED}ab`,
  },
]

for (const { name, body, wire } of BODIES) {
  test(`P56 body: ${name}`, async () => {
    expect(await sent(body())).toEqual({ request: POST + wire, error: null })
  })
}

test('P57 a declared length holds for a Blob, as for a function', async () => {
  const headers = { 'content-length': '3' }
  expect((await sent(() => 'abc', { headers })).request).toBe(`${POST}${lengthOf(3)}abc`)
  expect((await sent(new Blob(['abc']), { headers })).request).toBe(`${POST}${lengthOf(3)}abc`)
  expect(await sent(new Blob(['ab']), { headers })).toMatchObject({
    request: null,
    error: { code: 'ERR_HTTP_INVALID_HEADER' },
  })
})

test('body: a form of text alone leaves in one piece, its boundary in Content-Type', async () => {
  const { request } = await sent(form())
  const boundary = /^Content-Type: multipart\/form-data; boundary=(.*)$/m.exec(request ?? '')?.[1]
  const content = `--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--${boundary}--\r\n`
  expect(request).toContain(`${lengthOf(content.length)}${content}`)
  expect(prepareBody(form()).body.kind).toBe('bytes')
})

test('body: chunks of any length go out in pieces of at most 1 MiB, none is lost', async () => {
  const content = Buffer.alloc(2_500_000, 'abcdefg').toString('latin1')
  expect((await sent([content])).request).toBe(POST + CHUNKED + content)
  const headers = { 'content-length': `${content.length}` }
  expect((await sent([content], { headers })).request).toBe(`${POST}${lengthOf(content.length)}${content}`)
})

// What is refused before anything is sent -------------------------------------------------------------------------------

async function endedNodeStream(): Promise<Readable> {
  const stream = Readable.from(['a'])
  stream.resume()
  await new Promise((resolve) => stream.on('end', resolve))
  return stream
}

async function disturbed(): Promise<ReadableStream> {
  const stream = webStream('a', 'b')
  const reader = stream.getReader()
  await reader.read()
  reader.releaseLock()
  return stream
}

function locked(): ReadableStream {
  const stream = webStream('a')
  stream.getReader()
  return stream
}

class TypedBlob extends Blob {
  override get type(): string {
    return 'a/b\r\nX: y'
  }
}

const REFUSED: { name: string; body: () => unknown; options?: RequestOptions; code?: string }[] = [
  { name: 'a locked Web stream', body: locked },
  { name: 'a Web stream that was read of', body: disturbed },
  { name: 'a Node stream that has ended', body: endedNodeStream },
  { name: 'a Node stream that was destroyed', body: () => Readable.from(['a']).destroy() },
  { name: 'a Blob whose type would add a field', body: () => new TypedBlob(['a']) },
  { name: 'a number', body: () => 5 },
  { name: 'a symbol', body: () => Symbol('a') },
  { name: 'a Response', body: () => new Response('a') },
  {
    name: 'a form with another Content-Type than its own',
    body: form,
    options: { headers: { 'content-type': 'multipart/form-data' } },
    code: 'ERR_HTTP_INVALID_HEADER',
  },
]

for (const { name, body, options, code = 'ERR_HTTP_INVALID_BODY' } of REFUSED) {
  test(`refused: ${name}`, async () => {
    const { session, pairs } = memoryServer(() => {})
    const given = (await body()) as BodyInit
    await expect(session.post(URL, { body: given, ...options })).rejects.toMatchObject({ code })
    expect(pairs.length).toBe(0)
  })
}

// Sent again ------------------------------------------------------------------------------------------------------------

const AGAIN: { name: string; body: () => unknown; isAgain: boolean }[] = [
  { name: 'Blob', body: () => new Blob(['abc']), isAgain: true },
  { name: 'form with a file', body: () => form(new Blob(['abc'])), isAgain: true },
  { name: 'function', body: () => () => generated('abc'), isAgain: true },
  { name: 'Web stream', body: () => webStream('abc'), isAgain: false },
  { name: 'Node stream', body: () => Readable.from(['abc']), isAgain: false },
  { name: 'generator', body: () => generated('abc'), isAgain: false },
]

for (const { name, body, isAgain } of AGAIN) {
  test(`P38 a ${name} on a kept connection that dies is sent ${isAgain ? 'again, the same' : 'once'}`, async () => {
    const requests: (string | null)[] = []
    const { session } = memoryServer(async (peer, index) => {
      if (index === 0) {
        await readRequest(peer)
        peer.writer.writeText(HELLO)
      }
      requests.push(await readRequest(peer))
      if (index === 0) return peer.close()
      peer.writer.writeText(HELLO)
    })
    await (await session.get(URL)).text()
    const put = session.put(URL, { body: body() as BodyInit })
    if (!isAgain) return expect(put).rejects.toMatchObject({ code: 'ERR_HTTP_STALE_CONNECTION' })
    expect((await put).status).toBe(200)
    expect(requests[0]).toMatch(/\n\n.*abc/s)
    expect(requests[1]).toBe(requests[0])
  })
}

test('the platform’s own types fit, and bodies made by functions', () => {
  const bodies: BodyInit[] = [
    new Blob(),
    new File([], 'a'),
    new FormData(),
    new URLSearchParams(),
    new DataView(new ArrayBuffer(0)),
    Buffer.alloc(0),
    new ReadableStream<Uint8Array>(),
    new Response('a').body ?? '',
    Readable.from([]),
    Readable.toWeb(Readable.from([])),
    () => generated('a'),
    async () => new Response('a').body ?? '',
  ]
  for (const body of bodies) expect(() => prepareBody(body)).not.toThrow()
})

test('a body that can be had once is not opened twice', () => {
  const { body } = prepareBody(generated('a'))
  if (body.kind !== 'source') throw new Error('a source')
  expect(body.replayable).toBe(false)
  void body.open()
  expect(() => body.open()).toThrow('asked for again')
})

test('answers go on as before', async () => {
  const { session } = memoryServer(answering(HELLO))
  expect(await (await session.post(URL, { body: new Blob(['a']) })).text()).toBe('Hello')
  expect(await (await session.post(URL, { body: webStream('a') })).text()).toBe('Hello')
})
