import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Ranking } from './pool-ranking.ts'

const MEMBER_COUNT = 12

test('the first one is the least of those that belong, however they change', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ at: fc.nat(MEMBER_COUNT - 1), value: fc.nat(30), belongs: fc.boolean() }), {
        maxLength: 80,
      }),
      (steps) => {
        const members = Array.from({ length: MEMBER_COUNT }, () => ({ rankAt: -1, value: 0, belongs: false }))
        const ranking = new Ranking<(typeof members)[number]>((one, other) => one.value < other.value)
        for (const { at, value, belongs } of steps) {
          const member = members[at]!
          member.value = value
          member.belongs = belongs
          ranking.place(member, belongs)
          const values = members.filter((one) => one.belongs).map((one) => one.value)
          expect(ranking.first?.value ?? Infinity).toBe(Math.min(...values))
          expect(members.map(({ rankAt }) => rankAt >= 0)).toEqual(members.map((one) => one.belongs))
        }
      },
    ),
    { numRuns: 300, seed: 1 },
  )
})

test('an empty one has no first', () => {
  const member = { rankAt: -1 }
  const ranking = new Ranking<typeof member>(() => false)
  expect(ranking.first).toBe(null)
  ranking.place(member, true)
  expect(ranking.first).toBe(member)
  ranking.place(member, false)
  ranking.place(member, false)
  expect(ranking.first).toBe(null)
})
