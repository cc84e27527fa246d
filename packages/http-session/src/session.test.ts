/** What a caller says to a session, and what it may rely on. */
import { expect, test } from 'vitest'
import { ClientSession, isHttpSessionError } from './index.ts'
import type { ClientResponse, RequestOptions } from './index.ts'
import {
  answering,
  answeringOnce,
  HELLO,
  memoryServer,
  readRequest,
  settle,
} from './memory-server.test-support.ts'

const URL = 'http://a.example/'
const LONG = 'HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n'

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'] as const
for (const method of METHODS) {
  test(`${method} sends ${method.toUpperCase()}`, async () => {
    const requests: (string | null)[] = []
    const { session } = memoryServer(async (peer) => {
      requests.push(await readRequest(peer))
      peer.writer.writeText('HTTP/1.1 204 No Content\r\n\r\n')
    })
    const response = await session[method](`${URL}b`)
    expect({ status: response.status, ok: response.ok, url: response.url }).toEqual({
      status: 204,
      ok: true,
      url: `${URL}b`,
    })
    expect(requests[0]).toMatch(
      new RegExp(
        `^${method.toUpperCase()} /b HTTP/1\\.1\\nHost: a\\.example\\nAccept: \\*/\\*\\nUser-Agent: http-session\\n`,
      ),
    )
  })
}

const BODIES: { name: string; options: RequestOptions; sent: string }[] = [
  { name: 'ASCII text', options: { body: 'abc' }, sent: 'abc' },
  { name: 'other text', options: { body: 'ä' }, sent: '\xc3\xa4' },
  { name: 'bytes', options: { body: new Uint8Array([0, 255]) }, sent: '\x00\xff' },
  { name: 'long text', options: { body: 'x'.repeat(20_000) }, sent: 'x'.repeat(20_000) },
  { name: 'JSON', options: { json: { a: [1] } }, sent: '{"a":[1]}' },
  { name: 'an iterable', options: { body: ['a', new Uint8Array([98]), '', 'c'] }, sent: 'abc' },
  { name: 'an async iterable', options: { body: pieces('a', 'bc') }, sent: 'abc' },
  { name: 'a ReadableStream', options: { body: new Blob(['abc']).stream() as never }, sent: 'abc' },
  {
    name: 'an iterable of declared length',
    options: { body: ['ab', 'c'], headers: { 'content-length': '3' } },
    sent: 'abc',
  },
]

for (const { name, options, sent } of BODIES) {
  test(`body sent: ${name}`, async () => {
    let request: string | null = null
    const { session } = memoryServer(async (peer) => {
      request = await readRequest(peer)
      peer.writer.writeText(HELLO)
    })
    expect(await (await session.post(URL, options)).text()).toBe('Hello')
    expect(request).toMatch(/\n\n/)
    expect(String(request).split('\n\n')[1]).toBe(sent)
  })
}

const BAD_SOURCES: { name: string; options: RequestOptions }[] = [
  { name: 'one that throws', options: { body: throwing() } },
  { name: 'P57 one that is too short', options: { body: ['ab'], headers: { 'content-length': '3' } } },
  { name: 'P57 one that is too long', options: { body: ['abc', 'd'], headers: { 'content-length': '3' } } },
  { name: 'one that gives neither text nor bytes', options: { body: numbers() as never } },
]

for (const { name, options } of BAD_SOURCES) {
  test(`body source: ${name} ends the request, which is never completed wrongly`, async () => {
    let request: string | null = ''
    const { session, openCount } = memoryServer(async (peer) => {
      request = await readRequest(peer).catch(() => null)
    })
    await expect(session.post(URL, options)).rejects.toMatchObject({
      code: 'ERR_HTTP_REQUEST_BODY_SOURCE',
      phase: 'send',
    })
    await settle()
    expect(request).toBe(null)
    expect(openCount()).toBe(0)
  })
}

test('body source: one that cannot be begun is told as such, on a kept connection too', async () => {
  const { session } = memoryServer(answering(HELLO))
  await (await session.get(URL)).text()
  const unwilling = {
    [Symbol.asyncIterator]: () => {
      throw new Error('never')
    },
  }
  await expect(session.put(URL, { body: unwilling })).rejects.toMatchObject({
    code: 'ERR_HTTP_REQUEST_BODY_SOURCE',
    phase: 'send',
    attempts: 1,
  })
})

test('body source: one that throws when it is told to stop harms nobody', async () => {
  const stubborn = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<IteratorResult<string>>(() => {}),
      return: () => {
        throw new Error('never')
      },
    }),
  }
  const { session } = memoryServer((peer) => readRequest(peer).catch(() => {}))
  const controller = new AbortController()
  const request = session.post(URL, { body: stubborn, signal: controller.signal })
  request.catch(() => {})
  await settle()
  controller.abort('enough')
  await expect(request).rejects.toBe('enough')
})

