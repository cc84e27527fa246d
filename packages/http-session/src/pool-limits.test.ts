/** How old a connection may become, and how often it is used. */
import { expect, test } from 'vitest'
import type { ClientSession } from './index.ts'
import { answering, HELLO, memoryServer, readRequest, settle } from './memory-server.test-support.ts'
import type { Script } from './memory-server.test-support.ts'

const URL = 'http://a.example/'

async function text(session: ClientSession): Promise<string> {
  return (await session.get(URL)).text()
}

test('maxRequestsPerConnection: a connection is closed in order behind its last answer', async () => {
  const { session, pairs, peers, openCount } = memoryServer(answering(HELLO), { maxRequestsPerConnection: 2 })
  for (let count = 0; count < 5; count++) {
    expect(await text(session)).toBe('Hello')
    await settle()
  }
  expect([pairs.length, openCount()]).toEqual([3, 1])
  expect((await peers[0]?.closed)?.reason).toBe('eof')
})

test('maxRequestsPerConnection of 1: no connection is used again, whoever waits gets another one', async () => {
  const { session, pairs } = memoryServer(answering(HELLO), {
    maxRequestsPerConnection: 1,
    maxConnectionsPerOrigin: 1,
  })
  expect(await Promise.all([text(session), text(session), text(session)])).toEqual([
    'Hello',
    'Hello',
    'Hello',
  ])
  expect(pairs.length).toBe(3)
})

test('maxConnectionAgeMs: an idle connection is closed when it is too old, however often it was used', async () => {
  const { session, clock, pairs, openCount } = memoryServer(answering(HELLO), { maxConnectionAgeMs: 1000 })
  for (const advanced of [0, 400, 800]) {
    await text(session)
    expect([advanced, pairs.length]).toEqual([advanced, 1])
    clock.advance(400)
    await settle()
  }
  expect(openCount()).toBe(0)
  await text(session)
  expect(pairs.length).toBe(2)
})

test('maxConnectionAgeMs: an exchange that runs is not cut short, its connection is closed behind it', async () => {
  let answer: (() => void) | undefined
  const script: Script = async (peer) => {
    while ((await readRequest(peer)) !== null) answer = () => peer.writer.writeText(HELLO)
  }
  const { session, clock, pairs, openCount } = memoryServer(script, {
    maxConnectionAgeMs: 1000,
    maxConnectionsPerOrigin: 1,
  })
  const [first, second] = [text(session), text(session)]
  await settle()
  clock.advance(5000)
  answer?.()
  expect(await first).toBe('Hello')
  await settle()
  expect([pairs.length, openCount()]).toEqual([2, 1])
  answer?.()
  expect(await second).toBe('Hello')
})

test('P36 a server that keeps connections for a second or less: they are not kept', async () => {
  const hinted = HELLO.replace('\r\n\r\n', '\r\nKeep-Alive: timeout=1\r\n\r\n')
  const { session, pairs, openCount } = memoryServer(answering(hinted))
  await text(session)
  await settle()
  expect(openCount()).toBe(0)
  await text(session)
  expect(pairs.length).toBe(2)
})

test('a connection that should have been closed while the process slept is not used', async () => {
  const { session, clock, pairs, openCount } = memoryServer(answering(HELLO), { idleTimeoutMs: 1000 })
  // Its timers come late: nothing of this clock fires them.
  const late = { now: () => clock.now() + lateMs, setTimer: clock.setTimer.bind(clock) }
  let lateMs = 0
  const sleeper = memoryServer(answering(HELLO), { idleTimeoutMs: 1000, clock: late })
  await text(sleeper.session)
  lateMs = 5000
  await text(sleeper.session)
  await settle()
  expect([sleeper.pairs.length, sleeper.openCount()]).toEqual([2, 1])
  await text(session)
  await text(session)
  expect([pairs.length, openCount()]).toEqual([1, 1])
})

for (const options of [
  { maxConnectionAgeMs: 0 },
  { maxRequestsPerConnection: 0 },
  { maxRequestsPerConnection: 1.5 },
]) {
  test(`${JSON.stringify(options)} is refused`, () => {
    expect(() => memoryServer(answering(HELLO), options)).toThrow(
      expect.objectContaining({ code: 'ERR_HTTP_INVALID_OPTION' }),
    )
  })
}
