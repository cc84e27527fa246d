/** What stands between callers and exchanges: order, changed requests, answers made here, waiting, and the end of it all. */
import { expect, test } from 'vitest'
import { ClientSession, followRedirects } from './index.ts'
import type { ClientRequest, Middleware } from './index.ts'
import { answering, HELLO, memoryServer, readRequest, settle } from './memory-server.test-support.ts'
import type { Script } from './memory-server.test-support.ts'

const URL = 'http://a.example/'

function recording(requests: string[], ...responses: string[]): Script {
  return async (peer) => {
    for (let text = await readRequest(peer); text !== null; text = await readRequest(peer)) {
      peer.writer.writeText(responses[requests.length % responses.length] ?? HELLO, 'latin1')
      requests.push(text)
    }
  }
}

test('the first middleware sees the request first and the response last', async () => {
  const order: string[] = []
  const named =
    (name: string): Middleware =>
    async (request, next) => {
      order.push(`${name} in`)
      const response = await next(request)
      order.push(`${name} out`)
      return response
    }
  const { session } = memoryServer(answering(HELLO), { middleware: [named('a'), named('b')] })
  expect(await session.get(URL).text()).toBe('Hello')
  expect(order).toEqual(['a in', 'b in', 'b out', 'a out'])
})

test('a request can be changed in each of its parts, and the one before stays as it is', async () => {
  const requests: string[] = []
  const seen: ClientRequest[] = []
  const { session } = memoryServer(recording(requests), {
    headers: { 'X-Old': 'a', 'X-Kept': 'b' },
    contentDecoding: false,
    middleware: [
      (request, next) => {
        seen.push(request)
        const changed = request.with({
          method: 'PUT',
          url: '/c?d=e',
          headers: { 'x-old': 'new' },
          body: 'text',
        })
        seen.push(changed)
        return next(changed.with({ withoutHeaders: ['X-KEPT'] }))
      },
    ],
  })
  await session.post(URL, { json: { a: 1 }, headers: { 'Content-Length': '7' } })
  expect(requests).toEqual([
    'PUT /c?d=e HTTP/1.1\nHost: a.example\nAccept: */*\nUser-Agent: http-session\nx-old: new\nContent-Type: text/plain;charset=UTF-8\nContent-Length: 4\n\ntext',
  ])
  const [before, after] = seen
  expect([before?.method, before?.url, before?.contentType, before?.bodyByteCount]).toEqual([
    'POST',
    URL,
    'application/json',
    7,
  ])
  expect([after?.method, after?.url, after?.headers.get('X-Old'), after?.isReplayable]).toEqual([
    'PUT',
    `${URL}c?d=e`,
    'new',
    true,
  ])
})

const REFUSED: { name: string; change: Parameters<ClientRequest['with']>[0]; code: string }[] = [
  { name: 'a method that is no token', change: { method: 'A B' }, code: 'ERR_HTTP_INVALID_METHOD' },
  { name: 'CONNECT', change: { method: 'CONNECT' }, code: 'ERR_HTTP_INVALID_METHOD' },
  { name: 'another scheme', change: { url: 'ftp://a.example/' }, code: 'ERR_HTTP_INVALID_URL' },
  { name: 'a line break', change: { headers: { a: 'b\r\nc: d' } }, code: 'ERR_HTTP_INVALID_HEADER' },
  { name: 'framing', change: { headers: { 'transfer-encoding': 'x' } }, code: 'ERR_HTTP_INVALID_HEADER' },
  { name: 'an unknown name', change: { uri: '/' } as never, code: 'ERR_HTTP_INVALID_OPTION' },
  { name: 'content of TRACE', change: { method: 'TRACE', body: 'a' }, code: 'ERR_HTTP_INVALID_BODY' },
]
for (const { name, change, code } of REFUSED) {
  test(`nothing is sent of a request that was changed to ${name}`, async () => {
    const requests: string[] = []
    const { session } = memoryServer(recording(requests), {
      middleware: [(request, next) => next(request.with(change))],
    })
    await expect(session.get(URL)).rejects.toMatchObject({ code })
    expect(requests).toEqual([])
    await session.close()
  })
}

