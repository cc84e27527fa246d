/** What a session adds to its requests: base URL, query, forms, statuses as errors, sessions that extend each other, bodies read without a variable. */
import { expect, test } from 'vitest'
import { ClientSession, StatusError } from './index.ts'
import type { RequestOptions, SessionOptions } from './index.ts'
import { answering, HELLO, memoryServer, readRequest } from './memory-server.test-support.ts'
import type { MemoryServer } from './memory-server.test-support.ts'

const URL_A = 'http://a.example/'
const DEFAULTS = 'Accept: */*\nUser-Agent: http-session\n'

function recorder(options: SessionOptions = {}, response = HELLO): MemoryServer & { requests: string[] } {
  const requests: string[] = []
  const server = memoryServer(async (peer) => {
    for (let text = await readRequest(peer); text !== null; text = await readRequest(peer)) {
      requests.push(text)
      peer.writer.writeText(response, 'latin1')
    }
  }, options)
  return { ...server, requests }
}

test('a response that is still to come can be read at once', async () => {
  const json = 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{"a":1}'
  const { session } = memoryServer(answering(json))
  expect(await session.get(URL_A).json<{ a: number }>()).toEqual({ a: 1 })
  expect(await session.get(URL_A).text()).toBe('{"a":1}')
  expect(await session.get(URL_A).bytes()).toEqual(new TextEncoder().encode('{"a":1}'))
  const promise = session.get('nonsense')
  await expect(promise.json()).rejects.toMatchObject({ code: 'ERR_HTTP_INVALID_URL' })
  await expect(promise).rejects.toMatchObject({ code: 'ERR_HTTP_INVALID_URL' })
})

const BASES: { base: string; url: string; line: string; host: string }[] = [
  { base: 'http://a.example/api/', url: 'users', line: 'GET /api/users', host: 'a.example' },
  { base: 'http://a.example/api', url: 'users', line: 'GET /users', host: 'a.example' },
  { base: 'http://a.example/api/', url: '/users?b=c', line: 'GET /users?b=c', host: 'a.example' },
  { base: 'http://a.example/api/', url: '', line: 'GET /api/', host: 'a.example' },
  { base: 'http://a.example/api/', url: 'http://b.example/', line: 'GET /', host: 'b.example' },
  { base: 'http://a.example/api/', url: '//b.example/c', line: 'GET /c', host: 'b.example' },
]
for (const { base, url, line, host } of BASES) {
  test(`${JSON.stringify(url)} relative to ${base}`, async () => {
    const { session, requests } = recorder({ baseUrl: base })
    await session.get(url)
    expect(requests[0]).toMatch(`${line} HTTP/1.1\nHost: ${host}\n`)
  })
}

test('without a base a relative URL is refused, and a base that is none too', async () => {
  await expect(memoryServer(answering(HELLO)).session.get('/a')).rejects.toMatchObject({
    code: 'ERR_HTTP_INVALID_URL',
  })
  for (const baseUrl of ['/a', 'ftp://a.example/', ''])
    expect(() => new ClientSession({ baseUrl })).toThrow(/option baseUrl/)
})

const QUERIES: { query: NonNullable<RequestOptions['query']>; url?: string; target: string }[] = [
  {
    query: { a: 1, b: ['c', true], d: null, e: undefined, f: 'ä &' },
    target: '/?a=1&b=c&b=true&f=%C3%A4+%26',
  },
  { query: new URLSearchParams({ a: 'b' }), url: `${URL_A}?c=d`, target: '/?c=d&a=b' },
  {
    query: [
      ['a', 1],
      ['a', 2n],
    ],
    url: `${URL_A}?`,
    target: '/?a=1&a=2',
  },
  { query: 'a=b', url: `${URL_A}c#d`, target: '/c?a=b' },
  { query: {}, target: '/' },
]
for (const { query, url = URL_A, target } of QUERIES) {
  test(`a query is added: ${target}`, async () => {
    const { session, requests } = recorder()
    await session.get(url, { query })
    expect(requests[0]).toMatch(`GET ${target} HTTP/1.1\n`)
  })
}

const WRONG: { options: RequestOptions; message: RegExp }[] = [
  { options: { query: { a: {} as never } }, message: /option query: a must be text/ },
  { options: { query: [['a', null as never]] }, message: /option query: a must be text.*null/ },
  { options: { query: ['a'] as never }, message: /option query: must be a record/ },
  { options: { form: { a: Symbol('b') as never } }, message: /option form: a must be/ },
  { options: { priority: NaN }, message: /option priority/ },
  { options: { throwOnStatus: 1 as never }, message: /option throwOnStatus/ },
  { options: { middleware: {} as never }, message: /option middleware/ },
  { options: { form: { a: 1 }, json: {} }, message: /only one of/ },
  { options: { timeouts: { queueMs: 0 } }, message: /timeouts.queueMs/ },
]
for (const { options, message } of WRONG) {
  test(`refused: ${String(message)}`, async () => {
    const { session, requests } = recorder()
    await expect(session.post(URL_A, options)).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(message) as unknown,
    })
    expect(requests).toEqual([])
  })
}

