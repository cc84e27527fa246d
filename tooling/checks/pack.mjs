// Packs every package as a registry would get it, and looks at the tarball: its files, its manifest (publint), whether
// its types hold for importers under node16, nodenext and bundler (attw), and that what its built files import is what
// its manifest asks for.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageName } from '../boundaries.mjs'
import { readSource } from '../imports.mjs'
import { pnpm } from '../pnpm.mjs'
import { mapLimited, run, tool } from '../run.mjs'
import { filesBelow, packages } from '../workspace.mjs'

const MUST_HAVE = ['package.json', 'README.md', 'LICENSE', 'dist/index.js', 'dist/index.cjs', 'src/index.ts']

const out = mkdtempSync(join(tmpdir(), 'x-pack-'))
const found = (await mapLimited(packages, 2, problemsOf)).flat()
rmSync(out, { recursive: true })
for (const problem of found) console.log(problem)
console.log(`${packages.length} tarballs, ${found.length} problems`)
process.exitCode = found.length === 0 ? 0 : 1

/**
 * @param {import('../workspace.mjs').WorkspacePackage} pkg
 * @returns {Promise<string[]>}
 */
async function problemsOf(pkg) {
  const tarball = join(out, `${pkg.name.replace('@', '').replace('/', '-')}.tgz`)
  const packed = await run(pnpm(['pack', '--json', '--out', tarball]).command, { cwd: pkg.dir })
  if (packed.code !== 0) return [`${pkg.folder}: ${packed.output.trimEnd()}`]
  const linters = [
    [...tool('publint'), 'run', tarball, '--strict'],
    [...tool('@arethetypeswrong/cli', 'attw'), tarball, '--profile', 'node16', '--no-emoji', '--no-color'],
  ]
  const problems = [...fileProblems(packed.output), ...importProblems(pkg)]
  for (const linter of linters) {
    const { code, output } = await run(linter)
    if (code !== 0) problems.push(output.trimEnd())
  }
  return problems.map((problem) => `${pkg.folder}: ${problem}`)
}

/**
 * @param {string} packed What `pnpm pack --json` printed.
 * @returns {string[]}
 */
function fileProblems(packed) {
  const json = JSON.parse(packed.slice(packed.search(/^[[{]/m)))
  /** @type {string[]} */
  const files = json.files.map((/** @type {{ path: string }} */ file) => file.path)
  const missing = MUST_HAVE.filter((file) => !files.includes(file)).map(
    (file) => `the tarball has no ${file}`,
  )
  const tests = files
    .filter((file) => file.includes('.test.'))
    .map((file) => `the tarball holds a test: ${file}`)
  return [...missing, ...tests]
}

/**
 * The bundler writes what it takes in into dist: an import there that no dependency covers fails for whoever installs.
 *
 * @param {import('../workspace.mjs').WorkspacePackage} pkg
 * @returns {string[]}
 */
function importProblems({ dir, manifest }) {
  const declared = { ...manifest['dependencies'], ...manifest['peerDependencies'] }
  const built = filesBelow(join(dir, 'dist')).filter((file) => /\.(c?js|d\.c?ts)$/.test(file))
  const imported = built.flatMap((file) => readSource(file, readFileSync(file, 'utf8')).imports)
  const named = new Set(imported.flatMap(({ from }) => (from === undefined ? [] : [from])))
  return [...named]
    .filter((from) => !from.startsWith('.') && !isBuiltin(from) && !(packageName(from) in declared))
    .map((from) => `dist imports "${from}", which is no dependency`)
}
