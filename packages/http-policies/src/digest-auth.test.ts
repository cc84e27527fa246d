/** Digest authentication between a session and a server that checks every answer by its own arithmetic. */
import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { parseAuthParams } from './auth-challenges.ts'
import { digestAuth } from './index.ts'
import type { DigestAuthOptions } from './index.ts'
import { answeringBy, fieldOf, memoryServer, responseText, settle } from './memory-server.test-support.ts'

const ORIGIN = 'http://a.example'
const OPTIONS: DigestAuthOptions = { user: 'u', password: 'secret', origins: ORIGIN }

const NODE_NAMES: Record<string, string> = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' }

interface Told {
  readonly line: string
  readonly params: ReadonlyMap<string, string> | null
  /** Whether the digest is right, by a reading of RFC 7616 of the test's own. */
  readonly isRight: boolean
  readonly rspauth: string
}

/** What a request says about who sends it. */
function told(request: string): Told {
  const [head = '', body = ''] = request.split('\n\n')
  const [method = '', target = ''] = head.split(' ')
  const authorization = fieldOf(request, 'authorization')
  const params = authorization === undefined ? null : parseAuthParams(authorization.replace('Digest ', ''))
  const get = (name: string): string => params?.get(name) ?? ''
  const [name = 'MD5', session] = (get('algorithm') || 'MD5').split('-sess')
  const hash = (text: string): string =>
    createHash(NODE_NAMES[name] ?? 'md5')
      .update(text, 'latin1')
      .digest('hex')
  let secret = hash(`u:${get('realm')}:secret`)
  if (session !== undefined) secret = hash(`${secret}:n0:${get('cnonce')}`)
  const proof = (what: string): string =>
    hash(`${secret}:${get('nonce')}:${get('nc')}:${get('cnonce')}:${get('qop')}:${hash(what)}`)
  const integrity = get('qop') === 'auth-int' ? `:${hash(body)}` : ''
  const isRight = get('response') === proof(`${method}:${target}${integrity}`) && get('uri') === target
  return { line: `${method} ${target}`, params, isRight, rspauth: proof(`:${target}`) }
}

/** @param answer Gives the response to the n-th request, counted from 0. */
function server(answer: (what: Told, index: number) => string, options: Partial<DigestAuthOptions> = {}) {
  const seen: Told[] = []
  const script = answeringBy((request, index) => {
    const what = told(request)
    seen.push(what)
    return answer(what, index)
  })
  const made = memoryServer(script, { middleware: [digestAuth({ ...OPTIONS, ...options })] })
  const summary = (): (string | undefined)[][] =>
    seen.map(({ line, params, isRight }) => [
      line,
      params?.get('nonce'),
      params?.get('nc'),
      isRight ? 'right' : 'no',
    ])
  return { ...made, seen, summary }
}

function challenge(rest = '', nonce = 'n0'): string {
  return responseText(
    401,
    { 'WWW-Authenticate': `Digest realm="r", nonce="${nonce}", qop="auth"${rest}` },
    'no',
  )
}

for (const algorithm of ['MD5', 'MD5-sess', 'SHA-256', 'SHA-256-sess', 'SHA-512-256', 'SHA-512-256-sess']) {
  test(`a challenge is answered, and requests behind it have credentials from the start: ${algorithm}`, async () => {
    const { session, summary } = server(({ isRight }) =>
      isRight ? responseText(200) : challenge(`, algorithm=${algorithm}`),
    )
    expect((await session.get(`${ORIGIN}/a?b=c`)).status).toBe(200)
    await Promise.all([session.post(`${ORIGIN}/d`, { body: 'x' }), session.get(`${ORIGIN}/e`)])
    expect(summary()).toEqual([
      ['GET /a?b=c', undefined, undefined, 'no'],
      ['GET /a?b=c', 'n0', '00000001', 'right'],
      ['POST /d', 'n0', '00000002', 'right'],
      ['GET /e', 'n0', '00000003', 'right'],
    ])
  })
}

