/** What is sent again, and when: the decisions as tables. */
import { expect, test } from 'vitest'
import { httpDate, retryAfterMs } from './retry-after.ts'
import { RetryBudget } from './retry-budget.ts'
import { planRetry } from './retry-plan.ts'
import type { AttemptOutcome, RetryFacts } from './retry-plan.ts'

const LIMITS = {
  maxRetries: 3,
  baseMs: 100,
  maxDelayMs: 1000,
  maxRetryAfterMs: 60_000,
  statuses: new Set([429, 503]),
}
const USUAL: RetryFacts = {
  outcome: { kind: 'response', status: 503, retryAfterMs: null },
  retries: 0,
  canResendBody: true,
  isReplayable: true,
  random: 0.5,
}
const status = (code: number, asked: number | null = null): AttemptOutcome => ({
  kind: 'response',
  status: code,
  retryAfterMs: asked,
})
const error = (retriable: 'safe' | 'idempotent' | 'no', code = 'ERR_HTTP_RESET'): AttemptOutcome => ({
  kind: 'error',
  code,
  retriable,
})

const CASES: { name: string; facts: Partial<RetryFacts>; delayMs: number | null }[] = [
  { name: 'a status of the list', facts: {}, delayMs: 50 },
  { name: 'another status', facts: { outcome: status(500) }, delayMs: null },
  { name: 'success', facts: { outcome: status(200) }, delayMs: null },
  { name: 'no jitter left', facts: { random: 0 }, delayMs: 0 },
  { name: 'the second retry waits up to twice as long', facts: { retries: 1 }, delayMs: 100 },
  { name: 'the third four times', facts: { retries: 2 }, delayMs: 200 },
  { name: 'enough', facts: { retries: 3 }, delayMs: null },
  { name: 'a method that is not idempotent', facts: { isReplayable: false }, delayMs: null },
  { name: 'Retry-After, and jitter behind it', facts: { outcome: status(503, 2000) }, delayMs: 2050 },
  { name: 'Retry-After at the limit', facts: { outcome: status(429, 60_000) }, delayMs: 60_050 },
  { name: 'Retry-After beyond the limit', facts: { outcome: status(429, 60_001) }, delayMs: null },
  { name: 'Retry-After of another status', facts: { outcome: status(301, 1) }, delayMs: null },
  { name: 'nothing was sent', facts: { outcome: error('safe'), isReplayable: false }, delayMs: 50 },
  {
    name: 'nothing was sent, but the content is gone',
    facts: { outcome: error('safe'), isReplayable: false, canResendBody: false },
    delayMs: null,
  },
  { name: 'lost, idempotent', facts: { outcome: error('idempotent') }, delayMs: 50 },
  {
    name: 'lost, not idempotent',
    facts: { outcome: error('idempotent'), isReplayable: false },
    delayMs: null,
  },
  { name: 'never', facts: { outcome: error('no') }, delayMs: null },
  ...[
    'ERR_HTTP_AUTH_CHALLENGE',
    'ERR_HTTP_AUTH_RSPAUTH',
    'ERR_HTTP_DNS_NOTFOUND',
    'ERR_HTTP_TLS_CERT',
    'ERR_HTTP_ADDRESS_BLOCKED',
    'ERR_HTTP_TIMEOUT_TOTAL',
    'ERR_HTTP_TIMEOUT_QUEUE',
    'ERR_HTTP_QUEUE_FULL',
    'ERR_HTTP_CIRCUIT_OPEN',
  ].map((code) => ({ name: code, facts: { outcome: error('safe', code) }, delayMs: null })),
]
for (const { name, facts, delayMs } of CASES) {
  test(name, () => {
    const plan = planRetry({ ...USUAL, ...facts }, LIMITS)
    expect(plan).toEqual(delayMs === null ? { kind: 'deliver' } : { kind: 'retry', delayMs })
  })
}

test('no wait is longer than the limit', () => {
  const plan = planRetry({ ...USUAL, retries: 60, random: 0.999 }, { ...LIMITS, maxRetries: Infinity })
  expect(plan).toEqual({ kind: 'retry', delayMs: 999 })
})

