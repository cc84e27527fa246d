/** Basic and bearer credentials: who gets them, and new tokens in place of rejected ones. */
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { basicAuth, bearerAuth } from './index.ts'
import { answeringBy, fieldOf, memoryServer, responseText, settle } from './memory-server.test-support.ts'
import type { Script } from './memory-server.test-support.ts'

const URL = 'https://a.example/'
const origins = 'https://a.example'

/** Accepts the tokens that are named, and records what it was sent. */
function guarded(seen: (string | undefined)[], ...good: string[]): Script {
  return answeringBy((request) => {
    const authorization = fieldOf(request, 'authorization')
    seen.push(authorization)
    const isGood = good.includes(authorization?.replace('Bearer ', '') ?? '')
    return responseText(isGood ? 200 : 401, {}, request.split('\n\n')[1] || 'none')
  })
}

test('name and password go to the named origins alone, as UTF-8', async () => {
  const seen: (string | undefined)[] = []
  const { session } = memoryServer(guarded(seen), {
    middleware: [basicAuth({ user: 'ä', password: 'b:c', origins: [`${origins}/`, 'http://a.example:80'] })],
  })
  const credentials = 'Basic w6Q6Yjpj'
  const headers = { Authorization: 'own' }
  for (const url of [URL, 'http://a.example/x', 'https://a.example:444/', 'https://b.example/'])
    await session.get(url)
  await session.get(URL, { headers })
  expect(seen).toEqual([credentials, credentials, undefined, undefined, 'own'])
})

test('credentials do not follow a redirect to another origin', async () => {
  const seen: (string | undefined)[] = []
  const script = answeringBy((request, index) => {
    seen.push(fieldOf(request, 'authorization'))
    return index === 0 ? responseText(302, { Location: 'https://b.example/' }) : responseText(200)
  })
  const { session } = memoryServer(script, { middleware: [bearerAuth({ token: 't', origins })] })
  await session.get(URL)
  expect(seen).toEqual(['Bearer t', undefined])
})

test('a rejected token is replaced once for all requests that wait, and each is sent once more', async () => {
  const seen: (string | undefined)[] = []
  const asked: string[] = []
  const { session } = memoryServer(guarded(seen, 'new'), {
    middleware: [
      bearerAuth({
        token: () => Promise.resolve((asked.push('first'), 'old')),
        refresh: async (rejected) => {
          asked.push(rejected)
          await settle()
          return 'new'
        },
        origins,
      }),
    ],
  })
  const bodies = await Promise.all(['x', 'y', 'z'].map((body) => session.post(URL, { body }).text()))
  expect(bodies).toEqual(['x', 'y', 'z'])
  expect(asked).toEqual(['first', 'old'])
  const count = (what: string): number => seen.filter((sent) => sent === what).length
  expect([count('Bearer old'), count('Bearer new'), seen.length]).toEqual([3, 3, 6])
  expect((await session.get(URL)).status).toBe(200)
  expect(asked.length).toBe(2)
})

test('a token that came too late is not asked for again', async () => {
  let refreshed = 0
  let release = (_response: string): void => {}
  const script = answeringBy((request, index) => {
    if (index === 0) return new Promise<string>((resolve) => (release = resolve))
    return responseText(request.includes('Bearer new') ? 200 : 401)
  })
  const { session } = memoryServer(script, {
    middleware: [bearerAuth({ token: 'old', refresh: () => (refreshed++, 'new'), origins })],
  })
  const slow = session.get(URL)
  await settle()
  expect((await session.get(URL)).status).toBe(200)
  release(responseText(401))
  expect((await slow).status).toBe(200)
  expect(refreshed).toBe(1)
})

test('a token that is rejected again is the caller’s matter', async () => {
  const seen: (string | undefined)[] = []
  const { session } = memoryServer(guarded(seen), {
    middleware: [bearerAuth({ token: 'a', refresh: () => 'b', origins })],
  })
  expect((await session.get(URL)).status).toBe(401)
  expect(seen).toEqual(['Bearer a', 'Bearer b'])
})

test('a body that can be had once is not sent again; the next request has the new token', async () => {
  const seen: (string | undefined)[] = []
  const { session } = memoryServer(guarded(seen, 'b'), {
    middleware: [bearerAuth({ token: 'a', refresh: () => 'b', origins })],
  })
  const body = (async function* () {
    yield 'once'
  })()
  expect(await session.post(URL, { body, headers: { 'Content-Length': '4' } }).text()).toBe('once')
  expect((await session.get(URL)).status).toBe(200)
  expect(seen).toEqual(['Bearer a', 'Bearer b'])
})

