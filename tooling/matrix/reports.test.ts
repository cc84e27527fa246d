import { expect, test } from 'vitest'
import { Reports } from './reports.mjs'

const CASES = ['{"feature":"tcp","name":"a"}', '{"feature":"tcp","name":"b","error":"Error: x"}']

test('reports are whole when the last line says how many there are', () => {
  const reports = new Reports()
  for (const line of [...CASES, '{"done":2}']) reports.add(line)
  expect(reports.cases.map(({ name, error }) => [name, error])).toEqual([
    ['a', undefined],
    ['b', 'Error: x'],
  ])
  expect([reports.isDone, reports.broken()]).toEqual([true, undefined])
})

test('what broke off says where, and what else was printed', () => {
  const reports = new Reports()
  for (const line of [...CASES, '', 'warning: {', '{"other":1}', '{"feature"']) reports.add(line)
  expect(reports.isDone).toBe(false)
  expect(reports.broken('exit code 7')).toBe(
    '2 of ? cases, the last one "b": exit code 7\nwarning: {\n{"other":1}\n{"feature"',
  )
})

test('a case that was not reported is missed', () => {
  const reports = new Reports()
  for (const line of [...CASES, '{"done":3}']) reports.add(line)
  expect(reports.broken()).toContain('2 of 3 cases')
})