const NOW = Date.parse('Sun, 06 Nov 1994 08:49:37 GMT')
const AFTER: { value: string | undefined; ms: number | null }[] = [
  { value: undefined, ms: null },
  { value: '0', ms: 0 },
  { value: '120', ms: 120_000 },
  { value: 'Sun, 06 Nov 1994 08:50:37 GMT', ms: 60_000 },
  { value: 'Sun, 06 Nov 1994 08:00:00 GMT', ms: 0 },
  { value: 'Sunday, 06-Nov-94 08:50:37 GMT', ms: 60_000 },
  { value: 'Sun Nov  6 08:50:37 1994', ms: 60_000 },
  { value: 'Wed Nov 16 08:49:37 1994', ms: 864_000_000 },
  { value: 'Sun Nov 6 08:50:37 1994', ms: null },
  { value: 'Sunday, 06-Nov-1994 08:50:37 GMT', ms: null },
  { value: 'Sun, 06 Nov 1994 08:50:37 +0000', ms: null },
  { value: 'Sun, 06 Nov 1994 08:50:37', ms: null },
  { value: 'Sun, 31 Feb 1994 08:49:37 GMT', ms: Date.parse('Sun, 31 Feb 1994 08:49:37 GMT') - NOW },
  { value: '-1', ms: null },
  { value: '1.5', ms: null },
  { value: '1e9', ms: null },
  { value: '', ms: null },
  { value: '99999999999', ms: 99_999_999_999_000 },
  { value: '9'.repeat(400), ms: Number.MAX_SAFE_INTEGER },
  { value: '120, 240', ms: null },
]
for (const { value, ms } of AFTER) {
  test(`Retry-After: ${value}`, () => {
    expect(retryAfterMs(value, NOW)).toBe(ms !== null && ms < 0 ? 0 : ms)
  })
}

test('a date that is none', () => {
  expect(httpDate('Sun, 99 Nov 1994 08:49:37 GMT', NOW)).toBe(null)
  expect(httpDate('Sunday, 99-Nov-94 08:49:37 GMT', NOW)).toBe(null)
})

test('a year of two digits is no more than fifty years ahead', () => {
  // RFC 9110 section 5.6.7.
  const now = Date.parse('2026-01-01T00:00:00Z')
  expect(httpDate('Sunday, 06-Nov-94 08:49:37 GMT', now)).toBe(Date.parse('1994-11-06T08:49:37Z'))
  expect(httpDate('Friday, 01-Jan-27 00:00:00 GMT', now)).toBe(Date.parse('2027-01-01T00:00:00Z'))
  expect(httpDate('Friday, 31-Dec-76 00:00:00 GMT', now)).toBe(Date.parse('1976-12-31T00:00:00Z'))
  expect(httpDate('Thursday, 31-Dec-75 00:00:00 GMT', now)).toBe(Date.parse('2075-12-31T00:00:00Z'))
})

test('waits without a base stay none, however many there were', () => {
  const limits = { ...LIMITS, baseMs: 0, maxRetries: Infinity, maxDelayMs: Infinity }
  expect(planRetry({ ...USUAL, retries: 5000 }, limits)).toEqual({ kind: 'retry', delayMs: 0 })
  const endless = planRetry({ ...USUAL, retries: 5000, random: 0 }, { ...limits, baseMs: 100 })
  expect(endless).toEqual({ kind: 'retry', delayMs: 0 })
})

test('the budget: a reserve, and a share of the requests', () => {
  const budget = new RetryBudget(0.5, 2)
  expect([budget.take(), budget.take(), budget.take()]).toEqual([true, true, false])
  budget.requestBegun()
  expect(budget.take()).toBe(false)
  budget.requestBegun()
  expect([budget.take(), budget.take()]).toEqual([true, false])
  for (let count = 0; count < 100; count++) budget.requestBegun()
  expect([budget.take(), budget.take(), budget.take()]).toEqual([true, true, false])
})
