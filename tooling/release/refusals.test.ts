import { expect, test } from 'vitest'
import { linksIn, provenance, refusals } from './refusals.mjs'

const READY = {
  changedFiles: [],
  pendingChangesets: [],
  packages: [{ name: '@x/a', version: '0.1.0', missing: [] }],
  links: [],
}

test('a release with nothing against it', () => expect(refusals(READY)).toEqual([]))

const REFUSED = [
  {
    name: 'dirty tree',
    facts: { changedFiles: [' M a.ts', '?? b.ts'] },
    says: ['the work tree is dirty:  M a.ts, ?? b.ts'],
  },
  {
    name: 'many files',
    facts: { changedFiles: ['1', '2', '3', '4', '5', '6', '7'] },
    says: ['the work tree is dirty: 1, 2, 3, 4, 5 and 2 more'],
  },
  {
    name: 'pending changesets',
    facts: { pendingChangesets: ['calm-owls.md'] },
    says: ['changesets wait for `pnpm version-packages`: calm-owls.md'],
  },
  {
    name: 'no version, no build',
    facts: { packages: [{ name: '@x/a', version: '0.0.0', missing: ['dist/index.js'] }] },
    says: ['@x/a has no version yet: it needs a changeset', '@x/a is not built: dist/index.js'],
  },
  {
    name: 'private links',
    facts: { links: ['https://a.invalid/1'] },
    says: ['changelogs link to places: https://a.invalid/1'],
  },
]

for (const { name, facts, says } of REFUSED) {
  test(`refused: ${name}`, () => expect(refusals({ ...READY, ...facts })).toEqual(says))
}

test('links in a changelog', () => {
  expect(
    linksIn('- 1a2b3c: `f()` is new (see `a/b`).\n- Updated dependencies [1a2b3c]\n  - @x/a@1.0.0'),
  ).toEqual([])
  expect(linksIn('see [the issue](/issues/1) and https://a.invalid/x.')).toEqual([
    '[the issue](/issues/1)',
    'https://a.invalid/x.',
  ])
})

const PROVENANCE = [
  { name: 'on a desk', env: {}, value: 'false' },
  { name: 'a CI that cannot sign', env: { CI: 'true' }, value: 'false' },
  { name: 'a CI that can sign', env: { CI: 'true', ACTIONS_ID_TOKEN_REQUEST_URL: 'u' }, value: 'true' },
  { name: 'another one', env: { CI: '1', SIGSTORE_ID_TOKEN: 't' }, value: 'true' },
  { name: 'a token outside of a CI', env: { SIGSTORE_ID_TOKEN: 't' }, value: 'false' },
]

for (const { name, env, value } of PROVENANCE) {
  test(`provenance: ${name}`, () => expect(provenance(env)).toBe(value))
}
