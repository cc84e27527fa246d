import { expect, test } from 'vitest'
import type { BodyInit, RequestOptions, TrailersInit } from './index.ts'
import { HELLO, memoryServer, readRequest, settle } from './memory-server.test-support.ts'

const URL = 'http://a.example/'
const HEAD = 'POST / HTTP/1.1\r\nHost: a.example\r\nAccept-Encoding: identity\r\n'
const CHUNKED = 'Transfer-Encoding: chunked\r\n\r\n'
const TEXT = 'Content-Type: text/plain;charset=UTF-8\r\n'

/** All that the server is sent. */
async function wire(options: RequestOptions): Promise<string> {
  const { session, peers } = memoryServer(() => {}, {
    headers: { accept: undefined, 'user-agent': undefined, 'Accept-Encoding': 'identity' },
  })
  const request = session.post(URL, options)
  await settle()
  const sent = Buffer.from(peers[0]?.reader.tryRead() ?? []).toString('latin1')
  peers[0]?.writer.writeText(HELLO)
  await (await request).text()
  return sent
}

async function* generated(): AsyncGenerator<string> {
  yield 'ab'
  yield 'c'
}

const SENT: { name: string; options: RequestOptions; wire: string }[] = [
  {
    name: 'text',
    options: { body: 'abc', trailers: { 'X-Sum': '1' } },
    wire: `${TEXT}Trailer: X-Sum\r\n${CHUNKED}3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n`,
  },
  {
    name: 'no text',
    options: { body: '', trailers: { 'X-Sum': '1' } },
    wire: `${TEXT}Trailer: X-Sum\r\n${CHUNKED}0\r\nX-Sum: 1\r\n\r\n`,
  },
  {
    name: 'bytes',
    options: { body: new Uint8Array([0, 255]), trailers: { a: '1' } },
    wire: `Trailer: a\r\n${CHUNKED}2\r\n\0\xff\r\n0\r\na: 1\r\n\r\n`,
  },
  {
    name: 'JSON',
    options: { json: 1, trailers: { a: '1' } },
    wire: `Content-Type: application/json\r\nTrailer: a\r\n${CHUNKED}1\r\n1\r\n0\r\na: 1\r\n\r\n`,
  },
  {
    name: 'a Blob',
    options: { body: new Blob(['abc'], { type: 'a/b' }), trailers: { a: '1' } },
    wire: `Content-Type: a/b\r\nTrailer: a\r\n${CHUNKED}3\r\nabc\r\n0\r\na: 1\r\n\r\n`,
  },
  {
    name: 'a generator; several fields, each name announced once',
    options: {
      body: generated(),
      trailers: [
        ['a', '1'],
        ['B', 'ä'],
        ['A', '2'],
      ],
    },
    wire: `Trailer: A, B\r\n${CHUNKED}2\r\nab\r\n1\r\nc\r\n0\r\na: 1\r\nB: ä\r\nA: 2\r\n\r\n`,
  },
  {
    name: 'no fields',
    options: { body: 'abc', trailers: [] },
    wire: `${TEXT}${CHUNKED}3\r\nabc\r\n0\r\n\r\n`,
  },
  {
    name: 'announced by the caller',
    options: { body: 'abc', trailers: { a: '1' }, headers: { trailer: 'b' } },
    wire: `trailer: b\r\n${TEXT}${CHUNKED}3\r\nabc\r\n0\r\na: 1\r\n\r\n`,
  },
  {
    name: 'a function: not known beforehand',
    options: { body: 'abc', trailers: () => ({ a: '1' }) },
    wire: `${TEXT}${CHUNKED}3\r\nabc\r\n0\r\na: 1\r\n\r\n`,
  },
  {
    name: 'a function of a promise, announced by the caller',
    options: { body: 'abc', trailers: async () => [['a', '1']], headers: { trailer: 'a' } },
    wire: `trailer: a\r\n${TEXT}${CHUNKED}3\r\nabc\r\n0\r\na: 1\r\n\r\n`,
  },
]

for (const { name, options, wire: expected } of SENT) {
  test(`trailers behind ${name}`, async () => expect(await wire(options)).toBe(HEAD + expected))
}

test('a function of trailers is called behind the last byte of content, and knows all of it', async () => {
  const seen: string[] = []
  async function* body(): AsyncGenerator<string> {
    for (const piece of ['a', 'b', 'c']) {
      seen.push(piece)
      yield piece
    }
  }
  expect(await wire({ body: body(), trailers: () => ({ 'X-Sum': seen.join('') }) })).toMatch(
    /0\r\nX-Sum: abc\r\n\r\n$/,
  )
})

test('trailers given once, by an iterator, are sent', async () => {
  expect(await wire({ body: 'abc', trailers: Object.entries({ a: '1' }).values() })).toMatch(
    /Trailer: a\r\n[^]*0\r\na: 1\r\n\r\n$/,
  )
})

