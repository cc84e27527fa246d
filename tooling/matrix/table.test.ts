import { expect, test } from 'vitest'
import { tableOf } from './table.mjs'

const RESULTS = [
  { id: 'node20', title: 'Node 20', reports: [] },
  { id: 'bun', title: 'Bun', reports: [] },
  { id: 'chromium', title: 'Chromium', absent: 'there is none', reports: [] },
] as const

test('one row a feature, each note once, and who was not run', () => {
  const rows = [
    { title: 'A', cells: [{ state: 'yes' }, { state: 'lacks', note: 'no a' }, { state: 'absent' }] },
    { title: 'B', cells: [{ state: 'fails' }, { state: 'lacks', note: 'no b' }, { state: 'absent' }] },
    {
      title: 'C',
      cells: [{ state: 'yes', note: 'in a way' }, { state: 'lacks', note: 'no a' }, { state: 'absent' }],
    },
  ] as const
  expect(tableOf(RESULTS, { rows, problems: [] }).split('\n')).toEqual([
    '|  | Node 20 | Bun | Chromium |',
    '| - | :-: | :-: | :-: |',
    '| A | yes | – (1) | not run |',
    '| B | **fails** | – (2) | not run |',
    '| C | yes (3) | – (1) | not run |',
    '',
    '1. no a',
    '2. no b',
    '3. in a way',
    '',
    'Not run: Chromium: there is none',
  ])
})
