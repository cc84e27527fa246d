// Holds the direction of the packages: who may import what, over every import of packages/*/src, and how a package is
// laid out. The table is the rule; the functions below only read it.
import { readFileSync } from 'node:fs'
import { basename, join, posix, relative, sep } from 'node:path'
import { isBuiltin } from 'node:module'
import { fileURLToPath } from 'node:url'
import { readSource } from './imports.mjs'
import { entriesOf, filesBelow, isTest, packages } from './workspace.mjs'

/**
 * @typedef {object} Row
 * @property {string[]} packages The `@x/*` packages that its sources may import.
 * @property {'none' | 'no sockets' | 'all'} node Which `node:*` modules.
 * @property {Record<string, string[]>} [onlyIn] Packages that one named file alone may import.
 */

/** @type {Record<string, Row>} */
export const DIRECTION = {
  '@x/stream-reader': { packages: [], node: 'none' },
  '@x/stream-writer': { packages: [], node: 'none' },
  '@x/http1': { packages: [], node: 'none' },
  '@x/transport': { packages: [], node: 'all' },
  '@x/streams': { packages: ['@x/stream-reader', '@x/stream-writer', '@x/transport'], node: 'no sockets' },
  '@x/proxies': { packages: ['@x/http1', '@x/streams', '@x/transport'], node: 'no sockets' },
  '@x/http-session': {
    packages: ['@x/http1'],
    node: 'no sockets',
    onlyIn: {
      'src/connector.ts': ['@x/streams'],
      'src/mock.ts': ['@x/streams'],
      'src/connector-options.ts': ['@x/transport'],
      'src/body-reader.ts': ['@x/stream-reader'],
    },
  },
  '@x/http-policies': { packages: ['@x/http-session'], node: 'no sockets' },
}

const SOCKETS = /^node:(net|tls|dns|dgram|https?|http2)(\/|$)/
const NO_ANSWER = /^(utils?|helpers?|common|misc|shared)$/
const MAX_PRIVATE_FIELDS = 12

/**
 * One package, as the rules see it; `files` maps paths such as `src/index.ts` to their text.
 *
 * @typedef {object} Subject
 * @property {string} name
 * @property {string} folder
 * @property {Record<string, any>} manifest
 * @property {Record<string, string>} files
 */

/**
 * @param {Subject[]} subjects Every package, for the entries that others may import.
 * @returns {string[]} What is wrong, one line each, with file and line.
 */
export function findViolations(subjects) {
  const entries = new Map(
    subjects.map(({ name, manifest }) => [name, Object.keys(manifest['exports'] ?? {})]),
  )
  return subjects.flatMap((subject) => {
    const row = DIRECTION[subject.name]
    if (row === undefined) return [`${subject.folder}: ${subject.name} has no row in tooling/boundaries.mjs`]
    const inFiles = Object.entries(subject.files).flatMap(([path, text]) => {
      const at = (/** @type {number} */ line) => `${subject.folder}/${path}:${line}: `
      const facts = readSource(path, text)
      const imports = facts.imports.map(({ line, from }) => {
        const problem = importProblem({ subject, row, entries, path }, from)
        return problem && at(line) + problem
      })
      return [...imports, ...layoutProblems(path, facts).map(({ line, problem }) => at(line) + problem)]
    })
    return [...inFiles.filter((problem) => problem !== undefined), ...manifestProblems(subject, row)]
  })
}

/**
 * @param {{ subject: Subject, row: Row, entries: Map<string, string[]>, path: string }} where
 * @param {string | undefined} from
 * @returns {string | undefined}
 */
function importProblem(where, from) {
  const inTest = isTest(where.path)
  if (from === undefined)
    return inTest ? undefined : 'the imported module has to be written out, not computed'
  if (from.startsWith('.')) return relativeProblem(where.path, from)
  if (isBuiltin(from)) return builtinProblem(where, from)
  if (from.startsWith('@x/')) return packageProblem(where, from)
  const name = packageName(from)
  if (inTest || isDeclared(where.subject.manifest, name)) return undefined
  return `"${name}" is not a dependency of ${where.subject.name}`
}

/**
 * @param {string} path
 * @param {string} from
 */
function relativeProblem(path, from) {
  const target = posix.join(posix.dirname(path), from)
  if (!target.startsWith('src/'))
    return `"${from}" leaves the package's src: import the other package by its name`
  if (isTest(target) && !isTest(path)) return `"${from}" is for tests only`
  return undefined
}

/**
 * @param {{ subject: Subject, row: Row, path: string }} where
 * @param {string} from
 */
function builtinProblem({ subject, row, path }, from) {
  if (!from.startsWith('node:')) return `write "node:${from}": other runtimes know only that name`
  const isSocket = SOCKETS.test(from)
  if (row.node === 'all' || (isTest(path) && !(isSocket && row.node === 'none'))) return undefined
  if (row.node === 'none') return `${subject.name} runs without Node: it must not import "${from}"`
  return isSocket ? `only @x/transport opens sockets: ${subject.name} must not import "${from}"` : undefined
}

