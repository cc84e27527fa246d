/** Redirects as the session follows them; what each means is decided, and tested, in redirect.ts. */
import { expect, test } from 'vitest'
import type { RequestOptions, SessionOptions } from './index.ts'
import { ClientSession } from './index.ts'
import { HELLO, memoryServer, readRequest, settle } from './memory-server.test-support.ts'
import type { MemoryServer } from './memory-server.test-support.ts'

const URL = 'http://a.example/start?q'

function to(location: string, status = 302, content = ''): string {
  return `HTTP/1.1 ${status} Moved\r\nLocation: ${location}\r\nContent-Length: ${content.length}\r\n\r\n${content}`
}

interface World extends MemoryServer {
  /** What came in: where, and the request. */
  readonly seen: { readonly target: string; readonly text: string }[]
}

/** Gives the answers one after the other, whichever connection asks. */
function answeringInTurn(answers: string[], options: SessionOptions = {}): World {
  const seen: World['seen'] = []
  const targets: string[] = []
  const server = memoryServer(async (peer, index) => {
    for (let text = await readRequest(peer); text !== null; text = await readRequest(peer)) {
      seen.push({ target: targets[index] ?? '', text })
      peer.writer.writeText(answers[seen.length - 1] ?? HELLO, 'latin1')
    }
  })
  const session = new ClientSession({
    clock: server.clock,
    connector: (target, { signal }) => {
      targets.push(`${target.secure ? 'https' : 'http'}://${target.host}:${target.port}`)
      return server.connector(target, { signal })
    },
    ...options,
  })
  return { ...server, session, seen }
}

function firstLines({ seen }: World): string[] {
  return seen.map(({ target, text }) => `${target} ${text.split('\n', 1)[0] ?? ''}`)
}

test('P47 P50 a chain within an origin goes over one connection; the response tells where it came from', async () => {
  const world = answeringInTurn([to('next'), to('/last#part', 307)])
  const response = await world.session.get(URL)
  expect([response.status, response.url, await response.text()]).toEqual([
    200,
    'http://a.example/last',
    'Hello',
  ])
  expect(response.redirects).toEqual([
    { status: 302, method: 'GET', url: URL },
    { status: 307, method: 'GET', url: 'http://a.example/next' },
  ])
  expect(world.pairs.length).toBe(1)
  expect(firstLines(world)).toEqual([
    'http://a.example:80 GET /start?q HTTP/1.1',
    'http://a.example:80 GET /next HTTP/1.1',
    'http://a.example:80 GET /last HTTP/1.1',
  ])
})

test('a response that nothing led to says so', async () => {
  expect((await answeringInTurn([]).session.get(URL)).redirects).toEqual([])
})

test('P45 POST becomes GET, without body and its fields; 307 keeps both', async () => {
  const world = answeringInTurn([to('/2', 307), to('/3', 303)])
  await world.session.post(URL, { json: { a: 1 }, headers: { 'content-language': 'de', 'x-mine': 'x' } })
  const [first, second, third] = world.seen.map(({ text }) => text)
  expect(second).toBe(first?.replace('/start?q', '/2'))
  expect(third).toMatch(/^GET \/3 HTTP\/1\.1\nHost: a\.example\nx-mine: x\n|^GET \/3 [^]*x-mine: x/)
  expect(third).not.toMatch(/content-|\{"a":1\}/i)
})

test('P46 a body that can be had only once: an error, nothing more is sent, the source is not asked again', async () => {
  const world = answeringInTurn([to('/2', 308)])
  async function* once(): AsyncGenerator<string> {
    yield 'x'
  }
  await expect(world.session.post(URL, { body: once() })).rejects.toMatchObject({
    name: 'RedirectError',
    code: 'ERR_HTTP_REDIRECT_BODY_NOT_REPLAYABLE',
    status: 308,
    phase: 'redirect',
    retriable: 'no',
  })
  expect(world.seen.length).toBe(1)
})

test('P48 credentials stay with their origin, and do not come back with it', async () => {
  const world = answeringInTurn([to('http://b.example/2'), to('http://a.example/3')])
  const headers = { authorization: 'Bearer t', cookie: 'c=1', host: 'mine.example', 'x-mine': 'x' }
  await world.session.get(URL, { headers })
  expect(world.seen[0]?.text).toMatch(/^Host: mine\.example$/m)
  for (const [index, host] of ['b.example', 'a.example'].entries()) {
    const text = world.seen[index + 1]?.text
    expect(text).not.toMatch(/authorization|cookie|mine\.example/i)
    expect(text).toMatch(new RegExp(`^Host: ${host}$`, 'm'))
    expect(text).toMatch(/^x-mine: x$/m)
  }
})

test('P48 user information: of the URL within its origin, of Location never', async () => {
  const world = answeringInTurn([
    to('/2'),
    to('http://evil:pw@a.example/3'),
    to('http://evil:pw@b.example/4'),
  ])
  await world.session.get('http://user:pass@a.example/1')
  const authorizations = world.seen.map(({ text }) => /^Authorization: (.*)$/m.exec(text)?.[1])
  const mine = `Basic ${btoa('user:pass')}`
  expect(authorizations).toEqual([mine, mine, mine, undefined])
  expect(world.seen.map(({ text }) => text).join('')).not.toMatch(/evil|:pw/)
})

