// A copy of the work tree for whoever has to change it: what git tracks and what it would, nothing that is ignored.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, lstatSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './workspace.mjs'

/**
 * @param {string} to A folder that does not exist or is empty.
 * @returns {string[]} The copied files, as paths from the root with `/`.
 * @throws {Error} The tree is no git work tree.
 */
export function copyTree(to) {
  const files = listTree(root)
  for (const file of files) cpSync(join(root, file), join(to, file))
  return files
}

/**
 * @param {string} dir The root of a git work tree.
 * @returns {string[]} Its files as they are on disk, tracked or not, without those that git ignores.
 * @throws {Error} There is no git, or `dir` is no work tree.
 */
export function listTree(dir) {
  const listing = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate']
  const { status, stdout, stderr, error } = spawnSync('git', listing, { cwd: dir, encoding: 'utf8' })
  if (status !== 0) throw new Error(`git ls-files in ${dir}: ${error?.message ?? stderr.trim()}`)
  const files = stdout.split('\0').filter((file) => file !== '')
  // One that was removed and not yet committed is listed all the same.
  return files.filter((file) => existsSync(join(dir, file)) && lstatSync(join(dir, file)).isFile())
}