test('forms', async () => {
  const { session, requests } = recorder()
  await session.post(URL_A, { form: { a: 1, b: ['ä', false] } })
  expect(requests[0]).toMatch(
    /Content-Type: application\/x-www-form-urlencoded;charset=UTF-8\nContent-Length: 20\n\na=1&b=%C3%A4&b=false$/,
  )
  await session.post(URL_A, { multipart: { a: 1, b: new File(['c'], 'd.txt'), e: null } })
  expect(requests[1]).toMatch(/Content-Type: multipart\/form-data; boundary=/)
  expect(requests[1]).toMatch(/name="a"\r\n\r\n1\r\n[^]*name="b"; filename="d.txt"[^]*\r\n\r\nc\r\n/)
  const form = new FormData()
  form.append('a', 'b')
  await session.post(URL_A, { multipart: form })
  expect(requests[2]).toMatch(/name="a"\r\n\r\nb\r\n/)
})

test('a status from 400 is an error where that was asked for, with the beginning of the body', async () => {
  const body = 'x'.repeat(5000)
  const failed = `HTTP/1.1 404 Not Found\r\nX-A: b\r\nContent-Length: 5000\r\n\r\n${body}`
  const { session } = recorder({ throwOnStatus: true }, failed)
  const error: unknown = await session.get(`${URL_A}?secret`).catch((thrown: unknown) => thrown)
  if (!(error instanceof StatusError)) throw new Error('no StatusError')
  expect([error.status, error.reasonPhrase, error.headers.get('x-a'), error.phase, error.sent]).toEqual([
    404,
    'Not Found',
    'b',
    'headers',
    'all',
  ])
  expect(error.preview).toBe('x'.repeat(4096))
  expect(error.message).toBe(`GET ${URL_A}?secret: headers: status 404 Not Found`)
  expect(Object.keys(error.toJSON())).not.toContain('preview')
  expect((await session.get(URL_A, { throwOnStatus: false })).status).toBe(404)
  expect((await session.get(URL_A, { throwOnStatus: (status) => status !== 404 })).status).toBe(404)
  await session.close()
})

test('a body that fails leaves a shorter preview', async () => {
  const { session } = memoryServer(
    async (peer) => {
      await readRequest(peer)
      peer.writer.writeText('HTTP/1.1 500 \r\nContent-Length: 9\r\n\r\nabc', 'latin1')
      await peer.close()
    },
    { throwOnStatus: true },
  )
  await expect(session.get(URL_A)).rejects.toMatchObject({
    code: 'ERR_HTTP_STATUS',
    status: 500,
    preview: 'abc',
  })
})

test('an extended session has other defaults and the same connections', async () => {
  const { session, requests, pairs } = recorder({
    headers: { 'X-A': '1', 'X-B': '2' },
    timeouts: { totalMs: 5 },
    contentDecoding: false,
  })
  const extended = session.extend({
    baseUrl: `${URL_A}b/`,
    headers: { 'x-a': '3' },
    timeouts: { queueMs: 7 },
  })
  await session.get(URL_A)
  await extended.get('c')
  expect(requests).toEqual([
    `GET / HTTP/1.1\nHost: a.example\n${DEFAULTS}X-A: 1\nX-B: 2\n\n`,
    `GET /b/c HTTP/1.1\nHost: a.example\n${DEFAULTS}X-B: 2\nx-a: 3\n\n`,
  ])
  expect(pairs.length).toBe(1)
  let timeouts: unknown
  const seeing = extended.extend({
    middleware: [
      (request, next) => {
        timeouts = request.timeouts
        return next(request)
      },
    ],
  })
  await seeing.get('')
  expect(timeouts).toMatchObject({ totalMs: 5, queueMs: 7, connectMs: 10_000 })
  await extended.close()
  await expect(session.get(URL_A)).rejects.toMatchObject({ code: 'ERR_HTTP_SESSION_CLOSED' })
})

test('an extended session has no connections of its own to be set up', () => {
  const { session } = recorder()
  expect(() => session.extend({ maxConnections: 3 } as never)).toThrow(/option maxConnections: belongs/)
  expect(() => session.extend({ nonsense: 3 } as never)).toThrow(/option nonsense/)
})

test('fetch is bound to its session', async () => {
  const { session, requests } = recorder()
  const { fetch } = session
  const response = await fetch(`${URL_A}b`, { headers: { 'x-a': 'b' } })
  expect([response.status, await response.text()]).toEqual([200, 'Hello'])
  expect(requests[0]).toMatch(/^GET \/b HTTP\/1\.1\n[^]*x-a: b\n/)
})
