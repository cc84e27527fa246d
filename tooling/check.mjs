// Runs every check of the workspace, or with `--only lint,unit` the named ones. A failed step does not stop the
// others, so that one run shows everything that is wrong. The last line counts the steps.
import { spawn } from 'node:child_process'
import { STEPS } from './checks/steps.mjs'
import { mapLimited, run } from './run.mjs'
import { root } from './workspace.mjs'

/** @typedef {import('./checks/steps.mjs').Step} Step */

/** @type {Map<string, Promise<boolean>>} Did it pass? Every step that was begun, by name. */
const results = new Map()
const steps = chosenSteps(process.argv.slice(2))

// Two at a time fit the two cores of a small machine. Steps whose tests wait on real sockets run alone, at the end.
await mapLimited(
  steps.filter((step) => step.shown !== 'live'),
  2,
  begin,
)
await mapLimited(
  steps.filter((step) => step.shown === 'live'),
  1,
  begin,
)

const failed = []
for (const [name, passed] of results) if (!(await passed)) failed.push(name)
console.log(failed.length === 0 ? '' : `\nfailed: ${failed.join(', ')}`)
console.log(`${results.size - failed.length} passed, ${failed.length} failed`)
process.exitCode = failed.length === 0 ? 0 : 1

/**
 * @param {string[]} args
 * @returns {Step[]} In the order of the table, with what the named ones build on.
 */
function chosenSteps(args) {
  const at = args.findIndex((arg) => arg.startsWith('--only'))
  if (at === -1) return STEPS
  const names = (args[at]?.split('=')[1] ?? args[at + 1] ?? '').split(',')
  const unknown = names.filter((name) => !STEPS.some((step) => step.name === name))
  if (unknown.length > 0) {
    console.error(`no step "${unknown[0]}"; there are ${STEPS.map((step) => step.name).join(', ')}`)
    process.exit(2)
  }
  const wanted = new Set(names)
  for (const step of STEPS) if (step.after !== undefined && wanted.has(step.name)) wanted.add(step.after)
  return STEPS.filter((step) => wanted.has(step.name))
}

/** @param {Step} step */
function begin(step) {
  const passed = step.shown === 'live' ? runLive(step) : runStep(step)
  results.set(step.name, passed)
  return passed
}

/**
 * @param {Step} step
 * @returns {Promise<boolean>}
 */
async function runStep(step) {
  // The table lists a step after the one that it builds on, so that one has begun.
  if (step.after !== undefined && !(await results.get(step.after))) {
    console.log(heading('FAIL', step, 0, `needs ${step.after}`))
    return false
  }
  const startedAt = performance.now()
  const { code, output } = await run(step.command)
  const elapsedMs = performance.now() - startedAt
  const lines = output.trimEnd().split('\n')
  if (code === 0 && step.shown === undefined) console.log(heading('ok', step, elapsedMs, lines.at(-1)))
  else console.log([heading(code === 0 ? 'ok' : 'FAIL', step, elapsedMs), ...lines].join('\n      '))
  return code === 0
}

/**
 * @param {Step} step
 * @returns {Promise<boolean>}
 */
async function runLive(step) {
  const startedAt = performance.now()
  const [file, ...args] = step.command
  const env = process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: '1' }
  const child = spawn(String(file), args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] })
  const code = await new Promise((resolve) => child.on('error', () => resolve(1)).on('close', resolve))
  console.log(heading(code === 0 ? 'ok' : 'FAIL', step, performance.now() - startedAt))
  return code === 0
}

/**
 * @param {string} verdict
 * @param {Step} step
 * @param {number} elapsedMs
 * @param {string} [summary]
 */
function heading(verdict, step, elapsedMs, summary = '') {
  const time = `${(elapsedMs / 1000).toFixed(1)} s`
  return `${verdict.padEnd(4)}  ${step.name.padEnd(11)}${time.padStart(7)}  ${summary.trim().slice(0, 110)}`.trimEnd()
}
