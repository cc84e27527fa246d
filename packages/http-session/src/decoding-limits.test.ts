import { expect, test } from 'vitest'
import { DecodingBudget, DecodingLimitReached, DEFAULT_DECODING_LIMITS } from './decoding-limits.ts'

const MIB = 1024 * 1024

/** Decodes content of which each octet becomes what `yieldOf` says, in pieces of some length; where it ended, if a limit ended it. */
function run(
  limits: object,
  codedByteCount: number,
  pieceLength: number,
  yieldOf: (at: number) => number,
): string {
  const budget = new DecodingBudget({ ...DEFAULT_DECODING_LIMITS, ...limits })
  let coded = 0
  let decoded = 0
  try {
    while (coded < codedByteCount) {
      let left = Math.min(pieceLength, codedByteCount - coded)
      while (left > 0) {
        const taken = budget.takeCoded(left)
        for (let octet = 0; octet < taken; octet++) decoded += yieldOf(coded++)
        budget.checkDecoded(decoded)
        left -= taken
      }
    }
    budget.checkEnd()
    return 'ok'
  } catch (error) {
    if (!(error instanceof DecodingLimitReached)) throw error
    return `${error.limit} ${error.value}`
  }
}

const CASES: {
  name: string
  limits?: object
  coded: number
  yields: (at: number) => number
  says: string
}[] = [
  { name: 'a MiB of one octet', coded: 1, yields: () => MIB, says: 'ok' },
  { name: 'more of one octet', coded: 1, yields: () => MIB + 1, says: 'maxRatio 1000' },
  { name: 'the ratio itself', coded: 5000, yields: () => 1000, says: 'ok' },
  {
    name: 'above the ratio by one byte',
    coded: 5000,
    yields: (at) => (at === 4999 ? 1001 : 1000),
    says: 'maxRatio 1000',
  },
  {
    name: 'nothing for long, then much',
    coded: 5000,
    yields: (at) => (at === 4999 ? 4_000_000 : 0),
    says: 'ok',
  },
  {
    name: 'much, then nothing',
    coded: 200_000,
    yields: (at) => (at < 100 ? 100_000 : 0),
    says: 'maxRatio 1000',
  },
  { name: 'any ratio', limits: { maxRatio: Infinity }, coded: 10, yields: () => 20 * MIB, says: 'ok' },
  { name: 'a ratio of 2', limits: { maxRatio: 2 }, coded: MIB, yields: () => 3, says: 'maxRatio 2' },
  {
    name: 'a ratio of 2 below the MiB',
    limits: { maxRatio: 2 },
    coded: 1000,
    yields: () => 1000,
    says: 'ok',
  },
  {
    name: 'too much before a place where it is taken, not at the end',
    coded: 300_000,
    yields: (at) => (at < 262_144 ? 1024 : 0),
    says: 'maxRatio 1000',
  },
  {
    name: 'as many bytes as set',
    limits: { maxDecodedBytes: 3000 },
    coded: 3000,
    yields: () => 1,
    says: 'ok',
  },
  {
    name: 'one more',
    limits: { maxDecodedBytes: 2999 },
    coded: 3000,
    yields: () => 1,
    says: 'maxDecodedBytes 2999',
  },
  { name: 'none', limits: { maxDecodedBytes: 0 }, coded: 3, yields: () => 1, says: 'maxDecodedBytes 0' },
  {
    name: 'the default',
    limits: { maxRatio: Infinity },
    coded: 257,
    yields: () => MIB,
    says: `maxDecodedBytes ${256 * MIB}`,
  },
  {
    name: 'no limit',
    limits: { maxRatio: Infinity, maxDecodedBytes: Infinity },
    coded: 257,
    yields: () => MIB,
    says: 'ok',
  },
]

for (const { name, limits = {}, coded, yields, says } of CASES) {
  test(`P43 limits: ${name}, however it arrives`, () => {
    for (const pieceLength of [1, 7, 1000, 1024, 4096, 65_536, 100_000, coded]) {
      expect(run(limits, coded, pieceLength, yields), `pieces of ${pieceLength}`).toBe(says)
    }
  })
}

test('P43 what can come of a little more is bounded before it was decoded', () => {
  const budget = new DecodingBudget(DEFAULT_DECODING_LIMITS)
  expect(budget.takeCoded(1_000_000)).toBe(1024)
  expect(() => budget.checkDecoded(MIB + 1)).toThrow('maxRatio = 1000')
  expect(budget.takeCoded(1_000_000)).toBe(1024)
  expect(budget.takeCoded(1_000_000)).toBe(2048)
  expect(budget.takeCoded(1)).toBe(1)
  expect(budget.takeCoded(1_000_000)).toBe(4095)
})