test('the strongest of several challenges is answered, in whichever field it stands', async () => {
  const fields = [
    'Digest realm="r", nonce="n0", qop="auth", algorithm=MD5, Basic realm="r"',
    'Digest realm="r", nonce="n0", qop="auth", algorithm=SHA-256',
    'malformed "',
  ]
  const asked = `HTTP/1.1 401 X\r\n${fields.map((field) => `WWW-Authenticate: ${field}\r\n`).join('')}Content-Length: 0\r\n\r\n`
  const { session, seen } = server(({ isRight }) => (isRight ? responseText(200) : asked))
  expect((await session.get(ORIGIN)).status).toBe(200)
  expect(seen.at(-1)?.params?.get('algorithm')).toBe('SHA-256')
})

test('auth-int protects the body, an empty one and a large one too', async () => {
  const asked = responseText(401, { 'WWW-Authenticate': 'Digest realm="r", nonce="n0", qop="auth-int"' })
  const { session, seen, summary } = server(({ isRight }) => (isRight ? responseText(200) : asked))
  await session.put(`${ORIGIN}/a`, { body: 'text' })
  await session.get(`${ORIGIN}/b`)
  await session.put(`${ORIGIN}/c`, { body: () => ['x'.repeat(100_000), 'y'] })
  expect(summary().map(([line, , , right]) => [line, right])).toEqual([
    ['PUT /a', 'no'],
    ['PUT /a', 'right'],
    ['GET /b', 'right'],
    ['PUT /c', 'right'],
  ])
  expect(seen.at(-1)?.params?.get('qop')).toBe('auth-int')
})

test('a stale nonce is replaced without another question', async () => {
  const { session, summary } = server(({ isRight }, index) => {
    if (index === 2) return challenge(', stale=true', 'n1')
    return isRight ? responseText(200) : challenge()
  })
  await session.get(`${ORIGIN}/a`)
  expect((await session.get(`${ORIGIN}/b`)).status).toBe(200)
  expect(summary().slice(2)).toEqual([
    ['GET /b', 'n0', '00000002', 'right'],
    ['GET /b', 'n1', '00000001', 'right'],
  ])
})

test('a nonce that has ended without a word of it is replaced all the same; a wrong password is told', async () => {
  const { session, seen, summary } = server(({ params }, index) => {
    if (index >= 2) return challenge('', `n${index}`)
    return params === null ? challenge() : responseText(200)
  })
  await session.get(`${ORIGIN}/a`)
  expect((await session.get(`${ORIGIN}/b`)).status).toBe(401)
  expect(summary().slice(2)).toEqual([
    ['GET /b', 'n0', '00000002', 'right'],
    ['GET /b', 'n2', '00000001', 'right'],
  ])
  expect(seen.length).toBe(4)
  await session.get(`${ORIGIN}/c`)
  expect(
    summary()
      .slice(4)
      .map(([, nonce]) => nonce),
  ).toEqual([undefined, 'n4'])
})

test('a server that finds every nonce stale is asked three times', async () => {
  const { session, seen } = server((_what, index) => challenge(', stale=true', `n${index}`))
  expect(await session.get(`${ORIGIN}/a`).text()).toBe('no')
  expect(seen.length).toBe(3)
})

test('nextnonce is used from then on', async () => {
  const { session, summary } = server(({ isRight }) =>
    isRight ? responseText(200, { 'Authentication-Info': 'nextnonce="n9"' }) : challenge(),
  )
  await session.get(`${ORIGIN}/a`)
  await session.get(`${ORIGIN}/b`)
  expect(summary().at(-1)).toEqual(['GET /b', 'n9', '00000001', 'right'])
})

