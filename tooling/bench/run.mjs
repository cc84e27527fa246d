// `pnpm bench`: measures this project beside its peers and writes results/. See README.md.
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { loadClients, loadWorks } from './catalogue.mjs'
import { install, installedVersion, nodeProgram, wantedNames } from './installed.mjs'
import { describeMachine } from './machine.mjs'
import { HELP, isFullRun, readOptions } from './options.mjs'
import { mergedWithOlder, readResults, writePage, writeResults } from './results.mjs'
import { estimatedMs, measure } from './rounds.mjs'
import { startServers } from './server/start-servers.mjs'
import { columns, linesOf } from './summary.mjs'

/**
 * @typedef {import('./work.mjs').Work} Work
 * @typedef {import('./work.mjs').Contender} Contender
 * @typedef {{ work: Work, contenders: Contender[] }} Entry
 */

const PROFILES = fileURLToPath(new URL('profiles', import.meta.url))

try {
  process.exitCode = await main(readOptions(process.argv.slice(2)))
} catch (error) {
  // What the user typed wrong needs no stack.
  const isUsage = error instanceof RangeError
  console.error(`bench: ${isUsage ? error.message : error instanceof Error ? error.stack : String(error)}`)
  process.exitCode = isUsage ? 2 : 1
}

/**
 * @param {import('./options.mjs').Options} options
 * @returns {Promise<number>} Exit code.
 */
async function main(options) {
  if (options.action === 'help') return say(HELP)
  if (options.action === 'render') return say(writePage(readResults()))
  const entries = chosen(await catalogue(), options)
  if (options.action === 'list') return say(list(entries))
  if (options.action !== 'smoke') install()
  return runAll(entries, options)
}

/**
 * @param {Entry[]} entries
 * @param {import('./options.mjs').Options} options
 */
async function runAll(entries, options) {
  const node = nodeProgram()
  const machine = describeMachine(node)
  const { servers, stop } = await startServers(node)
  const nodeOptions = (/** @type {Work} */ work, /** @type {Contender} */ { name, ours }) =>
    options.profile && ours === true ? profileOptions(`${work.name}.${name}`) : []
  if (options.profile) mkdirSync(PROFILES, { recursive: true })
  /** @type {import('./work.mjs').Context} */
  const context = { servers, size: options.action === 'smoke' ? 'smoke' : 'full' }
  const setting = { context, node, options, nodeOptions }
  console.log(preface(entries, options, machine, servers))
  const times = { rounds: options.rounds, roundMs: options.roundMs, warmUpMs: options.warmUpMs }
  /** @type {import('./summary.mjs').WorkResult[]} */
  const works = []
  for (const { work, contenders } of entries) {
    const { name, group, title, measure: metric, unit, baseline, remark } = work
    const facts = {
      name,
      group,
      title,
      measure: metric,
      unit,
      baseline,
      ...(remark === undefined ? {} : { remark }),
    }
    const measured = await measure(work, contenders, setting)
    works.push({
      ...facts,
      measuredAt: new Date().toISOString(),
      commit: machine.commit,
      times,
      contenders: measured,
    })
    console.log(report(works.at(-1)))
  }
  stop()
  const results = {
    date: new Date().toISOString(),
    machine,
    versions: Object.fromEntries(
      wantedNames().map((name) => [name, installedVersion(name) ?? 'not installed']),
    ),
    times,
    servers: { plain: servers.plainServer, tls: servers.tlsServer },
    works,
  }
  return conclude(results, options)
}

