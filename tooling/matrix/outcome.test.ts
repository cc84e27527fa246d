import { expect, test } from 'vitest'
import { FEATURES } from './features.mjs'
import type { Feature } from './features.mjs'
import { outcomeOf } from './outcome.mjs'
import type { RuntimeResult } from './outcome.mjs'

const TCP: Feature = {
  id: 'tcp',
  title: 'TCP',
  lacks: { chromium: 'no sockets' },
  how: { workerd: 'by connect()' },
}
const PASSED = { feature: 'tcp', name: 'an echo' }
const FAILED = { feature: 'tcp', name: 'a reset', error: 'Error: expected this' }
const bun = { id: 'bun', title: 'Bun 1' } as const
const chromium = { id: 'chromium', title: 'Chromium 1' } as const
const workerd = { id: 'workerd', title: 'workerd 1' } as const

const ROWS: { name: string; result: RuntimeResult; cell: object; problems: string[] }[] = [
  { name: 'all cases pass', result: { ...bun, reports: [PASSED] }, cell: { state: 'yes' }, problems: [] },
  {
    name: 'it is there in another way',
    result: { ...workerd, reports: [PASSED] },
    cell: { state: 'yes', note: 'by connect()' },
    problems: [],
  },
  {
    name: 'one case fails',
    result: { ...bun, reports: [PASSED, FAILED] },
    cell: { state: 'fails' },
    problems: ['Bun 1: tcp: a reset\nError: expected this'],
  },
  {
    name: 'no case was run',
    result: { ...bun, reports: [] },
    cell: { state: 'fails' },
    problems: ['Bun 1: tcp: no case was run'],
  },
  {
    name: 'the run broke off before it',
    result: { ...bun, reports: [], broken: 'exit code 1' },
    cell: { state: 'fails' },
    problems: ['Bun 1: exit code 1'],
  },
  {
    name: 'missing, and nothing was run',
    result: { ...chromium, reports: [] },
    cell: { state: 'lacks', note: 'no sockets' },
    problems: [],
  },
  {
    name: 'missing, and a case fails',
    result: { ...chromium, reports: [PASSED, FAILED] },
    cell: { state: 'lacks', note: 'no sockets' },
    problems: [],
  },
  {
    name: 'missing, as it says, and works',
    result: { ...chromium, reports: [PASSED] },
    cell: { state: 'fails' },
    problems: ['Chromium 1: tcp: works, and features.mjs says that it is missing'],
  },
  {
    name: 'the runtime is not there',
    result: { ...bun, absent: 'not installed', reports: [] },
    cell: { state: 'absent' },
    problems: [],
  },
  {
    name: 'a case of no row',
    result: { ...bun, reports: [PASSED, { feature: 'udp', name: 'x' }] },
    cell: { state: 'yes' },
    problems: ['Bun 1: no row is called "udp"'],
  },
]

for (const { name, result, cell, problems } of ROWS) {
  test(`outcome: ${name}`, () => {
    expect(outcomeOf([TCP], [result])).toEqual({ rows: [{ title: 'TCP', cells: [cell] }], problems })
  })
}

test('every row has a name of its own', () => {
  expect(new Set(FEATURES.map(({ id }) => id)).size).toBe(FEATURES.length)
})
