/** The mock as its users see it: a session of theirs, and bytes that are real. */
import { VirtualClock } from '@x/transport/memory'
import { expect, test } from 'vitest'
import { ClientSession } from './index.ts'
import type { SessionOptions } from './index.ts'
import { mockConnector } from './mock.ts'
import type { MockConnector } from './mock.ts'
import { settle } from './memory-server.test-support.ts'

function world(options: SessionOptions = {}): {
  mock: MockConnector
  session: ClientSession
  clock: VirtualClock
} {
  const clock = new VirtualClock()
  const mock = mockConnector({ clock })
  return { mock, session: new ClientSession({ connector: mock.connector, clock, ...options }), clock }
}

const USERS = 'http://api.example/users'

test('a reply is a response; the request is seen whole', async () => {
  const { mock, session } = world()
  mock.on('POST', `${USERS}?a=b`).reply(201, { json: { id: 7 }, headers: { 'X-A': 'b' } })
  const response = await session.post(`${USERS}?a=b`, { json: { name: 'é' }, headers: { 'x-c': 'd' } })
  expect(response).toMatchObject({ status: 201, url: `${USERS}?a=b` })
  expect(response.headers.raw()).toEqual([
    ['X-A', 'b'],
    ['Content-Type', 'application/json'],
    ['Content-Length', '8'],
  ])
  expect(await response.json()).toEqual({ id: 7 })
  expect(mock.requests).toHaveLength(1)
  const [request] = mock.requests
  expect(request).toMatchObject({ method: 'POST', url: `${USERS}?a=b` })
  expect(request!.headers.get('X-C')).toBe('d')
  expect(request!.json()).toEqual({ name: 'é' })
  mock.verify()
})

const MATCHES = [
  { name: 'the whole URL', matcher: USERS, url: `${USERS}#x`, matches: true },
  { name: 'a URL object', matcher: new URL(USERS), url: USERS, matches: true },
  { name: 'a default port that is said', matcher: 'http://api.example:80/users', url: USERS, matches: true },
  { name: 'another query', matcher: USERS, url: `${USERS}?a`, matches: false },
  { name: 'another scheme', matcher: USERS, url: 'https://api.example/users', matches: false },
  { name: 'a path', matcher: '/users', url: USERS, matches: true },
  { name: 'a path with a query', matcher: '/users?a=1', url: `${USERS}?a=1`, matches: true },
  { name: 'another path', matcher: '/user', url: USERS, matches: false },
  { name: 'a pattern', matcher: /\/users/g, url: `${USERS}?a`, matches: true },
  { name: 'a pattern that does not fit', matcher: /^users/, url: USERS, matches: false },
]
for (const { name, matcher, url, matches } of MATCHES) {
  test(`matching: ${name}`, async () => {
    const { mock, session } = world()
    mock.on('GET', matcher).reply(200)
    for (let time = 0; time < 2; time++) {
      const outcome = session.get(url).then(({ status }) => status)
      if (matches) expect(await outcome).toBe(200)
      else await expect(outcome).rejects.toMatchObject({ code: 'ERR_HTTP_MOCK_UNEXPECTED' })
    }
  })
}

test('matching: any method, a function that sees the request; https is told apart by its URL', async () => {
  const { mock, session } = world()
  mock.on('*', ({ headers }) => headers.get('x-kind') === 'a').reply(200, { body: 'a' })
  mock.on('PUT', 'https://[::1]:8443/x').reply(200, { body: 'b' })
  expect(await session.delete(USERS, { headers: { 'x-kind': 'a' } }).text()).toBe('a')
  expect(await session.put('https://[::1]:8443/x').text()).toBe('b')
  expect(mock.requests.map(({ url }) => url)).toEqual([USERS, 'https://[::1]:8443/x'])
})

test('answers come in turn, the last one again and again; after `times` the next route answers', async () => {
  const { mock, session } = world()
  mock.on('GET', USERS, { times: 3 }).reply(503).reply(200, { body: 'one' })
  mock.on('GET', USERS).reply(404)
  const statuses = []
  for (let time = 0; time < 5; time++) statuses.push((await session.get(USERS)).status)
  expect(statuses).toEqual([503, 200, 200, 404, 404])
  expect(mock.connectionCount).toBe(1)
})

test('an unexpected request is an error that names it and what was expected, on a kept connection too', async () => {
  const { mock, session } = world()
  mock.on('GET', USERS, { times: 1 }).reply(200)
  await session.get(USERS)
  await expect(session.get(USERS)).rejects.toMatchObject({
    name: 'MockError',
    code: 'ERR_HTTP_MOCK_UNEXPECTED',
    message: `unexpected request: GET ${USERS}; expected: GET ${USERS} (asked for 1 times)`,
  })
  expect(mock.requests).toHaveLength(2)
  expect(() => mock.verify()).toThrow(/unexpected request: GET/)
  mock.clear()
  expect(mock.requests).toEqual([])
  mock.verify()
})

