// For what starts processes and fills folders by the dozen: a script runs in a process group and a temporary folder of
// its own, and when it has ended, or was told to, nothing of either is left.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

/**
 * @param {object} order
 * @param {string} order.script Path of the script. It gets the folder as its first argument.
 * @param {readonly string[]} order.args Its other arguments.
 * @param {string} order.prefix How the folder's name begins, `x-rehearsal-`.
 * @returns {Promise<number>} Its exit code; 1 where a signal ended it.
 */
export async function runContained({ script, args, prefix }) {
  const dir = mkdtempSync(join(tmpdir(), prefix))
  const child = spawn(process.execPath, [script, dir, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: process.platform !== 'win32',
  })
  const ended = new Promise((resolve) => {
    child.on('error', () => resolve(1)).on('exit', (code) => resolve(code ?? 1))
  })
  const stop = () => stopGroup(child)
  for (const signal of SIGNALS) process.on(signal, stop)
  const code = await ended
  for (const signal of SIGNALS) process.off(signal, stop)
  stopGroup(child)
  rmSync(dir, { recursive: true, force: true, maxRetries: 10 })
  return code
}

/** @param {import('node:child_process').ChildProcess} child Whoever is left of those it has started, too. */
function stopGroup(child) {
  if (child.pid === undefined) return
  if (process.platform === 'win32') {
    child.kill()
    return
  }
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    // Nobody is left.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error
  }
}
