// Holds the public surface: packages/*/api has the declarations of each entry, so that a change of them shows in the
// diff; a README lists every export; every export has a docstring; no error is promised that nobody exports.
//
//   node tooling/api/check.mjs           compares
//   node tooling/api/check.mjs --write   renews the reports and the listings
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packages } from '../workspace.mjs'
import { docstringProblems, namesOf } from './docstrings.mjs'
import { lineDiff } from './line-diff.mjs'
import { unknownErrors, withListing } from './readme-listing.mjs'
import { reportOf } from './report.mjs'
import { readSurfaces } from './surface.mjs'

/** @typedef {import('./surface.mjs').Surface} Surface */

const RENEW = 'if that is meant, run `npm run api` and add a changeset'
const writes = process.argv.includes('--write')
const surfaces = readSurfaces()
const known = namesOf(surfaces)
const problems = packages.flatMap((pkg) => {
  const own = surfaces.filter((surface) => surface.pkg === pkg)
  const unreadable = own.flatMap((surface) => surface.problems)
  // What is half there is not written down.
  if (unreadable.length > 0) return unreadable
  return [...reportProblems(pkg, own), ...readmeProblems(pkg, own), ...docstringProblems(own, known)]
})
for (const problem of problems) console.log(problem)
const nameCount = surfaces.reduce((sum, { names }) => sum + names.length, 0)
console.log(`${surfaces.length} entries, ${nameCount} names, ${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1

/**
 * @param {import('../workspace.mjs').WorkspacePackage} pkg
 * @param {readonly Surface[]} own
 * @returns {string[]}
 */
function reportProblems(pkg, own) {
  const dir = join(pkg.dir, 'api')
  const kept = existsSync(dir) ? readdirSync(dir) : []
  const wanted = new Map(own.map((surface) => [`${surface.entry}.txt`, reportOf(surface, own)]))
  const left = kept
    .filter((name) => !wanted.has(name))
    .flatMap((name) => {
      if (writes) rmSync(join(dir, name), { recursive: true })
      return writes ? [] : [`${pkg.folder}/api/${name}: there is no such entry; ${RENEW}`]
    })
  const changed = [...wanted].flatMap(([name, text]) =>
    held(`${pkg.folder}/api/${name}`, join(dir, name), text),
  )
  return [...left, ...changed]
}

/**
 * @param {import('../workspace.mjs').WorkspacePackage} pkg
 * @param {readonly Surface[]} own
 * @returns {string[]}
 */
function readmeProblems(pkg, own) {
  const path = `${pkg.folder}/README.md`
  const file = join(pkg.dir, 'README.md')
  if (!existsSync(file)) return [`${path}: is missing`]
  const readme = readFileSync(file, 'utf8')
  const unknown = unknownErrors(readme, known).map((name) => `${path}: no package exports ${name}`)
  return [...held(path, file, withListing(readme, own)), ...unknown]
}

/**
 * @param {string} path What is shown.
 * @param {string} file
 * @param {string} text What it should be; with `--write` it is.
 * @returns {string[]}
 */
function held(path, file, text) {
  const kept = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (kept === text) return []
  if (!writes && kept === '') return [`${path}: is not there yet; ${RENEW}`]
  if (!writes)
    return [[`${path}: the public surface changed; ${RENEW}`, ...lineDiff(kept, text)].join('\n    ')]
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, text)
  return []
}
