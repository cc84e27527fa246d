// Builds the packages whose inputs changed since their dist was made, dependencies first, two at a time. A package
// is built against the sources of its dependencies, so it need not wait for their dist.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mapLimited, run } from './run.mjs'
import { cacheDir, entriesOf, filesBelow, isTest, packages, root } from './workspace.mjs'

/** @typedef {import('./workspace.mjs').WorkspacePackage} WorkspacePackage */

const SHARED_INPUTS = ['pnpm-lock.yaml', 'tooling/tsconfig.base.json', 'tooling/build-package.mjs']
const stampDir = join(cacheDir, 'build')

/** @type {Map<string, string>} Filled dependencies first, so that theirs are there when asked for. */
const hashes = new Map()
for (const pkg of packages) hashes.set(pkg.name, hashOf(pkg))

const stale = packages.filter((pkg) => !isCurrent(pkg))
const startedAt = performance.now()
const built = await mapLimited(stale, 2, buildOne)
if (built.includes(false)) {
  process.exitCode = 1
} else {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  if (stale.length > 0) console.log(`build: ${stale.length} of ${packages.length} packages in ${seconds} s`)
  else if (process.argv.includes('--verbose')) console.log(`build: ${packages.length} packages are current`)
}

/** @param {WorkspacePackage} pkg */
function hashOf(pkg) {
  const sources = filesBelow(join(pkg.dir, 'src')).filter((file) => !isTest(file))
  const own = [join(pkg.dir, 'package.json'), join(pkg.dir, 'tsconfig.json'), ...sources]
  const hash = createHash('sha256')
  for (const file of [...SHARED_INPUTS.map((name) => join(root, name)), ...own]) {
    hash.update(`\0${file.slice(root.length)}\0`).update(readFileSync(file))
  }
  for (const name of pkg.needs) hash.update(String(hashes.get(name)))
  return hash.digest('hex')
}

/** @param {WorkspacePackage} pkg */
function isCurrent(pkg) {
  const stamp = stampOf(pkg)
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== hashes.get(pkg.name)) return false
  return entriesOf(pkg).every(({ name }) =>
    ['js', 'cjs', 'd.ts', 'd.cts'].every((extension) =>
      existsSync(join(pkg.dir, `dist/${name}.${extension}`)),
    ),
  )
}

/** @param {WorkspacePackage} pkg */
function stampOf(pkg) {
  return join(stampDir, pkg.name.replace('/', '-'))
}

/**
 * @param {WorkspacePackage} pkg
 * @returns {Promise<boolean>}
 */
async function buildOne(pkg) {
  const { code, output } = await run([process.execPath, join(root, 'tooling/build-package.mjs')], {
    cwd: pkg.dir,
  })
  if (code !== 0) {
    console.error(`build: ${pkg.folder} failed\n${output.trimEnd()}`)
    return false
  }
  mkdirSync(stampDir, { recursive: true })
  writeFileSync(stampOf(pkg), String(hashes.get(pkg.name)))
  return true
}
