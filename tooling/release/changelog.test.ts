import { createRequire } from 'node:module'
import { expect, test } from 'vitest'

const changelog = createRequire(import.meta.url)('./changelog.cjs')

test('a change is its summary', async () => {
  expect(await changelog.getReleaseLine({ summary: '`f()` is new.\n', commit: 'abcdef0' })).toBe(
    '- `f()` is new.',
  )
  expect(await changelog.getReleaseLine({ summary: 'One.\n\nTwo.' })).toBe('- One.\n\n  Two.')
})

test('dependencies are named with their new versions', async () => {
  const dependencies = [
    { name: '@x/a', newVersion: '1.1.0' },
    { name: '@x/b', newVersion: '2.0.0' },
  ]
  expect(await changelog.getDependencyReleaseLine([{ commit: 'abcdef0' }], dependencies)).toBe(
    '- Needs `@x/a` 1.1.0, `@x/b` 2.0.0',
  )
  expect(await changelog.getDependencyReleaseLine([], [])).toBe('')
})
