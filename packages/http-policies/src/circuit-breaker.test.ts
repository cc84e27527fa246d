/** Circuits of origins, over connections in memory, with a clock that moves only when told to. */
import { expect, test } from 'vitest'
import { CircuitOpenError, circuitBreaker, retry } from './index.ts'
import type { CircuitBreaker, CircuitBreakerOptions } from './index.ts'
import { answeringBy, fieldOf, memoryServer, responseText, settle } from './memory-server.test-support.ts'
import type { MemoryServer } from './memory-server.test-support.ts'

const A = 'http://a.example/'
const B = 'http://b.example/'

function server(
  options: CircuitBreakerOptions = {},
): MemoryServer & { breaker: CircuitBreaker; hosts: string[]; statuses: number[] } {
  const breaker = circuitBreaker({ minimumCalls: 2, openMs: 1000, ...options })
  const hosts: string[] = []
  const statuses: number[] = []
  const made = memoryServer(
    answeringBy((request) => {
      hosts.push(fieldOf(request, 'Host') ?? '')
      return responseText(statuses.shift() ?? 200)
    }),
    { middleware: [breaker] },
  )
  return { ...made, breaker, hosts, statuses }
}

test('a server that fails is left alone, and tried again; another one is not concerned', async () => {
  const { session, clock, breaker, hosts, statuses } = server()
  statuses.push(500, 503)
  expect([(await session.get(A)).status, (await session.get(A)).status]).toEqual([500, 503])
  clock.advance(400)
  const refused: unknown = await session.get(A).then(null, (error: unknown) => error)
  expect(refused).toBeInstanceOf(CircuitOpenError)
  expect(refused).toMatchObject({
    code: 'ERR_HTTP_CIRCUIT_OPEN',
    origin: 'http://a.example',
    retryAfterMs: 600,
    sent: 'none',
    retriable: 'safe',
  })
  expect((await session.get(B)).status).toBe(200)
  expect(breaker.stats()).toEqual([
    { origin: 'http://a.example', state: 'open', calls: 0, failures: 0 },
    { origin: 'http://b.example', state: 'closed', calls: 1, failures: 0 },
  ])
  expect(hosts).toEqual(['a.example', 'a.example', 'b.example'])
  clock.advance(600)
  expect((await session.get(A)).status).toBe(200)
  expect(breaker.stats().at(-1)).toEqual({
    origin: 'http://a.example',
    state: 'closed',
    calls: 0,
    failures: 0,
  })
})

test('connections that cannot be made are failures; aborts say nothing and give a probe’s place back', async () => {
  const breaker = circuitBreaker({ minimumCalls: 1, openMs: 1000 })
  let isUp = false
  const made = memoryServer(() => {}, {
    middleware: [breaker],
    connector: (_target, { signal }) =>
      isUp
        ? new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => reject(signal.reason as Error)),
          )
        : Promise.reject(new Error('refused')),
  })
  await expect(made.session.get(A)).rejects.toMatchObject({ code: 'ERR_HTTP_CONNECT_FAILED' })
  await expect(made.session.get(A)).rejects.toMatchObject({ code: 'ERR_HTTP_CIRCUIT_OPEN' })
  isUp = true
  made.clock.advance(1000)
  const controller = new AbortController()
  const probe = made.session.get(A, { signal: controller.signal }).then(null, (error: unknown) => error)
  await settle()
  await expect(made.session.get(A)).rejects.toMatchObject({ code: 'ERR_HTTP_CIRCUIT_OPEN', retryAfterMs: 0 })
  controller.abort(new Error('enough'))
  expect(await probe).toMatchObject({ message: 'enough' })
  expect(breaker.stats()[0]?.state).toBe('half-open')
  await made.session.close({ graceMs: 0 })
})

test('an open circuit is not retried', async () => {
  const made = server()
  made.statuses.push(500, 500)
  await made.session.get(A)
  await made.session.get(A)
  const middleware = [retry(), made.breaker]
  await expect(made.session.get(A, { middleware })).rejects.toMatchObject({ code: 'ERR_HTTP_CIRCUIT_OPEN' })
})

test('what counts can be said otherwise', async () => {
  const { session, statuses, breaker } = server({
    outcomeOf: ({ response }) => (response?.status === 404 ? 'failure' : 'ignored'),
  })
  statuses.push(500, 404, 500, 404)
  for (let count = 0; count < 4; count++) await session.get(A)
  await expect(session.get(A)).rejects.toMatchObject({ code: 'ERR_HTTP_CIRCUIT_OPEN' })
  expect(breaker.stats()[0]?.state).toBe('open')
})

test('what the judge throws, or answers that is none, the call rejects with, and its response is given up', async () => {
  const error = new Error('no')
  const throwing = server({
    outcomeOf: () => {
      throw error
    },
  })
  await expect(throwing.session.get(A)).rejects.toBe(error)
  const wrong = server({ outcomeOf: () => true as never })
  await expect(wrong.session.get(A)).rejects.toMatchObject({ code: 'ERR_HTTP_INVALID_OPTION' })
  await wrong.session.close({ graceMs: 0 })
})

test('no more origins are remembered than are asked for', async () => {
  const { session, breaker } = server({ maxOrigins: 2 })
  for (const url of [A, B, A, 'http://c.example/']) await session.get(url)
  expect(breaker.stats().map(({ origin }) => origin)).toEqual(['http://a.example', 'http://c.example'])
})

test('an origin with calls on their way is not forgotten above maxOrigins, however many there are', async () => {
  const held: ((text: string) => void)[] = []
  const breaker = circuitBreaker({ minimumCalls: 2, openMs: 1000, maxOrigins: 1 })
  const made = memoryServer(
    answeringBy((request) =>
      fieldOf(request, 'Host') === 'a.example'
        ? new Promise<string>((resolve) => held.push(resolve))
        : responseText(200),
    ),
    { middleware: [breaker] },
  )
  const calls = [made.session.get(A), made.session.get(A)]
  await settle()
  await made.session.get(B)
  await made.session.get('http://c.example/')
  expect(breaker.stats().map(({ origin }) => origin)).toEqual(['http://a.example'])
  for (const answer of held) answer(responseText(500))
  await Promise.all(calls)
  await expect(made.session.get(A)).rejects.toMatchObject({ code: 'ERR_HTTP_CIRCUIT_OPEN' })
  await made.session.get(B)
  expect(breaker.stats().map(({ origin }) => origin)).toEqual(['http://b.example'])
})

const WRONG: { options: CircuitBreakerOptions; name: string }[] = [
  { options: { failureRate: 0 }, name: 'failureRate' },
  { options: { failureRate: 1.1 }, name: 'failureRate' },
  { options: { minimumCalls: 0 }, name: 'minimumCalls' },
  { options: { windowMs: 0 }, name: 'windowMs' },
  { options: { openMs: NaN }, name: 'openMs' },
  { options: { probes: 0 }, name: 'probes' },
  { options: { probes: Infinity }, name: 'probes' },
  { options: { maxOrigins: 0 }, name: 'maxOrigins' },
  { options: { outcomeOf: 1 as never }, name: 'outcomeOf' },
  { options: { threshold: 1 } as never, name: 'threshold' },
]
for (const { options, name } of WRONG) {
  test(`refused: ${JSON.stringify(options)}`, () => {
    expect(() => circuitBreaker(options)).toThrow(
      expect.objectContaining({
        code: 'ERR_HTTP_INVALID_OPTION',
        message: expect.stringContaining(`option ${name}:`) as unknown,
      }),
    )
  })
}
