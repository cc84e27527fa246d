// Child processes without a shell: no quoting, and paths may hold spaces.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './workspace.mjs'

/**
 * @typedef {object} Outcome
 * @property {number} code Exit code; 1 where a signal ended the program.
 * @property {string} output Standard output and standard error as they came.
 * @property {string} stdout
 * @property {boolean} timedOut Stopped because its time was over.
 */

/**
 * Runs a program and collects what it prints.
 *
 * @param {string[]} command
 * @param {{ cwd?: string, timeLimitMs?: number, env?: NodeJS.ProcessEnv }} [options] Default: the root, no limit, the
 *   environment of this process.
 * @returns {Promise<Outcome>}
 */
export function run([file, ...args], { cwd = root, timeLimitMs, env: base = process.env } = {}) {
  return new Promise((resolve) => {
    // Collected output is read as text, also where CI makes tools believe in colours.
    const env = { ...base, NO_COLOR: '1' }
    const child = spawn(String(file), args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const outcome = { code: 1, output: '', stdout: '', timedOut: false }
    child.stdout.setEncoding('utf8').on('data', (text) => (outcome.stdout += text))
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (outcome.output += text))
    }
    const stop = () => (outcome.timedOut = child.kill('SIGKILL'))
    const timer = timeLimitMs === undefined ? undefined : setTimeout(stop, timeLimitMs)
    child.on('error', (error) => (outcome.output += `${file}: ${error.message}`))
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ ...outcome, code: code ?? 1 })
    })
  })
}

/**
 * The command line of a tool in node_modules: Node and the tool's own script, which needs no shell on any platform.
 *
 * @param {string} dependency The package's name in the root manifest.
 * @param {string} [bin] Default: the dependency's name without its scope.
 * @returns {string[]}
 */
export function tool(dependency, bin = dependency.replace(/^@.*\//, '')) {
  const dir = join(root, 'node_modules', dependency)
  const manifest = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'))
  const script = typeof manifest.bin === 'string' ? manifest.bin : manifest.bin[bin]
  return [process.execPath, join(dir, script)]
}

/**
 * Runs `work` over all items, at most `limit` at a time; results in the order of the items.
 *
 * @template T, R
 * @param {readonly T[]} items
 * @param {number} limit
 * @param {(item: T) => Promise<R>} work
 * @returns {Promise<R[]>}
 */
export async function mapLimited(items, limit, work) {
  /** @type {R[]} */
  const results = []
  let next = 0
  const lane = async () => {
    while (next < items.length) {
      const index = next++
      results[index] = await work(/** @type {T} */ (items[index]))
    }
  }
  await Promise.all(Array.from({ length: limit }, lane))
  return results
}
