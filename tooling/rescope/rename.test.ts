import { expect, test } from 'vitest'
import { renameScope, requireScope } from './rename.mjs'

// Written so that renaming this project's own scope leaves the rows as they are.
const OLD = '@old'
const RENAMED = [
  { name: 'import', text: "import { A } from '@old/a/b'", to: "import { A } from '@new/a/b'" },
  { name: 'manifest', text: '"@old/a": "workspace:^"', to: '"@new/a": "workspace:^"' },
  { name: 'condition', text: '"@old/source": "./src/a.ts"', to: '"@new/source": "./src/a.ts"' },
  { name: 'pattern', text: "startsWith('@old/') || /@old/.+", to: "startsWith('@new/') || /@new/.+" },
  { name: 'twice', text: '@old/a, @old/b', to: '@new/a, @new/b' },
  { name: 'setting', text: '@old:registry=', to: '@new:registry=' },
  { name: 'path', text: 'node_modules/@old/a', to: 'node_modules/@new/a' },
  { name: 'address', text: 'http://user:pass@old/path', to: 'http://user:pass@old/path' },
  { name: 'mail', text: 'a.b@old/c', to: 'a.b@old/c' },
  { name: 'longer scope', text: "'@older/a'", to: "'@older/a'" },
  { name: 'word', text: '@old and old/', to: '@old and old/' },
]

for (const { name, text, to } of RENAMED) {
  test(`rename: ${name}`, () => expect(renameScope(text, OLD, '@new')).toBe(to))
}

test('there and back again', () => {
  const text = '"@old/a" @old:registry @other/b'
  expect(renameScope(renameScope(text, OLD, '@a.b-c'), '@a.b-c', OLD)).toBe(text)
})

for (const scope of ['@acme', '@a', '@a-b.c_d', '@1']) {
  test(`scope: ${scope}`, () => expect(requireScope(scope, OLD)).toBe(scope))
}

for (const scope of [undefined, '', '@', 'acme', '@Acme', '@a/b', '@-a', '@a b', '@a$&', OLD]) {
  test(`no scope: ${scope}`, () => expect(() => requireScope(scope, OLD)).toThrow(RangeError))
}
