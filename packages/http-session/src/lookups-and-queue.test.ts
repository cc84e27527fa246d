/** Names that are looked up, requests that wait for room, connections that were opened ahead: what is told of them, and when it ends. */
import { expect, test } from 'vitest'
import { createDnsCache } from '@x/transport'
import { settle } from './memory-server.test-support.ts'
import { uncaughtIn } from './uncaught.test-support.ts'
import { PoolWorld } from './pool-world.test-support.ts'
import { ClientSession } from './index.ts'
import { createConnector } from './connector.ts'
import { memoryServer, answering, HELLO } from './memory-server.test-support.ts'
import { resolveSettings } from './session-options.ts'
const OPTIONS = { all: true, family: 0, order: 'verbatim', verbatim: true } as const
test('a look-up that is never answered is not joined for ever: after the time limit of one dial the next one asks again', async () => {
  let asked = 0
  const connector = createConnector({
    dns: {
      lookup: (_h, _o, callback) => {
        if (asked++ > 0) callback(null, [{ address: '127.0.0.1', family: 4 }])
      },
    },
  })
  const session = new ClientSession({ connector, timeouts: { dnsMs: 50 } })
  await expect(session.get('http://a.example:1/')).rejects.toMatchObject({ code: 'ERR_HTTP_TIMEOUT_DNS' })
  await expect(session.get('http://a.example:1/')).rejects.toMatchObject({ code: 'ERR_HTTP_CONNECT_FAILED' })
  await session.close()
})
test('a callback that throws keeps the answer from no other', async () => {
  let answer: (() => void) | null = null
  const cache = createDnsCache({
    lookup: (_h, _o, callback) => {
      answer = () => callback(null, [{ address: '127.0.0.1', family: 4 }])
    },
  })
  const got: string[] = []
  cache.lookup('a', OPTIONS, () => {
    throw new Error('x')
  })
  cache.lookup('a', OPTIONS, () => got.push('second'))
  const uncaught = await uncaughtIn(() => answer?.())
  expect(got).toEqual(['second'])
  expect(uncaught).toMatchObject([{ message: 'x' }])
})
test('an answer cannot be changed by who got it', () => {
  const cache = createDnsCache({
    lookup: (_h, _o, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
  })
  cache.lookup('a', OPTIONS, (_e, addresses) => {
    addresses[0]!.address = '10.0.0.1'
    addresses.push({ address: '6.6.6.6', family: 4 })
  })
  cache.lookup('a', OPTIONS, (_e, addresses) =>
    expect(addresses).toEqual([{ address: '127.0.0.1', family: 4 }]),
  )
})
test('queueMs counts all time without room, not each stretch anew', async () => {
  const world = new PoolWorld({ maxConnectionsPerOrigin: 1 })
  const timeouts = { ...resolveSettings({}).timeouts, queueMs: 100 }
  let low: unknown = 'pending'
  const first = world.lease('a', { priority: 1 })
  world.lease('a', { timeouts }).then(
    (c) => (low = c),
    (e: unknown) => (low = e),
  )
  world.dials[0]!.succeed()
  let held = await first
  for (let round = 0; round < 4; round++) {
    world.clock.advance(90)
    held.abort(new Error('gone'))
    await settle()
    const thief = world.lease('a', { priority: 1 })
    world.dials[0]!.succeed()
    held = await thief
  }
  await settle()
  expect(low).toMatchObject({ code: 'ERR_HTTP_TIMEOUT_QUEUE' })
})
test('a connection that was opened ahead and has served nobody is not told as reused', async () => {
  const server = memoryServer(answering(HELLO))
  await server.session.preconnect('http://a.example/')
  const response = await server.session.get('http://a.example/')
  expect(response.timings.reused).toBe(false)
})
test('extend refuses time limits of dials, which it cannot have of its own', () => {
  const server = memoryServer(answering(HELLO))
  expect(() => server.session.extend({ timeouts: { connectMs: 1 } })).toThrow(/connectMs/)
})
