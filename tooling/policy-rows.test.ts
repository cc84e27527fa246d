// The policy of what an HTTP/1.1 client accepts, refuses and repairs has rows numbered from 1 to 60. A test that holds one
// of them says so in its title, so that whoever changes the code finds them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { filesBelow, packages } from './workspace.mjs'

const ROWS = Array.from({ length: 60 }, (_, index) => `P${index + 1}`)

/** A title stands in the call, or in the row of a table. */
const TITLES = /\b(?:test(?:\.\w+)?\(|name:)\s*(['"`])(.*?)\1/g

/** Rows that the titles of a test file name. */
function rowsNamed(source: string): string[] {
  return [...source.matchAll(TITLES)].flatMap(([, , title = '']) => title.match(/\bP\d+\b/g) ?? [])
}

test('titles are found in calls and in tables', () => {
  const source =
    "test('P1 P2 x', …)\ntest.each(\n  `P3 ${x}`)\n{ name: 'P4 y', wire: 'P5' }\n// P6\nnames: 'P7'"
  expect(rowsNamed(source)).toEqual(['P1', 'P2', 'P3', 'P4'])
})

test('every row of the policy, P1 to P60, is named by a test, and no other is', () => {
  const files = packages
    .flatMap(({ dir }) => filesBelow(join(dir, 'src')))
    .filter((file) => file.endsWith('.test.ts'))
  const named = new Set(files.flatMap((file) => rowsNamed(readFileSync(file, 'utf8'))))
  expect(
    ROWS.filter((row) => !named.has(row)),
    'rows without a test',
  ).toEqual([])
  expect(
    [...named].filter((row) => !ROWS.includes(row)),
    'names of no row',
  ).toEqual([])
})
