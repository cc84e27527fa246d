/** The session with its default connector when servers break off: behind a proxy, killed, out of patience. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { beforeAll, describe, expect, test } from 'vitest'
import { startBackend } from './debian-servers-backend.test-support.ts'
import type { Backend } from './debian-servers-backend.test-support.ts'
import { afterwards, newSession, socketsTo } from './debian-servers-client.test-support.ts'
import { present, startServer } from './debian-servers.test-support.ts'

const INCOMPLETE = { name: 'BodyError', code: 'ERR_HTTP_BODY_INCOMPLETE', phase: 'body' }
const CLOSED = { name: 'ConnectionLostError', code: 'ERR_HTTP_PEER_CLOSED', phase: 'wait', sent: 'all' }
const UNREADABLE = { name: 'ProtocolError', code: 'ERR_HTTP_PARSE', phase: 'headers' }
const STALLED = { name: 'TimeoutError', code: 'ERR_HTTP_TIMEOUT_BODY_IDLE', limit: 300 }

/** What the session makes of each server's way to tell that its backend broke off: a status, an error, or what is told instead of it. */
const BREAKS: Record<string, Record<string, number | object>> = {
  node: {
    'app/cut-counted': { ...INCOMPLETE, received: 100_000, expected: 200_000 },
    'app/cut-chunked': { ...INCOMPLETE, received: 100_000, expected: null },
    'app/reset': { ...INCOMPLETE, expected: 200_000 },
    'app/closed': CLOSED,
    'app/garbage': UNREADABLE,
  },
  haproxy: {
    'app/cut-counted': { ...INCOMPLETE, received: 100_000, expected: 200_000 },
    'app/cut-chunked': { ...INCOMPLETE, received: 100_000, expected: null },
    'app/reset': { ...INCOMPLETE, expected: 200_000 },
    'app/closed': 502,
    'app/garbage': 502,
    'down/': 503,
    silent: CLOSED,
  },
  nginx: {
    'app/cut-counted': { ...INCOMPLETE, received: 100_000, expected: 200_000 },
    'app/cut-chunked': { ...INCOMPLETE, received: 100_000, expected: null },
    'app/reset': { ...INCOMPLETE, expected: 200_000 },
    'app/closed': 502,
    // Handed on as it came: nginx takes it for HTTP/0.9.
    'app/garbage': UNREADABLE,
    'down/': 502,
    silent: CLOSED,
  },
  apache2: {
    'app/cut-counted': { ...INCOMPLETE, received: 100_000, expected: 200_000 },
    'app/cut-chunked': { ...INCOMPLETE, received: 100_000, expected: null },
    'app/reset': { ...INCOMPLETE, expected: 200_000 },
    'app/closed': 502,
    // HTTP/0.9 for it: content of an answer of its own.
    'app/garbage': 200,
    'down/': 503,
  },
  lighttpd: {
    // Neither the rest nor the end ever comes.
    'app/cut-counted': STALLED,
    // Told as complete, with another length.
    'app/cut-chunked': 200,
    'app/reset': { ...INCOMPLETE, expected: 200_000 },
    'app/closed': 500,
    'app/garbage': 502,
    'down/': 503,
  },
}

const PRESENT = present('haproxy', 'nginx', 'apache2', 'lighttpd')
/** Those that have files of their own. */
const FILE_SERVERS = PRESENT.filter((program) => program !== 'haproxy')
/** Those that count an idle connection's time in milliseconds. */
const IMPATIENT = PRESENT.filter((program) => program !== 'lighttpd')

for (const program of ['node', ...PRESENT] as const) {
  describe(`${program}${program === 'node' ? '' : ' before node'}`, () => {
    let url: string
    beforeAll(async () => {
      const backend = await startBackend()
      const server = program === 'node' ? null : await startServer(program, { backendPort: backend.port })
      url = server === null ? backend.url : server.url
      return async () => {
        await server?.remove()
        await backend.close()
      }
    })

    for (const [path, told] of Object.entries(BREAKS[program]!)) {
      test(`P22 ${path}: ${typeof told === 'number' ? `a status of ${told}` : 'a typed error'}, and the next request is served`, async () => {
        const session = newSession({ timeouts: { bodyIdleMs: 300 } })
        const outcome = session.get(url + path).then(async (response) => {
          await response.bytes()
          return response.status
        })
        if (typeof told === 'number') expect(await outcome).toBe(told)
        else await expect(outcome).rejects.toMatchObject({ ...told, method: 'GET', url: url + path })
        expect(await (await session.get(`${url}app/echo?after`)).text()).toBe('after')
      })
    }
  })
}