test('a middleware runs for every hop of a chain of redirects', async () => {
  const requests: string[] = []
  const urls: string[] = []
  const moved = 'HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n'
  const { session } = memoryServer(recording(requests, moved, HELLO), {
    middleware: [
      (request, next) => {
        urls.push(request.url)
        return next(request)
      },
    ],
  })
  const response = await session.get(URL)
  expect(urls).toEqual([URL, `${URL}next`])
  expect(response.redirects).toEqual([{ status: 302, method: 'GET', url: URL }])
})

test('redirects can be followed in another place: by the middleware itself', async () => {
  const requests: string[] = []
  let count = 0
  const moved = 'HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n'
  const { session } = memoryServer(recording(requests, moved, HELLO), {
    maxRedirects: 0,
    middleware: [
      (request, next) => {
        count += 1
        return next(request)
      },
      followRedirects({ maxRedirects: 1, allowInsecureRedirects: false }),
    ],
  })
  expect(await session.get(URL).text()).toBe('Hello')
  expect({ count, sent: requests.length }).toEqual({ count: 1, sent: 2 })
})

test('a redirect that is refused gives its response up', async () => {
  const moved = 'HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 100\r\n\r\n'
  const server = memoryServer(answering(moved), { middleware: [(request, next) => next(request)] })
  await expect(server.session.get(URL)).rejects.toMatchObject({ code: 'ERR_HTTP_REDIRECT_LOOP' })
  await server.session.close({ graceMs: 0 })
  await settle()
  expect(server.clock.timerCount).toBe(0)
})

test('an answer can be made without a server, whole or piece by piece', async () => {
  const made: Middleware = (request) =>
    Promise.resolve(
      request.respond({
        status: 203,
        reasonPhrase: 'Made',
        headers: { 'content-type': 'text/plain; charset=iso-8859-1', 'content-encoding': 'gzip' },
        body: request.url.endsWith('whole') ? new Uint8Array([0xe4]) : [new Uint8Array([0xe4]), 'b'],
      }),
    )
  await using session = new ClientSession({
    middleware: [made],
    connector: () => Promise.reject(new Error()),
  })
  const response = await session.get(`${URL}whole`)
  expect([response.status, response.reasonPhrase, response.url]).toEqual([203, 'Made', `${URL}whole`])
  expect(response.contentCodings).toEqual([])
  expect(await response.text()).toBe('ä')
  expect(await session.get(URL).text()).toBe('äb')
  expect(() => response.takeConnection()).toThrow(expect.objectContaining({ code: 'ERR_HTTP_NO_TUNNEL' }))
})

test('an answer that is made piece by piece ends with the request', async () => {
  const controller = new AbortController()
  const reason = new Error('enough')
  let released = false
  async function* endless(): AsyncGenerator<string> {
    try {
      for (;;) yield 'a'
    } finally {
      released = true
    }
  }
  const server = memoryServer(() => {}, {
    middleware: [(request) => Promise.resolve(request.respond({ status: 200, body: endless() }))],
  })
  const response = await server.session.get(URL, { signal: controller.signal })
  const chunks = response[Symbol.asyncIterator]()
  expect((await chunks.next()).value).toEqual(new Uint8Array([0x61]))
  controller.abort(reason)
  await expect(chunks.next()).rejects.toBe(reason)
  await settle()
  expect(released).toBe(true)
  await server.session.close()
  expect(server.clock.timerCount).toBe(0)
})

