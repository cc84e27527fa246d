// Collects what a runtime says of its cases.

/** @typedef {import('./suite/run-cases.mjs').CaseReport} CaseReport */

export class Reports {
  /** @type {CaseReport[]} */
  cases = []
  /** @type {string[]} */
  #others = []
  /** How many cases there are; `null` while the last one has not ended. */
  #count = /** @type {number | null} */ (null)

  get isDone() {
    return this.#count !== null
  }

  /** @param {string} line One report as JSON; anything else is kept for whoever looks for the reason of a failure. */
  add(line) {
    const report = parsed(line)
    if (typeof report?.done === 'number') this.#count = report.done
    else if (typeof report?.feature === 'string') this.cases.push(/** @type {CaseReport} */ (report))
    else if (line !== '') this.#others.push(line)
  }

  /**
   * @param {string} [why] What is known of the end.
   * @returns {string | undefined} What is wrong with the reports as a whole.
   */
  broken(why = 'it ended before its last case') {
    const { length } = this.cases
    if (this.#count === length) return undefined
    const last = this.cases.at(-1)
    return [
      `${length} of ${this.#count ?? '?'} cases, the last one "${last?.name ?? ''}": ${why}`,
      ...this.#others,
    ].join('\n')
  }
}

/**
 * @param {string} line
 * @returns {{ done?: unknown, feature?: unknown } | null}
 */
function parsed(line) {
  if (!line.startsWith('{')) return null
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
