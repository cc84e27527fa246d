// The runtimes live in runtimes/, with a manifest and a lock file of their own: the workspace's install does not know them.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const dir = fileURLToPath(new URL('runtimes', import.meta.url))
const lockFile = join(dir, 'package-lock.json')
const stampFile = join(dir, 'node_modules/.lock-of-this-install.json')

/** Installs what the lock file says with `npm ci`, unless that is there. @throws {Error} npm failed. */
export function install() {
  const wanted = readFileSync(lockFile, 'utf8')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return
  console.error('matrix: installing the runtimes (npm ci in tooling/matrix/runtimes, about 300 MB)')
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync('npm', args, {
    cwd: dir,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error('npm ci failed in tooling/matrix/runtimes')
  writeFileSync(stampFile, wanted)
}

/**
 * @param {string} name A package of runtimes/package.json, each of them one build for one platform.
 * @returns {string | null} `null` where it is not installed, as on another platform.
 */
export function installedVersion(name) {
  const file = join(dir, 'node_modules', name, 'package.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : null
}

/**
 * @param {string} name
 * @param {string} file Path below the package.
 * @returns {string} Absolute.
 */
export function binaryOf(name, file) {
  return join(dir, 'node_modules', name, file)
}
