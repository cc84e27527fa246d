import { expect, test } from 'vitest'
import { planPool } from './pool-plan.ts'
import type { PoolPlan, PoolSnapshot } from './pool-plan.ts'

const EMPTY: PoolSnapshot = {
  idle: 0,
  soonIdle: 0,
  open: 0,
  openInAll: 0,
  idleElsewhere: 0,
  waiting: 0,
  maxPerOrigin: 2,
  maxInAll: 3,
  maxWaiting: 1,
}

const PLANS: { name: string; facts: Partial<PoolSnapshot>; plan: PoolPlan }[] = [
  { name: 'nothing there', facts: {}, plan: 'open' },
  { name: 'one idle', facts: { idle: 1, open: 1, openInAll: 1 }, plan: 'reuse' },
  { name: 'one idle, everything full', facts: { idle: 1, open: 2, openInAll: 3, waiting: 1 }, plan: 'reuse' },
  { name: 'one in use', facts: { open: 1, openInAll: 1 }, plan: 'open' },
  { name: 'one about to be idle', facts: { soonIdle: 1, open: 1, openInAll: 1, waiting: 1 }, plan: 'wait' },
  { name: 'more wait than are about to be idle', facts: { soonIdle: -1, open: 1 }, plan: 'open' },
  { name: 'origin full', facts: { open: 2, openInAll: 2 }, plan: 'wait' },
  {
    name: 'origin full, others idle: they do not help',
    facts: { open: 2, openInAll: 3, idleElsewhere: 1 },
    plan: 'wait',
  },
  { name: 'all full, one idle elsewhere', facts: { open: 1, openInAll: 3, idleElsewhere: 1 }, plan: 'evict' },
  { name: 'all full, none idle', facts: { open: 0, openInAll: 3 }, plan: 'wait' },
  { name: 'origin full, queue full', facts: { open: 2, openInAll: 2, waiting: 1 }, plan: 'refuse' },
]

for (const { name, facts, plan } of PLANS) {
  test(`planPool: ${name}: ${plan}`, () => expect(planPool({ ...EMPTY, ...facts })).toBe(plan))
}