const LARGE = randomBytes(3_000_000)

for (const program of FILE_SERVERS) {
  test(`P22 ${program} killed in the middle of a body: incomplete, then refused, then served by the next ${program}`, async () => {
    const server = await startServer(program, {}, { 'large.bin': LARGE, 'hello.txt': 'Hello' })
    afterwards(() => server.remove())
    const session = newSession()
    const response = await session.get(`${server.url}slow/large.bin`)
    await server.kill()
    const received = response.bytes().then(({ length }) => length)
    await expect(received).rejects.toMatchObject({ ...INCOMPLETE, expected: LARGE.length })
    await expect(session.get(`${server.url}hello.txt`)).rejects.toMatchObject({
      code: 'ERR_HTTP_CONNECT_FAILED',
    })
    await server.restart()
    expect(await (await session.get(`${server.url}hello.txt`)).text()).toBe('Hello')
  })
}

for (const program of PRESENT) {
  test(`${program} killed while it waits for its backend: a lost connection, sent whole`, async () => {
    const backend = await startBackend()
    afterwards(() => backend.close())
    const server = await startServer(program, { backendPort: backend.port })
    afterwards(() => server.remove())
    const session = newSession()
    const outcome = session.post(`${server.url}app/hanging`, { body: 'x' })
    const failure = outcome.catch((error: unknown) => error)
    await openResponse(backend)
    await server.kill()
    expect(await failure).toMatchObject({ name: 'ConnectionLostError', sent: 'all', attempts: 1 })
  })
}

async function openResponse(backend: Backend): Promise<void> {
  const until = performance.now() + 4000
  while (backend.open.size === 0 && performance.now() < until) await nextTurn()
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}

for (const program of IMPATIENT) {
  test(`P34 ${program} closes an idle connection: the next request gets another one`, async () => {
    const backend = await startBackend()
    afterwards(() => backend.close())
    const server = await startServer(program, { backendPort: backend.port, idleMs: 50 })
    afterwards(() => server.remove())
    const session = newSession()
    const sockets = socketsTo(server.url)
    for (let count = 1; count <= 3; count++) {
      expect(await (await session.get(`${server.url}app/echo?${count}`)).text()).toBe(String(count))
      expect(sockets.length).toBe(count)
      const last = sockets.at(-1)!
      if (!last.destroyed) await once(last, 'close')
    }
  })

  test(`P34 P38 requests while ${program} closes idle connections all the time: each is served`, async () => {
    const backend = await startBackend()
    afterwards(() => backend.close())
    const server = await startServer(program, { backendPort: backend.port, idleMs: 5 })
    afterwards(() => server.remove())
    const session = newSession()
    const sockets = socketsTo(server.url)
    for (let count = 0; count < 36; count++) {
      expect(await (await session.get(`${server.url}app/echo?${count}`)).text()).toBe(String(count))
      // Somewhat less or more than the server waits.
      const until = performance.now() + (count % 12)
      while (performance.now() < until) await nextTurn()
    }
    expect(sockets.length).toBeGreaterThan(1)
  })
}

for (const program of FILE_SERVERS) {
  test(`P35 P36 ${program} takes three requests a connection: ten requests on several connections, none lost`, async () => {
    const server = await startServer(program, { maxRequests: 3 }, { 'hello.txt': 'Hello' })
    afterwards(() => server.remove())
    const session = newSession()
    const sockets = socketsTo(server.url)
    for (let count = 0; count < 10; count++)
      expect(await (await session.get(`${server.url}hello.txt`)).text()).toBe('Hello')
    // The first one does not count for two of them.
    expect(sockets.length).toBe(program === 'nginx' ? 4 : 3)
  })
}
