// Child processes that never outlive this one: each is a process group of its own, killed as a whole with everything that it has started.
import { spawn } from 'node:child_process'
import process from 'node:process'

const HAS_GROUPS = process.platform !== 'win32'
const KEPT_CHARACTERS = 4000

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()

process.on('exit', () => {
  for (const child of running) kill(child)
})
for (const [signal, number] of /** @type {const} */ ([
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
])) {
  process.on(signal, () => process.exit(128 + number))
}

/**
 * @typedef {object} ProcessOptions
 * @property {string} cwd
 * @property {Record<string, string>} [env] Added to this process's.
 * @property {number} [extraPipeCount] Behind standard error. They end with this process, however that ends. Default: none.
 * @property {number} timeLimitMs Killed then.
 * @property {(line: string) => void} onLine Of standard output.
 *
 * @typedef {object} Ending
 * @property {number} code 1 where a signal ended it, or it could not be started.
 * @property {boolean} timedOut
 * @property {string} stderr Its last characters.
 */

/**
 * @param {readonly string[]} command Without a shell.
 * @param {ProcessOptions} options
 * @returns {{ ended: Promise<Ending>, kill: () => void }}
 */
export function start([file, ...args], { cwd, env, extraPipeCount = 0, timeLimitMs, onLine }) {
  const child = spawn(String(file), args, {
    cwd,
    env: { ...process.env, ...env, NO_COLOR: '1' },
    detached: HAS_GROUPS,
    stdio: [
      'ignore',
      'pipe',
      'pipe',
      ...Array.from({ length: extraPipeCount }, () => /** @type {const} */ ('pipe')),
    ],
  })
  running.add(child)
  let [unfinished, stderr, timedOut] = ['', '', false]
  for (const pipe of child.stdio.slice(3)) pipe?.on('error', () => {})
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    const lines = `${unfinished}${text}`.split('\n')
    unfinished = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
  child.stderr
    ?.setEncoding('utf8')
    .on('data', (text) => (stderr = `${stderr}${text}`.slice(-KEPT_CHARACTERS)))
  const timer = setTimeout(() => {
    timedOut = true
    kill(child)
  }, timeLimitMs)
  const ended = new Promise((resolve) => {
    child.on('error', (error) => (stderr += String(error)))
    child.on('close', (code) => {
      clearTimeout(timer)
      running.delete(child)
      resolve({ code: code ?? 1, timedOut, stderr })
    })
  })
  return { ended, kill: () => kill(child) }
}

/** @param {import('node:child_process').ChildProcess} child */
function kill(child) {
  if (child.pid === undefined) return
  try {
    if (HAS_GROUPS) process.kill(-child.pid, 'SIGKILL')
    else child.kill('SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}
