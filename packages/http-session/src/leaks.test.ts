/** Ten thousand requests, everything that can go wrong, and nothing is left: no connection, timer, listener, stream, count, or memory. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { VirtualClock } from '@x/transport/memory'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createConnector } from './connector.ts'
import { ClientSession } from './index.ts'
import { ANSWERS, Chance, FaultyServers } from './leaks-servers.test-support.ts'
import { Callers } from './leaks.test-support.ts'
import { settle } from './memory-server.test-support.ts'

const ORIGINS = ['http://a.example/', 'http://b.example/', 'https://c.example/']
const TIMEOUTS = {
  queueMs: 60,
  continueMs: 50,
  sendIdleMs: 60,
  headersMs: 200,
  bodyIdleMs: 200,
  totalMs: 1500,
  dnsMs: 100,
  connectMs: 100,
  tlsMs: 100,
}
/** Each of them must have come: a fault that never comes tests nothing. */
const OUTCOMES = [
  'fulfilled',
  'broken',
  ...[
    ...['QUEUE_FULL', 'CONNECT_FAILED', 'DNS_NOTFOUND', 'DNS_FAILED', 'TLS_HANDSHAKE'],
    ...['TIMEOUT_QUEUE', 'TIMEOUT_DNS', 'TIMEOUT_CONNECT', 'TIMEOUT_TLS', 'TIMEOUT_SEND_IDLE'],
    ...['TIMEOUT_HEADERS', 'TIMEOUT_BODY_IDLE', 'TIMEOUT_TOTAL', 'PEER_CLOSED', 'RESET'],
    ...['PARSE', 'BAD_FRAMING', 'HEADERS_TOO_LARGE', 'TOO_MANY_1XX', 'UNSOLICITED_RESPONSE'],
    ...['BODY_INCOMPLETE', 'DECODE', 'REQUEST_BODY_SOURCE', 'STATUS'],
    ...['REDIRECT_LOOP', 'REDIRECT_BLOCKED', 'REDIRECT_BODY_NOT_REPLAYABLE'],
  ].map((code) => `ERR_HTTP_${code}`),
]
const NOTHING = { connecting: 0, idle: 0, leased: 0, closing: 0, waiting: 0, origins: [] }

let unhandled: unknown[] = []
const onUnhandled = (reason: unknown): void => void unhandled.push(reason)
beforeEach(() => {
  unhandled = []
  process.on('unhandledRejection', onUnhandled)
})
afterEach(() => {
  process.off('unhandledRejection', onUnhandled)
  expect(unhandled).toEqual([])
})

class MemoryWorld {
  /** The session's own; the transports have another. */
  readonly clock = new VirtualClock()
  readonly chance: Chance
  readonly servers: FaultyServers
  readonly session: ClientSession
  readonly callers: Callers

  constructor(seed: number) {
    this.chance = new Chance(seed)
    this.servers = new FaultyServers(this.chance)
    this.session = new ClientSession({
      connector: this.servers.connector,
      clock: this.clock,
      maxConnections: 12,
      maxConnectionsPerOrigin: 6,
      maxQueuedRequests: 25,
      idleTimeoutMs: 1000,
      maxRequestsPerConnection: 20,
      timeouts: TIMEOUTS,
    })
    this.callers = new Callers(this.session, this.chance, (chance) => chance.pick(ORIGINS))
  }

  /** In bursts, so that the queue runs full, and empty. */
  async request(count: number): Promise<void> {
    const { callers, chance } = this
    for (let left = count; left > 0;) {
      for (let burst = callers.pendingCount < 20 ? Math.min(50, left) : 0; burst > 0; burst--, left--)
        callers.begin()
      await this.#step()
      if (chance.isOneIn(3)) callers.abortOne()
      if (chance.isOneIn(20)) callers.preconnect()
    }
  }

  /** Waits for all calls; what nobody reads, and what is kept, ends by its time limits, and so do connections whose peers take nothing. */
  async expectNothing(): Promise<void> {
    const { callers, servers, session } = this
    // By the real clock: zlib's threads know no other.
    const until = performance.now() + 20_000
    while (callers.pendingCount > 0) {
      if (performance.now() > until) throw new Error(`${callers.pendingCount} calls do not end`)
      await this.#step()
    }
    for (let step = 0; step < 40; step++) await this.#step(500)
    await settle()
    expect(session.stats()).toMatchObject(NOTHING)
    const { opened, closed } = session.stats()
    expect(closed, 'connections that are over').toBe(opened)
    expect(callers.leftovers()).toEqual({ listeners: 0, streams: [] })
    expect([...callers.outcomes.keys()].filter((outcome) => outcome.startsWith('unexpected'))).toEqual([])
    const timers = this.clock.timerCount + servers.clock.timerCount
    expect({ connections: servers.openCount, timers }).toEqual({ connections: 0, timers: 0 })
  }

