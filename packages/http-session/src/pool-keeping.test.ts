import { expect, test } from 'vitest'
import { isWorn, keptMs } from './pool-keeping.ts'
import type { KeepingLimits } from './pool-keeping.ts'

const LIMITS: KeepingLimits = {
  idleTimeoutMs: 30_000,
  maxConnectionAgeMs: 60_000,
  maxRequestsPerConnection: 3,
}
const NO_LIMITS: KeepingLimits = {
  idleTimeoutMs: Infinity,
  maxConnectionAgeMs: Infinity,
  maxRequestsPerConnection: Infinity,
}

const WORN = [
  { name: 'new', ageMs: 0, exchangeCount: 0, worn: false },
  { name: 'just below both limits', ageMs: 59_999, exchangeCount: 2, worn: false },
  { name: 'old enough', ageMs: 60_000, exchangeCount: 1, worn: true },
  { name: 'used often enough', ageMs: 0, exchangeCount: 3, worn: true },
  { name: 'without limits', ageMs: 1e12, exchangeCount: 1e9, worn: false, limits: NO_LIMITS },
]

for (const { name, worn, limits = LIMITS, ...wear } of WORN) {
  test(`a connection that is ${name} is ${worn ? '' : 'not '}worn`, () =>
    expect(isWorn(wear, limits)).toBe(worn))
}

const KEPT = [
  { name: 'the session says', ageMs: 0, peerTimeoutMs: Infinity, keptMs: 30_000 },
  { name: 'the server says less: its time less a second', ageMs: 0, peerTimeoutMs: 5000, keptMs: 4000 },
  { name: 'the server says more', ageMs: 0, peerTimeoutMs: 100_000, keptMs: 30_000 },
  { name: 'a hint of two seconds', ageMs: 0, peerTimeoutMs: 2000, keptMs: 1000 },
  { name: 'a hint of one second: not at all', ageMs: 0, peerTimeoutMs: 1000, keptMs: 0 },
  { name: 'a hint of nothing: not at all', ageMs: 0, peerTimeoutMs: 0, keptMs: 0 },
  { name: 'the age leaves less', ageMs: 50_000, peerTimeoutMs: Infinity, keptMs: 10_000 },
  { name: 'the age leaves nothing', ageMs: 70_000, peerTimeoutMs: Infinity, keptMs: 0 },
  { name: 'without limits', ageMs: 1e12, peerTimeoutMs: Infinity, keptMs: Infinity, limits: NO_LIMITS },
]

for (const { name, ageMs, peerTimeoutMs, keptMs: expected, limits = LIMITS } of KEPT) {
  test(`P36 how long an idle connection is kept: ${name}`, () =>
    expect(keptMs(ageMs, peerTimeoutMs, limits)).toBe(expected))
}
