/** What `close` and `abort` make of what still runs. */
import { expect, test } from 'vitest'
import { RequestError, SessionClosedError, UsageError } from './index.ts'
import type { ClientResponse, Middleware, SessionOptions } from './index.ts'
import { answering, HELLO, memoryServer, readRequest, settle } from './memory-server.test-support.ts'
import type { MemoryServer } from './memory-server.test-support.ts'
import { outcome } from './outcome.test-support.ts'

const URL = 'http://a.example/'
const LONG = 'HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nabc'
const CODED = 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1000000\r\n\r\nabc'
const through: Middleware = (request, next) => next(request)

async function begun(
  wire: string,
  options: SessionOptions = {},
): Promise<MemoryServer & { response: ClientResponse }> {
  const server = memoryServer(answering(wire), options)
  const request = server.session.get(URL)
  await settle()
  return { ...server, response: await request }
}

for (const [name, wire, options] of [
  ['long', LONG, {}],
  ['coded', CODED, {}],
  ['behind a middleware', LONG, { middleware: [through] }],
] as const) {
  test(`close: a body that nobody has begun to read is no reason to wait: ${name}`, async () => {
    const { session, response, clock, openCount } = await begun(wire, options)
    const closing = session.close()
    expect(await outcome(closing)).toBe(undefined)
    expect([openCount(), clock.timerCount]).toEqual([0, 0])
    await expect(response.text()).rejects.toMatchObject({ code: 'ERR_HTTP_BODY_INCOMPLETE' })
  })
}

test('close: an unread made body is discarded, and so is what it is made of', async () => {
  const wrapping: Middleware = async (request, next) => {
    const inner = await next(request)
    return request.respond({ status: 200, body: inner })
  }
  const { session, openCount } = await begun(LONG, { middleware: [wrapping] })
  expect(await outcome(session.close())).toBe(undefined)
  expect(openCount()).toBe(0)
})

test('close: an unread body of fetch is no reason to wait', async () => {
  const { session, openCount } = memoryServer(answering(LONG))
  const response = await session.fetch(URL)
  expect(await outcome(session.close())).toBe(undefined)
  expect(openCount()).toBe(0)
  await expect(response.text()).rejects.toThrow('terminated')
})

test('close: a short unread body is read to its end and dropped, for a second at most', async () => {
  const { session, peers, clock, openCount } = await begun('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc')
  const closing = session.close()
  expect(await outcome(closing)).toBe('pending')
  peers[0]?.writer.writeText('defghi')
  expect(await outcome(closing)).toBe(undefined)
  expect([openCount(), clock.timerCount]).toEqual([0, 0])
  const slow = await begun('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc')
  const slowly = slow.session.close()
  await settle()
  slow.clock.advance(1000)
  expect(await outcome(slowly)).toBe(undefined)
})

test('close: bodies that are being read keep their grace, those too that are begun in the same turn', async () => {
  const { session, response, peers } = await begun('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc')
  const closing = session.close()
  const text = response.text()
  await settle()
  peers[0]?.writer.writeText('defghi')
  expect(await text).toBe('abcdefghi')
  expect(await outcome(closing)).toBe(undefined)
})

test('close: a request on its way keeps its grace, and its body too', async () => {
  const { session, peers } = memoryServer(async (peer) => {
    await readRequest(peer)
  })
  const request = session.get(URL)
  await settle()
  const closing = session.close()
  await settle()
  peers[0]?.writer.writeText('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc')
  const response = await request
  await settle()
  const text = response.text()
  peers[0]?.writer.writeText('defghi')
  expect(await text).toBe('abcdefghi')
  expect(await outcome(closing)).toBe(undefined)
})

test('close: what a middleware still works with is not taken from it', async () => {
  let goOn = (): void => {}
  const gate = new Promise<void>((resolve) => (goOn = resolve))
  const slow: Middleware = async (request, next) => {
    const response = await next(request)
    await gate
    return response
  }
  const { session, peers } = memoryServer(answering('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'), {
    middleware: [slow],
  })
  const text = session.get(URL).text()
  await settle()
  const closing = session.close()
  await settle()
  goOn()
  await settle()
  peers[0]?.writer.writeText('defghi')
  expect(await text).toBe('abcdefghi')
  expect(await outcome(closing)).toBe(undefined)
})

const ENDS = [
  {
    name: 'the end of graceMs',
    end: ({ session, clock }: MemoryServer) => (void session.close({ graceMs: 100 }), clock.advance(100)),
  },
  { name: 'close({ graceMs: 0 })', end: ({ session }: MemoryServer) => void session.close({ graceMs: 0 }) },
  { name: 'abort()', end: ({ session }: MemoryServer) => session.abort() },
]

for (const { name, end } of ENDS) {
  for (const middleware of [[], [through]]) {
    const where = middleware.length > 0 ? ', behind a middleware' : ''
    test(`${name}: what was begun tells how far it was${where}`, async () => {
      const server = memoryServer(() => {}, { middleware, maxConnectionsPerOrigin: 1 })
      const sent = server.session.get(URL)
      const waiting = server.session.post(`${URL}queue`, { body: 'x' })
      for (const each of [sent, waiting]) each.catch(() => {})
      await settle()
      end(server)
      const error = await sent.catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(SessionClosedError)
      expect(error).toBeInstanceOf(RequestError)
      expect(error).toMatchObject({
        name: 'SessionClosedError',
        code: 'ERR_HTTP_SESSION_CLOSED',
        method: 'GET',
        url: URL,
        phase: 'wait',
        sent: 'all',
        retriable: 'idempotent',
        attempts: 1,
      })
      await expect(waiting).rejects.toMatchObject({
        name: 'SessionClosedError',
        method: 'POST',
        phase: 'queue',
        sent: 'none',
        retriable: 'safe',
        attempts: 0,
      })
      const late = await server.session.get(URL).catch((reason: unknown) => reason)
      expect(late).toBeInstanceOf(UsageError)
      expect(late).toMatchObject({ code: 'ERR_HTTP_SESSION_CLOSED' })
      expect([server.openCount(), server.clock.timerCount]).toEqual([0, 0])
    })
  }

  test(`${name}: a body that is being read`, async () => {
    const server = await begun(LONG)
    const bytes = server.response.bytes()
    bytes.catch(() => {})
    await settle()
    end(server)
    await expect(bytes).rejects.toMatchObject({ name: 'SessionClosedError', phase: 'body', sent: 'all' })
  })
}

test('a middleware that waits or sends again when the session ends tells what was sent', async () => {
  for (const then of ['wait', 'send'] as const) {
    const again: Middleware = async (request, next) => {
      const response = await next(request)
      response.discard()
      if (then === 'wait') await request.wait(1000)
      else await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
      return next(request)
    }
    const { session, peers } = memoryServer(
      async (peer) => {
        await readRequest(peer)
      },
      { middleware: [again] },
    )
    const request = session.get(URL)
    request.catch(() => {})
    await settle()
    peers[0]?.writer.writeText(HELLO)
    if (then === 'wait') await settle()
    else await new Promise((resolve) => setImmediate(resolve))
    session.abort()
    await expect(request).rejects.toMatchObject({ name: 'SessionClosedError', sent: 'all', attempts: 1 })
  }
})

test('abort: the reason is what everything rejects with, be it no error', async () => {
  for (const reason of ['enough', null, 0]) {
    const { session } = memoryServer(() => {})
    const request = session.get(URL)
    request.catch(() => {})
    await settle()
    session.abort(reason)
    await expect(request).rejects.toBe(reason)
  }
})