test('an answer that is made and never read ends with its time limit', async () => {
  const session = memoryServer(() => {}, {
    timeouts: { bodyIdleMs: 100 },
    middleware: [(request) => Promise.resolve(request.respond({ status: 200, body: ['a'] }))],
  })
  const response = await session.session.get(URL)
  session.clock.advance(100)
  await expect(response.text()).rejects.toMatchObject({ code: 'ERR_HTTP_TIMEOUT_BODY_IDLE' })
  await session.session.close()
})

test('a request can be sent again after a wait, by the clock of the session', async () => {
  const requests: string[] = []
  const busy = 'HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n'
  const server = memoryServer(recording(requests, busy, HELLO), {
    middleware: [
      async (request, next) => {
        const response = await next(request)
        if (response.status !== 503) return response
        response.discard()
        await request.wait(1000)
        return next(request)
      },
    ],
  })
  const text = server.session.get(URL).text()
  await settle()
  server.clock.advance(999)
  await settle()
  expect(requests.length).toBe(1)
  server.clock.advance(1)
  expect(await text).toBe('Hello')
})

for (const end of ['abort', 'totalMs', 'close'] as const) {
  test(`a wait ends with the request: ${end}`, async () => {
    const controller = new AbortController()
    const server = memoryServer(() => {}, {
      middleware: [(request) => request.wait(1e6).then(() => request.respond({ status: 200 }))],
    })
    const response = server.session.get(URL, { signal: controller.signal, timeouts: { totalMs: 500 } })
    const outcome = response.then(null, (error: unknown) => error)
    await settle()
    if (end === 'abort') controller.abort(new Error('enough'))
    if (end === 'totalMs') server.clock.advance(500)
    if (end === 'close') void server.session.close({ graceMs: 0 })
    expect(await outcome).toMatchObject(
      {
        abort: { message: 'enough' },
        totalMs: { code: 'ERR_HTTP_TIMEOUT_TOTAL' },
        close: { code: 'ERR_HTTP_SESSION_CLOSED' },
      }[end],
    )
    await server.session.close()
    expect(server.clock.timerCount).toBe(0)
  })
}

test('what a middleware throws is what the request rejects with, and a stream that nobody opened is told', async () => {
  const stream = new ReadableStream<Uint8Array>({
    cancel() {
      cancelled = true
    },
  })
  let cancelled = false
  const error = new Error('no')
  const { session } = memoryServer(() => {}, { middleware: [() => Promise.reject(error)] })
  await expect(session.post(URL, { body: stream })).rejects.toBe(error)
  await settle()
  expect(cancelled).toBe(true)
  await session.close()
})

test('a middleware that answers with something else is named', async () => {
  const { session } = memoryServer(() => {}, { middleware: [() => Promise.resolve({} as never)] })
  await expect(session.get(URL)).rejects.toMatchObject({
    code: 'ERR_HTTP_INVALID_OPTION',
    message: expect.stringContaining('middleware') as unknown,
  })
})

test('the body of a request can be looked at, and sent all the same where it can be had again', async () => {
  const requests: string[] = []
  const bodies: string[] = []
  const { session } = memoryServer(recording(requests), {
    middleware: [
      async (request, next) => {
        let text = ''
        for await (const chunk of request.openBody()) text += new TextDecoder().decode(chunk)
        bodies.push(text)
        return next(request)
      },
    ],
  })
  await session.post(URL, { body: 'ä' })
  expect(bodies).toEqual(['ä'])
  expect(requests[0]).toMatch(/\n\nÃ¤$/)
  await expect(session.post(URL, { body: ['a', 'b'][Symbol.iterator]() as never })).rejects.toMatchObject({
    code: 'ERR_HTTP_REQUEST_BODY_SOURCE',
  })
})

test('a body that is had once can be sent as another one', async () => {
  const requests: string[] = []
  const { session } = memoryServer(recording(requests), {
    middleware: [
      (request, next) =>
        next(
          request.with({
            body: async function* () {
              for await (const chunk of request.openBody())
                yield new TextDecoder().decode(chunk).toUpperCase()
            },
            headers: { 'content-type': request.contentType ?? 'text/x-none' },
          }),
        ),
    ],
  })
  await session.post(URL, {
    body: (async function* () {
      yield 'abc'
    })(),
  })
  expect(requests[0]).toMatch(/content-type: text\/x-none\nTransfer-Encoding: chunked\n\nABC$/)
})