test('verify names requests that did not come', async () => {
  const { mock, session } = world()
  mock.on('GET', USERS).reply(503).reply(200)
  mock.on('PUT', /x/, { times: 2 }).reply(200)
  await session.get(USERS)
  expect(() => mock.verify()).toThrow(
    expect.objectContaining({
      code: 'ERR_HTTP_MOCK_PENDING',
      message: `requests that did not come: GET ${USERS} (1 more), PUT /x/ (2 more)`,
    }),
  )
})

test('a body that is iterated arrives piece by piece, with trailers', async () => {
  const { mock, session } = world()
  let open = (): void => {}
  const gate = new Promise<void>((resolve) => (open = resolve))
  mock.on('GET', USERS).reply(200, {
    body: (async function* () {
      yield 'one '
      await gate
      yield new TextEncoder().encode('twö')
    })(),
    trailers: { 'X-Sum': '7' },
  })
  const response = await session.get(USERS)
  const chunks = response[Symbol.asyncIterator]()
  expect(text((await chunks.next()).value)).toBe('one ')
  open()
  expect(text((await chunks.next()).value)).toBe('twö')
  expect((await chunks.next()).done).toBe(true)
  expect(response.trailers?.get('x-sum')).toBe('7')
})

test('a body that can be had only once is not given again, as an empty one', async () => {
  const { mock, session } = world()
  mock.on('GET', USERS).reply(200, { body: ['a', 'b'] })
  mock.on('PUT', USERS).reply(200, { body: ['a', 'b'].values() })
  for (let time = 0; time < 2; time++) expect(await session.get(USERS).text()).toBe('ab')
  expect(await session.put(USERS).text()).toBe('ab')
  await expect(session.put(USERS)).rejects.toMatchObject({ code: 'ERR_HTTP_MOCK_REPLY' })
})

test('replyWith makes the answer of the request; what it throws is what the request rejects with', async () => {
  const { mock, session } = world()
  mock.on('POST', USERS).replyWith((request) => ({ status: 200, body: request.text().toUpperCase() }))
  const cause = new Error('no idea')
  mock.on('GET', USERS).replyWith(() => Promise.reject(cause))
  mock.on('PUT', USERS).replyWith(() => ({ status: 99 }))
  expect(await session.post(USERS, { body: ['a', 'b'] }).text()).toBe('AB')
  await expect(session.get(USERS)).rejects.toMatchObject({ code: 'ERR_HTTP_MOCK_REPLY', cause })
  await expect(session.put(USERS)).rejects.toMatchObject({ code: 'ERR_HTTP_INVALID_OPTION' })
})

test('a delay passes on the clock; a caller who has left by then leaves nothing behind', async () => {
  const { mock, session, clock } = world()
  mock.on('GET', USERS).reply(200, { body: 'late', delayMs: 5000 })
  let isThere = false
  const reading = session.get(USERS).text()
  void reading.then(() => (isThere = true))
  await settle()
  clock.advance(4999)
  await settle()
  expect(isThere).toBe(false)
  clock.advance(1)
  expect(await reading).toBe('late')
  const controller = new AbortController()
  const given = session.get(USERS, { signal: controller.signal })
  await settle()
  controller.abort(new Error('enough'))
  await expect(given).rejects.toThrow('enough')
  await session.close()
  await settle()
  expect(clock.timerCount).toBe(0)
})

test('neverReply: the time limit of the caller is met', async () => {
  const { mock, session, clock } = world({ timeouts: { headersMs: 1000 } })
  mock.on('GET', USERS).neverReply()
  const outcome = session.get(USERS).catch((error: unknown) => error)
  await settle()
  clock.advance(1000)
  expect(await outcome).toMatchObject({ code: 'ERR_HTTP_TIMEOUT_HEADERS', limit: 1000 })
  await session.close()
})

test('reset: the connection is lost, and an idempotent request on a kept one is sent again', async () => {
  const { mock, session } = world()
  mock.on('GET', USERS).reset().reply(200, { body: 'x' }).reset().reply(200, { body: 'y' })
  await expect(session.get(USERS)).rejects.toMatchObject({ code: 'ERR_HTTP_RESET' })
  expect(await session.get(USERS).text()).toBe('x')
  expect(await session.get(USERS).text()).toBe('y')
  expect(mock.connectionCount).toBe(3)
})

for (const by of ['reset', 'close'] as const) {
  for (const body of ['text', 'pieces'] as const) {
    test(`a body of ${body} that ends by ${by}: what came was delivered, the end is an error`, async () => {
      const { mock, session } = world()
      const init = { body: body === 'text' ? 'Hello, World!' : ['Hello,', ' World!'] }
      mock.on('GET', USERS).reply(200, { ...init, cut: { afterBytes: 8, by } })
      const chunks: string[] = []
      const reading = (async () => {
        for await (const chunk of await session.get(USERS)) chunks.push(text(chunk))
      })()
      await expect(reading).rejects.toMatchObject({ code: 'ERR_HTTP_BODY_INCOMPLETE', received: 8 })
      expect(chunks.join('')).toBe('Hello, W')
    })
  }
}

