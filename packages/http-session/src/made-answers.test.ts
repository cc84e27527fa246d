/** Answers that middlewares make, and bodies that they read: what hangs or refuses is given up. */
import { expect, test } from 'vitest'
import { memoryServer, settle } from './memory-server.test-support.ts'
import { outcome } from './outcome.test-support.ts'
import type { Middleware } from './index.ts'
const URL = 'http://a.example/'
test('a pending read of a made body rejects with signal.reason although its source hangs', async () => {
  const hanging: Middleware = async (request) =>
    request.respond({
      status: 200,
      body: { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) },
    })
  const server = memoryServer(() => {}, { middleware: [hanging] })
  const controller = new AbortController()
  const response = await server.session.get(URL, { signal: controller.signal })
  const text = response.text()
  await settle()
  controller.abort(new Error('enough'))
  expect(await outcome(text)).toMatchObject({ message: 'enough' })
})
test('likewise its time limit', async () => {
  const hanging: Middleware = async (request) =>
    request.respond({
      status: 200,
      body: { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) },
    })
  const server = memoryServer(() => {}, { middleware: [hanging], timeouts: { totalMs: 100 } })
  const response = await server.session.get(URL)
  const text = response.text()
  await settle()
  server.clock.advance(100)
  expect(await outcome(text)).toMatchObject({ code: 'ERR_HTTP_TIMEOUT_TOTAL' })
})
test('respond with a body that refuses to begin leaves no exchange behind', async () => {
  const refusing: Middleware = async (request) =>
    request.respond({
      status: 200,
      body: {
        [Symbol.asyncIterator]() {
          throw new Error('refused to begin')
        },
      },
    })
  const server = memoryServer(() => {}, { middleware: [refusing] })
  await expect(server.session.get(URL)).rejects.toThrow('refused to begin')
  expect(await outcome(server.session.close().then(() => 'closed'))).toBe('closed')
})
test('likewise a body of another type', async () => {
  const wrong: Middleware = async (request) => request.respond({ status: 200, body: null as never })
  const server = memoryServer(() => {}, { middleware: [wrong] })
  await expect(server.session.get(URL)).rejects.toThrow(/iterable/)
  expect(await outcome(server.session.close().then(() => 'closed'))).toBe('closed')
})
test('a made body whose source gives no bytes tells the source that nobody wants more', async () => {
  let returned = false
  const wrong: Middleware = async (request) =>
    request.respond({
      status: 200,
      body: (function* (): Generator<never> {
        try {
          yield 1 as never // neither text nor bytes
          yield 'a' as never
        } finally {
          returned = true
        }
      })(),
    })
  const server = memoryServer(() => {}, { middleware: [wrong] })
  const response = await server.session.get(URL)
  await expect(response.text()).rejects.toMatchObject({ code: 'ERR_HTTP_INVALID_BODY' })
  await settle()
  expect(returned).toBe(true)
})
test('likewise openBody', async () => {
  let returned = false
  const peek: Middleware = async (request) => {
    for await (const _ of request.openBody());
    return request.respond({ status: 200 })
  }
  const server = memoryServer(() => {}, { middleware: [peek] })
  const body = (function* () {
    try {
      yield 1 as never
      yield 'a'
    } finally {
      returned = true
    }
  })()
  await expect(server.session.post(URL, { body })).rejects.toMatchObject({ code: 'ERR_HTTP_INVALID_BODY' })
  await settle()
  expect(returned).toBe(true)
})
test('a failed made body is told to the trace', async () => {
  const types: string[] = []
  const server = memoryServer(() => {}, {
    onTrace: ({ type }) => types.push(type),
    middleware: [
      async (request) =>
        request.respond({
          status: 200,
          body: (function* () {
            yield 'a'
            throw new Error('x')
          })(),
        }),
    ],
  })
  await expect((await server.session.get(URL)).text()).rejects.toThrow('x')
  expect(types).toContain('failed')
})
test('a stream that a middleware has wrapped by openBody is given up with the request although it hangs', async () => {
  const { Readable } = await import('node:stream')
  const stream = new Readable({ read() {} })
  const controller = new AbortController()
  const server = memoryServer(() => {}, {
    middleware: [(request, next) => next(request.with({ body: () => request.openBody() }))],
  })
  const got = outcome(server.session.post(URL, { body: stream, signal: controller.signal }))
  await settle()
  controller.abort(new Error('enough'))
  await got
  await settle()
  expect(stream.destroyed).toBe(true)
})
test('likewise a stream that a middleware looks at', async () => {
  const { Readable } = await import('node:stream')
  const stream = new Readable({ read() {} })
  const controller = new AbortController()
  const server = memoryServer(() => {}, {
    middleware: [
      async (request, next) => {
        for await (const _ of request.openBody());
        return next(request)
      },
    ],
  })
  server.session.post(URL, { body: stream, signal: controller.signal }).catch(() => {})
  await settle()
  controller.abort(new Error('enough'))
  await settle()
  expect(stream.destroyed).toBe(true)
})
