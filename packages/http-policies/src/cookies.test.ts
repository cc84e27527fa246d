/** Cookies between a session, tough-cookie's jar and a server. */
import { CookieJar } from 'tough-cookie'
import { expect, test } from 'vitest'
import { cookies } from './index.ts'
import type { CookieStore } from './index.ts'
import { answeringBy, fieldOf, memoryServer, responseText, settle } from './memory-server.test-support.ts'

const URL = 'http://a.example/'

/** tough-cookie's jar is a store as it is. */
const conformance = (jar: CookieJar): CookieStore => jar

test('what a response sets is sent with the next request, in the order of the jar', async () => {
  const sent: (string | undefined)[] = []
  const script = answeringBy((request) => {
    sent.push(fieldOf(request, 'cookie'))
    return 'HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=\xe4; Path=/\r\nContent-Length: 0\r\n\r\n'
  })
  const jar = new CookieJar()
  await jar.setCookie('s=1; Secure', 'https://a.example/')
  const { session } = memoryServer(script, { middleware: [cookies(conformance(jar))] })
  await session.get(URL)
  await session.get(`${URL}x`)
  await session.get('http://b.example/')
  await session.get('https://a.example/')
  expect(sent).toEqual([undefined, 'a=1; b=\xe4', undefined, 's=1; a=1; b=\xe4'])
})

test('every hop of a redirect gets its own cookies, and those that a redirect sets are sent to where it leads', async () => {
  const sent: (string | undefined)[] = []
  const script = answeringBy((request, index) => {
    sent.push(fieldOf(request, 'cookie'))
    if (index === 1) return responseText(302, { Location: 'http://b.example/', 'Set-Cookie': 'late=1' })
    return index === 0
      ? responseText(302, { Location: '/next', 'Set-Cookie': 'session=1' })
      : responseText(200)
  })
  const jar = new CookieJar()
  await jar.setCookie('other=1', 'http://b.example/')
  const { session } = memoryServer(script, { middleware: [cookies(jar)] })
  await session.get(URL, { headers: { Cookie: 'own=1' } })
  expect(sent).toEqual(['own=1', 'own=1; session=1', 'other=1'])
  expect(await jar.getCookieString(URL)).toBe('session=1; late=1')
})

test('a cookie that is not valid, or of another domain, is ignored', async () => {
  const script = answeringBy(
    () =>
      'HTTP/1.1 200 OK\r\nSet-Cookie: \r\nSet-Cookie: a=1; Domain=b.example\r\nSet-Cookie: c=1\r\nContent-Length: 5\r\n\r\nHello',
  )
  const jar = new CookieJar()
  const { session } = memoryServer(script, { middleware: [cookies(jar)] })
  expect(await session.get(URL).text()).toBe('Hello')
  expect(await jar.getCookieString(URL)).toBe('c=1')
})

for (const method of ['getCookieString', 'setCookie'] as const) {
  test(`a failure of the store is told, and nothing is left open: ${method}`, async () => {
    const cause = new Error('disk full')
    const store = {
      getCookieString: () => Promise.resolve(''),
      setCookie: () => Promise.resolve(),
      [method]: () => Promise.reject(cause),
    }
    const server = memoryServer(
      answeringBy(() => responseText(200, { 'Set-Cookie': 'a=secret' }, 'x'.repeat(100))),
      {
        middleware: [cookies(store)],
      },
    )
    const error: unknown = await server.session.get(`${URL}?a`).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'CookieStoreError', code: 'ERR_HTTP_COOKIE_STORE', cause })
    expect(String(error)).toContain(`${URL}?a`)
    expect(JSON.stringify(error)).not.toContain('secret')
    await server.session.close()
    await settle()
    expect(server.clock.timerCount).toBe(0)
  })
}

test('something that is no store is refused', () => {
  for (const store of [undefined, null, {}, { getCookieString: () => Promise.resolve('') }])
    expect(() => cookies(store as never)).toThrow(
      expect.objectContaining({ code: 'ERR_HTTP_INVALID_OPTION' }),
    )
})
