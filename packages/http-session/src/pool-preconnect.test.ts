/** Connections that are opened before there are requests for them. */
import { expect, test } from 'vitest'
import { settle } from './memory-server.test-support.ts'
import { PoolWorld } from './pool-world.test-support.ts'

const PENDING = 'pending'

function outcomeOf(promise: Promise<unknown>): { now: unknown } {
  const outcome: { now: unknown } = { now: PENDING }
  promise.then(
    (value) => (outcome.now = value),
    (error: unknown) => (outcome.now = error),
  )
  return outcome
}

function idleAndConnecting(world: PoolWorld): number[] {
  const { idle, connecting } = world.pool.stats()
  return [idle, connecting]
}

test('it resolves when all are there; the next requests find them', async () => {
  const world = new PoolWorld()
  const outcome = outcomeOf(world.pool.preconnect(world.origin('a'), 3))
  expect(world.dials.length).toBe(3)
  world.dials[0]?.succeed()
  world.dials[0]?.succeed()
  await settle()
  expect(outcome.now).toBe(PENDING)
  world.dials[0]?.succeed()
  await settle()
  expect([outcome.now, ...idleAndConnecting(world)]).toEqual([3, 3, 0])
  const connection = await world.lease('a')
  await world.use(connection)
  expect(world.pool.stats()).toMatchObject({ opened: 3, reused: 0, idle: 3 })
})

test('idle connections count, and those that another call is opening', async () => {
  const world = new PoolWorld()
  const first = world.pool.preconnect(world.origin('a'), 1)
  world.dials[0]?.succeed()
  expect(await first).toBe(1)
  const both = [world.pool.preconnect(world.origin('a'), 3), world.pool.preconnect(world.origin('a'), 3)]
  expect(world.dials.length).toBe(2)
  for (const dial of [...world.dials]) dial.succeed()
  expect(await Promise.all(both)).toEqual([3, 3])
  expect([await world.pool.preconnect(world.origin('a'), 3), world.dials.length]).toEqual([3, 0])
})

test('limits hold, and no idle connection of another origin gives way', async () => {
  const world = new PoolWorld({ maxConnectionsPerOrigin: 2, maxConnections: 3 })
  const both = [world.pool.preconnect(world.origin('a'), 5), world.pool.preconnect(world.origin('b'), 5)]
  expect(world.dials.length).toBe(3)
  for (const dial of [...world.dials]) dial.succeed()
  expect(await Promise.all(both)).toEqual([2, 1])
  expect(await world.pool.preconnect(world.origin('c'), 1)).toBe(0)
  expect([world.pool.stats().evicted, world.pool.originCount]).toEqual([0, 2])
})

test('a request that comes meanwhile takes the first one that is there', async () => {
  const world = new PoolWorld()
  const outcome = outcomeOf(world.pool.preconnect(world.origin('a'), 1))
  const leased = world.lease('a')
  expect(world.dials.length).toBe(1)
  world.dials[0]?.succeed()
  await world.use(await leased)
  expect([outcome.now, world.pool.stats().opened]).toEqual([1, 1])
})

test('a request that leaves takes no dial along that was wanted ahead of it', async () => {
  const world = new PoolWorld()
  const ahead = outcomeOf(world.pool.preconnect(world.origin('a'), 1))
  const control = new AbortController()
  const leaving = world.lease('a', { signal: control.signal })
  leaving.catch(() => {})
  const staying = world.lease('a')
  control.abort('enough')
  expect(world.dials.map(({ signal }) => signal.aborted)).toEqual([false, false])
  for (const dial of [...world.dials]) dial.succeed()
  await staying
  await settle()
  expect([ahead.now, ...idleAndConnecting(world)]).toEqual([1, 1, 0])
})

test('it rejects with the first failure, and gives the others up', async () => {
  const world = new PoolWorld()
  const outcome = outcomeOf(world.pool.preconnect(world.origin('a'), 2))
  const [first, second] = world.dials
  first?.fail(new Error('refused'))
  await settle()
  expect(outcome.now).toMatchObject({
    code: 'ERR_HTTP_CONNECT_FAILED',
    phase: 'connect',
    url: 'http://a.example',
    sent: 'none',
    message: 'preconnect http://a.example: connect: refused',
  })
  expect([second?.signal.aborted, world.pool.originCount]).toEqual([true, 0])
})

test('a failure leaves a request that waits its own try, and dials that it counts on stay', async () => {
  const world = new PoolWorld()
  const outcome = outcomeOf(world.pool.preconnect(world.origin('a'), 2))
  const leased = [world.lease('a'), world.lease('a')]
  world.dials[0]?.fail()
  await settle()
  expect(outcome.now).toMatchObject({ code: 'ERR_HTTP_CONNECT_FAILED' })
  expect(world.dials.map(({ signal }) => signal.aborted)).toEqual([false, false])
  for (const dial of [...world.dials]) dial.succeed()
  for (const connection of await Promise.all(leased)) world.pool.release(connection)
  expect(idleAndConnecting(world)).toEqual([2, 0])
})

test('an abort rejects with the signal’s reason and ends the dials that nobody else wants', async () => {
  const world = new PoolWorld()
  const control = new AbortController()
  const given = outcomeOf(world.pool.preconnect(world.origin('a'), 3, control.signal))
  const kept = outcomeOf(world.pool.preconnect(world.origin('a'), 1))
  const dials = [...world.dials]
  control.abort('enough')
  await settle()
  expect(given.now).toBe('enough')
  expect(dials.map(({ signal }) => signal.aborted)).toEqual([false, true, true])
  dials[0]?.succeed()
  await settle()
  expect([kept.now, ...idleAndConnecting(world)]).toEqual([1, 1, 0])
})

test('a signal that is aborted already, and a pool that is closed', async () => {
  const world = new PoolWorld()
  await expect(world.pool.preconnect(world.origin('a'), 1, AbortSignal.abort('no'))).rejects.toBe('no')
  const outcome = outcomeOf(world.pool.preconnect(world.origin('a'), 1))
  world.pool.close()
  await settle()
  expect(outcome.now).toMatchObject({ code: 'ERR_HTTP_SESSION_CLOSED' })
  await expect(world.pool.preconnect(world.origin('a'), 1)).rejects.toMatchObject({
    code: 'ERR_HTTP_SESSION_CLOSED',
  })
  expect([world.dials.length, world.pool.originCount]).toEqual([0, 0])
})

test('P38 a connection that was opened ahead and has died before its first request is stale, not broken', async () => {
  const world = new PoolWorld()
  const ready = world.pool.preconnect(world.origin('a'), 1)
  world.dials[0]?.succeed()
  await ready
  const connection = await world.lease('a')
  world.pairs[0]?.server.abort()
  const exchange = world.exchange('a')
  await expect(connection.exchange(exchange)).rejects.toMatchObject({ code: 'ERR_HTTP_STALE_CONNECTION' })
})

test('nobody waits for a request’s dial when it leaves, but for those who wanted one ahead', async () => {
  const world = new PoolWorld()
  const ahead = outcomeOf(world.pool.preconnect(world.origin('a'), 1))
  const control = new AbortController()
  const leased = outcomeOf(world.lease('a', { signal: control.signal }))
  control.abort('enough')
  await settle()
  expect([leased.now, world.dials.length, world.dials[0]?.signal.aborted]).toEqual(['enough', 1, false])
  world.dials[0]?.succeed()
  await settle()
  expect(ahead.now).toBe(1)
})
