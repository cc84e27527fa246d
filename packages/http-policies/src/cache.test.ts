/** The cache between a session and a server that counts what it is asked. */
import { gzipSync } from 'node:zlib'
import type { RequestOptions } from '@x/http-session'
import { expect, test } from 'vitest'
import { cache, createMemoryStore } from './cache.ts'
import type { CacheOptions, CacheStore } from './cache.ts'
import { answeringBy, fieldOf, memoryServer, responseText, settle } from './memory-server.test-support.ts'
import type { MemoryServer } from './memory-server.test-support.ts'

const URL = 'http://a.example/x'
const FRESH = { 'Cache-Control': 'max-age=100' }

interface World extends MemoryServer {
  /** Request lines, as the server has seen them. */
  readonly seen: string[]
  /** What a GET comes to: status, body and `Cache-Status`. */
  get(url?: string, options?: RequestOptions): Promise<[number, string, string | undefined]>
  advance(seconds: number): void
}

function world(
  answer: (request: string, index: number) => string | null | Promise<string | null>,
  options: CacheOptions = {},
): World {
  let now = Date.parse('2026-06-01T00:00:00Z')
  const seen: string[] = []
  const script = answeringBy((request, index) => {
    seen.push(request.split(' HTTP')[0] ?? '')
    return answer(request, index)
  })
  const server = memoryServer(script, { middleware: [cache({ now: () => now, ...options })] })
  return {
    ...server,
    seen,
    async get(url = URL, requestOptions = {}) {
      const response = await server.session.get(url, requestOptions)
      return [response.status, await response.text(), response.headers.get('cache-status')]
    },
    advance: (seconds) => (now += seconds * 1000),
  }
}

const asking = (value: string): RequestOptions => ({ headers: { 'Cache-Control': value } })

test('a fresh response is answered without a request, with its age and fields', async () => {
  const { session, get, advance, seen } = world(() =>
    responseText(200, { ...FRESH, ETag: '"a"', Connection: 'x-hop', 'X-Hop': '1' }, 'text'),
  )
  expect(await get()).toEqual([200, 'text', 'http-policies; fwd=uri-miss; fwd-status=200; stored'])
  advance(60)
  const response = await session.get(URL)
  expect(await response.text()).toBe('text')
  expect(response.headers.raw()).toEqual([
    ['Cache-Control', 'max-age=100'],
    ['ETag', '"a"'],
    ['Content-Length', '4'],
    ['Age', '60'],
    ['Cache-Status', 'http-policies; hit; ttl=40'],
  ])
  expect([response.url, response.reasonPhrase, response.httpVersion]).toEqual([URL, 'X', '1.1'])
  await get(`${URL}?other`)
  expect(seen).toEqual(['GET /x', 'GET /x?other'])
})

test('a stale response is validated, and what 304 says is stored', async () => {
  const conditions: (string | undefined)[][] = []
  const { get, advance, seen } = world((request, index) => {
    conditions.push([fieldOf(request, 'if-none-match'), fieldOf(request, 'if-modified-since')])
    const fields = { ...FRESH, ETag: '"a"', 'Last-Modified': 'Mon, 01 Jun 2026 00:00:00 GMT' }
    return index === 0
      ? responseText(200, fields, 'text')
      : `HTTP/1.1 304 X\r\nCache-Control: max-age=500\r\nX-New: ${index}\r\nETag: "a"\r\n\r\n`
  })
  await get()
  advance(100)
  expect(await get()).toEqual([200, 'text', 'http-policies; fwd=stale; fwd-status=304'])
  advance(499)
  expect(await get()).toEqual([200, 'text', 'http-policies; hit; ttl=1'])
  expect(conditions).toEqual([
    [undefined, undefined],
    ['"a"', 'Mon, 01 Jun 2026 00:00:00 GMT'],
  ])
  expect(seen.length).toBe(2)
})

test('a stale response is replaced by a new one; a 304 about another one is asked again', async () => {
  const answers = [
    responseText(200, { ...FRESH, ETag: '"a"' }, 'first'),
    responseText(200, { ...FRESH, ETag: '"b"' }, 'second'),
    'HTTP/1.1 304 X\r\nETag: "z"\r\n\r\n',
    responseText(200, { ...FRESH, ETag: '"z"' }, 'third'),
  ]
  const { get, advance } = world((_request, index) => answers[index] ?? null)
  for (const text of ['first', 'second', 'third']) {
    expect((await get())[1]).toBe(text)
    expect((await get())[1]).toBe(text)
    advance(100)
  }
})

