/** Requests that are sent again, over connections in memory, with a clock that moves only when told to. */
import { expect, test } from 'vitest'
import { retry } from './index.ts'
import type { RetryAttempt, RetryOptions } from './index.ts'
import { answeringBy, memoryServer, responseText, settle } from './memory-server.test-support.ts'
import type { MemoryServer } from './memory-server.test-support.ts'

const URL = 'http://a.example/'
const half = (): number => 0.5

function server(
  answers: readonly (string | null)[],
  options: RetryOptions = {},
): MemoryServer & { requests: string[] } {
  const requests: string[] = []
  const script = answeringBy((request, index) => {
    requests.push(request)
    return answers[index] ?? responseText(200, {}, 'done')
  })
  const made = memoryServer(
    (peer, index) =>
      answers[index] === null ? (requests.push(''), peer.abort(new Error('gone'))) : script(peer, index),
    { middleware: [retry({ random: half, ...options })] },
  )
  return { ...made, requests }
}

test('a server that is busy is asked again, after a wait, and again', async () => {
  const { session, clock, requests } = server([responseText(503), responseText(503)])
  const response = session.put(URL, { body: 'abc' })
  await settle()
  clock.advance(49)
  await settle()
  expect(requests.length).toBe(1)
  clock.advance(1)
  await settle()
  expect(requests.length).toBe(2)
  clock.advance(100)
  expect(await response.text()).toBe('done')
  expect(requests.every((request) => request.endsWith('\n\nabc'))).toBe(true)
})

test('what still fails behind the last retry is the caller’s', async () => {
  const busy = responseText(503, {}, 'busy')
  const { session, clock, requests } = server([busy, busy, busy, busy], { baseMs: 0 })
  const response = session.get(URL)
  for (let round = 0; round < 5; round++) {
    await settle()
    clock.advance(1)
  }
  expect((await response).status).toBe(503)
  expect(await response.text()).toBe('busy')
  expect(requests.length).toBe(3)
})

test('Retry-After is waited for; a POST is not sent again', async () => {
  const busy = responseText(503, { 'Retry-After': '7' })
  const { session, clock, requests } = server([busy, responseText(200), busy])
  const response = session.get(URL)
  await settle()
  clock.advance(7000)
  await settle()
  expect(requests.length).toBe(1)
  clock.advance(50)
  expect((await response).status).toBe(200)
  expect((await session.post(URL, { body: 'a' })).status).toBe(503)
})

test('a connection that breaks is made anew, even for a POST where nothing was sent', async () => {
  let dials = 0
  const failing = memoryServer(
    answeringBy(() => responseText(200, {}, 'done')),
    {
      middleware: [retry({ random: half })],
      connector: () => {
        dials += 1
        return Promise.reject(new Error('refused'))
      },
    },
  )
  const outcome = failing.session.post(URL, { body: 'a' }).then(null, (error: unknown) => error)
  for (let round = 0; round < 3; round++) {
    await settle()
    failing.clock.advance(1000)
  }
  expect(await outcome).toMatchObject({ code: 'ERR_HTTP_CONNECT_FAILED', attempts: 0 })
  expect(dials).toBe(3)
  expect(failing.clock.timerCount).toBe(0)
})

for (const end of ['abort', 'total', 'close'] as const) {
  test(`the wait ends with the request: ${end}`, async () => {
    const { session, clock, requests } = server([responseText(503, { 'Retry-After': '9' })])
    const controller = new AbortController()
    const outcome = session
      .get(URL, { signal: controller.signal, timeouts: { totalMs: 5000 } })
      .then(null, (error: unknown) => error)
    await settle()
    if (end === 'abort') controller.abort(new Error('enough'))
    if (end === 'total') clock.advance(5000)
    if (end === 'close') void session.close({ graceMs: 0 })
    expect(await outcome).toMatchObject(
      {
        abort: { message: 'enough' },
        total: { code: 'ERR_HTTP_TIMEOUT_TOTAL', attempts: 1 },
        close: { code: 'ERR_HTTP_SESSION_CLOSED' },
      }[end],
    )
    expect(requests.length).toBe(1)
    await session.close()
    clock.advance(60_000) // the server's end of the connection has time limits of its own
    await settle()
    expect(clock.timerCount).toBe(0)
  })
}

