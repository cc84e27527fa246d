// Renames the scope in the files of a tree.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renameScope } from './rename.mjs'

/**
 * @param {string} dir
 * @param {readonly string[]} files Paths from `dir`.
 * @param {{ from: string, to: string }} scopes
 * @returns {string[]} The files that were changed.
 */
export function rescopeTree(dir, files, { from, to }) {
  return files.filter((path) => {
    const file = join(dir, path)
    const bytes = readFileSync(file)
    // Not text: a byte of zero is in none of ours.
    if (bytes.includes(0)) return false
    const before = bytes.toString('utf8')
    const after = renameScope(before, from, to)
    if (after !== before) writeFileSync(file, after)
    return after !== before
  })
}