test('a response that must not be stored ends the one before it, an error of the server does not', async () => {
  const answers = [
    responseText(200, { ...FRESH, ETag: '"a"' }, 'first'),
    responseText(503),
    'HTTP/1.1 304 X\r\n\r\n',
    responseText(200, { 'Cache-Control': 'no-store' }, 'second'),
    responseText(200, FRESH, 'third'),
  ]
  const { get, advance } = world((_request, index) => answers[index] ?? null)
  const texts: string[] = []
  for (let round = 0; round < 4; round++) {
    texts.push((await get())[1])
    advance(100)
  }
  texts.push((await get(URL, asking('max-stale')))[1])
  expect(texts).toEqual(['first', '', 'first', 'second', 'third'])
})

test('what the request says about caches is heard', async () => {
  const { get, advance, seen } = world(() => responseText(200, FRESH, 'text'))
  expect(await get(URL, asking('only-if-cached'))).toEqual([504, '', 'http-policies; detail=only-if-cached'])
  expect(await get(URL, asking('no-store'))).toEqual([200, 'text', undefined])
  await get()
  expect((await get(URL, asking('only-if-cached')))[2]).toBe('http-policies; hit; ttl=100')
  expect((await get(URL, asking('no-cache')))[2]).toBe('http-policies; fwd=request; fwd-status=200; stored')
  advance(100)
  expect((await get(URL, asking('max-stale=10')))[2]).toBe('http-policies; hit; ttl=0')
  expect((await get(URL, asking('only-if-cached')))[0]).toBe(504)
  expect(seen.length).toBe(3)
})

test('Vary and credentials tell responses apart', async () => {
  const { get, seen } = world((request) =>
    responseText(
      200,
      { ...FRESH, Vary: 'Accept-Language' },
      `${fieldOf(request, 'accept-language')} ${fieldOf(request, 'authorization')}`,
    ),
  )
  const requests = [
    {},
    { 'accept-language': 'de' },
    { 'accept-language': 'en' },
    { Authorization: 'Bearer a' },
    { Authorization: 'Bearer b' },
  ]
  const texts = [
    'undefined undefined',
    'de undefined',
    'en undefined',
    'undefined Bearer a',
    'undefined Bearer b',
  ]
  for (let round = 0; round < 2; round++)
    for (const [index, headers] of requests.entries())
      expect((await get(URL, { headers }))[1]).toBe(texts[index])
  expect(seen.length).toBe(5)
  expect((await get(URL, { headers: { 'accept-language': 'fr' } }))[2]).toMatch(/fwd=vary-miss/)
})

test('a store holds no credential and no cookie', async () => {
  const inside = createMemoryStore()
  const written: unknown[] = []
  const store: CacheStore = {
    get: (url) => inside.get(url),
    set: (url, responses) => (written.push(url, responses), inside.set(url, responses)),
    delete: (url) => inside.delete(url),
  }
  const { get } = world(
    () => responseText(200, { ...FRESH, Vary: 'Cookie', 'Set-Cookie': 'secret' }, 'text'),
    { store },
  )
  await get(URL, { headers: { Authorization: 'secret', Cookie: 'secret' } })
  expect(written.length).toBe(2)
  expect(JSON.stringify(written)).not.toContain('secret')
})

test('HEAD is answered from a stored GET; its own answers are not stored', async () => {
  const { session, get, seen } = world((request) =>
    request.startsWith('HEAD')
      ? 'HTTP/1.1 200 X\r\nCache-Control: max-age=100\r\n\r\n'
      : responseText(200, FRESH, 'text'),
  )
  await session.head(URL)
  await get()
  const response = await session.head(URL)
  expect([await response.text(), response.headers.get('content-length')]).toEqual(['', '4'])
  expect(seen).toEqual(['HEAD /x', 'GET /x'])
})

test('ranges and the caller’s own conditions go past the cache', async () => {
  const { get, seen } = world((request) =>
    /range|if-none/i.test(request) ? responseText(206, FRESH, 'part') : responseText(200, FRESH, 'text'),
  )
  await get()
  for (const headers of [{ Range: 'bytes=0-3' }, { 'If-None-Match': '"a"' }])
    expect(await get(URL, { headers })).toEqual([206, 'part', undefined])
  expect((await get())[1]).toBe('text')
  expect(seen.length).toBe(3)
})

