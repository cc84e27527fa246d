/** The policies together, in the order that the README gives. */
import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import type { Middleware } from '@x/http-session'
import { CookieJar } from 'tough-cookie'
import { expect, test } from 'vitest'
import { cache } from './cache.ts'
import {
  bearerAuth,
  circuitBreaker,
  coalesce,
  compressBody,
  cookies,
  digestAuth,
  rateLimit,
  resume,
  retry,
} from './index.ts'
import type { CircuitBreakerOptions, RateLimitOptions } from './index.ts'
import { answeringBy, fieldOf, memoryServer, responseText, settle } from './memory-server.test-support.ts'
import type { MemoryServer } from './memory-server.test-support.ts'

const origins = 'http://a.example'
const URL = `${origins}/`

interface Stack {
  limit?: RateLimitOptions
  circuit?: CircuitBreakerOptions
  auth?: Middleware
}

function server(answer: Parameters<typeof answeringBy>[0], stack: Stack = {}): MemoryServer {
  const middleware: Middleware[] = [
    coalesce(),
    cache(),
    resume({ baseMs: 0 }),
    retry({ baseMs: 0 }),
    compressBody({ coding: 'gzip' }),
    stack.auth ?? bearerAuth({ token: 'old', refresh: () => 'new', origins }),
    circuitBreaker(stack.circuit),
    rateLimit(stack.limit ?? { requests: 100 }),
    cookies(new CookieJar()),
  ]
  return memoryServer(answeringBy(answer), { middleware })
}

test('what joins another request, or is in the cache, takes no turn', async () => {
  let count = 0
  const { session } = server(
    () => {
      count += 1
      return responseText(200, { 'Cache-Control': 'max-age=60' }, 'Hello')
    },
    { limit: { requests: 1, intervalMs: 1e6, maxWaiting: 0 } },
  )
  expect(await Promise.all([session.get(URL).text(), session.get(URL).text()])).toEqual(['Hello', 'Hello'])
  expect(await session.get(URL).text()).toBe('Hello')
  expect(count).toBe(1)
})

test('every sending has the token and the cookies of its time and takes a turn', async () => {
  const sent: string[] = []
  const { session, clock } = server(
    (request, index) => {
      sent.push(`${fieldOf(request, 'authorization')}, ${fieldOf(request, 'cookie')}`)
      if (index === 0) return responseText(503, { 'Set-Cookie': 'a=1' })
      return index === 1 ? responseText(401, { 'Set-Cookie': 'b=2' }) : responseText(200, {}, 'done')
    },
    { limit: { requests: 1, intervalMs: 1000 } },
  )
  const text = session.get(URL).text()
  await settle()
  expect(sent.length).toBe(1)
  for (const count of [2, 3]) {
    clock.advance(1000)
    await settle()
    expect(sent.length).toBe(count)
  }
  expect(await text).toBe('done')
  expect(sent).toEqual(['Bearer old, undefined', 'Bearer old, a=1', 'Bearer new, a=1; b=2'])
})

test('an open circuit is not retried and takes no turn', async () => {
  let count = 0
  const { session, clock } = server(
    () => {
      count += 1
      return responseText(500)
    },
    { circuit: { minimumCalls: 1 }, limit: { requests: 1, intervalMs: 1e6, maxWaiting: 0 } },
  )
  const response = session.get(URL)
  await settle()
  clock.advance(1)
  await expect(response).rejects.toMatchObject({ code: 'ERR_HTTP_CIRCUIT_OPEN' })
  await expect(session.get(URL)).rejects.toMatchObject({ code: 'ERR_HTTP_CIRCUIT_OPEN' })
  expect(count).toBe(1)
})

test('a download that broke off is whole in the cache', async () => {
  const ranges: (string | undefined)[] = []
  const content = '0123456789'
  const fields = 'ETag: "a"\r\nCache-Control: max-age=60\r\n'
  const made = memoryServer(
    async (peer, index) => {
      const answer = answeringBy((request) => {
        ranges.push(fieldOf(request, 'range'))
        return `HTTP/1.1 206 X\r\n${fields}Content-Range: bytes 4-9/10\r\nContent-Length: 6\r\n\r\n${content.slice(4)}`
      })
      if (index > 0) return answer(peer, index)
      await peer.reader.readUntil('\r\n\r\n')
      peer.writer.writeText(`HTTP/1.1 200 X\r\n${fields}Content-Length: 10\r\n\r\n${content.slice(0, 4)}`)
      await settle()
      return peer.close()
    },
    { middleware: [coalesce(), cache(), resume({ baseMs: 0 }), retry({ baseMs: 0 })] },
  )
  const text = made.session.get(URL).text()
  for (let round = 0; round < 5; round++) {
    await settle()
    made.clock.advance(1)
  }
  expect(await text).toBe(content)
  expect(await made.session.get(URL).text()).toBe(content)
  expect(ranges).toEqual(['bytes=4-'])
})

test('a digest protects content as it is sent: compressed', async () => {
  const seen: { signed: string | undefined; hash: string; text: string }[] = []
  const { session } = server(
    (request, index) => {
      if (index === 0) {
        const challenge = 'Digest realm="r", nonce="n", qop="auth-int", algorithm=SHA-256'
        return responseText(401, { 'WWW-Authenticate': challenge })
      }
      const content = Buffer.from(request.slice(request.indexOf('\n\n') + 2), 'latin1')
      const [, nc, cnonce, signed] =
        /nc=(\w+).*cnonce="([^"]*)".*response="(\w+)"/.exec(
          orderedDigest(fieldOf(request, 'authorization')),
        ) ?? []
      const one = sha256('u:r:p')
      const two = sha256(`POST:/:${sha256(content)}`)
      const hash = sha256(`${one}:n:${nc}:${cnonce}:auth-int:${two}`)
      seen.push({ signed, hash, text: gunzipSync(content).toString() })
      return responseText(200)
    },
    { auth: digestAuth({ user: 'u', password: 'p', origins }) },
  )
  const body = 'again and '.repeat(500)
  expect((await session.post(URL, { body })).status).toBe(200)
  expect(seen).toEqual([{ signed: seen[0]?.hash, hash: seen[0]?.hash, text: body }])
})

/** Three parameters of a digest, in one order. */
function orderedDigest(credentials = ''): string {
  return ['nc', 'cnonce', 'response']
    .map((name) => new RegExp(`\\b${name}=[^,]*`).exec(credentials)?.[0])
    .join(', ')
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