  advance(ms: number): void {
    this.clock.advance(ms)
    this.servers.clock.advance(ms)
  }

  async #step(ms = 20): Promise<void> {
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
    this.advance(ms)
  }
}

test('10,000 requests in memory leave nothing behind, however they end', { timeout: 60_000 }, async () => {
  const world = new MemoryWorld(20_261_123)
  const { session, callers } = world
  const heapSizes: number[] = []
  for (const count of [4000, 3000, 3000]) {
    await world.request(count)
    await world.expectNothing()
    heapSizes.push(await heapSize())
  }
  expect([...callers.outcomes.keys()]).toEqual(expect.arrayContaining(OUTCOMES))
  let isClosed = false
  void session.close({ graceMs: Infinity }).then(() => (isClosed = true))
  await settle()
  expect(isClosed, 'close() has nothing to wait for').toBe(true)
  const [, second = 0, third = 0] = heapSizes
  expect((third - second) / 3000, 'bytes that each request leaves').toBeLessThan(700)
})

for (const ending of ['close', 'close at once', 'abort'] as const) {
  test(`a session that ends in the midst of it all leaves nothing behind: ${ending}`, async () => {
    for (let seed = 0; seed < 5; seed++) {
      const world = new MemoryWorld(seed)
      const { session, clock } = world
      await world.request(150 + seed * 10)
      let isClosed = false
      if (ending === 'abort') session.abort()
      void session.close({ graceMs: ending === 'close' ? 100 : 0 }).then(() => (isClosed = true))
      await settle()
      if (ending === 'close') world.advance(100)
      await settle()
      expect(isClosed, `close() resolves, seed ${seed}`).toBe(true)
      // Connections whose peers have not taken the last of a request get so much time.
      world.advance(1000)
      expect(clock.timerCount, `timers of the session, seed ${seed}`).toBe(0)
      await world.expectNothing()
    }
  })
}

test('1,000 requests over sockets leave nothing behind, however they end', { timeout: 60_000 }, async () => {
  const before = socketCount()
  const chance = new Chance(7)
  const server = faultyServer(chance)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const session = new ClientSession({
    connector: createConnector({ dns: { lookup } }),
    maxConnectionsPerOrigin: 20,
    timeouts: { ...TIMEOUTS, queueMs: 1000, headersMs: 100, bodyIdleMs: 100, totalMs: 800 },
  })
  const here = `http://a.example:${port}/`
  const urls = [here, here, here, here, here, here, here, 'http://a.example:1/', 'http://nowhere.example/']
  const callers = new Callers(session, chance, () => chance.pick(urls))
  for (let count = 0; count < 1000; count++) {
    callers.begin()
    if (chance.isOneIn(10)) callers.abortOne()
    await callers.untilPending(30)
  }
  await callers.untilPending(0)
  await session.close({ graceMs: Infinity })
  server.close()
  await once(server, 'close')
  await expect.poll(() => session.stats()).toMatchObject(NOTHING)
  await expect.poll(socketCount).toBe(before)
  expect(callers.leftovers()).toEqual({ listeners: 0, streams: [] })
  const codes = ['CONNECT_FAILED', 'PEER_CLOSED'].map((code) => `ERR_HTTP_${code}`)
  expect([...callers.outcomes.keys()]).toEqual(expect.arrayContaining(['fulfilled', 'broken', ...codes]))
})

type ConnectorOptions = NonNullable<Parameters<typeof createConnector>[0]>
type Lookup = NonNullable<NonNullable<ConnectorOptions['dns']>['lookup']>

const lookup: Lookup = (host, _options, callback) =>
  host === 'a.example'
    ? callback(null, [{ address: '127.0.0.1', family: 4 }])
    : callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), [])

/** Answers what it gets, in whatever pieces that comes. */
function faultyServer(chance: Chance): Server {
  return createServer({ allowHalfOpen: true }, (socket: Socket) => {
    socket.on('error', () => {})
    socket.on('end', () => socket.end())
    socket.on('data', () => {
      if (!socket.writable) return
      const { wire, end } = chance.pick(ANSWERS)
      socket.write(wire, 'latin1')
      if (end === 'close') socket.destroySoon()
      if (end === 'half-close') socket.end()
      if (end === 'reset') socket.resetAndDestroy()
    })
  })
}

function socketCount(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
}

/** What is left once nobody holds the rest any more. */
async function heapSize(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  await settle()
  collect()
  await settle()
  collect()
  return process.memoryUsage().heapUsed
}
