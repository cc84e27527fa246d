import { expect, test } from 'vitest'
import { bumpProblems, closureOf } from './dependents.mjs'

const ALL = [
  { name: 'reader', needs: [] },
  { name: 'transport', needs: [] },
  { name: 'streams', needs: ['reader', 'transport'] },
  { name: 'session', needs: ['streams'] },
]
const BEFORE = { reader: '0.1.0', transport: '0.1.0', streams: '0.1.0', session: '0.1.0' }

test('an install brings the package and what is below it', () => {
  expect([...closureOf(ALL, 'session')].toSorted()).toEqual(['reader', 'session', 'streams', 'transport'])
  expect([...closureOf(ALL, 'reader')]).toEqual(['reader'])
})

const BUMPS = [
  { name: 'it and its dependent', after: { transport: '0.2.0', streams: '0.1.1' }, problems: [] },
  {
    name: 'those above may follow',
    after: { transport: '0.2.0', streams: '0.1.1', session: '0.1.1' },
    problems: [],
  },
  {
    name: 'nothing happened',
    after: {},
    problems: [
      'transport has a changeset and no new version: 0.1.0 -> 0.1.0',
      'streams depends on transport and has no new version: 0.1.0 -> 0.1.0',
    ],
  },
  {
    name: 'too much happened',
    after: { transport: '0.2.0', streams: '0.1.1', reader: '0.1.1' },
    problems: ['reader has nothing to do with transport: 0.1.0 -> 0.1.1'],
  },
]

for (const { name, after, problems } of BUMPS) {
  test(`bump: ${name}`, () => {
    expect(bumpProblems(ALL, 'transport', BEFORE, { ...BEFORE, ...after })).toEqual(problems)
  })
}
