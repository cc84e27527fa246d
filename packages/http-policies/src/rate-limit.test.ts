/** Requests that wait for their turn, over connections in memory, with a clock that moves only when told to. */
import type { Middleware } from '@x/http-session'
import { VirtualClock } from '@x/transport/memory'
import { expect, test } from 'vitest'
import { RateLimitError, rateLimit } from './index.ts'
import type { RateLimitOptions } from './index.ts'
import { answeringBy, memoryServer, responseText, settle } from './memory-server.test-support.ts'
import type { MemoryServer } from './memory-server.test-support.ts'

const A = 'http://a.example/'

function server(
  options: RateLimitOptions,
  answers: readonly string[] = [],
): MemoryServer & { paths: string[]; after(ms: number): Promise<string> } {
  const paths: string[] = []
  const made = memoryServer(
    answeringBy((request) => {
      paths.push(/ \/(\S*)/.exec(request)?.[1] ?? '')
      return answers[paths.length - 1] ?? responseText(200)
    }),
    { middleware: [rateLimit(options)] },
  )
  const after = async (ms: number): Promise<string> => {
    await settle()
    made.clock.advance(ms)
    await settle()
    return paths.join('')
  }
  return { ...made, paths, after }
}

test('requests to an origin go at the rate, in order; those to another are not concerned', async () => {
  const { session, after } = server({ requests: 2, intervalMs: 1000 })
  const all = ['1', '2', '3', '4', '5'].map((path) => session.get(`${A}${path}`))
  all.push(session.get('http://b.example/b'))
  expect((await after(0)).split('').toSorted()).toEqual(['1', '2', 'b'])
  expect((await after(499)).length).toBe(3)
  expect((await after(1)).slice(3)).toBe('3')
  expect((await after(500)).slice(3)).toBe('34')
  expect((await after(500)).slice(3)).toBe('345')
  await Promise.all(all)
})

test('those that are due together go in order', async () => {
  const clock = new VirtualClock()
  let lateMs = 0
  const paths: string[] = []
  const inner: Middleware = (request) => {
    paths.push(request.url.slice(A.length))
    return Promise.resolve(request.respond({ status: 200 }))
  }
  const { session } = memoryServer(() => {}, {
    middleware: [rateLimit({ requests: 1, burst: 1 }), inner],
    clock: {
      now: () => clock.now() + lateMs,
      setTimer: (callback, delayMs) => clock.setTimer(callback, delayMs),
    },
  })
  const controller = new AbortController()
  const all = 'abcdefgh'
    .split('')
    .map((path) => session.get(A + path, path === 'b' ? { signal: controller.signal } : {}))
  await settle()
  controller.abort(new Error('enough'))
  // The event loop was busy with something else.
  lateMs = 60_000
  clock.advance(2000)
  await Promise.allSettled(all)
  expect(paths.join('')).toBe('acdefgh')
})

test('no more wait than may', async () => {
  const { session, after } = server({ requests: 1, maxWaiting: 1 })
  const [first, second] = [session.get(`${A}1`), session.get(`${A}2`)]
  const refused: unknown = await session.get(`${A}3`).then(null, (error: unknown) => error)
  expect(refused).toBeInstanceOf(RateLimitError)
  expect(refused).toMatchObject({ code: 'ERR_HTTP_RATE_LIMITED', limit: 1, retryAfterMs: 2000, sent: 'none' })
  expect(await after(1000)).toBe('12')
  await Promise.all([first, second])
})

test('Retry-After of 429 holds all back, and the rate goes on behind it', async () => {
  const { session, after } = server({ requests: 2, burst: 1 }, [responseText(429, { 'Retry-After': '7' })])
  const all = ['1', '2'].map((path) => session.get(`${A}${path}`))
  await settle()
  all.push(session.get(`${A}3`))
  expect(await after(6999)).toBe('1')
  expect(await after(1000)).toBe('12')
  expect(await after(500)).toBe('123')
  expect((await Promise.all(all)).map(({ status }) => status)).toEqual([429, 200, 200])
})

