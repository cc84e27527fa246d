// Contenders that are no JavaScript: compiled, where they need it, once for each version of their source.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheDir } from '../workspace.mjs'

/**
 * @param {string} file Path below this folder.
 * @returns {string} Absolute path.
 */
export function sourceOf(file) {
  return fileURLToPath(new URL(file, import.meta.url))
}

/**
 * @param {string} file Path below this folder.
 * @returns {string} Where the program of this very source is, or will be.
 */
export function programOf(file) {
  const source = sourceOf(file)
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16)
  return join(cacheDir, 'bench', `${file.replaceAll(/[^a-z0-9]/gi, '-')}-${hash}`)
}

/**
 * @param {string} file Path below this folder.
 * @param {(source: string, program: string) => string[]} command Compiles it.
 * @returns {string | null} What the compiler said is wrong; `null`: the program is there.
 */
export function compile(file, command) {
  const program = programOf(file)
  if (existsSync(program)) return null
  mkdirSync(join(cacheDir, 'bench'), { recursive: true })
  // Under another name until it is whole: two runs may begin at the same time.
  const made = `${program}.${process.pid}`
  const [compiler = '', ...args] = command(sourceOf(file), made)
  const { status, stderr, error } = spawnSync(compiler, args, { encoding: 'utf8' })
  if (error !== undefined) return `${compiler} is not installed`
  if (status !== 0)
    return stderr.split('\n').find((line) => /error/i.test(line)) ?? `${compiler} could not compile ${file}`
  renameSync(made, program)
  return null
}
