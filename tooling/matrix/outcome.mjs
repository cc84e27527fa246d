// What became of each feature on each runtime, from the reports of the cases. Pure.

/**
 * @typedef {import('./features.mjs').Feature} Feature
 * @typedef {import('./features.mjs').RuntimeId} RuntimeId
 * @typedef {import('./suite/run-cases.mjs').CaseReport} CaseReport
 *
 * @typedef {object} RuntimeResult
 * @property {RuntimeId} id
 * @property {string} title `Node 20.20.2`
 * @property {string} [absent] Why it did not run.
 * @property {string} [broken] Why its reports are not complete.
 * @property {readonly CaseReport[]} reports
 *
 * @typedef {{ state: 'yes', note?: string } | { state: 'lacks', note: string } | { state: 'fails' } | { state: 'absent' }} Cell
 *
 * @typedef {object} Outcome
 * @property {readonly { title: string, cells: readonly Cell[] }[]} rows In the order of the features; cells in that of the runtimes.
 * @property {readonly string[]} problems Everything that makes the run a failure.
 */

/**
 * @param {readonly Feature[]} features
 * @param {readonly RuntimeResult[]} results
 * @returns {Outcome}
 */
export function outcomeOf(features, results) {
  const known = new Set(features.map(({ id }) => id))
  const problems = results.flatMap(({ title, broken, reports }) => [
    ...(broken === undefined ? [] : [`${title}: ${broken}`]),
    ...reports
      .filter(({ feature }) => !known.has(feature))
      .map(({ feature }) => `${title}: no row is called "${feature}"`),
  ])
  const rows = features.map((feature) => {
    const judged = results.map((result) => judge(feature, result))
    problems.push(...judged.flatMap((each) => each.problems))
    return { title: feature.title, cells: judged.map(({ cell }) => cell) }
  })
  return { rows, problems }
}

/**
 * @param {Feature} feature
 * @param {RuntimeResult} result
 * @returns {{ cell: Cell, problems: string[] }}
 */
function judge({ id, lacks, how }, { id: runtime, title, absent, broken, reports }) {
  if (absent !== undefined) return { cell: { state: 'absent' }, problems: [] }
  const own = reports.filter(({ feature }) => feature === id)
  const failed = own.filter(({ error }) => error !== undefined)
  const why = lacks?.[runtime]
  const fails = (/** @type {string[]} */ problems) => ({
    cell: /** @type {Cell} */ ({ state: 'fails' }),
    problems,
  })
  if (why !== undefined) {
    if (own.length > 0 && failed.length === 0)
      return fails([`${title}: ${id}: works, and features.mjs says that it is missing`])
    return { cell: { state: 'lacks', note: why }, problems: [] }
  }
  // Where the whole run broke off, that is what is wrong.
  if (own.length === 0) return fails(broken === undefined ? [`${title}: ${id}: no case was run`] : [])
  if (failed.length > 0) return fails(failed.map(({ name, error }) => `${title}: ${id}: ${name}\n${error}`))
  const note = how?.[runtime]
  return { cell: note === undefined ? { state: 'yes' } : { state: 'yes', note }, problems: [] }
}