test('only the protection space has credentials from the start', async () => {
  const { session, summary } = server(
    ({ isRight }) => (isRight ? responseText(200) : challenge(', domain="/in http://b.example/x"')),
    { origins: [ORIGIN, 'http://b.example'] },
  )
  await session.get(`${ORIGIN}/in/a`)
  for (const url of [`${ORIGIN}/in/b`, 'http://b.example/x/y', 'http://c.example/in']) await session.get(url)
  expect(summary().map(([line, nonce]) => [line, nonce])).toEqual([
    ['GET /in/a', undefined],
    ['GET /in/a', 'n0'],
    ['GET /in/b', 'n0'],
    ['GET /x/y', 'n0'],
    ['GET /in', undefined],
  ])
})

const PROOFS = [
  { name: 'a right one', rspauth: undefined, given: 'right', code: null },
  { name: 'a right one that is required', rspauth: 'require', given: 'right', code: null },
  { name: 'none', rspauth: undefined, given: 'none', code: null },
  { name: 'none that is required', rspauth: 'require', given: 'none', code: 'ERR_HTTP_AUTH_RSPAUTH' },
  { name: 'a wrong one', rspauth: 'check', given: 'wrong', code: 'ERR_HTTP_AUTH_RSPAUTH' },
  { name: 'a wrong one that is ignored', rspauth: 'ignore', given: 'wrong', code: null },
] as const
for (const { name, rspauth, given, code } of PROOFS) {
  test(`the server’s proof: ${name}`, async () => {
    const made = server(
      (what) => {
        if (!what.isRight) return challenge()
        const value = given === 'right' ? what.rspauth : '0'.repeat(32)
        return responseText(
          200,
          given === 'none' ? {} : { 'Authentication-Info': `rspauth="${value}", qop=auth` },
          'ok',
        )
      },
      rspauth === undefined ? {} : { rspauth },
    )
    const outcome = made.session.get(`${ORIGIN}/a`).text()
    if (code === null) expect(await outcome).toBe('ok')
    else await expect(outcome).rejects.toMatchObject({ name: 'AuthenticationError', code })
    await made.session.close()
    await settle()
    expect(made.clock.timerCount).toBe(0)
  })
}

test('a body that can be had once is not sent again; the next request has credentials from the start', async () => {
  const { session, summary } = server(({ isRight }) => (isRight ? responseText(200) : challenge()))
  const once = async function* (): AsyncGenerator<string> {
    yield 'x'
  }
  expect((await session.post(`${ORIGIN}/a`, { body: once() })).status).toBe(401)
  expect((await session.post(`${ORIGIN}/a`, { body: once() })).status).toBe(200)
  expect(summary().map(([, , count]) => count)).toEqual([undefined, '00000001'])
})

test('what the caller says, other origins and other schemes are left alone', async () => {
  const { session, seen } = server(({ line }) =>
    line.endsWith('/basic') ? responseText(401, { 'WWW-Authenticate': 'Basic realm="r"' }) : challenge(),
  )
  await session.get(`${ORIGIN}/own`, { headers: { Authorization: 'own' } })
  await session.get('http://b.example/')
  await session.get(`${ORIGIN}/basic`)
  expect(seen.map(({ line }) => line)).toEqual(['GET /own', 'GET /', 'GET /basic'])
})

test('neither name nor password shows anywhere', async () => {
  const policy = digestAuth(OPTIONS)
  expect(inspect(policy, { depth: 9, showHidden: true })).not.toContain('secret')
  const { session } = server(({ isRight }) => (isRight ? responseText(200) : challenge()), {
    rspauth: 'require',
  })
  const error: unknown = await session.get(`${ORIGIN}/a`).catch((reason: unknown) => reason)
  expect(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)).not.toMatch(
    /secret|response=/,
  )
})

for (const [option, value] of [
  ['qop', 'auth-x'],
  ['rspauth', true],
  ['cnonce', 'x'],
  ['user', 'a:b'],
  ['origins', undefined],
  ['realm', 'r'],
] as const) {
  test(`digestAuth refuses a wrong ${option}`, () => {
    expect(() => digestAuth({ ...OPTIONS, [option]: value })).toThrow(new RegExp(`^option ${option}:`))
  })
}

