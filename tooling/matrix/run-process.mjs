// The suite as a program of Node's kind.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { start } from './processes.mjs'
import { Reports } from './reports.mjs'

const folder = fileURLToPath(new URL('.', import.meta.url))
const entry = join(folder, 'entries/node-like.mjs')
const TIME_LIMIT_MS = 60_000
/** What is left to do behind the last case: a request, and the process has to end by itself. The server keeps connections for longer. */
const ENDING_MS = 3000

/**
 * @typedef {object} Program
 * @property {readonly string[]} command The script and its argument follow.
 * @property {Record<string, string>} [env]
 */

/**
 * @param {Program} program
 * @param {import('./runtimes.mjs').Setting} setting
 * @returns {Promise<import('./runtimes.mjs').RunResult>}
 */
export async function runProcess({ command, env = {} }, { peers, dir }) {
  const reports = new Reports()
  const world = join(dir, 'world.json')
  writeFileSync(world, JSON.stringify({ peers, unixPath: join(dir, 'echo.sock') }), { mode: 0o600 })
  let lingers = false
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  const { ended, kill } = start([...command, entry, world], {
    cwd: folder,
    env,
    timeLimitMs: TIME_LIMIT_MS,
    onLine(line) {
      reports.add(line)
      if (!reports.isDone || timer !== undefined) return
      timer = setTimeout(() => {
        lingers = true
        kill()
      }, ENDING_MS)
    },
  })
  const { code, timedOut, stderr } = await ended
  clearTimeout(timer)
  const why = timedOut ? `not done after ${TIME_LIMIT_MS} ms` : `exit code ${code}\n${stderr}`
  const broken = reports.broken(why)
  if (broken !== undefined) return { reports: reports.cases, broken }
  const exit = { feature: 'exit', name: 'behind the last case' }
  const error = lingers ? `still there after ${ENDING_MS} ms` : `exit code ${code}\n${stderr}`
  return { reports: [...reports.cases, lingers || code !== 0 ? { ...exit, error } : exit], broken }
}
