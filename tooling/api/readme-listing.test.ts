import { expect, test } from 'vitest'
import { unknownErrors, withListing } from './readme-listing.mjs'

const BEGIN = '<!-- exports: written by `npm run api` -->'
const END = '<!-- /exports -->'

function surface(specifier: string, values: string[], types: string[]) {
  const named = (kind: 'value' | 'type') => (name: string) => ({
    name,
    localName: name,
    file: '/a.ts',
    place: 'a.ts:1',
    kind,
    documented: true,
    thrown: [],
  })
  return { specifier, names: [...values.map(named('value')), ...types.map(named('type'))] }
}

const SURFACES = [
  surface('@x/a', ['A', 'b'], ['C']),
  surface('@x/a/d', [], ['D']),
  surface('@x/a/e', ['e'], []),
]
const LISTING = '- **`@x/a`**: `A`, `b`; types `C`\n- **`@x/a/d`**: types `D`\n- **`@x/a/e`**: `e`'

test('a README without the section gets it at its end', () => {
  expect(withListing('# a\n\nText.\n\n', SURFACES)).toBe(
    `# a\n\nText.\n\n## Every export\n\n${BEGIN}\n\n${LISTING}\n\n${END}\n`,
  )
})

test('a section is renewed where it stands', () => {
  const old = `# a\n\n## Names\n\n${BEGIN}\nold\n${END}\n\n## Design\n`
  const renewed = `# a\n\n## Names\n\n${BEGIN}\n\n${LISTING}\n\n${END}\n\n## Design\n`
  expect(withListing(old, SURFACES)).toBe(renewed)
  expect(withListing(renewed, SURFACES)).toBe(renewed)
})

for (const broken of [BEGIN, END, `${END}\n${BEGIN}`]) {
  test(`half a section is refused: ${broken.replace('\n', ' ')}`, () => {
    expect(() => withListing(broken, SURFACES)).toThrow('or neither')
  })
}

test('errors that a README names exist', () => {
  const readme =
    'Rejects with `GoneError`, `KnownError` or `RangeError`; Error and `anError` are words. `GoneError` again.'
  expect(unknownErrors(readme, new Set(['KnownError']))).toEqual(['GoneError'])
})
