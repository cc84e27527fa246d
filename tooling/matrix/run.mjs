// Runs the same suite on every runtime, against the built packages and servers on the loopback address, and prints what works where.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { mapLimited } from '../run.mjs'
import { FEATURES } from './features.mjs'
import { install } from './installed.mjs'
import { USAGE, readOptions } from './options.mjs'
import { outcomeOf } from './outcome.mjs'
import { startPeers } from './peers/start-peers.mjs'
import { saveTable } from './results.mjs'
import { RUNTIMES } from './runtimes.mjs'
import { tableOf } from './table.mjs'

/** @typedef {import('./outcome.mjs').RuntimeResult} RuntimeResult */

process.exitCode = await main().catch((error) => {
  console.error(`matrix: ${error instanceof RangeError ? error.message : (error?.stack ?? error)}`)
  return error instanceof RangeError ? 2 : 1
})

async function main() {
  const ids = RUNTIMES.map(({ id }) => id)
  const { action, only, save } = readOptions(process.argv.slice(2), ids)
  if (action === 'help') {
    console.log(USAGE)
    return 0
  }
  install()
  const chosen = RUNTIMES.filter(({ id }) => only?.includes(id) ?? true)
  const { peers, close } = await startPeers()
  // Two at a time fit the two cores of a small machine.
  const results = await mapLimited(chosen, 2, (runtime) => runOne(runtime, peers)).finally(close)
  const outcome = outcomeOf(FEATURES, results)
  const table = tableOf(results, outcome)
  console.log(`\n${table}\n`)
  for (const problem of outcome.problems) console.log(`${problem}\n`)
  if (save) console.log(saveTable(table))
  const absent = results.filter((result) => result.absent !== undefined).length
  const cases = results.reduce((sum, { reports }) => sum + reports.length, 0)
  console.log(
    `${cases} cases on ${results.length - absent} runtimes, ${absent} not run, ${outcome.problems.length} problems`,
  )
  return outcome.problems.length === 0 ? 0 : 1
}

/**
 * @param {import('./runtimes.mjs').Runtime} runtime
 * @param {import('./peers/start-peers.mjs').Peers} peers
 * @returns {Promise<RuntimeResult>}
 */
async function runOne({ id, find }, peers) {
  const found = find()
  const { title } = found
  if ('absent' in found) {
    console.error(`matrix: ${title} is not run: ${found.absent}`)
    return { id, title, absent: found.absent, reports: [] }
  }
  const startedAt = performance.now()
  const dir = mkdtempSync(join(tmpdir(), 'x-matrix-'))
  const remove = () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  process.on('exit', remove)
  try {
    const { reports, broken } = await found.run({ peers, dir })
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    console.error(`matrix: ${title}: ${reports.length} cases in ${seconds} s`)
    return { id, title, reports, ...(broken === undefined ? {} : { broken }) }
  } finally {
    process.off('exit', remove)
    remove()
  }
}