/**
 * @param {{ subject: Subject, row: Row, entries: Map<string, string[]>, path: string }} where
 * @param {string} from
 */
function packageProblem({ subject, row, entries, path }, from) {
  const name = packageName(from)
  const subpath = `.${from.slice(name.length)}`
  const known = entries.get(name)
  if (known === undefined) return `there is no package ${name}`
  if (!known.includes(subpath)) return `"${from}" is not an entry of ${name}: it exports ${known.join(', ')}`
  if (isTest(path)) return undefined
  if (row.packages.includes(name) || row.onlyIn?.[path]?.includes(name))
    return isDeclared(subject.manifest, name) ? undefined : `"${name}" is not a dependency of ${subject.name}`
  const [home] = Object.entries(row.onlyIn ?? {}).find(([, names]) => names.includes(name)) ?? []
  if (home !== undefined) return `only ${home} may import ${name}`
  return `${subject.name} must not import ${name}: dependencies point one way`
}

/**
 * @param {string} path
 * @param {import('./imports.mjs').SourceFacts} facts
 * @returns {{ line: number, problem: string }[]}
 */
function layoutProblems(path, facts) {
  const problems = facts.starExports.map(({ line }) => ({ line, problem: 'export names, not `*`' }))
  if (path === 'src/index.ts') {
    const own = facts.imports.filter(({ from }) => from !== undefined && !from.startsWith('./'))
    for (const { line } of [...facts.otherStatements, ...own]) {
      problems.push({
        line,
        problem: "src/index.ts holds `export { … } from './….ts'` of its own files only",
      })
    }
  }
  const stem = basename(path).replace(/(\.test(-support)?)?\.ts$/, '')
  if (NO_ANSWER.test(stem))
    problems.push({ line: 1, problem: `"${stem}" answers no question: name the file after one` })
  for (const { line, name, privateFields } of facts.classes) {
    if (privateFields <= MAX_PRIVATE_FIELDS) continue
    problems.push({
      line,
      problem: `${name} has ${privateFields} private fields, ${MAX_PRIVATE_FIELDS} at most`,
    })
  }
  return problems
}

/**
 * @param {Subject} subject
 * @param {Row} row
 */
function manifestProblems({ folder, name, manifest, files }, row) {
  const allowed = [...row.packages, ...Object.values(row.onlyIn ?? {}).flat()]
  const wrong = Object.keys(manifest['dependencies'] ?? {})
    .filter((dependency) => dependency.startsWith('@x/') && !allowed.includes(dependency))
    .map((dependency) => `${folder}/package.json: ${name} must not depend on ${dependency}`)
  const entries = entriesOf({ name, folder, dir: '', manifest, needs: [] })
    .filter(({ source }) => !/^\.\/src\/[^/]+\.ts$/.test(source) || files[source.slice(2)] === undefined)
    .map(
      ({ subpath, source }) => `${folder}/package.json: entry "${subpath}" needs its own file, not ${source}`,
    )
  return [
    ...wrong,
    ...unusedDependencies(manifest, files).map(
      (unused) => `${folder}/package.json: no source imports ${unused}`,
    ),
    ...entries,
  ]
}

/**
 * @param {Subject['manifest']} manifest
 * @param {Subject['files']} files
 * @returns {string[]} What is installed with the package and serves nothing; a test's import is no reason to.
 */
function unusedDependencies({ dependencies = {}, peerDependencies = {} }, files) {
  const sources = Object.entries(files).filter(([path]) => !isTest(path))
  const used = new Set(
    sources.flatMap(([path, text]) =>
      readSource(path, text).imports.flatMap(({ from }) => (from === undefined ? [] : [packageName(from)])),
    ),
  )
  return Object.keys({ ...dependencies, ...peerDependencies }).filter((name) => !used.has(name))
}

/**
 * @param {Subject['manifest']} manifest
 * @param {string} name
 */
function isDeclared({ dependencies = {}, peerDependencies = {} }, name) {
  return name in dependencies || name in peerDependencies
}

/** @param {string} from A module specifier, `@x/streams/memory`; its package is `@x/streams`. */
export function packageName(from) {
  return from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/')
}

/** @returns {Subject[]} */
function readSubjects() {
  return packages.map(({ name, folder, dir, manifest }) => {
    const sources = filesBelow(join(dir, 'src')).filter((file) => file.endsWith('.ts'))
    const files = sources.map((file) => [
      relative(dir, file).split(sep).join('/'),
      readFileSync(file, 'utf8'),
    ])
    return { name, folder, manifest, files: Object.fromEntries(files) }
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const subjects = readSubjects()
  const violations = findViolations(subjects)
  for (const violation of violations) console.log(violation)
  const fileCount = subjects.reduce((sum, { files }) => sum + Object.keys(files).length, 0)
  console.log(`${fileCount} files, ${violations.length} violations`)
  process.exitCode = violations.length === 0 ? 0 : 1
}
