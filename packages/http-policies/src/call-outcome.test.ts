import { TimeoutError, UsageError } from '@x/http-session'
import type { Phase, RequestFacts } from '@x/http-session'
import { expect, test } from 'vitest'
import { outcomeOf } from './call-outcome.ts'

function facts(phase: Phase): RequestFacts {
  return {
    method: 'GET',
    url: 'http://a/',
    phase,
    retriable: 'safe',
    sent: 'none',
    attempts: 0,
    elapsedMs: 1,
  }
}

const STATUSES: Readonly<Record<number, string>> = {
  200: 'success',
  304: 'success',
  404: 'success',
  429: 'success',
  500: 'failure',
  501: 'success',
  503: 'failure',
  505: 'success',
  599: 'failure',
}
for (const [status, outcome] of Object.entries(STATUSES)) {
  test(`a call that ends with ${status}: ${outcome}`, () => {
    expect(outcomeOf({ response: { status: Number(status) }, error: undefined })).toBe(outcome)
  })
}

const ERRORS: { name: string; error: unknown; outcome: string }[] = [
  { name: 'an abort', error: new Error('enough'), outcome: 'ignored' },
  { name: 'nothing', error: undefined, outcome: 'ignored' },
  { name: 'a wrong use', error: new UsageError('ERR_HTTP_INVALID_URL', 'no'), outcome: 'ignored' },
  ...(['QUEUE', 'DNS', 'CONNECT', 'TLS', 'SEND_IDLE', 'HEADERS', 'TOTAL'] as const).map((limit) => ({
    name: limit,
    error: new TimeoutError(facts('wait'), `ERR_HTTP_TIMEOUT_${limit}`, 1),
    outcome: limit === 'QUEUE' ? 'ignored' : 'failure',
  })),
  {
    name: 'TOTAL before it had its turn',
    error: new TimeoutError(facts('queue'), 'ERR_HTTP_TIMEOUT_TOTAL', 1),
    outcome: 'ignored',
  },
]
for (const { name, error, outcome } of ERRORS) {
  test(`a call that fails with ${name}: ${outcome}`, () => {
    expect(outcomeOf({ response: null, error })).toBe(outcome)
  })
}
