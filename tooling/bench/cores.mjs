// Servers and clients on a core each, so that they do not take time from one another.
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

const canPin = availableParallelism() > 1 && spawnSync('taskset', ['--version']).error === undefined
const CORES = canPin ? { client: 0, server: 1 } : { client: -1, server: -1 }

/**
 * @param {'server' | 'client'} who
 * @returns {number} Its core; -1 where nobody has one.
 */
export function coreOf(who) {
  return CORES[who]
}

/**
 * @param {'server' | 'client'} who
 * @param {string[]} command
 * @returns {string[]} The command that runs it on its core; the same where that cannot be.
 */
export function onCore(who, command) {
  return canPin ? ['taskset', '-c', String(coreOf(who)), ...command] : command
}
