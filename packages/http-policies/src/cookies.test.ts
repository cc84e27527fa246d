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

test('a store that gives no text has failed; what cannot be sent is refused', async () => {
  for (const [value, code] of [
    [undefined, 'ERR_HTTP_COOKIE_STORE'],
    [null, 'ERR_HTTP_COOKIE_STORE'],
    [['a=1'], 'ERR_HTTP_COOKIE_STORE'],
    ['a=1\r\nX-Other: 1', 'ERR_HTTP_INVALID_HEADER'],
    ['a=\u20ac', 'ERR_HTTP_INVALID_HEADER'],
  ] as const) {
    const store = {
      getCookieString: () => Promise.resolve(value as string),
      setCookie: () => Promise.resolve(),
    }
    const { session, pairs } = memoryServer(() => {}, { middleware: [cookies(store)] })
    for (const headers of [{}, { Cookie: 'own=1' }])
      await expect(session.get(URL, { headers })).rejects.toMatchObject({
        code,
        message: expect.not.stringContaining('a=') as unknown,
      })
    expect(pairs).toEqual([])
  }
})

test('cookies that say more than they may are not kept: of another domain, or with a prefix that they do not keep', async () => {
  const script = answeringBy(
    () =>
      `HTTP/1.1 200 OK\r\n${[
        '__Host-a=1; Path=/; Secure; Domain=a.example',
        '__Host-b=1; Path=/x; Secure',
        '__Host-c=1; Path=/',
        '__Secure-d=1',
        'e=1; Domain=example',
        'f=1; Domain=www.a.example',
        'g=1; Domain=xa.example',
        'h=1; Domain=.com',
        '__Host-good=1; Path=/; Secure',
        '__Secure-good=1; Secure',
      ]
        .map((line) => `Set-Cookie: ${line}\r\n`)
        .join('')}Content-Length: 0\r\n\r\n`,
  )
  for (const [scheme, kept] of [
    ['https', '__Host-good=1; __Secure-good=1'],
    ['http', ''],
  ]) {
    const jar = new CookieJar()
    const { session } = memoryServer(script, { middleware: [cookies(jar)] })
    await session.get(`${scheme}://a.example/`)
    expect(await jar.getCookieString('https://a.example/')).toBe(kept)
    expect(await jar.getCookieString('https://www.a.example/x')).toBe('')
  }
})

for (const method of ['getCookieString', 'setCookie'] as const)
  for (const end of ['abort', 'total', 'close'] as const)
    test(`a store that hangs does not keep the request from its end, which is told as such: ${method}, ${end}`, async () => {
      const store = {
        getCookieString: () => Promise.resolve(''),
        setCookie: () => Promise.resolve(),
        [method]: () => new Promise(() => {}),
      }
      const answer = responseText(200, { 'Set-Cookie': 'a=1' }, 'text')
      const made = memoryServer(
        answeringBy(() => answer),
        { middleware: [cookies(store)] },
      )
      const controller = new AbortController()
      const outcome = made.session
        .get(URL, { signal: controller.signal, timeouts: { totalMs: 400 } })
        .then(null, (error: unknown) => error)
      await settle()
      if (end === 'abort') controller.abort(new Error('enough'))
      if (end === 'total') made.clock.advance(400)
      if (end === 'close') void made.session.close({ graceMs: 0 })
      expect(await outcome).toMatchObject(
        {
          abort: { message: 'enough' },
          total: { code: 'ERR_HTTP_TIMEOUT_TOTAL' },
          close: { code: 'ERR_HTTP_SESSION_CLOSED' },
        }[end],
      )
      await made.session.close()
      await settle()
      expect(made.openCount()).toBe(0)
    })

test('something that is no store is refused', () => {
  for (const store of [undefined, null, {}, { getCookieString: () => Promise.resolve('') }])
    expect(() => cookies(store as never)).toThrow(
      expect.objectContaining({ code: 'ERR_HTTP_INVALID_OPTION' }),
    )
})