test('the budget ends it, and is shared by all requests of the session', async () => {
  const busy = responseText(503)
  const { session, clock, requests } = server([busy, busy, busy, busy], {
    baseMs: 0,
    budget: { ratio: 0, reserve: 1 },
  })
  const first = session.get(URL)
  await settle()
  clock.advance(1)
  expect((await first).status).toBe(503)
  expect((await session.get(URL)).status).toBe(503)
  expect(requests.length).toBe(3)
})

test('what onRetry ends costs nothing of the budget', async () => {
  const busy = responseText(503)
  let isWanted = false
  const { session, clock, requests } = server([busy, busy], {
    baseMs: 0,
    budget: { ratio: 0, reserve: 1 },
    onRetry: () => isWanted,
  })
  expect((await session.get(URL)).status).toBe(503)
  isWanted = true
  const second = session.get(URL)
  await settle()
  clock.advance(1)
  expect((await second).status).toBe(200)
  expect(requests.length).toBe(3)
})

test('a Retry-After of more than a lifetime is not waited for, nor asked again at once', async () => {
  const { session, requests } = server([responseText(503, { 'Retry-After': '9'.repeat(12) })])
  expect((await session.get(URL)).status).toBe(503)
  expect(requests.length).toBe(1)
})

test('onRetry sees what failed and can end it', async () => {
  const attempts: RetryAttempt[] = []
  const { session, clock } = server([responseText(503), responseText(503)], {
    onRetry: (attempt) => {
      attempts.push(attempt)
      return attempts.length < 2
    },
  })
  const response = session.get(URL)
  await settle()
  clock.advance(50)
  expect((await response).status).toBe(503)
  expect(
    attempts.map(({ retries, delayMs, response: seen, request }) => [
      retries,
      delayMs,
      seen?.status,
      request.url,
    ]),
  ).toEqual([
    [0, 50, 503, URL],
    [1, 100, 503, URL],
  ])
})

const WRONG: { options: RetryOptions; name: string }[] = [
  { options: { maxRetries: -1 }, name: 'maxRetries' },
  { options: { baseMs: NaN }, name: 'baseMs' },
  { options: { maxDelayMs: -1 }, name: 'maxDelayMs' },
  { options: { maxRetryAfterMs: '1' as never }, name: 'maxRetryAfterMs' },
  { options: { statuses: [200] }, name: 'statuses' },
  { options: { statuses: 503 as never }, name: 'statuses' },
  { options: { budget: { ratio: 2 } }, name: 'budget.ratio' },
  { options: { budget: { reserve: 0 } }, name: 'budget.reserve' },
  { options: { budget: { rate: 1 } as never }, name: 'rate' },
  { options: { onRetry: 1 as never }, name: 'onRetry' },
  { options: { retries: 1 } as never, name: 'retries' },
]
for (const { options, name } of WRONG) {
  test(`refused: ${JSON.stringify(options)}`, () => {
    expect(() => retry(options)).toThrow(
      expect.objectContaining({
        code: 'ERR_HTTP_INVALID_OPTION',
        message: expect.stringContaining(`option ${name}:`) as unknown,
      }),
    )
  })
}

test('what onRetry throws is what the request rejects with; the response is given up', async () => {
  const { session, openCount } = memoryServer(
    async ({ reader, writer }) => {
      await reader.readUntil('\r\n\r\n')
      writer.writeText('HTTP/1.1 503 X\r\nContent-Length: 1000000\r\n\r\nabc')
    },
    {
      middleware: [
        retry({
          onRetry: () => {
            throw new Error('mine')
          },
        }),
      ],
    },
  )
  await expect(session.get(URL)).rejects.toThrow('mine')
  await settle()
  expect(openCount()).toBe(0)
})
