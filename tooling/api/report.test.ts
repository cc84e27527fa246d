import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { reportOf } from './report.mjs'

const dir = mkdtempSync(join(tmpdir(), 'x-report-'))
afterAll(() => rmSync(dir, { recursive: true }))

const FILES = {
  'a.ts': `import { connect } from 'node:net'
import { Other } from './other.ts'
import type { Hidden as Seen } from './deep/hidden.ts'
/** What it is. */
export class A extends Other {
  #secret: Seen | undefined
  private near = 1
  readonly seen: Seen | undefined = undefined
  /** @internal Made by somebody else. */
  constructor(local: Unseen) { super() }
  /** Says so. */
  async [Symbol.asyncDispose](): Promise<void> {}
  say(text: string): void
  say(text: Uint8Array): void
  say(text: unknown): void {}
}
interface Unseen { a: number }
export const LIMIT: number = 3
export function later(to: Parameters<typeof connect>[0]): void {}`,
  'other.ts': 'export class Other { protected inner: number = 1 }',
  'deep/hidden.ts':
    "import type { Self } from '../self.ts'\nexport interface Hidden { again: Hidden, self: Self }",
  'self.ts': 'export type Self = { next: Self } | null',
}
for (const [path, text] of Object.entries(FILES)) {
  mkdirSync(dirname(join(dir, path)), { recursive: true })
  writeFileSync(join(dir, path), text)
}

function surface(specifier: string, names: Record<string, string>) {
  const of = Object.entries(names).map(([name, file]) => ({
    name,
    localName: name,
    file: join(dir, file),
    place: file,
    kind: 'value' as const,
    documented: true,
    thrown: [],
  }))
  return { specifier, entry: specifier, pkg: {} as never, names: of, problems: [] }
}

const MAIN = surface('@x/a', { A: 'a.ts', LIMIT: 'a.ts', later: 'a.ts' })
const SECOND = surface('@x/a/other', { Other: 'other.ts' })

test('a report: exports, what they name inside, and imports, without comments and what is private', () => {
  expect(reportOf(MAIN, [MAIN, SECOND]))
    .toBe(`// What @x/a exports. Written by \`npm run api\`, held by the check.

import type { Other } from '@x/a/other'
import type { connect } from 'node:net'

export declare class A extends Other {
  readonly seen: Seen | undefined
  [Symbol.asyncDispose](): Promise<void>
  say(text: string): void
  say(text: Uint8Array): void
}

export declare const LIMIT: number

export declare function later(to: Parameters<typeof connect>[0]): void

// Named above, and not exported.

interface Hidden {
  again: Hidden
  self: Self
}

type Self = {
  next: Self
} | null
`)
})

test('what no other entry exports is shown', () => {
  expect(reportOf(MAIN, [MAIN])).toContain('\ndeclare class Other {\n  protected inner: number\n}\n')
})
