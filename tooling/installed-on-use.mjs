// Heavy tools of one command live in a folder with a manifest and a lock file of their own: they are installed when the
// command first runs, and the workspace's install stays quick.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { run } from './run.mjs'
import { root } from './workspace.mjs'

/**
 * Installs what the folder's lock file says with `npm ci`, unless that is there.
 *
 * @param {string} dir
 * @throws {Error} npm failed.
 */
export async function installOnUse(dir) {
  const wanted = readFileSync(join(dir, 'package-lock.json'), 'utf8')
  const stamp = join(dir, 'node_modules/.lock-of-this-install.json')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  console.error(`installing the tools of this command (npm ci in ${relative(root, dir)})`)
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const { code, output } = await run([npm, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: dir })
  if (code !== 0) throw new Error(`npm ci in ${relative(root, dir)} failed\n${output.trimEnd()}`)
  writeFileSync(stamp, wanted)
}
