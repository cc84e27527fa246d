import { expect, test } from 'vitest'
import { settle } from './memory-server.test-support.ts'
import { PoolWorld } from './pool-world.test-support.ts'

const NONE = { connecting: 0, idle: 0, leased: 0, closing: 0, waiting: 0 }

test('a pool that was never used has nothing', () => {
  expect(new PoolWorld().pool.stats()).toEqual({
    ...NONE,
    opened: 0,
    failed: 0,
    reused: 0,
    closed: 0,
    retired: 0,
    evicted: 0,
    staleRetries: 0,
    origins: [],
  })
})

test('each connection and each request is counted where it is, for its origin and in all', async () => {
  const world = new PoolWorld({ maxConnectionsPerOrigin: 1 })
  const [first, second, other] = [world.lease('a'), world.lease('a'), world.lease('b')]
  expect(world.pool.stats()).toMatchObject({
    ...NONE,
    connecting: 2,
    waiting: 3,
    origins: [
      { ...NONE, origin: 'http://a.example', connecting: 1, waiting: 2 },
      { ...NONE, origin: 'http://b.example', connecting: 1, waiting: 1 },
    ],
  })
  for (const dial of [...world.dials]) dial.succeed()
  const connection = await first
  world.pool.release(await other)
  expect(world.pool.stats()).toMatchObject({
    ...NONE,
    leased: 1,
    idle: 1,
    waiting: 1,
    opened: 2,
    origins: [
      { ...NONE, leased: 1, waiting: 1 },
      { ...NONE, idle: 1 },
    ],
  })
  await world.use(connection)
  world.pool.release(await second)
  expect(world.pool.stats()).toMatchObject({ ...NONE, idle: 2, opened: 2, reused: 1 })
})

test('what has become of connections is counted', async () => {
  const world = new PoolWorld({ maxConnections: 1, maxRequestsPerConnection: 2, idleTimeoutMs: 1000 })
  const failing = world.lease('a')
  world.dials[0]?.fail()
  await expect(failing).rejects.toMatchObject({ code: 'ERR_HTTP_CONNECT_FAILED' })
  expect(world.pool.stats()).toMatchObject({ ...NONE, failed: 1, opened: 0 })

  const leased = world.lease('a')
  world.dials[0]?.succeed()
  await world.use(await leased)
  const other = world.lease('b')
  await settle()
  expect(world.pool.stats()).toMatchObject({ opened: 1, evicted: 1, closed: 1, retired: 0 })
  world.dials[0]?.succeed()
  await world.use(await other)
  await world.use(await world.lease('b'))
  expect(world.pool.stats()).toMatchObject({ ...NONE, closing: 1, reused: 1, retired: 1 })
  await settle()
  expect(world.pool.stats()).toMatchObject({ ...NONE, closed: 2, origins: [] })

  const fresh = world.lease('a', {}, 'fresh')
  world.dials[0]?.succeed()
  world.pool.release(await fresh)
  expect(world.pool.stats()).toMatchObject({ ...NONE, idle: 1, staleRetries: 1 })
  world.clock.advance(1000)
  await settle()
  expect(world.pool.stats()).toMatchObject({ ...NONE, closed: 3, evicted: 1, retired: 1 })
})

test('a dial that nobody wants any more is counted until it has ended', async () => {
  const world = new PoolWorld()
  const control = new AbortController()
  const leased = world.lease('a', { signal: control.signal })
  leased.catch(() => {})
  control.abort('enough')
  expect(world.pool.stats()).toMatchObject({ ...NONE, connecting: 1, failed: 0 })
  await settle()
  expect(world.pool.stats()).toMatchObject({ ...NONE, failed: 0, origins: [] })
})

test('a refused request leaves nothing behind', async () => {
  const world = new PoolWorld({ maxConnections: 1, maxQueuedRequests: 0 })
  const leased = world.lease('a')
  world.dials[0]?.succeed()
  await leased
  await expect(world.lease('b')).rejects.toMatchObject({ code: 'ERR_HTTP_QUEUE_FULL' })
  expect(world.pool.originCount).toBe(1)
})

test('a step of a dial is told to the request that counts on it, and to nobody once nobody does', async () => {
  const world = new PoolWorld({ maxConnectionsPerOrigin: 2 })
  const [gone, stays, last] = ['gone', 'stays', 'last'].map(() => new AbortController())
  const exchanges = [gone, stays, last].map((control) => world.exchange('a', { signal: control!.signal }))
  const leased = exchanges.map((exchange) => world.pool.lease(exchange, 'any'))
  for (const each of leased) Promise.resolve(each).catch(() => {})
  const [first, second] = world.dials
  second?.enter('tls')
  expect(exchanges.map(({ phase }) => phase)).toEqual(['connect', 'tls', 'queue'])
  for (const control of [stays, last]) control?.abort('enough')
  expect(second?.signal.aborted).toBe(true)
  second?.enter('dns')
  expect(exchanges[0]?.phase).toBe('connect')
  first?.enter('dns')
  expect(exchanges[0]?.phase).toBe('dns')
})

test('a connection that was given back, and is in the way of another origin, was evicted', async () => {
  const world = new PoolWorld({ maxConnections: 1 })
  const leased = world.lease('a')
  world.dials[0]?.succeed()
  const connection = await leased
  const other = world.lease('b')
  await world.use(connection)
  await settle()
  expect(world.pool.stats()).toMatchObject({ opened: 1, closed: 1, evicted: 1, retired: 0 })
  world.dials[0]?.succeed()
  await world.use(await other)
  expect(world.pool.stats()).toMatchObject({ opened: 2, closed: 1, evicted: 1 })
})