test('P37 an upload that was cut short by the response limits the body no more', async () => {
  const { session, clock } = memoryServer(
    async (peer) => {
      await peer.reader.readUntil('\r\n\r\n')
      peer.writer.writeText(LONG)
      await settle()
      await peer.reader.skip(65_536) // the first piece is taken after the response's head has come
    },
    { timeouts: { sendIdleMs: 100, bodyIdleMs: 500 } },
    { clientToServer: { capacityBytes: 1000 } },
  )
  const reading = (await session.post(URL, { body: new Uint8Array(3_000_000) })).text()
  reading.catch(() => {})
  for (let turn = 0; turn < 100; turn++) await settle()
  clock.advance(499)
  await settle()
  clock.advance(1)
  await expect(reading).rejects.toMatchObject({ code: 'ERR_HTTP_TIMEOUT_BODY_IDLE', limit: 500 })
})

test('P37 a final response ends the upload; the connection is not used again', async () => {
  let closedSource = false
  async function* endless(): AsyncGenerator<string> {
    try {
      for (;;) {
        yield 'x'.repeat(1000)
        await settle()
      }
    } finally {
      closedSource = true
    }
  }
  const { session, openCount } = memoryServer(async (peer) => {
    await peer.reader.readUntil('\r\n\r\n')
    peer.writer.writeText('HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n')
  })
  expect((await session.post(URL, { body: endless() })).status).toBe(413)
  await settle()
  await settle()
  expect(closedSource).toBe(true)
  expect(openCount()).toBe(0)
})

const PHASES: { name: string; answer: string }[] = [
  { name: 'waiting', answer: '' },
  { name: 'in the head', answer: 'HTTP/1.1 200 OK\r\nCont' },
]

for (const { name, answer } of PHASES) {
  test(`P60 abort ${name}: rejects with the reason, closes the connection, takes its listener away`, async () => {
    const { session, openCount } = memoryServer(answering(answer))
    const controller = new AbortController()
    const reason = { mine: true }
    const request = session.get(URL, { signal: controller.signal })
    await settle()
    controller.abort(reason)
    await expect(request).rejects.toBe(reason)
    await settle()
    expect(openCount()).toBe(0)
  })
}

