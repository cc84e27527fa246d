// What tables promise is true: each row of a table of features names tests that are there, and code in them has no name
// that the packages do not have.
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { filesBelow, isTest, packages, root } from '../workspace.mjs'
import { namesIn, proofsIn, rowsUnder, titlesOf } from './feature-table.mjs'
import { pages } from './pages.mjs'

test('rows of tables with the heading, and of no others', () => {
  const page = [
    '| a | b |',
    '| - | - |',
    '| x | held by |',
    '',
    '| feature | how | held by |',
    '| --- | :-: | --- |',
    '| Waits | `a` | `a.test.ts`: one |',
    'The end.',
    '| held by |',
    '| --- |',
    '| two |',
  ].join('\n')
  expect(rowsUnder(page, 'held by')).toEqual([
    { line: 7, cells: ['Waits', '`a`', '`a.test.ts`: one'], column: 2 },
    { line: 11, cells: ['two'], column: 0 },
  ])
})

test('names of a cell, and its proofs', () => {
  const cell = "`retry({ maxRetries: 2 })` of `@x/p`, `a.b('text')`, `Expect: 100-continue`"
  expect(namesIn(cell)).toEqual(['retry', 'maxRetries', 'a', 'b'])
  expect(proofsIn('`a.test.ts`: one; `p/b.test.ts`: two words; c')).toEqual([
    { file: 'a.test.ts', words: 'one' },
    { file: 'p/b.test.ts', words: 'two words' },
    { file: '', words: '' },
  ])
})

test('titles of calls and tables, in any quotes', () => {
  const source = "test('a \\'b\\'', …)\ntest.each(\n  `c ${x}`)\n{ name: \"d's\", wire: 'e' }\ntest(`f`)"
  expect(titlesOf(source)).toEqual(["a 'b'", 'c ${x}', "d's", 'f'])
})

/** Where the examples of pages give a name to what is theirs, and words of the language. */
const OWN = new Set([
  'session',
  'response',
  'jar',
  'url',
  'value',
  'file',
  'proxy',
  'data',
  'authority',
  'store',
  'i',
])
const LANGUAGE = new Set([
  'const',
  'await',
  'using',
  'new',
  'for',
  'of',
  'true',
  'false',
  'instanceof',
  'error',
  'a',
])

const known = new Set(
  packages
    .flatMap(({ dir }) => filesBelow(join(dir, 'src')))
    .filter((file) => !isTest(file))
    .flatMap((file) => readFileSync(file, 'utf8').match(/[A-Za-z]\w*/g) ?? []),
)

function unknownNames(page: string, heading: string, offset: number): string[] {
  return rowsUnder(readFileSync(join(root, page), 'utf8'), heading).flatMap(({ line, cells, column }) =>
    namesIn(cells[column + offset] ?? '')
      .filter((name) => !known.has(name) && !OWN.has(name) && !LANGUAGE.has(name))
      .map((name) => `${page}:${line}: no package has ${name}`),
  )
}

function missingTests(page: string): string[] {
  const [, own = ''] = page.split('/')
  return rowsUnder(readFileSync(join(root, page), 'utf8'), 'held by').flatMap(({ line, cells, column }) =>
    proofsIn(cells[column] ?? '').flatMap(({ file, words }) => {
      const [folder = own] = file.includes('/') ? file.split('/') : []
      const path = join(root, 'packages', folder, 'src', basename(file))
      if (!file.endsWith('.test.ts') || !existsSync(path))
        return [`${page}:${line}: there is no test "${file}"`]
      const isThere = titlesOf(readFileSync(path, 'utf8')).some((title) => title.includes(words))
      return isThere ? [] : [`${page}:${line}: ${file} has no test "${words}"`]
    }),
  )
}

test('the session’s README has a table of features', () => {
  const readme = readFileSync(join(root, 'packages/http-session/README.md'), 'utf8')
  expect(rowsUnder(readme, 'held by').length).toBeGreaterThan(40)
})

test.each(pages)('tables of %s: tests that hold what they promise, names that are there', (page) => {
  expect([
    ...missingTests(page),
    ...unknownNames(page, 'held by', -1),
    ...unknownNames(page, 'here', 0),
  ]).toEqual([])
})

// READMEs are held to that by the check of the public surface. The page about other clients has the errors of those.
const ownPages = pages.filter((page) => page.includes('/docs/') && !page.endsWith('/migrating.md'))

test.each(ownPages)('errors that %s promises are there', (page) => {
  const named = [...readFileSync(join(root, page), 'utf8').matchAll(/`([A-Z]\w*Error)\b/g)].map(
    ([, name = '']) => name,
  )
  expect(named.filter((name) => !known.has(name) && !(name in globalThis))).toEqual([])
})
