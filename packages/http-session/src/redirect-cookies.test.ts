/** A redirect to where it came from, with a cookie: what is asked again may be answered otherwise. */
import { expect, test } from 'vitest'
import type { Middleware, SessionOptions } from './index.ts'
import { memoryServer, readRequest } from './memory-server.test-support.ts'
import type { MemoryServer } from './memory-server.test-support.ts'

const URL = 'http://a.example/in'
const WALL = 'HTTP/1.1 302 Found\r\nLocation: /in\r\nSet-Cookie: seen=1\r\nContent-Length: 0\r\n\r\n'
const IN = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nin'

/** Lets nobody in who has no cookie. */
function cookieWall(options: SessionOptions): MemoryServer {
  return memoryServer(async (peer) => {
    for (let head = await readRequest(peer); head !== null; head = await readRequest(peer))
      peer.writer.writeText(/^cookie: seen=1$/im.test(head) ? IN : WALL)
  }, options)
}

/** The least that a jar does. */
function jar(): Middleware {
  let cookie: string | null = null
  return async (request, next) => {
    const response = await next(cookie === null ? request : request.with({ headers: { cookie } }))
    cookie = response.headers.get('set-cookie') ?? cookie
    return response
  }
}

test('P50 with a jar the second answer is another one', async () => {
  const { session } = cookieWall({ middleware: [jar()] })
  const response = await session.get(URL)
  expect([await response.text(), response.redirects]).toEqual([
    'in',
    [{ status: 302, method: 'GET', url: URL }],
  ])
})

for (const middleware of [[], [(request, next) => next(request)]] satisfies Middleware[][]) {
  test(`P50 without a jar it ends by maxRedirects, with ${middleware.length} middlewares`, async () => {
    const { session } = cookieWall({ middleware, maxRedirects: 5 })
    await expect(session.get(URL)).rejects.toMatchObject({ code: 'ERR_HTTP_REDIRECT_MAX', status: 302 })
  })
}

test('P50 a loop behind it is a loop', async () => {
  const plain = WALL.replace('Set-Cookie: seen=1\r\n', '')
  let count = 0
  const { session } = memoryServer(async (peer) => {
    while ((await readRequest(peer)) !== null) peer.writer.writeText(count++ === 0 ? WALL : plain)
  })
  await expect(session.get(URL)).rejects.toMatchObject({ code: 'ERR_HTTP_REDIRECT_LOOP' })
  expect(count).toBe(2)
})
