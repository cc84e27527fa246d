/** What the cache must not answer, what it cannot see, and a store that does not come back. */
import type { Middleware } from '@x/http-session'
import { expect, test } from 'vitest'
import { cache } from './cache.ts'
import type { CacheStore } from './cache.ts'
import { cookies } from './index.ts'
import { answeringBy, fieldOf, memoryServer, responseText, settle } from './memory-server.test-support.ts'

const URL = 'http://a.example/'
const FRESH = { 'Cache-Control': 'max-age=60' }

test('a request with a Host of its own goes past the cache: it is about another target', async () => {
  const answer = (request: string): string => responseText(200, FRESH, `${fieldOf(request, 'host')}`)
  const { session } = memoryServer(answeringBy(answer), { middleware: [cache()] })
  const headers = { Host: 'b.example' }
  expect(await session.get(URL, { headers }).text()).toBe('b.example')
  expect(await session.get(URL).text()).toBe('a.example')
  expect(await session.get(URL, { headers }).text()).toBe('b.example')
})

test('a request for another protocol is not answered by content', async () => {
  let count = 0
  const answer = (): string => responseText(200, FRESH, String(++count))
  const { session } = memoryServer(answeringBy(answer), { middleware: [cache()] })
  await session.get(URL)
  const headers = { Upgrade: 'websocket', Connection: 'Upgrade' }
  expect(await session.get(URL, { headers }).text()).toBe('2')
})

/** Adds what `field` says at the time. */
function behind(field: { value: string | null }, name: string): Middleware {
  return (request, next) =>
    next(field.value === null ? request : request.with({ headers: { [name]: field.value } }))
}

test.each(['Cookie', 'Authorization'])(
  'Vary: %s is heard of what is added behind the cache',
  async (name) => {
    const added: { value: string | null } = { value: null }
    const { session } = memoryServer(
      answeringBy((request) => {
        const user = fieldOf(request, name) ?? 'nobody'
        if (fieldOf(request, 'if-none-match') === `"${user}"`) return responseText(304, { ETag: `"${user}"` })
        return responseText(200, { ...FRESH, Vary: name, ETag: `"${user}"` }, `for ${user}`)
      }),
      { middleware: [cache({ name: 'c' }), behind(added, name)] },
    )
    const get = async (): Promise<string[]> => {
      const response = await session.get(URL)
      return [await response.text(), `${response.headers.get('cache-status')}`]
    }
    expect(await get()).toEqual(['for nobody', 'c; fwd=uri-miss; fwd-status=200; stored'])
    expect(await get()).toEqual(['for nobody', 'c; fwd=request; fwd-status=304'])
    added.value = 'alice'
    expect(await get()).toEqual(['for alice', 'c; fwd=request; fwd-status=200; stored'])
    added.value = 'bob'
    expect(await get()).toEqual(['for bob', 'c; fwd=request; fwd-status=200; stored'])
  },
)

test('what was chosen by a cookie of before is no answer where the server fails', async () => {
  let cookie = ''
  const jar = { getCookieString: () => Promise.resolve(cookie), setCookie: () => Promise.resolve() }
  const fields = { 'Cache-Control': 'max-age=60, stale-if-error=600', Vary: 'Cookie' }
  const answer = (_: string, index: number): string =>
    index === 0 ? responseText(200, fields, 'nobody') : responseText(503)
  const { session } = memoryServer(answeringBy(answer), { middleware: [cache(), cookies(jar)] })
  await session.get(URL)
  cookie = 'user=alice'
  expect((await session.get(URL)).status).toBe(503)
})

const never = (): Promise<never> => new Promise(() => {})

test.each([
  ['GET', FRESH],
  ['DELETE', {}],
])('a store that hangs behind %s does not keep the request from its end', async (method, fields) => {
  const store: CacheStore = { get: () => Promise.resolve(undefined), set: never, delete: never }
  const answer = (): string => responseText(200, fields, 'text')
  const { session, openCount } = memoryServer(answeringBy(answer), { middleware: [cache({ store })] })
  const control = new AbortController()
  const failed = session.request(method, URL, { signal: control.signal }).catch((error: unknown) => error)
  await settle()
  control.abort('stop')
  expect(await failed).toBe('stop')
  await session.close()
  expect(openCount()).toBe(0)
})
