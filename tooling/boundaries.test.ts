import { expect, test } from 'vitest'
import { DIRECTION, findViolations } from './boundaries.mjs'

const ENTRY = { '@x/source': './src/index.ts' }
const NAMES = ['stream-reader', 'stream-writer', 'http1', 'transport', 'streams', 'http-session']
const TWELVE_FIELDS = Array.from({ length: 12 }, (_, index) => `#f${index}`).join('; ')

/** What the table allows is declared, and imported where it may be. */
function wellKept(name: string): { dependencies: Record<string, string>; files: Record<string, string> } {
  const { packages = [], onlyIn = {} } = DIRECTION[name] ?? {}
  const imports: Record<string, string[]> = { 'src/uses.ts': packages, ...onlyIn }
  const files = Object.entries(imports).map(([file, names]) => [
    file,
    names.map((from) => `import '${from}'`).join('; '),
  ])
  const dependencies = Object.values(imports)
    .flat()
    .map((from) => [from, 'workspace:^'])
  return { dependencies: Object.fromEntries(dependencies), files: Object.fromEntries(files) }
}

/** The whole workspace with one file, such as `http1/src/a.ts`, written into it. */
function workspaceWith(file: string, code: string, changes: object = {}) {
  return NAMES.map((name) => {
    const subject = { name: `@x/${name}`, folder: `packages/${name}` }
    const { dependencies, files: uses } = wellKept(subject.name)
    const manifest = { exports: { '.': ENTRY }, dependencies }
    const files = { 'src/index.ts': "export { a } from './a.ts'", ...uses }
    if (!file.startsWith(`${name}/`)) return { ...subject, manifest, files }
    const path = file.slice(name.length + 1)
    return { ...subject, manifest: { ...manifest, ...changes }, files: { ...files, [path]: code } }
  })
}

// Whichever way a module is named, and whoever names it.
const AGAINST_THE_DIRECTION = [
  { from: 'http1', to: 'streams', code: "import { A } from '@x/streams'" },
  { from: 'stream-reader', to: 'transport', code: "import type { A } from '@x/transport'" },
  { from: 'transport', to: 'streams', code: "import '@x/streams'" },
  { from: 'streams', to: 'http1', code: "export { A } from '@x/http1'" },
  { from: 'streams', to: 'http-session', code: "const a = await import('@x/http-session')" },
  { from: 'stream-writer', to: 'stream-reader', code: "type A = import('@x/stream-reader').B" },
  { from: 'http1', to: 'transport', code: "const a = require('@x/transport')" },
  { from: 'http-session', to: 'stream-writer', code: "import { A } from '@x/stream-writer'" },
  { from: 'streams', to: 'streams', code: "import { A } from '@x/streams'" },
]

for (const { from, to, code } of AGAINST_THE_DIRECTION) {
  test(`refused in ${from}: ${code}`, () => {
    expect(findViolations(workspaceWith(`${from}/src/a.ts`, code))).toEqual([
      `packages/${from}/src/a.ts:1: @x/${from} must not import @x/${to}: dependencies point one way`,
    ])
  })
}

const REFUSED = [
  {
    name: 'streams outside the connector',
    file: 'http-session/src/session.ts',
    code: "import type { A } from '@x/streams'",
    says: 'only src/connector.ts may import @x/streams',
  },
  {
    name: 'the reader outside the body reader, a type too',
    file: 'http-session/src/response.ts',
    code: "import type { A } from '@x/stream-reader'",
    says: 'only src/body-reader.ts may import @x/stream-reader',
  },
  {
    name: 'unknown package',
    file: 'streams/src/a.ts',
    code: "import { A } from '@x/nothing'",
    says: 'there is no package @x/nothing',
  },
  {
    name: 'below the entries, in a test too',
    file: 'streams/src/a.test.ts',
    code: "import { A } from '@x/transport/src/a.ts'",
    says: '"@x/transport/src/a.ts" is not an entry of @x/transport: it exports .',
  },
  {
    name: 'computed name',
    file: 'streams/src/a.ts',
    code: 'const a = await import(name)',
    says: 'the imported module has to be written out, not computed',
  },
  {
    name: 'sockets',
    file: 'streams/src/a.ts',
    code: "import { connect } from 'node:net'",
    says: 'only @x/transport opens sockets: @x/streams must not import "node:net"',
  },
  {
    name: 'subpath of sockets',
    file: 'http-session/src/a.ts',
    code: "import { lookup } from 'node:dns/promises'",
    says: 'only @x/transport opens sockets: @x/http-session must not import "node:dns/promises"',
  },
  {
    name: 'any node module below the transport',
    file: 'http1/src/a.ts',
    code: "import { ok } from 'node:assert'",
    says: '@x/http1 runs without Node: it must not import "node:assert"',
  },
  {
    name: 'sockets in the tests of a package without I/O',
    file: 'stream-reader/src/a.test.ts',
    code: "import { connect } from 'node:net'",
    says: '@x/stream-reader runs without Node: it must not import "node:net"',
  },
  {
    name: 'node module without its prefix',
    file: 'transport/src/a.ts',
    code: "import { connect } from 'net'",
    says: 'write "node:net": other runtimes know only that name',
  },
  {
    name: 'third party',
    file: 'transport/src/a.ts',
    code: "import a from '@scope/name/deep'",
    says: '"@scope/name" is not a dependency of @x/transport',
  },
  {
    name: 'another package by its path',
    file: 'streams/src/a.test.ts',
    code: "import { A } from '../../transport/src/a.ts'",
    says: '"../../transport/src/a.ts" leaves the package\'s src: import the other package by its name',
  },
  {
    name: 'what is for tests',
    file: 'streams/src/a.ts',
    code: "import { A } from './peers.test-support.ts'",
    says: '"./peers.test-support.ts" is for tests only',
  },
  {
    name: 'star',
    file: 'streams/src/a.ts',
    code: "export * from './b.ts'",
    says: 'export names, not `*`',
  },
  {
    name: 'star with a name',
    file: 'streams/src/a.ts',
    code: "export * as b from './b.ts'",
    says: 'export names, not `*`',
  },
  {
    name: 'code in the index',
    file: 'streams/src/index.ts',
    code: 'export const a = 1',
    says: "src/index.ts holds `export { … } from './….ts'` of its own files only",
  },
  {
    name: 'another package in the index',
    file: 'streams/src/index.ts',
    code: "export { A } from '@x/transport'",
    says: "src/index.ts holds `export { … } from './….ts'` of its own files only",
  },
  {
    name: 'file name',
    file: 'streams/src/wire/helpers.test.ts',
    code: 'const a = 1',
    says: '"helpers" answers no question: name the file after one',
  },
  {
    name: 'private fields',
    file: 'streams/src/a.ts',
    code: `class A { ${TWELVE_FIELDS}; #one }`,
    says: 'A has 13 private fields, 12 at most',
  },
]