test('without refresh, 401 is the caller’s', async () => {
  const { session } = memoryServer(guarded([]), { middleware: [bearerAuth({ token: 'a', origins })] })
  expect((await session.get(URL)).status).toBe(401)
})

test('a source of tokens that fails is told to all that wait, without the token, and asked again later', async () => {
  const seen: (string | undefined)[] = []
  const cause = new Error('down')
  let fails = true
  const policy = bearerAuth({
    token: 'secret1',
    refresh: () => (fails ? Promise.reject(cause) : 'secret2'),
    origins,
  })
  const server = memoryServer(guarded(seen, 'secret2'), { middleware: [policy] })
  const outcomes = await Promise.allSettled([server.session.get(URL), server.session.get(URL)])
  for (const outcome of outcomes) {
    const { reason } = outcome as PromiseRejectedResult
    expect(reason).toMatchObject({ name: 'AuthenticationError', code: 'ERR_HTTP_AUTH_CREDENTIALS', cause })
    expect(inspect(reason) + JSON.stringify(reason)).not.toContain('secret')
  }
  fails = false
  expect((await server.session.get(URL)).status).toBe(200)
  await server.session.close()
  await settle()
  expect(server.clock.timerCount).toBe(0)
})

test('what is no token is never sent and never shown', async () => {
  const seen: (string | undefined)[] = []
  const { session } = memoryServer(guarded(seen), {
    middleware: [bearerAuth({ token: () => 'se cret', origins })],
  })
  const error: unknown = await session.get(URL).catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'ERR_HTTP_AUTH_CREDENTIALS' })
  expect(inspect(error)).not.toContain('cret')
  expect(seen).toEqual([])
})

test('an abort ends the wait for a token, not the asking', async () => {
  const seen: (string | undefined)[] = []
  let give = (_token: string): void => {}
  const { session } = memoryServer(guarded(seen, 't'), {
    middleware: [bearerAuth({ token: () => new Promise((resolve) => (give = resolve)), origins })],
  })
  const controller = new AbortController()
  const reason = new Error('enough')
  const aborted = session.get(URL, { signal: controller.signal }).catch((error: unknown) => error)
  const other = session.get(URL)
  await settle()
  controller.abort(reason)
  expect(await aborted).toBe(reason)
  give('t')
  expect((await other).status).toBe(200)
})

test('a time limit that passes while no token comes is told as such', async () => {
  const { session, clock } = memoryServer(() => {}, {
    middleware: [bearerAuth({ token: () => new Promise<never>(() => {}), origins })],
  })
  const outcome = session.get(URL, { timeouts: { totalMs: 100 } }).catch((error: unknown) => error)
  await settle()
  clock.advance(100)
  expect(await outcome).toMatchObject({ code: 'ERR_HTTP_TIMEOUT_TOTAL' })
  await session.close()
  expect(clock.timerCount).toBe(0)
})

const REFUSED = [
  { name: 'no origin', make: () => basicAuth({ user: 'a', password: 'b' } as never), option: 'origins' },
  { name: 'an empty list', make: () => bearerAuth({ token: 't', origins: [] }), option: 'origins' },
  {
    name: 'a path',
    make: () => bearerAuth({ token: 't', origins: 'https://a.example/x' }),
    option: 'origins',
  },
  {
    name: 'user information',
    make: () => bearerAuth({ token: 't', origins: 'https://u:p@a.example/' }),
    option: 'origins',
  },
  {
    name: 'another scheme',
    make: () => bearerAuth({ token: 't', origins: 'ftp://a.example' }),
    option: 'origins',
  },
  {
    name: 'a colon in a name',
    make: () => basicAuth({ user: 'a:b', password: '', origins }),
    option: 'user',
  },
  {
    name: 'a line break',
    make: () => basicAuth({ user: 'a', password: 'secret\n', origins }),
    option: 'password',
  },
  { name: 'no token', make: () => bearerAuth({ token: 'secret\n', origins }), option: 'token' },
  {
    name: 'no function',
    make: () => bearerAuth({ token: 't', refresh: 1 as never, origins }),
    option: 'refresh',
  },
  {
    name: 'an unknown option',
    make: () => bearerAuth({ token: 't', origins, scope: 1 } as never),
    option: 'scope',
  },
]
for (const { name, make, option } of REFUSED) {
  test(`credentials are refused with ${name}`, () => {
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_HTTP_INVALID_OPTION' }))
    expect(make).toThrow(new RegExp(`^option ${option}: (?!.*secret)`))
  })
}