test('a nextnonce that is told again goes on being counted', async () => {
  const info = { 'Authentication-Info': 'nextnonce="n1"' }
  const { session, summary } = server(({ isRight }) => (isRight ? responseText(200, info) : challenge()))
  for (let count = 0; count < 3; count++) await session.get(`${ORIGIN}/a`)
  await Promise.all(['b', 'c'].map((path) => session.get(`${ORIGIN}/${path}`)))
  await session.get(`${ORIGIN}/d`)
  expect(summary().slice(1)).toEqual([
    ['GET /a', 'n0', '00000001', 'right'],
    ['GET /a', 'n1', '00000001', 'right'],
    ['GET /a', 'n1', '00000002', 'right'],
    ['GET /b', 'n1', '00000003', 'right'],
    ['GET /c', 'n1', '00000004', 'right'],
    ['GET /d', 'n1', '00000005', 'right'],
  ])
})

test('a source that hangs while it is hashed does not keep the request from its end', async () => {
  const asked = responseText(401, { 'WWW-Authenticate': 'Digest realm="r", nonce="n0", qop="auth-int"' })
  const { session } = server(() => asked)
  const control = new AbortController()
  let openCount = 0
  async function* body(): AsyncGenerator<string> {
    yield 'text'
    if (openCount++ === 0) return
    control.abort('stop')
    await new Promise(() => {})
  }
  await expect(session.post(ORIGIN, { signal: control.signal, body })).rejects.toBe('stop')
})

test('a challenge of its own goes before that of another origin which names it', async () => {
  const seen: string[] = []
  const others = ['http://a.example', 'http://b.example']
  const answer = (request: string): string => {
    const host = fieldOf(request, 'host') ?? ''
    const nonce = /nonce="([^"]*)"/.exec(fieldOf(request, 'authorization') ?? '')?.[1]
    seen.push(`${host} ${nonce}`)
    if (nonce === host) return responseText(200)
    const rest = `qop="auth", domain="${others.join(' ')}"`
    return responseText(401, { 'WWW-Authenticate': `Digest realm="r", nonce="${host}", ${rest}` })
  }
  const options = { ...OPTIONS, origins: others }
  const { session } = memoryServer(answeringBy(answer), { middleware: [digestAuth(options)] })
  for (const origin of ['http://a.example', ...others, ...others]) await session.get(origin)
  expect(seen).toEqual([
    'a.example undefined',
    'a.example a.example',
    'a.example a.example',
    'b.example a.example',
    'b.example b.example',
    'a.example a.example',
    'b.example b.example',
  ])
})

for (const algorithm of ['MD5', 'SHA-256-sess'])
  test(`one nonce for several requests at the same time is counted on, never used twice alike: ${algorithm}`, async () => {
    const { session, seen } = server(({ params, isRight }) =>
      params === null || !isRight ? challenge(`, algorithm=${algorithm}`) : responseText(200),
    )
    const all = [1, 2, 3].map((n) => session.post(`${ORIGIN}/${n}`, { body: 'text' }))
    expect((await Promise.all(all)).map(({ status }) => status)).toEqual([200, 200, 200])
    const counts = seen.flatMap(({ params }) => params?.get('nc') ?? [])
    expect(counts.toSorted()).toEqual(['00000001', '00000002', '00000003'])
  })

test('another realm, opaque or protection with a nonce that is known begins anew', async () => {
  const { session, seen } = server((_told, index) =>
    index % 2 === 0
      ? responseText(401, {
          'WWW-Authenticate': `Digest realm="r${index}", nonce="n", qop="auth", opaque="o${index}", stale=true`,
        })
      : responseText(200),
  )
  for (let count = 0; count < 2; count++) await session.get(ORIGIN)
  expect(seen.map(({ params }) => [params?.get('nc'), params?.get('realm'), params?.get('opaque')])).toEqual([
    [undefined, undefined, undefined],
    ['00000001', 'r0', 'o0'],
    ['00000002', 'r0', 'o0'],
    ['00000001', 'r2', 'o2'],
  ])
})
