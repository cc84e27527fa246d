// Differential fuzzing for as long as one likes: `node tooling/fuzz/run.mjs --seconds 60 --seed 1 --target session`.
// Without `--target` the targets take turns. A failure ends the run with the shortest message that still fails, and
// with the command that runs it again (`--hex …`).
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { root } from '../workspace.mjs'
import { USAGE, readOptions } from './options.mjs'

const engine = await loadEngine()
const options = readOptionsOrEnd()
const targets = engine.TARGETS.filter((target) => options.target === undefined || options.target === target)

/** @type {unknown[]} */
const unhandled = []
process.on('unhandledRejection', (error) => unhandled.push(error))
process.exitCode = options.hex === undefined ? await goOn() : await runAgain(options.hex)

function readOptionsOrEnd() {
  try {
    const read = readOptions(process.argv.slice(2), engine.TARGETS)
    if (read.action === 'run') return read
    console.log(USAGE)
    process.exit(0)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    console.error(`fuzz: ${error.message}`)
    process.exit(2)
  }
}

/** The sources as they are, without a build. */
async function loadEngine() {
  const folder = mkdtempSync(join(tmpdir(), 'x-fuzz-'))
  try {
    const outfile = join(folder, 'engine.mjs')
    await build({
      entryPoints: [join(root, 'tooling/fuzz/engine.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      conditions: ['@x/source'],
      logLevel: 'error',
    })
    /** @type {typeof import('./engine.ts')} */
    const loaded = await import(pathToFileURL(outfile).href)
    return loaded
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** @returns {Promise<number>} Exit code. */
async function goOn() {
  const { seed, seconds: duration } = options
  const endsAt = performance.now() + duration * 1000
  let countedAt = performance.now()
  let counted = 0
  console.log(`seed ${seed}, ${targets.join(', ')}, ${duration} s`)
  for (let number = 0; performance.now() < endsAt; number += 1) {
    for (const target of targets) {
      const subject = engine.makeCase(target, seed, number)
      const problem = await problemOf(subject)
      if (problem !== null) return await tell(subject, number)
    }
    const seconds = (performance.now() - countedAt) / 1000
    if (seconds < 10) continue
    const perSecond = Math.round(((number - counted) * targets.length) / seconds)
    console.log(
      `case ${number}: ${perSecond} cases/s, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`,
    )
    countedAt = performance.now()
    counted = number
  }
  console.log('no problem found')
  return 0
}

/**
 * @param {import('./engine.ts').Case} subject
 * @returns {Promise<string | null>}
 */
async function problemOf(subject) {
  const problem = await engine.problemOf(subject)
  return unhandled.length === 0 ? problem : `unhandled: ${unhandled.splice(0).map(String).join('\n')}`
}

/**
 * @param {import('./engine.ts').Case} subject
 * @param {number} number
 */
async function tell(subject, number) {
  const { target, method, wire, cutSeed } = await engine.smallest(subject)
  const hex = Buffer.from(wire, 'latin1').toString('hex')
  console.log(
    `\ncase ${number}: ${JSON.stringify(wire)}\n${await problemOf({ target, method, wire, cutSeed })}`,
  )
  const which = `--target ${target} --method ${method || 'GET'} --cuts ${cutSeed}`
  console.log(`again: node tooling/fuzz/run.mjs ${which} --hex ${hex}`)
  return 1
}

/** @param {string} hex */
async function runAgain(hex) {
  const wire = Buffer.from(hex, 'hex').toString('latin1')
  let exitCode = 0
  for (const target of targets) {
    const problem = await problemOf({ target, method: options.method, wire, cutSeed: options.cuts })
    console.log(`${target}: ${problem ?? 'no problem'}`)
    if (problem !== null) exitCode = 1
  }
  return exitCode
}
