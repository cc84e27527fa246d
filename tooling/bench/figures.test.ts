import { expect, test } from 'vitest'
import { loadClients, loadWorks } from './catalogue.mjs'
import { FIGURES, judge } from './figures.mjs'
import type { Figure } from './figures.mjs'

const WORKS = [
  {
    name: 'w',
    contenders: [
      { name: 'ours', samples: [{ count: 300, elapsedMs: 1000, cpuUs: 300 }] },
      { name: 'theirs', samples: [{ count: 100, elapsedMs: 1000, cpuUs: 200 }] },
      { name: 'nobody', samples: [] },
    ],
  },
  { name: 'v', contenders: [{ name: 'ours', samples: [{ value: 8 }, { value: 10 }, { value: 9 }] }] },
]

const rate = { work: 'w', who: 'ours', metric: 'rate', against: 'theirs' } as const
const value = { work: 'v', who: 'ours', metric: 'value' } as const
const ROWS: { name: string; figure: Figure; actual: number | null; verdict: string }[] = [
  {
    name: 'exactly at least',
    figure: { ...rate, bound: 'at least', limit: 3 },
    actual: 3,
    verdict: 'reached',
  },
  {
    name: 'not more than',
    figure: { ...rate, bound: 'more than', limit: 3 },
    actual: 3,
    verdict: 'not reached',
  },
  { name: 'below', figure: { ...rate, bound: 'at least', limit: 3.1 }, actual: 3, verdict: 'not reached' },
  {
    name: 'CPU for one, the less the better',
    figure: { ...rate, metric: 'cpu', bound: 'at most', limit: 0.5 },
    actual: 0.5,
    verdict: 'reached',
  },
  {
    name: 'a value by itself',
    figure: { ...value, bound: 'at most', limit: 9 },
    actual: 9,
    verdict: 'reached',
  },
  {
    name: 'a value above',
    figure: { ...value, bound: 'at most', limit: 8 },
    actual: 9,
    verdict: 'not reached',
  },
  {
    name: 'a peer without samples',
    figure: { ...rate, against: 'nobody', bound: 'at least', limit: 1 },
    actual: null,
    verdict: 'not measured',
  },
  {
    name: 'no such peer',
    figure: { ...rate, against: 'missing', bound: 'at least', limit: 1 },
    actual: null,
    verdict: 'not measured',
  },
  {
    name: 'no such work',
    figure: { ...value, work: 'missing', bound: 'at most', limit: 1 },
    actual: null,
    verdict: 'not measured',
  },
]

for (const { name, figure, actual, verdict } of ROWS) {
  test(`judge: ${name}`, () => {
    expect(judge([figure], WORKS)).toEqual([{ figure, actual, verdict }])
  })
}

test('every figure names a work and contenders that there are', async () => {
  const clients = await loadClients()
  const names = new Map(
    (await loadWorks()).map((work) => [work.name, work.contenders(clients).map(({ name }) => name)]),
  )
  for (const { work, who, against = who } of FIGURES) {
    expect(names.get(work), work).toContain(who)
    expect(names.get(work), work).toContain(against)
  }
})