test('octets of yours: nonsense, a response by hand, wrong framing', async () => {
  const { mock, session } = world()
  mock
    .on('GET', USERS)
    .replyBytes('SMTP ready\r\n')
    .replyBytes('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\xe9', 'keep')
    .reply(200, { body: 'longer', headers: { 'Content-Length': '4' } })
  await expect(session.get(USERS)).rejects.toMatchObject({ code: 'ERR_HTTP_PARSE' })
  expect(await session.get(USERS).bytes()).toEqual(Uint8Array.of(0xe9))
  expect(await session.get(USERS).text()).toBe('long')
})

test('many requests at once, large bodies both ways, an end in order', async () => {
  const { mock, session } = world()
  mock.on('POST', USERS).replyWith(({ body }) => ({ status: 200, body: [body, body] }))
  const sizes = Array.from({ length: 40 }, (_, index) => index * 10_000)
  const lengths = await Promise.all(
    sizes.map(async (size) => (await session.post(USERS, { body: new Uint8Array(size) }).bytes()).length),
  )
  expect(lengths).toEqual(sizes.map((size) => size * 2))
  await session.close()
  mock.verify()
})

test('a reset that comes while nobody reads, a body that is left: nothing hangs', async () => {
  const { mock, session } = world()
  const body = new Uint8Array(1_000_000)
  mock
    .on('GET', USERS)
    .reply(200, { body, cut: { afterBytes: 900_000, by: 'reset' } })
    .reply(200, { body })
  const response = await session.get(USERS)
  await settle()
  await expect(response.bytes()).rejects.toMatchObject({ code: 'ERR_HTTP_BODY_INCOMPLETE' })
  const left = await session.get(USERS)
  left.discard()
  await session.close()
})

test('a refused origin', async () => {
  const { mock, session } = world()
  mock.refuse('http://api.example')
  await expect(session.get(USERS)).rejects.toMatchObject({
    code: 'ERR_HTTP_CONNECT_FAILED',
    cause: { code: 'ECONNREFUSED' },
  })
})

test('HEAD, 204, 100-continue, Connection: close', async () => {
  const mock = mockConnector()
  const session = new ClientSession({ connector: mock.connector })
  mock.on('HEAD', USERS).reply(200, { body: 'Hello' })
  mock.on('DELETE', USERS).reply(204)
  mock.on('PUT', USERS).replyWith(({ body }) => ({
    status: 200,
    body: String(body.length),
    headers: { connection: 'close' },
  }))
  const head = await session.head(USERS)
  expect([head.headers.get('content-length'), await head.text()]).toEqual(['5', ''])
  const gone = await session.delete(USERS)
  expect([gone.headers.has('content-length'), await gone.text()]).toEqual([false, ''])
  const body = new Uint8Array(300_000)
  expect(await session.put(USERS, { body, headers: { expect: '100-continue' } }).text()).toBe('300000')
  const before = mock.connectionCount
  await session.delete(USERS)
  expect(mock.connectionCount).toBe(before + 1)
  await session.close()
})

test('redirects lead through the mock, and the session is not bypassed', async () => {
  const { mock, session } = world()
  mock.on('GET', USERS).reply(302, { headers: { location: 'https://other.example/' } })
  mock.on('GET', 'https://other.example/').reply(200, { body: 'there' })
  const response = await session.get(USERS, { headers: { authorization: 'secret' } })
  expect([await response.text(), response.url]).toEqual(['there', 'https://other.example/'])
  expect(mock.requests.map(({ headers }) => headers.get('authorization'))).toEqual(['secret', undefined])
})

const MISTAKES = [
  {
    name: 'an option that is none',
    make: (mock: MockConnector) => mock.on('GET', USERS).reply(200, { bdy: '' } as never),
  },
  { name: 'a status of 100', make: (mock: MockConnector) => mock.on('GET', USERS).reply(100) },
  { name: 'a body of 204', make: (mock: MockConnector) => mock.on('GET', USERS).reply(204, { body: 'x' }) },
  {
    name: 'body and json',
    make: (mock: MockConnector) => mock.on('GET', USERS).reply(200, { body: 'x', json: 1 }),
  },
  {
    name: 'a field that cannot be sent',
    make: (mock: MockConnector) => mock.on('GET', USERS).reply(200, { headers: { a: 'b\r\nc' } }),
  },
  {
    name: 'trailers of text',
    make: (mock: MockConnector) => mock.on('GET', USERS).reply(200, { body: 'x', trailers: { a: 'b' } }),
  },
  { name: 'a method', make: (mock: MockConnector) => mock.on('G T', USERS) },
  { name: 'a URL', make: (mock: MockConnector) => mock.on('GET', 'http://') },
  { name: 'times', make: (mock: MockConnector) => mock.on('GET', USERS, { times: 0 }) },
  { name: 'text that is no octets', make: (mock: MockConnector) => mock.on('GET', USERS).replyBytes('€') },
]
for (const { name, make } of MISTAKES) {
  test(`a mistake is told where it is made: ${name}`, () => {
    expect(() => make(mockConnector())).toThrow(expect.objectContaining({ name: 'UsageError' }))
  })
}

function text(bytes: Uint8Array | void): string {
  return new TextDecoder().decode(bytes ?? new Uint8Array())
}
