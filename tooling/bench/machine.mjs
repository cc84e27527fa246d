// What a reader of the numbers has to know about where they come from.
import { spawnSync } from 'node:child_process'
import { cpus, release, totalmem } from 'node:os'
import { root } from '../workspace.mjs'
import { coreOf } from './cores.mjs'

/**
 * @typedef {object} Machine
 * @property {string} cpu
 * @property {number} cores
 * @property {string} memory
 * @property {string} system
 * @property {string} node Of clients and servers.
 * @property {string} pinning
 * @property {string} commit
 */

/**
 * @param {string} node
 * @returns {Machine}
 */
export function describeMachine(node) {
  const all = cpus()
  const isPinned = coreOf('client') >= 0
  return {
    cpu: all[0]?.model ?? 'unknown',
    cores: all.length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${process.platform} ${release()} ${process.arch}`,
    node: output(node, ['--version']),
    pinning: isPinned ? 'servers on core 1, clients on core 0' : 'none: servers and clients share the cores',
    commit: commit(),
  }
}

/** With a mark where what was measured is not what was committed. */
function commit() {
  const hash = output('git', ['rev-parse', '--short=12', 'HEAD'])
  const changed = output('git', ['status', '--porcelain', '--untracked-files=no', 'packages'])
  return hash === '' ? 'unknown' : changed === '' ? hash : `${hash}, with changes in packages/`
}

/**
 * @param {string} file
 * @param {string[]} args
 */
function output(file, args) {
  const { stdout } = spawnSync(file, args, { cwd: root, encoding: 'utf8' })
  return (stdout ?? '').trim()
}
