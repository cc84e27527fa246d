// The columns of the table: where each runtime comes from, and how the suite is run on it.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import process from 'node:process'
import { binaryOf, installedVersion } from './installed.mjs'
import { runInBrowser } from './run-browser.mjs'
import { runProcess } from './run-process.mjs'
import { runWorker } from './run-worker.mjs'

/**
 * What one run of the suite is given.
 *
 * @typedef {object} Setting
 * @property {import('./peers/start-peers.mjs').Peers} peers
 * @property {string} dir A folder of its own, which is removed afterwards.
 *
 * @typedef {object} RunResult
 * @property {readonly import('./suite/run-cases.mjs').CaseReport[]} reports
 * @property {string | undefined} broken Why the reports are not complete.
 *
 * @typedef {object} Runtime
 * @property {import('./features.mjs').RuntimeId} id
 * @property {() => { title: string, run: (setting: Setting) => Promise<RunResult> } | { title: string, absent: string }} find
 */

/** @type {readonly Runtime[]} */
export const RUNTIMES = [
  node(20),
  node(22),
  node(24),
  node(26),
  {
    id: 'bun',
    find: () =>
      fromPackage({ title: 'Bun', name: 'bun', file: 'bin/bun' }, (bun) => ({
        command: [bun, '--no-install', 'run'],
        // Neither cache nor reports of its own.
        env: { BUN_RUNTIME_TRANSPILER_CACHE_PATH: '0', DO_NOT_TRACK: '1' },
      })),
  },
  {
    id: 'deno',
    find: () =>
      fromPackage({ title: 'Deno', name: 'deno', file: 'deno' }, (deno, { dir }) => ({
        command: [
          deno,
          'run',
          '--no-remote',
          '--no-prompt',
          '--allow-read',
          '--allow-env',
          `--allow-write=${dir}`,
          '--allow-net',
        ],
        env: { DENO_DIR: dir, DENO_NO_UPDATE_CHECK: '1' },
      })),
  },
  {
    id: 'workerd',
    find() {
      const version = installedVersion('workerd')
      if (version === null) return { title: 'workerd', absent: NO_BUILD }
      const run = (/** @type {Setting} */ setting) => runWorker(binaryOf('workerd', 'bin/workerd'), setting)
      return { title: `workerd ${version}`, run }
    },
  },
  {
    id: 'chromium',
    find() {
      const file = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
      if (!existsSync(file))
        return { title: 'Chromium', absent: `there is no ${file}; CHROMIUM names another` }
      const { stdout } = spawnSync(file, ['--version'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      const version = /\d+(?:\.\d+)*/.exec(stdout ?? '')?.[0]
      return { title: `Chromium ${version ?? ''}`.trim(), run: ({ dir }) => runInBrowser(file, dir) }
    },
  },
]

const NO_BUILD = 'runtimes/package.json has no build of it for this platform'

/**
 * @param {20 | 22 | 24 | 26} major
 * @returns {Runtime}
 */
function node(major) {
  return {
    id: `node${major}`,
    find() {
      const version = installedVersion(`node${major}`)
      if (version !== null) {
        const command = [binaryOf(`node${major}`, 'bin/node')]
        return { title: `Node ${version}`, run: (setting) => runProcess({ command }, setting) }
      }
      const own = process.versions.node
      if (Number(own.split('.')[0]) !== major) return { title: `Node ${major}`, absent: NO_BUILD }
      return { title: `Node ${own}`, run: (setting) => runProcess({ command: [process.execPath] }, setting) }
    },
  }
}

/**
 * @param {{ title: string, name: string, file: string }} wanted
 * @param {(file: string, setting: Setting) => import('./run-process.mjs').Program} programOf
 * @returns {ReturnType<Runtime['find']>}
 */
function fromPackage({ title, name, file }, programOf) {
  const version = installedVersion(name)
  if (version === null) return { title, absent: NO_BUILD }
  const run = (/** @type {Setting} */ setting) =>
    runProcess(programOf(binaryOf(name, file), setting), setting)
  return { title: `${title} ${version}`, run }
}