test('P49 https to http is refused unless it is allowed, by session or request', async () => {
  const insecure = to('http://b.example/2')
  const refused = answeringInTurn([insecure])
  await expect(refused.session.get('https://a.example/')).rejects.toMatchObject({
    code: 'ERR_HTTP_REDIRECT_BLOCKED',
    url: 'https://a.example/',
    message: expect.stringContaining('from https to http'),
  })
  expect([refused.pairs.length, refused.openCount()]).toEqual([1, 1])
  const allowed: [SessionOptions, RequestOptions][] = [
    [{ allowInsecureRedirects: true }, {}],
    [{}, { allowInsecureRedirects: true }],
  ]
  for (const [sessionOptions, options] of allowed) {
    const world = answeringInTurn([insecure], sessionOptions)
    expect(await (await world.session.get('https://a.example/', options)).text()).toBe('Hello')
    expect(firstLines(world)[1]).toBe('http://b.example:80 GET /2 HTTP/1.1')
  }
})

test('P50 more redirects than allowed, and a loop, are errors that close nothing but their call', async () => {
  const endless = answeringInTurn(Array.from({ length: 30 }, (_, index) => to(`/${index}`)))
  await expect(endless.session.get(URL)).rejects.toMatchObject({ code: 'ERR_HTTP_REDIRECT_MAX' })
  expect(endless.seen.length).toBe(21)
  const few = answeringInTurn([to('/2'), to('/3')])
  await expect(few.session.get(URL, { maxRedirects: 1 })).rejects.toMatchObject({
    code: 'ERR_HTTP_REDIRECT_MAX',
  })
  const loop = answeringInTurn([to('/2'), to('/start?q')])
  await expect(loop.session.get(URL)).rejects.toMatchObject({ code: 'ERR_HTTP_REDIRECT_LOOP' })
  expect(await (await loop.session.get(URL)).text()).toBe('Hello')
})

test('P50 maxRedirects: 0 returns the redirect itself, body included', async () => {
  for (const options of [{ maxRedirects: 0 }, {}]) {
    const world = answeringInTurn([to('/2', 301, 'moved')], { maxRedirects: options.maxRedirects ?? 0 })
    const response = await world.session.get(URL, options)
    expect([response.status, await response.text()]).toEqual([301, 'moved'])
  }
})

for (const [name, value] of [
  ['maxRedirects', -1],
  ['maxRedirects', 1.5],
  ['allowInsecureRedirects', 'yes'],
] as const) {
  test(`an option ${name} of ${value} is refused`, async () => {
    const refusal = expect.objectContaining({
      code: 'ERR_HTTP_INVALID_OPTION',
      message: expect.stringContaining(name),
    })
    expect(() => new ClientSession({ [name]: value })).toThrow(refusal)
    await expect(answeringInTurn([]).session.get(URL, { [name]: value })).rejects.toEqual(refusal)
  })
}

test('the signal, the total time and the count of attempts span the chain', async () => {
  const controller = new AbortController()
  const world = answeringInTurn([to('/2'), '', '', ''])
  const response = world.session.get(URL, { signal: controller.signal, timeouts: { totalMs: 1000 } })
  response.catch(() => {})
  world.clock.advance(600)
  await settle()
  expect(world.seen.length).toBe(2)
  world.clock.advance(400)
  await settle()
  await expect(response).rejects.toMatchObject({
    code: 'ERR_HTTP_TIMEOUT_TOTAL',
    url: 'http://a.example/2',
    attempts: 2,
    elapsedMs: 1000,
  })

  const aborted = world.session.get(URL, { signal: controller.signal })
  aborted.catch(() => {})
  await settle()
  controller.abort(new Error('enough'))
  await expect(aborted).rejects.toThrow('enough')
  expect(world.openCount()).toBe(0)
})

test('the body of a redirect does not hold the next request up', async () => {
  const world = answeringInTurn([
    `HTTP/1.1 302 Moved\r\nLocation: /2\r\nContent-Length: 100\r\n\r\nunfinished`,
  ])
  expect(await (await world.session.get(URL)).text()).toBe('Hello')
  world.clock.advance(1000)
  await settle()
  expect(world.openCount()).toBe(1)
})

test('session.close waits for the whole chain; session.abort ends it between two requests', async () => {
  const answers = [to('/2'), to('/3')]
  const closed = answeringInTurn(answers)
  const text = closed.session.get(URL).then((response) => response.text())
  await closed.session.close()
  expect(await text).toBe('Hello')

  const aborted = answeringInTurn(answers)
  const reason = new Error('enough')
  for (let turns = 0; turns < 40; turns++) {
    const world = answeringInTurn(answers)
    const response = world.session.get(URL)
    response.catch(() => {})
    for (let turn = 0; turn < turns; turn++) await Promise.resolve()
    world.session.abort(reason)
    await response.then(
      () => {},
      (error: unknown) => expect(error).toBe(reason),
    )
    await world.session.close()
    await settle() // a connection that was being opened comes, and is aborted
    expect([world.openCount(), world.clock.timerCount]).toEqual([0, 0])
  }
  aborted.session.abort()
})
