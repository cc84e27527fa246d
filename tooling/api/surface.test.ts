import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readSurfaces } from './surface.mjs'

const dir = mkdtempSync(join(tmpdir(), 'x-surface-'))
afterAll(() => rmSync(dir, { recursive: true }))

const FILES = {
  'index.ts': `export { A, later as soon, LIMIT } from './a.ts'
export type { B, Shape } from './a.ts'
export { Gone } from './a.ts'`,
  'a.ts': `/** A. */
export class A {
  /** @throws {RangeError} Too much. */
  one(): void {}
  /**
   * @throws {OwnError | OtherError} Two in one are no name.
   * @throws {OwnError} Always.
   */
  two(): void {}
}
export class B {}
/** Once for both. */
export function later(a: string): void
export function later(a: number): void
export function later(a: unknown): void {}
/** Most of it. */
export const LIMIT: number = 1
// No docstring.
export interface Shape { a: number }`,
  'plain.ts': 'const a = 1',
}
mkdirSync(join(dir, 'src'))
for (const [name, text] of Object.entries(FILES)) writeFileSync(join(dir, 'src', name), text)

function packageWith(entries: Record<string, string>) {
  const exports = Object.entries(entries).map(([subpath, file]) => [
    subpath,
    { '@x/source': `./src/${file}` },
  ])
  return [
    {
      name: '@x/a',
      folder: 'packages/a',
      dir,
      manifest: { exports: Object.fromEntries(exports) },
      needs: [],
    },
  ]
}

test('names, what they are, and what documents them', () => {
  const [surface] = readSurfaces(packageWith({ '.': 'index.ts' }))
  const facts = surface?.names.map(({ name, localName, kind, documented, thrown }) => ({
    name,
    localName,
    kind,
    documented,
    thrown,
  }))
  expect(facts).toEqual([
    { name: 'A', localName: 'A', kind: 'value', documented: true, thrown: ['RangeError', 'OwnError'] },
    { name: 'B', localName: 'B', kind: 'type', documented: false, thrown: [] },
    { name: 'LIMIT', localName: 'LIMIT', kind: 'value', documented: true, thrown: [] },
    { name: 'Shape', localName: 'Shape', kind: 'type', documented: false, thrown: [] },
    { name: 'soon', localName: 'later', kind: 'value', documented: true, thrown: [] },
  ])
  expect(surface?.problems).toEqual(['@x/a exports Gone, which is declared nowhere'])
})

test('an entry that is no module', () => {
  const [plain, missing] = readSurfaces(packageWith({ './plain': 'plain.ts', './missing': 'missing.ts' }))
  expect(plain).toMatchObject({ specifier: '@x/a/plain', entry: 'plain', names: [] })
  expect(plain?.problems[0]).toMatch(/plain\.ts is missing or exports nothing$/)
  expect(missing?.problems[0]).toMatch(/missing\.ts is missing or exports nothing$/)
})