test('a successful unsafe request gives up what is stored of its URL and of those that its answer names', async () => {
  const { session, get, seen } = world((request) =>
    request.startsWith('GET')
      ? responseText(200, FRESH, 'text')
      : responseText(request.startsWith('DELETE') ? 403 : 201, {
          Location: '/new#a',
          'Content-Location': 'http://b.example/x',
        }),
  )
  const urls = [URL, 'http://a.example/new', 'http://b.example/x']
  for (const url of urls) await get(url)
  await session.delete(URL)
  for (const url of urls) await get(url)
  expect(seen.length).toBe(4)
  await session.post(URL, { body: 'a' })
  for (const url of urls) await get(url)
  expect(seen.slice(4)).toEqual(['POST /x', 'GET /x', 'GET /new'])
})

test('an answer that was on its way when its URL was given up is not stored', async () => {
  let release = (): void => {}
  const { session, get, seen } = world((request, index) => {
    if (index > 0) return responseText(200, FRESH, request.startsWith('GET') ? 'new' : '')
    return new Promise((resolve) => (release = () => resolve(responseText(200, FRESH, 'old'))))
  })
  const old = get()
  await settle()
  await session.put(URL, { body: 'a' })
  release()
  expect((await old)[1]).toBe('old')
  expect((await get())[1]).toBe('new')
  expect(seen.length).toBe(3)
})

test('stale-while-revalidate: the stale response at once, a new one behind it', async () => {
  const control = { 'Cache-Control': 'max-age=10, stale-while-revalidate=100' }
  const { session, get, advance, seen, clock } = world((_request, index) =>
    responseText(200, control, `text ${index}`.padEnd(20_000, '.')),
  )
  const begun = async (): Promise<string> => (await get())[1].slice(0, 6)
  expect(await begun()).toBe('text 0')
  advance(20)
  expect(await Promise.all([begun(), begun()])).toEqual(['text 0', 'text 0'])
  await settle()
  expect(seen.length).toBe(2)
  expect(await begun()).toBe('text 1')
  expect(seen.length).toBe(2)
  await session.close()
  await settle()
  expect(clock.timerCount).toBe(0)
})

test('stale-while-revalidate of HEAD asks for what can be stored, and only-if-cached asks for nothing', async () => {
  const control = { 'Cache-Control': 'max-age=10, stale-while-revalidate=100' }
  const { session, get, advance, seen } = world((_request, index) =>
    responseText(200, control, `text ${index}`),
  )
  await get()
  advance(20)
  expect((await get(URL, asking('only-if-cached')))[1]).toBe('text 0')
  await settle()
  expect((await session.head(URL)).headers.get('cache-status')).toBe('http-policies; hit; ttl=-10')
  await settle()
  expect((await get())[1]).toBe('text 1')
  expect(seen).toEqual(['GET /x', 'GET /x'])
})

test('stale-if-error: the stale response where the server fails or is gone', async () => {
  const control = { 'Cache-Control': 'max-age=10, stale-if-error=100' }
  let mode: 'good' | 'error' | 'gone' = 'good'
  const { get, advance } = world(() => {
    if (mode === 'gone') return null
    return mode === 'error' ? responseText(503, {}, 'no') : responseText(200, control, 'text')
  })
  await get()
  advance(20)
  mode = 'error'
  expect(await get()).toEqual([
    200,
    'text',
    'http-policies; fwd=stale; fwd-status=503; detail=stale-if-error',
  ])
  mode = 'gone'
  expect(await get()).toEqual([200, 'text', 'http-policies; fwd=stale; detail=stale-if-error'])
  advance(100)
  await expect(get()).rejects.toMatchObject({ code: 'ERR_HTTP_PEER_CLOSED' })
  mode = 'error'
  expect((await get())[0]).toBe(503)
})

test('coded content is stored decoded, and read again as it was read first', async () => {
  const coded = gzipSync('text '.repeat(10_000)).toString('latin1')
  const { get, session, seen } = world(() =>
    responseText(200, { ...FRESH, 'Content-Encoding': 'gzip' }, coded),
  )
  for (let round = 0; round < 2; round++) expect((await get())[1]).toBe('text '.repeat(10_000))
  const response = await session.get(URL)
  expect([response.headers.get('content-encoding'), response.contentCodings]).toEqual(['gzip', []])
  expect(seen.length).toBe(1)
  expect((await get(`${URL}y`, { contentDecoding: false }))[2]).toBe(undefined)
})

