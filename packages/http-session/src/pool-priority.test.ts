/** Who is next where requests wait, and for how long they do. */
import { expect, test } from 'vitest'
import type { ClientSession, RequestOptions, SessionOptions } from './index.ts'
import { answering, HELLO, memoryServer, readRequest, settle } from './memory-server.test-support.ts'
import type { MemoryServer } from './memory-server.test-support.ts'

interface Busy extends MemoryServer {
  readonly paths: string[]
  /** Answers the request that came last. */
  answer(): Promise<void>
}

/** A server that answers when it is told to, one request at a time. */
function busyServer(options: SessionOptions = {}): Busy {
  const paths: string[] = []
  let answers: (() => void)[] = []
  const server = memoryServer(
    async (peer) => {
      for (let head = await readRequest(peer); head !== null; head = await readRequest(peer)) {
        const host = /host: (\w)/i.exec(head)?.[1] ?? ''
        paths.push(host + (/ (\/\S*) /.exec(head)?.[1] ?? ''))
        answers.push(() => peer.writer.writeText(HELLO))
      }
    },
    { maxConnectionsPerOrigin: 1, ...options },
  )
  return Object.assign(server, {
    paths,
    async answer() {
      for (const answer of answers) answer()
      answers = []
      await settle()
    },
  })
}

async function get(session: ClientSession, url: string, options?: RequestOptions): Promise<string> {
  return (await session.get(url, options)).text()
}

test('a higher priority goes first, within one the order stays', async () => {
  const { session, paths, answer } = busyServer()
  const running = get(session, 'http://a.example/running')
  await settle()
  const priorities = { a: 0, b: 1, c: undefined, d: 1, e: -1 }
  const all = Object.entries(priorities).map(([path, priority]) =>
    get(session, `http://a.example/${path}`, priority === undefined ? {} : { priority }),
  )
  for (let count = 0; count < 6; count++) {
    await settle()
    await answer()
  }
  await Promise.all([running, ...all])
  expect(paths).toEqual(['a/running', 'a/b', 'a/d', 'a/a', 'a/c', 'a/e'])
})

test('where all connections are taken, a higher priority goes first over all origins', async () => {
  const { session, paths, answer } = busyServer({ maxConnections: 1 })
  const running = get(session, 'http://a.example/running')
  await settle()
  const all = [
    get(session, 'http://a.example/low'),
    get(session, 'http://b.example/high', { priority: 1 }),
    get(session, 'http://c.example/low'),
    get(session, 'http://a.example/high', { priority: 1 }),
  ]
  for (let count = 0; count < 5; count++) {
    await settle()
    await answer()
  }
  await Promise.all([running, ...all])
  expect(paths).toEqual(['a/running', 'b/high', 'a/high', 'a/low', 'c/low'])
})

test('queueMs passes while there is no room', async () => {
  const { session, clock, answer } = busyServer()
  const running = get(session, 'http://a.example/')
  await settle()
  const waiting = get(session, 'http://a.example/', { timeouts: { queueMs: 500 } })
  const patient = get(session, 'http://a.example/')
  await settle()
  clock.advance(500)
  await expect(waiting).rejects.toMatchObject({
    code: 'ERR_HTTP_TIMEOUT_QUEUE',
    phase: 'queue',
    limit: 500,
    sent: 'none',
    retriable: 'safe',
    attempts: 0,
  })
  await answer()
  expect(await running).toBe('Hello')
  await answer()
  expect(await patient).toBe('Hello')
})

test('queueMs does not pass while a connection is being opened, nor once there is one', async () => {
  let connect: (() => void) | undefined
  const server = memoryServer(answering(HELLO))
  const { session, clock } = memoryServer(answering(HELLO), {
    connector: async (target, options) => {
      await new Promise<void>((resolve) => (connect = resolve))
      return server.connector(target, options)
    },
    timeouts: { queueMs: 500 },
  })
  const request = get(session, 'http://a.example/')
  await settle()
  clock.advance(5000)
  connect?.()
  expect(await request).toBe('Hello')
})

test('a request whose dial is taken over by one with a higher priority waits for room again', async () => {
  let connect: (() => void) | undefined
  const busy = busyServer()
  const { session } = memoryServer(() => {}, {
    connector: async (target, options) => {
      await new Promise<void>((resolve) => (connect = resolve))
      return busy.connector(target, options)
    },
    clock: busy.clock,
    maxConnectionsPerOrigin: 1,
  })
  const low = get(session, 'http://a.example/low', { timeouts: { queueMs: 500 } })
  await settle()
  const high = get(session, 'http://a.example/high', { priority: 1 })
  await settle()
  busy.clock.advance(500)
  await expect(low).rejects.toMatchObject({ code: 'ERR_HTTP_TIMEOUT_QUEUE' })
  connect?.()
  await settle()
  await busy.answer()
  expect([await high, busy.paths]).toEqual(['Hello', ['a/high']])
})

test('a priority that is no number is refused', async () => {
  const { session } = busyServer()
  for (const priority of [Number.NaN, Infinity, '1' as never])
    await expect(session.get('http://a.example/', { priority })).rejects.toMatchObject({
      code: 'ERR_HTTP_INVALID_OPTION',
    })
})
