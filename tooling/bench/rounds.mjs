// The rounds of one work: all contenders are set up and warm, then each has its turn, again and again.
import { launch, openHere } from './contender-process.mjs'
import { installedVersion } from './installed.mjs'

/** A little at the start of each turn is not counted: connections that were given up meanwhile, caches that are cold. */
const SETTLE_SHARE = 0.15
/** What it takes to start one, about. */
const START_MS = 500

/**
 * @typedef {import('./work.mjs').Work} Work
 * @typedef {import('./work.mjs').Contender} Contender
 * @typedef {import('./options.mjs').Options} Options
 *
 * @typedef {object} ContenderResult
 * @property {string} name
 * @property {string | null} version
 * @property {import('./work.mjs').Sample[]} samples None where it did not take part.
 * @property {string} [lacks] Why it did not.
 * @property {string} [failed] What went wrong; no samples then either.
 * @property {boolean} ours
 *
 * @typedef {object} Setting
 * @property {import('./work.mjs').Context} context
 * @property {string} node
 * @property {Options} options
 * @property {(work: Work, contender: Contender) => string[]} nodeOptions
 */

/**
 * @param {Work} work
 * @param {readonly Contender[]} contenders
 * @param {Setting} setting
 * @returns {Promise<ContenderResult[]>} In the order of `contenders`.
 */
export async function measure(work, contenders, setting) {
  const times = timesOf(work, setting.options)
  const results = contenders.map(newResult)
  /** @type {{ process: import('./contender-process.mjs').ContenderProcess, result: ContenderResult }[]} */
  const running = []
  for (const [index, contender] of contenders.entries()) {
    const result = results[index]
    if (result === undefined || result.lacks !== undefined) continue
    await attempt(result, async () => {
      const { context, node, options } = setting
      const isSmall = options.action === 'smoke' && canRunHere(work, contender)
      const process = isSmall
        ? await openHere(contender, context)
        : await launch({ work, contender, context, node, nodeOptions: setting.nodeOptions(work, contender) })
      running.push({ process, result })
      result.version ??= process.version
      if (times.warmUpMs > 0) await process.run(times.warmUpMs)
    })
  }
  for (let round = 0; round < times.rounds; round++) {
    for (const { process, result } of running) {
      if (result.failed !== undefined) continue
      await attempt(result, async () => {
        if (times.settleMs > 0) await process.run(times.settleMs)
        result.samples.push(await process.run(times.roundMs))
      })
    }
  }
  for (const { process } of running) await process.stop()
  return results
}

/**
 * @param {Work} work
 * @param {number} contenderCount
 * @param {Options} options
 * @returns {number} How long `measure` takes, about.
 */
export function estimatedMs(work, contenderCount, options) {
  const { rounds, roundMs, settleMs, warmUpMs } = timesOf(work, options)
  const round = work.secondsPerRound === undefined ? roundMs + settleMs : work.secondsPerRound * 1000
  return contenderCount * (START_MS + warmUpMs + rounds * round)
}

/**
 * @param {Work} work
 * @param {Options} options
 */
function timesOf(work, { action, rounds, roundMs, warmUpMs }) {
  const ownRounds = action === 'smoke' ? 1 : (work.rounds ?? rounds)
  if (work.secondsPerRound !== undefined) return { rounds: ownRounds, roundMs: 0, settleMs: 0, warmUpMs: 0 }
  const settleMs = action === 'smoke' ? 0 : roundMs * SETTLE_SHARE
  return { rounds: ownRounds, roundMs, settleMs, warmUpMs: warmUpMs * (work.warmUpFactor ?? 1) }
}

/**
 * Whether this process will do where the numbers are of no interest: it need not be another Node, nor be told of anything
 * when it starts.
 *
 * @param {Work} work
 * @param {Contender} contender
 */
function canRunHere({ ownProcess = false }, { needs = [], open }) {
  return !ownProcess && needs.length === 0 && open !== undefined
}

/**
 * @param {Contender} contender
 * @returns {ContenderResult}
 */
function newResult({ name, lacks, missing = () => null, needs = [], ours = false }) {
  const absent = needs.find((dependency) => installedVersion(dependency) === null)
  const why = lacks ?? (absent === undefined ? (missing() ?? undefined) : `${absent} is not installed`)
  const [first] = needs
  const version = first === undefined ? null : installedVersion(first)
  return { name, ours, version, samples: [], ...(why === undefined ? {} : { lacks: why }) }
}

/**
 * One that fails is out of this work; the others go on.
 *
 * @param {ContenderResult} result
 * @param {() => Promise<void>} step
 */
async function attempt(result, step) {
  try {
    await step()
  } catch (error) {
    result.samples = []
    result.failed = error instanceof Error ? error.message : String(error)
  }
}