for (const { name, file, code, says } of REFUSED) {
  test(`refused: ${name}`, () => {
    expect(findViolations(workspaceWith(file, code))).toEqual([`packages/${file}:1: ${says}`])
  })
}

const ALLOWED = [
  { file: 'streams/src/a.ts', code: "import { A } from '@x/transport'" },
  { file: 'http-session/src/connector.ts', code: "import { A } from '@x/streams'" },
  { file: 'transport/src/a.ts', code: "import { connect } from 'node:net'" },
  { file: 'http-session/src/a.ts', code: "import { createGunzip } from 'node:zlib'" },
  { file: 'http1/src/a.test.ts', code: "import fc from 'fast-check'; import { A } from '@x/stream-reader'" },
  { file: 'http-session/src/a.test.ts', code: "import { createServer } from 'node:net'" },
  { file: 'streams/src/a.test.ts', code: "import { peer } from './peers.test-support.ts'" },
  { file: 'streams/src/b/c.ts', code: "import { a } from '../a.ts'" },
  {
    file: 'streams/src/index.ts',
    code: "// Why.\nexport { a } from './a.ts'\nexport type { B } from './b.ts'",
  },
  { file: 'streams/src/a.ts', code: `class A { ${TWELVE_FIELDS}; #method() {} }` },
]

for (const { file, code } of ALLOWED) {
  test(`allowed in ${file}: ${code}`, () => {
    expect(findViolations(workspaceWith(file, code))).toEqual([])
  })
}

test('a manifest depends only on what the table allows', () => {
  const manifest = { dependencies: { '@x/transport': 'workspace:^' } }
  expect(findViolations(workspaceWith('http1/src/a.ts', '', manifest))).toEqual([
    'packages/http1/package.json: @x/http1 must not depend on @x/transport',
    'packages/http1/package.json: no source imports @x/transport',
  ])
})

test('an allowed package has to be declared', () => {
  const manifest = { dependencies: { '@x/stream-reader': 'workspace:^', '@x/stream-writer': 'workspace:^' } }
  const code = "import { A } from '@x/transport'"
  expect(
    findViolations(
      workspaceWith(
        'streams/src/uses.ts',
        `${code}; import '@x/stream-reader'; import '@x/stream-writer'`,
        manifest,
      ),
    ),
  ).toEqual(['packages/streams/src/uses.ts:1: "@x/transport" is not a dependency of @x/streams'])
})

test('a dependency that only a test imports is none', () => {
  const subject = workspaceWith('http1/src/a.test.ts', "import fc from 'fast-check'").find(
    ({ name }) => name === '@x/http1',
  )
  const manifest = { ...subject?.manifest, dependencies: { 'fast-check': '1' } }
  expect(findViolations([{ ...subject!, manifest }])).toEqual([
    'packages/http1/package.json: no source imports fast-check',
  ])
})

test('an entry has a file directly under src', () => {
  const manifest = { exports: { '.': ENTRY, './b': { '@x/source': './src/deep/b.ts' } } }
  expect(findViolations(workspaceWith('http1/src/deep/b.ts', '', manifest))).toEqual([
    'packages/http1/package.json: entry "./b" needs its own file, not ./src/deep/b.ts',
  ])
})

test('a new package needs a row', () => {
  const subject = { name: '@x/new', folder: 'packages/new', manifest: {}, files: {} }
  expect(findViolations([subject])).toEqual(['packages/new: @x/new has no row in tooling/boundaries.mjs'])
})
