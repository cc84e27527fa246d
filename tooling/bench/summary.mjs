// One work's result as lines of a table: what the terminal and the page both show.
import { median, numbersOf, ratio, spread } from './statistics.mjs'

/**
 * @typedef {import('./rounds.mjs').ContenderResult} ContenderResult
 *
 * @typedef {{ rounds: number, roundMs: number, warmUpMs: number }} Times As the run was told; some works differ.
 *
 * @typedef {object} WorkResult
 * @property {string} name
 * @property {string} group
 * @property {string} title
 * @property {string} [remark]
 * @property {'rate' | 'value'} measure
 * @property {string} unit
 * @property {string} baseline
 * @property {string} measuredAt ISO date.
 * @property {string} commit
 * @property {Times} times
 * @property {ContenderResult[]} contenders
 *
 * @typedef {object} Line
 * @property {string} name
 * @property {boolean} ours
 * @property {string} figure Per second, or the value.
 * @property {string} cpu Microseconds of CPU for one; empty for values.
 * @property {string} relative To the baseline.
 * @property {string} spread Of the rounds.
 * @property {number} length Of its bar.
 * @property {string} why Why it has no numbers; else empty, or a note.
 */

const KIB = 1024

/**
 * @param {WorkResult} work
 * @returns {string[]} Of the table's columns.
 */
export function columns({ measure, unit, baseline }) {
  if (measure === 'value') return ['', unitName(unit), `/ ${baseline}`, 'spread']
  return ['', `${unit}s/s`, `CPU us/${unit}`, `/ ${baseline}`, 'spread']
}

/**
 * @param {WorkResult} work
 * @returns {Line[]} Those with numbers first, best first.
 */
export function linesOf(work) {
  const base = work.contenders.find(({ name }) => name === work.baseline)?.samples ?? []
  const lines = work.contenders.map((contender) => lineOf(work, contender, base))
  const sign = work.measure === 'rate' ? -1 : 1
  return lines.toSorted(
    (a, b) => Number(a.figure === '') - Number(b.figure === '') || sign * (a.length - b.length),
  )
}

/**
 * @param {WorkResult} work
 * @param {ContenderResult} contender
 * @param {readonly import('./work.mjs').Sample[]} base
 * @returns {Line}
 */
function lineOf({ measure, unit }, { name, ours, samples, lacks, failed }, base) {
  const numbers = numbersOf(samples, measure)
  const why = failed === undefined ? (lacks ?? noteOf(samples)) : `failed: ${failed.split('\n')[0]}`
  if (numbers.length === 0)
    return { name, ours, figure: '', cpu: '', relative: '', spread: '', length: 0, why }
  const middle = median(numbers)
  const cpu = numbersOf(samples, 'cpu')
  const relative = ratio(samples, base, measure)
  return {
    name,
    ours,
    figure: measure === 'rate' ? digits(middle) : valueText(middle, unit),
    cpu: cpu.length === 0 ? '' : digits(median(cpu)),
    relative: relative === null ? '' : digits(relative),
    spread: numbers.length > 1 ? `${Math.round(spread(numbers) * 100)} %` : '',
    length: middle,
    why,
  }
}

/** @param {readonly import('./work.mjs').Sample[]} samples */
function noteOf([first]) {
  return first !== undefined && 'note' in first ? (first.note ?? '') : ''
}

/** @param {string} unit */
function unitName(unit) {
  return unit === 'bytes' ? 'KiB' : unit
}

/**
 * @param {number} value
 * @param {string} unit
 */
export function valueText(value, unit) {
  return digits(unit === 'bytes' ? value / KIB : value)
}

/**
 * Three digits that count, and no more behind the point than that needs.
 *
 * @param {number} number
 */
export function digits(number) {
  if (Math.abs(number) >= 100) return Math.round(number).toLocaleString('en')
  return String(Number(number.toPrecision(3)))
}
