import { expect, test } from 'vitest'
import { median, numbersOf, ratio, spread } from './statistics.mjs'

const MEDIANS = [
  { name: 'one', numbers: [3], is: 3 },
  { name: 'odd, in any order', numbers: [9, 1, 5], is: 5 },
  { name: 'even', numbers: [4, 1, 3, 2], is: 2.5 },
  { name: 'by value, not by text', numbers: [100, 20, 3], is: 20 },
]

for (const { name, numbers, is } of MEDIANS) {
  test(`median: ${name}`, () => {
    const before = [...numbers]
    expect(median(numbers)).toBe(is)
    expect(numbers).toEqual(before)
  })
}

test('median of nothing is an error', () => {
  expect(() => median([])).toThrow(RangeError)
})

test('spread is the range as a share of the median', () => {
  expect(spread([10])).toBe(0)
  expect(spread([8, 10, 13])).toBe(0.5)
})

const FAST = { count: 2000, elapsedMs: 1000, cpuUs: 10_000 }
const SLOW = { count: 500, elapsedMs: 500, cpuUs: 10_000 }

test('numbers of a rate are per second and microseconds for one', () => {
  expect(numbersOf([FAST, SLOW], 'rate')).toEqual([2000, 1000])
  expect(numbersOf([FAST, SLOW], 'cpu')).toEqual([5, 20])
  expect(numbersOf([FAST], 'value')).toEqual([])
  expect(numbersOf([{ value: 7 }], 'value')).toEqual([7])
  expect(numbersOf([{ value: 7 }], 'rate')).toEqual([])
})

test('ratio compares round by round: a disturbed round disturbs both', () => {
  const disturbed = (factor: number): typeof FAST => ({ ...FAST, elapsedMs: FAST.elapsedMs * factor })
  const mine = [disturbed(1), disturbed(4), disturbed(1)]
  const theirs = [disturbed(2), disturbed(8), disturbed(2)]
  expect(ratio(mine, theirs, 'rate')).toBe(2)
})

test('ratio of unequal numbers of rounds takes those that both have', () => {
  expect(ratio([FAST, FAST, SLOW], [SLOW], 'rate')).toBe(2)
  expect(ratio([FAST], [], 'rate')).toBe(null)
  expect(ratio([{ value: 3 }], [{ value: 9 }], 'value')).toBeCloseTo(1 / 3)
})
