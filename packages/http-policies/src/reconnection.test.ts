import { expect, test } from 'vitest'
import { planReconnection } from './reconnection.ts'
import type { ReconnectionFacts, ReconnectionPlan } from './reconnection.ts'

const FACTS: ReconnectionFacts = {
  ending: { kind: 'ended' },
  failures: 0,
  retryMs: 1000,
  maxRetryMs: 10_000,
  maxFailures: 5,
  random: 0,
}
const reset = { kind: 'failed', code: 'ERR_HTTP_RESET' } as const

const ROWS: { name: string; facts: Partial<ReconnectionFacts>; plan: ReconnectionPlan }[] = [
  { name: 'a stream that ended', facts: {}, plan: { kind: 'reconnect', delayMs: 1000, failures: 0 } },
  {
    name: 'a stream without an event behind failures',
    facts: { failures: 3 },
    plan: { kind: 'reconnect', delayMs: 8000, failures: 3 },
  },
  {
    name: 'no more failures than may be, and a stream without an event behind them',
    facts: { failures: 5 },
    plan: { kind: 'reconnect', delayMs: 10_000, failures: 5 },
  },
  {
    name: 'a server that wants no wait',
    facts: { retryMs: 0 },
    plan: { kind: 'reconnect', delayMs: 100, failures: 0 },
  },
  {
    name: 'a failure of a server that wants no wait',
    facts: { ending: reset, retryMs: 0 },
    plan: { kind: 'reconnect', delayMs: 200, failures: 1 },
  },
  {
    name: 'the third failure of a server that wants no wait',
    facts: { ending: reset, retryMs: 0, failures: 2 },
    plan: { kind: 'reconnect', delayMs: 800, failures: 3 },
  },
  {
    name: 'chance and limits below the least wait',
    facts: { ending: reset, retryMs: 0, maxRetryMs: 0, random: 0.9 },
    plan: { kind: 'reconnect', delayMs: 100, failures: 1 },
  },
  {
    name: 'more failures than a number can double for',
    facts: { ending: reset, failures: 5000, maxFailures: Infinity },
    plan: { kind: 'reconnect', delayMs: 10_000, failures: 5001 },
  },
  { name: '204', facts: { ending: { kind: 'refused' } }, plan: { kind: 'end' } },
  {
    name: 'the first failure',
    facts: { ending: reset },
    plan: { kind: 'reconnect', delayMs: 2000, failures: 1 },
  },
  {
    name: 'the third',
    facts: { ending: reset, failures: 2 },
    plan: { kind: 'reconnect', delayMs: 8000, failures: 3 },
  },
  {
    name: 'the longest wait',
    facts: { ending: reset, failures: 3 },
    plan: { kind: 'reconnect', delayMs: 10_000, failures: 4 },
  },
  {
    name: 'chance',
    facts: { ending: reset, random: 0.5 },
    plan: { kind: 'reconnect', delayMs: 1500, failures: 1 },
  },
  {
    name: 'a server that wants a longer wait',
    facts: { ending: reset, retryMs: 60_000 },
    plan: { kind: 'reconnect', delayMs: 60_000, failures: 1 },
  },
  { name: 'too many', facts: { ending: reset, failures: 5 }, plan: { kind: 'fail' } },
  ...['TLS_CERT', 'ADDRESS_BLOCKED', 'REDIRECT_MAX', 'PARSE', 'AUTH_CREDENTIALS', 'SESSION_CLOSED'].map(
    (code) => ({
      name: `ERR_HTTP_${code}`,
      facts: { ending: { kind: 'failed', code: `ERR_HTTP_${code}` } as const },
      plan: { kind: 'fail' } as const,
    }),
  ),
  ...['TIMEOUT_HEADERS', 'CONNECT_FAILED', 'DNS_NOTFOUND', 'PEER_CLOSED', 'QUEUE_FULL'].map((code) => ({
    name: `ERR_HTTP_${code}`,
    facts: { ending: { kind: 'failed', code: `ERR_HTTP_${code}` } as const },
    plan: { kind: 'reconnect', delayMs: 2000, failures: 1 } as const,
  })),
]

for (const { name, facts, plan } of ROWS) {
  test(`reconnection: ${name}`, () => {
    expect(planReconnection({ ...FACTS, ...facts })).toEqual(plan)
  })
}
