/** Time limits of dialling, as requests meet them. */
import { expect, test } from 'vitest'
import { ClientSession } from './index.ts'
import type { ByteStream, Connector, DialPhase } from './ports.ts'
import { answering, HELLO, memoryServer, settle } from './memory-server.test-support.ts'
import type { SessionOptions } from './index.ts'

const URL = 'https://a.test/'

/** A session whose connector waits in the steps that it is told to. */
function world(phases: readonly DialPhase[], timeouts: SessionOptions['timeouts'] = {}) {
  const { connector, clock, openCount } = memoryServer(answering(HELLO))
  const signals: AbortSignal[] = []
  const waiting: (() => void)[] = []
  const slow: Connector = async (target, options): Promise<ByteStream> => {
    const { signal, onPhase } = options
    signals.push(signal)
    for (const phase of phases) {
      onPhase?.(phase)
      await new Promise<void>((resolve, reject) => {
        waiting.push(resolve)
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    }
    return connector(target, options)
  }
  const session = new ClientSession({ connector: slow, clock, timeouts })
  return { session, clock, openCount, signals, goOn: () => waiting.shift()?.() }
}

const ROWS: { phases: DialPhase[]; phase: DialPhase; name: 'dnsMs' | 'connectMs' | 'tlsMs'; code: string }[] =
  [
    { phases: ['dns'], phase: 'dns', name: 'dnsMs', code: 'ERR_HTTP_TIMEOUT_DNS' },
    { phases: ['dns', 'connect'], phase: 'connect', name: 'connectMs', code: 'ERR_HTTP_TIMEOUT_CONNECT' },
    { phases: ['connect', 'proxy'], phase: 'proxy', name: 'connectMs', code: 'ERR_HTTP_TIMEOUT_CONNECT' },
    { phases: ['dns', 'connect', 'tls'], phase: 'tls', name: 'tlsMs', code: 'ERR_HTTP_TIMEOUT_TLS' },
  ]

for (const { phases, phase, name, code } of ROWS) {
  for (const limit of [50, 10_000]) {
    test(`${name} of ${limit} ms is met in ${phases.join(', ')}`, async () => {
      const { session, clock, openCount, signals, goOn } = world(phases, limit === 50 ? { [name]: 50 } : {})
      const request = session.get(URL)
      request.catch(() => {})
      for (let step = 1; step < phases.length; step++) {
        await settle()
        clock.advance(40)
        goOn()
      }
      await settle()
      clock.advance(limit - 1)
      await settle()
      expect(signals[0]?.aborted).toBe(false)
      clock.advance(1)
      await expect(request).rejects.toMatchObject({
        name: 'TimeoutError',
        code,
        phase,
        limit,
        sent: 'none',
        retriable: 'safe',
        url: URL,
      })
      expect(signals[0]?.aborted).toBe(true)
      await settle()
      expect([openCount(), clock.timerCount]).toEqual([0, 0])
    })
  }
}

test('totalMs and an abort while dialling: the total time tells the step it was in', async () => {
  const { session, clock, signals } = world(['dns'], { totalMs: 5 })
  const request = session.get(URL)
  request.catch(() => {})
  await settle()
  clock.advance(5)
  await expect(request).rejects.toMatchObject({ code: 'ERR_HTTP_TIMEOUT_TOTAL', phase: 'dns' })
  expect(signals[0]?.aborted).toBe(true)
})

test('two dials, two requests: the limit of the first refuses one, the other is served', async () => {
  const { session, clock, goOn } = world(['connect'], { connectMs: 50 })
  const first = session.get(URL)
  first.catch(() => {})
  await settle()
  clock.advance(30)
  const second = session.get(URL)
  await settle()
  clock.advance(20)
  await settle()
  await expect(first).rejects.toMatchObject({ code: 'ERR_HTTP_TIMEOUT_CONNECT', limit: 50 })
  goOn() // of the first dial, which is over
  goOn()
  expect(await (await second).text()).toBe('Hello')
})
