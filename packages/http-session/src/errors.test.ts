import { expect, test } from 'vitest'
import { TimeoutError } from './index.ts'
import type { RequestFacts } from './index.ts'

const FACTS: RequestFacts = {
  method: 'GET',
  url: 'http://a.example/',
  phase: 'wait',
  retriable: 'safe',
  sent: 'none',
  attempts: 0,
  elapsedMs: 7,
}

const OPTIONS = [
  ['QUEUE', 'queueMs'],
  ['DNS', 'dnsMs'],
  ['CONNECT', 'connectMs'],
  ['TLS', 'tlsMs'],
  ['SEND_IDLE', 'sendIdleMs'],
  ['HEADERS', 'headersMs'],
  ['BODY_IDLE', 'bodyIdleMs'],
  ['TOTAL', 'totalMs'],
] as const

for (const [limit, option] of OPTIONS) {
  test(`a TimeoutError names its option: ${option}`, () => {
    const { message } = new TimeoutError(FACTS, `ERR_HTTP_TIMEOUT_${limit}`, 5)
    expect(message).toBe(`GET http://a.example/: wait: not done within timeouts.${option} = 5 ms`)
  })
}

test('a limit of a connector’s own is none of the options', () => {
  const { message } = new TimeoutError(FACTS, 'ERR_HTTP_TIMEOUT_CONNECT', 5, new Error('too slow'))
  expect(message).toBe('GET http://a.example/: wait: not done within 5 ms')
})