test('a request may have middlewares of its own, none included', async () => {
  const made: Middleware = (request) => Promise.resolve(request.respond({ status: 200, body: 'made' }))
  const { session } = memoryServer(answering(HELLO), { middleware: [made] })
  expect(await session.get(URL).text()).toBe('made')
  expect(await session.get(URL, { middleware: [] }).text()).toBe('Hello')
  expect(() => new ClientSession({ middleware: [1] as never })).toThrow(/option middleware/)
})

test('other content goes out with the same trailers behind it', async () => {
  const requests: string[] = []
  const { session } = memoryServer(recording(requests), {
    middleware: [(request, next) => next(request.hasTrailers ? request.with({ body: 'other' }) : request)],
  })
  await session.post(URL, { body: 'abc', trailers: { 'X-Sum': '1' } })
  expect(requests[0]).toMatch(/Trailer: X-Sum\nTransfer-Encoding: chunked\n\nother$/)
})

test('whether a body has come whole', async () => {
  const server = memoryServer(answering(HELLO, 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na'))
  expect((await server.session.get(URL)).bodyComplete).toBe(true)
  const response = await server.session.get(URL)
  expect(response.bodyComplete).toBe(false)
  response.discard()
})

for (const end of ['abort', 'totalMs', 'close', 'nothing'] as const) {
  test(`a promise is waited for until the request ends: ${end}`, async () => {
    const controller = new AbortController()
    let resolve: (value: string) => void = () => {}
    const promise = new Promise<string>((settled) => (resolve = settled))
    const server = memoryServer(() => {}, {
      middleware: [async (request) => request.respond({ status: 200, body: await request.until(promise) })],
    })
    const response = server.session
      .get(URL, { signal: controller.signal, timeouts: { totalMs: 500 } })
      .text()
      .then(null, (error: unknown) => error)
    await settle()
    if (end === 'abort') controller.abort(new Error('enough'))
    if (end === 'totalMs') server.clock.advance(500)
    if (end === 'close') void server.session.close({ graceMs: 0 })
    await settle()
    resolve('value')
    const outcomes = {
      abort: { message: 'enough' },
      totalMs: { code: 'ERR_HTTP_TIMEOUT_TOTAL' },
      close: { code: 'ERR_HTTP_SESSION_CLOSED' },
    }
    if (end === 'nothing') expect(await response).toBe('value')
    else expect(await response).toMatchObject(outcomes[end])
    await server.session.close()
    expect(server.clock.timerCount).toBe(0)
  })
}

for (const end of ['abort', 'discard', 'totalMs'] as const) {
  test(`a read of an answer that is made, whose source hangs, ends with: ${end}`, async () => {
    const controller = new AbortController()
    const hanging = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) }
    const server = memoryServer(() => {}, {
      middleware: [(request) => Promise.resolve(request.respond({ status: 200, body: hanging }))],
    })
    const options = { signal: controller.signal, timeouts: { totalMs: 500 } }
    const response = await server.session.get(URL, options)
    const read = response.text().then(null, (error: unknown) => error)
    await settle()
    if (end === 'abort') controller.abort(new Error('enough'))
    if (end === 'discard') response.discard()
    if (end === 'totalMs') server.clock.advance(500)
    const outcomes = {
      abort: { message: 'enough' },
      discard: { code: 'ERR_HTTP_BODY_INCOMPLETE' },
      totalMs: { code: 'ERR_HTTP_TIMEOUT_TOTAL' },
    }
    expect(await read).toMatchObject(outcomes[end])
    await server.session.close()
    expect(server.clock.timerCount).toBe(0)
  })
}