const REFUSED: { name: string; options: RequestOptions }[] = [
  { name: 'without content', options: { trailers: { a: '1' } } },
  { name: 'with Content-Length', options: { body: 'abc', trailers: {}, headers: { 'content-length': '3' } } },
  {
    name: 'of a source with Content-Length',
    options: { body: ['abc'], trailers: () => ({}), headers: { 'content-length': '3' } },
  },
  { name: 'P58 that frame', options: { body: 'abc', trailers: { 'Content-Length': 'secret' } } },
  { name: 'that route', options: { body: 'abc', trailers: { host: 'secret' } } },
  { name: 'that authenticate', options: { body: 'abc', trailers: { Authorization: 'secret' } } },
  { name: 'P51 with a line end in a value', options: { body: 'abc', trailers: { a: 'secret\r\nb: c' } } },
  { name: 'P51 with a wide character in a value', options: { body: 'abc', trailers: { a: 'secret\u010a' } } },
  { name: 'P51 with a name that is none', options: { body: 'abc', trailers: { 'a b': 'secret' } } },
  { name: 'that are no fields', options: { body: 'abc', trailers: 5 as never } },
  { name: 'that are null', options: { body: 'abc', trailers: null as never } },
]

for (const { name, options } of REFUSED) {
  test(`trailers ${name} are refused before anything is sent`, async () => {
    const { session, pairs } = memoryServer(() => {})
    const error = await session.post(URL, options).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'UsageError', code: 'ERR_HTTP_INVALID_HEADER' })
    expect(String(error)).not.toContain('secret')
    expect(pairs.length).toBe(0)
  })
}

const broken = new Error('broken')
const FAILING: { name: string; trailers: TrailersInit; cause: unknown; body?: BodyInit }[] = [
  { name: 'throws', trailers: thrower, cause: broken },
  { name: 'rejects', trailers: async () => thrower(), cause: broken },
  { name: 'gives nothing', trailers: (() => {}) as never, cause: { code: 'ERR_HTTP1_INVALID_ARGUMENT' } },
  {
    name: 'P51 gives a line end in a value',
    trailers: () => ({ a: 'b\r\nc: d' }),
    cause: { code: 'ERR_HTTP1_INVALID_MESSAGE' },
  },
  {
    name: 'gives a field that frames',
    trailers: async () => ({ 'Transfer-Encoding': 'chunked' }),
    cause: { code: 'ERR_HTTP1_INVALID_MESSAGE' },
  },
  {
    name: 'is behind a source that fails',
    body: { [Symbol.iterator]: thrower },
    trailers: () => ({}),
    cause: broken,
  },
]

function thrower(): never {
  throw broken
}

for (const { name, body = 'abc', trailers, cause } of FAILING) {
  test(`a function of trailers that ${name}: the request is never completed`, async () => {
    let request: string | null = ''
    const { session, openCount } = memoryServer(async (peer) => {
      request = await readRequest(peer).catch(() => null)
    })
    await expect(session.post(URL, { body, trailers })).rejects.toMatchObject({
      code: 'ERR_HTTP_REQUEST_BODY_SOURCE',
      phase: 'send',
      cause,
    })
    await settle()
    expect([request, openCount()]).toEqual([null, 0])
  })
}

test('P60 an abort while the trailers are awaited ends the request, whatever they turn out to be', async () => {
  for (const how of ['gives', 'fails'] as const) {
    let settleLate = (): void => {}
    let request: string | null = ''
    const late = new Promise<TrailersInit & object>((resolve, reject) => {
      settleLate = () => (how === 'gives' ? resolve({ a: '1' }) : reject(broken))
    })
    const { session } = memoryServer(async (peer) => {
      request = await readRequest(peer).catch(() => null)
    })
    const controller = new AbortController()
    const post = session.post(URL, { body: 'abc', trailers: () => late as never, signal: controller.signal })
    post.catch(() => {})
    await settle()
    controller.abort('enough')
    await expect(post).rejects.toBe('enough')
    settleLate()
    await settle()
    expect(request).toBe(null)
  }
})

test('P38 a request with trailers is sent again with them, from a function that is called again', async () => {
  let count = 0
  const requests: (string | undefined)[] = []
  const { session } = memoryServer(async (peer, index) => {
    if (index === 0) {
      await readRequest(peer)
      peer.writer.writeText(HELLO)
    }
    await readRequest(peer)
    requests.push(`${count}`)
    if (index === 0) return peer.close()
    peer.writer.writeText(HELLO)
  })
  await (await session.get(URL)).text()
  const response = await session.put(URL, { body: 'abc', trailers: () => ({ 'X-Count': `${++count}` }) })
  expect(response.status).toBe(200)
  expect(requests).toEqual(['1', '2'])
})
