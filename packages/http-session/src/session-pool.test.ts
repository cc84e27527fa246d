/** Connections that are opened ahead, and what a session says of its connections. */
import { expect, test } from 'vitest'
import { ClientSession } from './index.ts'
import type { SessionOptions } from './index.ts'
import { answering, HELLO, memoryServer, settle } from './memory-server.test-support.ts'

const URL = 'http://a.example/'

test('connections are opened ahead, and used by the requests that come', async () => {
  const { session, pairs } = memoryServer(answering(HELLO))
  expect(await session.preconnect(`${URL}any/path`, { count: 2 })).toBe(2)
  expect(pairs.length).toBe(2)
  await Promise.all([session.get(URL).text(), session.get(URL).text()])
  expect(pairs.length).toBe(2)
  expect(await session.preconnect(URL)).toBe(1)
  expect(session.stats()).toMatchObject({
    connecting: 0,
    idle: 2,
    leased: 0,
    waiting: 0,
    opened: 2,
    origins: [{ origin: 'http://a.example', idle: 2 }],
  })
  await session.close()
})

test('a preconnected connection that has died by its first request is replaced', async () => {
  const { session, pairs } = memoryServer(answering(HELLO))
  await session.preconnect(URL)
  pairs[0]?.serverToClient.reset()
  expect(await session.get(URL).text()).toBe('Hello')
  expect(pairs.length).toBe(2)
})

test('what goes wrong with opening ahead is told', async () => {
  const { session } = memoryServer(answering(HELLO), {
    connector: () => Promise.reject(new Error('refused')),
  })
  await expect(session.preconnect(URL)).rejects.toMatchObject({ code: 'ERR_HTTP_CONNECT_FAILED' })
  await expect(session.preconnect('nonsense')).rejects.toMatchObject({ code: 'ERR_HTTP_INVALID_URL' })
  await expect(session.preconnect(URL, { count: -1 })).rejects.toThrow(/option count/)
  await expect(session.preconnect(URL, { counts: 1 } as never)).rejects.toThrow(/option counts/)
  const reason = new Error('enough')
  await expect(session.preconnect(URL, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  await session.close()
  await expect(session.preconnect(URL)).rejects.toMatchObject({ code: 'ERR_HTTP_SESSION_CLOSED' })
})

test('an abort gives up what is being opened', async () => {
  let signal: AbortSignal | undefined
  const { session } = memoryServer(answering(HELLO), {
    connector: (_target, options) => {
      signal = options.signal
      return new Promise((_resolve, reject) => {
        options.signal.addEventListener('abort', () => reject(options.signal.reason as Error))
      })
    },
  })
  const controller = new AbortController()
  const reason = new Error('enough')
  const opened = session.preconnect(URL, { signal: controller.signal }).then(null, (error: unknown) => error)
  await settle()
  controller.abort(reason)
  expect(await opened).toBe(reason)
  expect(signal?.aborted).toBe(true)
  await session.close()
})

const UNLIMITED: SessionOptions[] = [
  { maxConnections: Infinity },
  { maxConnectionsPerOrigin: Infinity },
  { maxQueuedRequests: Infinity },
]
for (const options of UNLIMITED) {
  test(`there is always a limit: ${Object.keys(options).join('')}`, () => {
    expect(() => new ClientSession(options)).toThrow(/must be an integer/)
  })
}