/** @param {string} name */
function profileOptions(name) {
  const file = `${name.replaceAll(/[^a-z0-9.-]+/gi, '-')}.cpuprofile`
  return ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`, `--cpu-prof-name=${file}`]
}

/**
 * @param {import('./render.mjs').Results} results
 * @param {import('./options.mjs').Options} options
 */
function conclude(results, options) {
  const failed = results.works.flatMap((work) => {
    return work.contenders.flatMap(({ name, failed: why }) =>
      why === undefined ? [] : [`${work.name}: ${name} failed: ${why}`],
    )
  })
  for (const line of failed) console.error(line)
  if (options.profile) console.log(`profiles are in ${PROFILES}`)
  if (options.action === 'smoke') {
    writePage(results, null)
    console.log(`${results.works.length} works ran, ${failed.length} contenders failed`)
  } else if (options.save || isFullRun(options)) {
    console.log(writeResults(isFullRun(options) ? results : mergedWithOlder(results)))
  } else {
    console.log('not the whole run: nothing was written (--save does)')
  }
  return failed.length === 0 ? 0 : 1
}

/** @returns {Promise<Entry[]>} */
async function catalogue() {
  const clients = await loadClients()
  return (await loadWorks()).map((work) => ({ work, contenders: work.contenders(clients) }))
}

/**
 * @param {Entry[]} entries
 * @param {import('./options.mjs').Options} options
 * @returns {Entry[]}
 */
function chosen(entries, { only, vs }) {
  refuseUnknown(
    'work',
    only,
    entries.map(({ work }) => work.name),
  )
  refuseUnknown(
    'contender',
    vs,
    entries.flatMap(({ contenders }) => contenders.map(({ name }) => name)),
  )
  return entries
    .filter(({ work }) => only === null || only.includes(work.name))
    .map(({ work, contenders }) => ({
      work,
      contenders: contenders.filter(
        ({ name, ours }) => vs === null || ours === true || name === work.baseline || vs.includes(name),
      ),
    }))
}

/**
 * @param {string} what
 * @param {string[] | null} names
 * @param {string[]} known
 */
function refuseUnknown(what, names, known) {
  const unknown = names?.find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw new RangeError(`no ${what} "${unknown}"; there are ${[...new Set(known)].join(', ')}`)
}

/** @param {Entry[]} entries */
function list(entries) {
  return entries
    .map(({ work, contenders }) => {
      const names = contenders.map(
        ({ name, lacks }) => `    ${name}${lacks === undefined ? '' : ` (not: ${lacks})`}`,
      )
      return [`${work.name}: ${work.title}`, ...names].join('\n')
    })
    .join('\n')
}

/**
 * @param {Entry[]} entries
 * @param {import('./options.mjs').Options} options
 * @param {import('./machine.mjs').Machine} machine
 * @param {import('./server/start-servers.mjs').Servers} servers
 */
function preface(entries, options, machine, servers) {
  const duration = options.action === 'smoke' ? 'no time for numbers' : durationText(entries, options)
  return [
    `Node ${machine.node}, ${machine.cpu}, ${machine.cores} cores; ${machine.pinning}; commit ${machine.commit}`,
    `servers: ${servers.plainServer}; for TLS ${servers.tlsServer}`,
    `${entries.length} works, ${duration}`,
  ].join('\n')
}

/**
 * @param {Entry[]} entries
 * @param {import('./options.mjs').Options} options
 */
function durationText(entries, options) {
  const total = entries.reduce((sum, { work, contenders }) => {
    return sum + estimatedMs(work, contenders.filter(({ lacks }) => lacks === undefined).length, options)
  }, 0)
  return total < 90_000 ? `about ${Math.ceil(total / 1000)} s` : `about ${Math.ceil(total / 60_000)} minutes`
}

/** @param {import('./summary.mjs').WorkResult | undefined} work */
function report(work) {
  if (work === undefined) return ''
  const cells = linesOf(work).map(({ name, figure, cpu, relative, spread, why }) => {
    if (figure === '') return [name, why]
    return work.measure === 'rate' ? [name, figure, cpu, relative, spread] : [name, figure, relative, spread]
  })
  const pad = (/** @type {string} */ cell, /** @type {number} */ index) =>
    index === 0
      ? `  ${cell.padEnd(36)}`
      : cell.padStart(index > 1 && index === columns(work).length - 2 ? 26 : 16)
  const rows = [columns(work), ...cells].map((row) =>
    row.length === 2 ? `  ${String(row[0]).padEnd(36)}  ${row[1]}` : row.map(pad).join(''),
  )
  return [`\n${work.name}: ${work.title}`, ...rows].join('\n')
}

/** @param {string} text */
function say(text) {
  console.log(text)
  return 0
}