const large = 'x'.repeat(100_000)
test('content is streamed through, and stored only when it was read to its end', async () => {
  const { session, get, seen } = world(() => responseText(200, FRESH, large))
  ;(await session.get(URL)).discard()
  for await (const chunk of await session.get(URL)) if (chunk.length > 0) break
  expect((await get())[1]).toBe(large)
  expect((await get())[2]).toMatch(/hit/)
  expect(seen.length).toBe(3)
})

test('a response that is given up leaves nothing open', async () => {
  const server = world(
    () => `HTTP/1.1 200 X\r\nCache-Control: max-age=100\r\nContent-Length: 1000000\r\n\r\nbegun`,
  )
  ;(await server.session.get(URL)).discard()
  const controller = new AbortController()
  const aborted = await server.session.get(URL, { signal: controller.signal })
  const text = aborted.text().catch((error: unknown) => error)
  await settle()
  controller.abort('enough')
  expect(await text).toBe('enough')
  await settle()
  server.clock.advance(2000)
  await settle()
  expect(server.openCount()).toBe(0)
  await server.session.close()
  expect(server.clock.timerCount).toBe(0)
})

test('a truncated body is an error, and not stored', async () => {
  const { get, pairs, seen } = world((_request, index) => {
    if (index > 0) return responseText(200, FRESH, 'text')
    setImmediate(() => void pairs[0]?.server.close())
    return `HTTP/1.1 200 X\r\nCache-Control: max-age=100\r\nContent-Length: 100000\r\n\r\nbegun`
  })
  await expect(get()).rejects.toMatchObject({ code: 'ERR_HTTP_BODY_INCOMPLETE' })
  expect((await get())[1]).toBe('text')
  expect(seen.length).toBe(2)
})

test('content that is too long is handed on and not kept', async () => {
  const chunked = `HTTP/1.1 200 X\r\nCache-Control: max-age=100\r\nTransfer-Encoding: chunked\r\nTrailer: t\r\n\r\n64\r\n${'x'.repeat(100)}\r\n0\r\nT: 1\r\n\r\n`
  const { session, get, seen } = world(
    (request) => (request.includes('/chunked') ? chunked : responseText(200, FRESH, 'x'.repeat(100))),
    { maxEntryBytes: 99 },
  )
  for (let round = 0; round < 2; round++) expect(await get()).toEqual([200, 'x'.repeat(100), undefined])
  for (let round = 0; round < 2; round++) {
    const response = await session.get('http://a.example/chunked')
    expect((await response.text()).length).toBe(100)
    expect(response.trailers?.get('t')).toBe('1')
  }
  expect(seen.length).toBe(4)
})

test('what the caller does to bytes is not done to the store’s', async () => {
  const { session, get } = world(() => responseText(200, FRESH, 'text'))
  for (let round = 0; round < 3; round++) (await session.get(URL).bytes()).fill(0)
  expect((await get())[1]).toBe('text')
})

test('a store that fails is told, and requests go on without it', async () => {
  const errors: unknown[] = []
  const fail = (): Promise<never> => Promise.reject(new Error('down'))
  const { session, get, seen } = world(() => responseText(200, FRESH, 'text'), {
    store: { get: fail, set: fail, delete: fail },
    onStoreError: (error) => errors.push(error),
  })
  for (let round = 0; round < 2; round++) expect((await get())[1]).toBe('text')
  await session.post(URL)
  expect([seen.length, errors.length]).toEqual([3, 5])
})

test('redirects are stored as anything else', async () => {
  const { get, seen } = world((request) =>
    request.includes('/x')
      ? responseText(301, { ...FRESH, Location: '/y' })
      : responseText(200, FRESH, 'text'),
  )
  for (let round = 0; round < 2; round++) expect((await get())[1]).toBe('text')
  expect(seen.length).toBe(2)
})

for (const [option, value] of [
  ['store', {}],
  ['shared', 1],
  ['maxEntryBytes', -1],
  ['name', 'a b'],
  ['now', 1],
  ['onStoreError', 1],
  ['ttl', 1],
] as const)
  test(`cache refuses a wrong ${option}`, () =>
    expect(() => cache({ [option]: value })).toThrow(new RegExp(`^option ${option}[.:]`)))