test('Retry-After as a date counts from Date, and no longer than it may', async () => {
  const fields = { Date: 'Mon, 23 Nov 2026 00:00:00 GMT', 'Retry-After': 'Mon, 23 Nov 2026 00:00:09 GMT' }
  const { session, after } = server({ requests: 100, maxRetryAfterMs: 5000 }, [responseText(503, fields)])
  await session.get(`${A}1`)
  const second = session.get(`${A}2`)
  expect(await after(4999)).toBe('1')
  expect(await after(1)).toBe('12')
  await second
})

for (const end of ['abort', 'total', 'close'] as const) {
  test(`the wait ends with the request: ${end}`, async () => {
    const made = server({ requests: 1 })
    const controller = new AbortController()
    await made.session.get(`${A}1`)
    const outcome = made.session
      .get(`${A}2`, { signal: controller.signal, timeouts: { totalMs: 400 } })
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
    if (end === 'abort') {
      const third = made.session.get(`${A}3`)
      expect(await made.after(1000)).toBe('13')
      await third
    }
    await made.session.close()
    made.clock.advance(60_000) // the server's end has time limits of its own
    expect(made.clock.timerCount).toBe(0)
  })
}

test('an origin for which requests wait, or are on their way, is not forgotten above maxOrigins', async () => {
  const { session, after } = server({ requests: 1, maxOrigins: 1 })
  const all = ['1', '2', '3'].map((path) => session.get(`${A}${path}`))
  all.push(session.get('http://b.example/b'), session.get(`${A}4`))
  expect((await after(0)).split('').toSorted()).toEqual(['1', 'b'])
  expect((await after(1000)).slice(2)).toBe('2')
  all.push(session.get('http://c.example/c'), session.get(`${A}5`))
  expect((await after(1000)).slice(3)).toBe('c3')
  expect((await after(1000)).slice(5)).toBe('4')
  expect((await after(1000)).slice(6)).toBe('5')
  await Promise.all(all)
})

test('Retry-After holds an origin back whose answer came after others were asked', async () => {
  let answer: ((text: string) => void) | null = null
  const paths: string[] = []
  const { session, clock } = memoryServer(
    answeringBy((request) => {
      paths.push(/ \/(\S*)/.exec(request)?.[1] ?? '')
      return paths.at(-1) === 'slow'
        ? new Promise<string>((resolve) => (answer = resolve))
        : responseText(200)
    }),
    { middleware: [rateLimit({ requests: 100, maxOrigins: 1 })] },
  )
  const slow = session.get(`${A}slow`)
  await settle()
  await session.get('http://b.example/b')
  answer!(responseText(503, { 'Retry-After': '2' }))
  await slow
  const next = session.get(`${A}next`)
  await settle()
  clock.advance(1999)
  await settle()
  expect(paths).toEqual(['slow', 'b'])
  clock.advance(1)
  await next
})

const WRONG: { options: RateLimitOptions; name: string }[] = [
  { options: {} as never, name: 'requests' },
  { options: { requests: 0 }, name: 'requests' },
  { options: { requests: Infinity }, name: 'requests' },
  { options: { requests: 1, intervalMs: 0 }, name: 'intervalMs' },
  { options: { requests: 1, burst: 0 }, name: 'burst' },
  { options: { requests: 1, maxWaiting: -1 }, name: 'maxWaiting' },
  { options: { requests: 1, maxRetryAfterMs: -1 }, name: 'maxRetryAfterMs' },
  { options: { requests: 1, maxOrigins: 0 }, name: 'maxOrigins' },
  { options: { requests: 1, wallClock: 1 as never }, name: 'wallClock' },
  { options: { requests: 1, limit: 1 } as never, name: 'limit' },
]
for (const { options, name } of WRONG) {
  test(`refused: ${JSON.stringify(options)}`, () => {
    expect(() => rateLimit(options)).toThrow(
      expect.objectContaining({
        code: 'ERR_HTTP_INVALID_OPTION',
        message: expect.stringContaining(`option ${name}:`) as unknown,
      }),
    )
  })
}
