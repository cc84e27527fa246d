import { expect, test } from 'vitest'
import { docstringProblems, namesOf } from './docstrings.mjs'

function entry(...names: { name: string; documented?: boolean; thrown?: string[] }[]) {
  return {
    names: names.map(({ name, documented = true, thrown = [] }) => ({
      name,
      localName: name,
      file: '/a.ts',
      place: `a.ts:${name.length}`,
      kind: 'value' as const,
      documented,
      thrown,
    })),
  }
}

test('every name is documented, and throws what is exported or global', () => {
  const surfaces = [
    entry({ name: 'OwnError' }, { name: 'f', thrown: ['OwnError', 'RangeError', 'DOMException'] }),
  ]
  expect(docstringProblems(surfaces, namesOf(surfaces))).toEqual([])
})

test('a name without a docstring is told once, whoever exports it', () => {
  const surfaces = [entry({ name: 'f', documented: false }), entry({ name: 'f', documented: false })]
  expect(docstringProblems(surfaces, namesOf(surfaces))).toEqual([
    'a.ts:1: f is exported and has no docstring',
  ])
})

test('an error that nobody exports is promised to nobody', () => {
  const surfaces = [entry({ name: 'f', thrown: ['GoneError'] })]
  expect(docstringProblems(surfaces, namesOf(surfaces))).toEqual([
    'a.ts:1: f throws GoneError, which no package exports',
  ])
})