test('P60 abort before: nothing is sent', async () => {
  const { session, pairs } = memoryServer(answering(HELLO))
  const reason = new Error('before')
  await expect(session.get(URL, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  expect(pairs.length).toBe(0)
})

test('P60 abort in the body, read or not', async () => {
  for (const read of ['reading', 'not reading'] as const) {
    const { session, openCount } = memoryServer(answering(`${LONG}abc`))
    const controller = new AbortController()
    const response = await session.get(URL, { signal: controller.signal })
    const reading = read === 'reading' ? response.bytes() : null
    reading?.catch(() => {})
    await settle()
    controller.abort('enough')
    await expect(reading ?? response.bytes()).rejects.toBe('enough')
    await settle()
    expect(openCount()).toBe(0)
  }
})

test('an abort after the body was read touches nothing', async () => {
  const { session, openCount } = memoryServer(answering(HELLO))
  const controller = new AbortController()
  const response = await session.get(URL, { signal: controller.signal })
  expect(await response.text()).toBe('Hello')
  controller.abort()
  expect(openCount()).toBe(1)
})

const LIMITS = [
  { name: 'headersMs', answer: 'HTTP/1.1 200', code: 'ERR_HTTP_TIMEOUT_HEADERS', read: false },
  { name: 'bodyIdleMs', answer: `${LONG}abc`, code: 'ERR_HTTP_TIMEOUT_BODY_IDLE', read: true },
  { name: 'totalMs', answer: 'HTTP/1.1 200', code: 'ERR_HTTP_TIMEOUT_TOTAL', read: false },
  { name: 'totalMs', answer: `${LONG}abc`, code: 'ERR_HTTP_TIMEOUT_TOTAL', read: true },
]

for (const { name, answer, code, read } of LIMITS) {
  test(`timeouts.${name} ${read ? 'in the body' : 'before the response'}`, async () => {
    for (const where of ['session', 'request'] as const) {
      const timeouts = { [name]: 500 }
      const { session, clock, openCount } = memoryServer(
        answering(answer),
        where === 'session' ? { timeouts } : {},
      )
      const request = session.get(URL, where === 'request' ? { timeouts } : {})
      const outcome = read ? request.then((response: ClientResponse) => response.text()) : request
      outcome.catch(() => {})
      await settle()
      clock.advance(499)
      await settle()
      expect(openCount()).toBe(1)
      clock.advance(1)
      const message: unknown = expect.stringContaining(`not done within timeouts.${name} = 500 ms`)
      await expect(outcome).rejects.toMatchObject({
        name: 'TimeoutError',
        code,
        limit: 500,
        elapsed: 500,
        message,
      })
      await settle()
      expect(openCount()).toBe(0)
      expect(clock.timerCount).toBe(0)
    }
  })
}

test('a body that keeps coming is not idle, however long it takes', async () => {
  const { session, peers, clock } = memoryServer(
    answering('HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n'),
    { timeouts: { bodyIdleMs: 1000 } },
  )
  const reading = (await session.get(URL)).bytes()
  for (let sent = 0; sent < 20_000; sent += 100) {
    clock.advance(900)
    peers[0]?.writer.writeText('x'.repeat(100))
    await settle()
  }
  expect((await reading).length).toBe(20_000)
})

test('leaving a loop over a long body closes the connection; a short rest is read instead', async () => {
  for (const { wire, open } of [
    { wire: `${LONG}${'x'.repeat(1000)}`, open: 0 },
    { wire: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n`, open: 1 },
  ]) {
    const { session, peers, openCount } = memoryServer(answering(wire))
    const leaving = (async () => {
      for await (const chunk of await session.get(URL)) if (chunk.length > 0) break
    })()
    await settle()
    if (open === 1) peers[0]?.writer.writeText('1\r\ny\r\n0\r\n\r\n')
    await leaving
    await settle()
    expect(openCount()).toBe(open)
  }
})

test('discard: never rejects, and frees the connection', async () => {
  const { session, openCount } = memoryServer(answering(LONG))
  {
    await using response = await session.get(URL)
    expect(response.status).toBe(200)
  }
  await settle()
  expect(openCount()).toBe(0)
})

test('close: takes no more requests, lets running ones finish, closes connections and timers', async () => {
  const { session, peers, openCount, clock } = memoryServer(async (peer) => {
    await readRequest(peer)
  })
  const request = session.get(URL)
  await settle()
  const closing = session.close()
  await expect(session.get(URL)).rejects.toMatchObject({ code: 'ERR_HTTP_SESSION_CLOSED' })
  peers[0]?.writer.writeText(HELLO)
  expect(await (await request).text()).toBe('Hello')
  await closing
  await settle()
  expect(openCount()).toBe(0)
  expect(clock.timerCount).toBe(0)
})

test('close: what outlasts graceMs is given up', async () => {
  const { session, clock, openCount } = memoryServer(() => {})
  const request = session.get(URL)
  request.catch(() => {})
  await settle()
  const closing = session.close({ graceMs: 100 })
  clock.advance(100)
  await closing
  await expect(request).rejects.toMatchObject({ code: 'ERR_HTTP_SESSION_CLOSED' })
  await settle()
  expect(openCount()).toBe(0)
})

test('abort: everything rejects with the reason', async () => {
  const { session, openCount } = memoryServer(() => {})
  const reason = new Error('over')
  const requests = [session.get(URL), session.get(URL)]
  for (const request of requests) request.catch(() => {})
  await settle()
  session.abort(reason)
  for (const request of requests) await expect(request).rejects.toBe(reason)
  await settle()
  expect(openCount()).toBe(0)
})

test('options: unknown ones and wrong values are refused by name', async () => {
  const { session } = memoryServer(answering(HELLO))
  const bad: [name: string, make: () => unknown][] = [
    ['retries', () => new ClientSession({ retries: 1 } as never)],
    ['maxConnections', () => new ClientSession({ maxConnections: 0 })],
    ['idleTimeoutMs', () => new ClientSession({ idleTimeoutMs: -1 })],
    ['timeouts.totalMs', () => new ClientSession({ timeouts: { totalMs: Number.NaN } })],
    ['timeouts.dnsMs', () => new ClientSession({ timeouts: { dnsMs: 0 } })],
    ['dnsMs', () => session.get(URL, { timeouts: { dnsMs: 1 } as never })],
    ['timeout', () => session.get(URL, { timeout: 1 } as never)],
  ]
  for (const [name, make] of bad) {
    const expected = { code: 'ERR_HTTP_INVALID_OPTION', message: expect.stringContaining(`option ${name}: `) }
    await expect((async () => make())()).rejects.toMatchObject(expected)
  }
})

test('errors: known by their brand, plain in JSON, without credentials', async () => {
  const { session } = memoryServer(answeringOnce(''))
  const error = await session.get('http://user:secret@a.example/').catch((caught: unknown) => caught)
  expect(isHttpSessionError(error)).toBe(true)
  expect(isHttpSessionError(new Error('x'))).toBe(false)
  const json = JSON.stringify(error)
  expect(JSON.parse(json)).toMatchObject({
    name: 'ConnectionLostError',
    code: 'ERR_HTTP_PEER_CLOSED',
    method: 'GET',
    url: URL,
    phase: 'wait',
    attempts: 1,
  })
  expect(json + String(error)).not.toContain('secret')
})

async function* pieces(...all: string[]): AsyncGenerator<string> {
  yield* all
}

function* numbers(): Generator<number> {
  yield 1
}

async function* throwing(): AsyncGenerator<string> {
  yield 'a'
  throw new Error('no more')
}
