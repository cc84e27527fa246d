// What the workspace consists of, read from the manifests: nothing about a package is written down twice.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * @typedef {object} WorkspacePackage
 * @property {string} name Name with scope, `@x/streams`.
 * @property {string} folder Path from the root, `packages/streams`.
 * @property {string} dir Absolute path.
 * @property {Record<string, any>} manifest
 * @property {string[]} needs The `@x/*` packages that it depends on at run time.
 */

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Where checks and set-up keep what they may lose. */
export const cacheDir = join(root, 'node_modules/.cache/x')

/** The published packages, dependencies first. */
export const packages = inOrder(readdirSync(join(root, 'packages')).toSorted().flatMap(readPackage))

/** The scope of every name, `@x`; `npm run rescope` changes it. */
export const scope = String(packages[0]?.name.split('/')[0])

/**
 * @param {string} base
 * @returns {WorkspacePackage[]} One package, or none where the folder has no manifest.
 */
function readPackage(base) {
  const folder = `packages/${base}`
  const dir = join(root, folder)
  if (!existsSync(join(dir, 'package.json'))) return []
  const manifest = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'))
  const needs = Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith('@x/'))
  return [{ name: manifest.name, folder, dir, manifest, needs }]
}

/**
 * @param {WorkspacePackage[]} all
 * @returns {WorkspacePackage[]}
 */
function inOrder(all) {
  /** @type {WorkspacePackage[]} */
  const done = []
  while (done.length < all.length) {
    const placed = new Set(done.map((pkg) => pkg.name))
    const ready = all.filter((pkg) => !placed.has(pkg.name) && pkg.needs.every((name) => placed.has(name)))
    if (ready.length === 0) throw new Error('packages/* depend on one another in a circle')
    done.push(...ready)
  }
  return done
}

/**
 * The public entries of a package: every export that has a source file.
 *
 * @param {WorkspacePackage} pkg
 * @returns {{ subpath: string, name: string, source: string }[]} `{ subpath: './memory', name: 'memory', source: './src/memory.ts' }`
 */
export function entriesOf(pkg) {
  return Object.entries(pkg.manifest['exports'])
    .filter(([, target]) => typeof target === 'object')
    .map(([subpath, target]) => {
      const source = target['@x/source']
      return { subpath, name: source.replace(/^\.\/src\/|\.ts$/g, ''), source }
    })
}

/**
 * `a.test.ts` and what only tests share, `a.test-support.ts`: neither is built, packed or imported by a source.
 *
 * @param {string} path
 */
export function isTest(path) {
  return /\.test(-support)?\.ts$/.test(path)
}

/**
 * Every file below `dir`, sorted, as absolute paths; none where there is no such folder.
 *
 * @param {string} dir
 * @returns {string[]}
 */
export function filesBelow(dir) {
  if (!existsSync(dir)) return []
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}
