import { expect, test } from 'vitest'
import { ClientSession } from './index.ts'
import { HELLO, memoryServer, readRequest, settle } from './memory-server.test-support.ts'

test('a request for which a connection is being opened already takes no place in the queue: none is refused while there is room', async () => {
  let dials = 0
  const gates: (() => void)[] = []
  const server = memoryServer(async (peer) => {
    while ((await readRequest(peer)) !== null) {
      await new Promise<void>((resolve) => gates.push(resolve))
      peer.writer.writeText(HELLO, 'latin1')
    }
  })
  const session = new ClientSession({
    clock: server.clock,
    maxQueuedRequests: 0,
    connector: (target, options) =>
      dials++ === 0 ? server.connector(target, options) : new Promise(() => {}),
  })
  const first = session.get('http://a.example/')
  await settle()
  const second = session.get('http://a.example/') // dials
  await settle()
  gates[0]?.()
  await (await first).text() // the second one gets its connection; the dial is nobody's now
  await settle()
  const third = session.get('http://a.example/')
  let outcome = 'waits'
  third.catch((error: unknown) => (outcome = (error as { code: string }).code))
  await settle()
  second.catch(() => {})
  expect([outcome, dials]).toEqual(['waits', 2])
  session.abort()
  await settle()
})
