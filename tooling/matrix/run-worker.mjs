// The suite as a worker, by `workerd test`.
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { start } from './processes.mjs'
import { Reports } from './reports.mjs'

const folder = fileURLToPath(new URL('.', import.meta.url))
const TIME_LIMIT_MS = 60_000
const COMPATIBILITY_DATE = '2026-11-01'

/**
 * @param {string} workerd
 * @param {import('./runtimes.mjs').Setting} setting
 * @returns {Promise<import('./runtimes.mjs').RunResult>}
 */
export async function runWorker(workerd, { peers, dir }) {
  const modules = await bundleInto(dir)
  const config = join(dir, 'config.capnp')
  writeFileSync(config, configOf(modules, peers))
  const reports = new Reports()
  const { ended } = start([workerd, 'test', config], {
    cwd: dir,
    timeLimitMs: TIME_LIMIT_MS,
    onLine: (line) => reports.add(line),
  })
  const { code, timedOut, stderr } = await ended
  const why = timedOut ? `not done after ${TIME_LIMIT_MS} ms` : `exit code ${code}\n${stderr}`
  return { reports: reports.cases, broken: reports.broken(why) }
}

/**
 * In pieces, so that what is loaded late stays late.
 *
 * @param {string} dir
 * @returns {Promise<string[]>} The names of the modules, the worker itself first.
 */
async function bundleInto(dir) {
  const { metafile } = await build({
    entryPoints: [join(folder, 'entries/worker.mjs')],
    outdir: dir,
    bundle: true,
    splitting: true,
    format: 'esm',
    conditions: ['workerd', 'worker'],
    external: ['node:*', 'cloudflare:*'],
    metafile: true,
    logLevel: 'error',
  })
  const [worker, chunks] = [[], []].map(() => /** @type {string[]} */ ([]))
  for (const [file, { entryPoint }] of Object.entries(metafile.outputs)) {
    const isWorker = entryPoint?.endsWith('entries/worker.mjs') === true
    ;(isWorker ? worker : chunks)?.push(basename(file))
  }
  return [...(worker ?? []), ...(chunks ?? [])]
}

/**
 * @param {readonly string[]} modules
 * @param {import('./peers/start-peers.mjs').Peers} peers
 */
function configOf(modules, peers) {
  // Strings of JSON are strings of Cap'n Proto.
  const embedded = modules.map((name) => `(name = "${name}", esModule = embed "${name}")`)
  const world = { ...peers, key: '', cert: '' }
  return readFileSync(join(folder, 'workerd.capnp'), 'utf8')
    .replace('@MODULES@', () => embedded.join(', '))
    .replace('@DATE@', () => JSON.stringify(COMPATIBILITY_DATE))
    .replace('@WORLD@', () => JSON.stringify(JSON.stringify({ peers: world })))
    .replace('@CA@', () => JSON.stringify(peers.ca))
}
