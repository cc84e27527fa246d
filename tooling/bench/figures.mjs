// The figures that the project wants to reach, each a ratio to somebody else in the same run, or a plain limit.
import { median, numbersOf, ratio } from './statistics.mjs'

/**
 * @typedef {object} MeasuredContender
 * @property {string} name
 * @property {readonly import('./work.mjs').Sample[]} samples
 *
 * @typedef {{ name: string, contenders: readonly MeasuredContender[] }} MeasuredWork
 *
 * @typedef {object} Figure
 * @property {string} work
 * @property {string} who
 * @property {import('./statistics.mjs').Metric} metric
 * @property {string} [against] Without it the value itself counts.
 * @property {'at least' | 'more than' | 'at most'} bound
 * @property {number} limit
 * @property {string} [unit] Of a value that counts by itself.
 *
 * @typedef {object} Verdict
 * @property {Figure} figure
 * @property {number | null} actual `null`: not measured.
 * @property {'reached' | 'not reached' | 'not measured'} verdict
 */

const SESSION = '@x/http-session'
const REQUEST = 'undici.request'
const KIB = 1024

/** @type {Figure[]} */
export const FIGURES = [
  throughput('tiny-50', REQUEST, 2.4),
  throughput('tiny-50', 'undici.dispatch', 1.7),
  throughput('tiny-50', 'floor', 0.7),
  cpu('tiny-50', REQUEST, 0.42),
  throughput('headers-50', REQUEST, 2.7),
  throughput('headers-50', 'floor', 0.7),
  cpu('headers-50', REQUEST, 0.36),
  throughput('tiny-1', REQUEST, 1.7),
  cpu('tiny-1', REQUEST, 0.5),
  throughput('chunked-50', REQUEST, 2.2),
  cpu('chunked-50', REQUEST, 0.4),
  throughput('post-50', REQUEST, 2.2),
  cpu('post-50', REQUEST, 0.4),
  throughput('bytes-1m', REQUEST, 2.2),
  cpu('bytes-1m', REQUEST, 0.45),
  throughput('lend-64m', 'floor', 0.9),
  cpu('lend-64m', 'floor', 1.15),
  throughput('upload-64m', 'floor', 0.95),
  throughput('tiny-50', 'node:http', 5),
  throughput('tiny-50', 'fetch', 8),
  throughput('tiny-50', 'got', 12),
  throughput('tiny-50', 'axios', 12),
  { work: 'idle', who: SESSION, metric: 'value', bound: 'at most', limit: 9 * KIB, unit: 'bytes' },
  {
    ...throughput('lines', 'node:readline for await', 1),
    who: 'StreamReader.lines for await',
    bound: 'more than',
  },
  {
    ...throughput('lines', 'node:readline line event', 1),
    who: 'StreamReader.tryReadLine',
    bound: 'more than',
  },
  { ...throughput('frames', 'it-byte-stream', 5), who: 'StreamReader.tryDecode' },
  { ...throughput('frames', 'floor: in place', 0.6), who: 'StreamReader.tryDecode' },
  { ...throughput('frames', 'floor: a view of each', 0.6), who: 'StreamReader.tryDecode' },
  { work: 'import', who: SESSION, metric: 'value', against: 'undici', bound: 'at most', limit: 1 / 3 },
  { work: 'bundle', who: SESSION, metric: 'value', bound: 'at most', limit: 25 * KIB, unit: 'bytes' },
]

/**
 * @param {readonly Figure[]} figures
 * @param {readonly MeasuredWork[]} works
 * @returns {Verdict[]}
 */
export function judge(figures, works) {
  return figures.map((figure) => {
    const actual = actualOf(figure, works)
    if (actual === null) return { figure, actual, verdict: 'not measured' }
    return { figure, actual, verdict: isReached(figure, actual) ? 'reached' : 'not reached' }
  })
}

/**
 * @param {Figure} figure
 * @param {readonly MeasuredWork[]} works
 * @returns {number | null}
 */
function actualOf({ work, who, metric, against }, works) {
  const contenders = works.find(({ name }) => name === work)?.contenders ?? []
  const samplesOf = (/** @type {string} */ wanted) =>
    contenders.find(({ name }) => name === wanted)?.samples ?? []
  const samples = samplesOf(who)
  if (against !== undefined) return ratio(samples, samplesOf(against), metric)
  const numbers = numbersOf(samples, metric)
  return numbers.length === 0 ? null : median(numbers)
}

/**
 * @param {Figure} figure
 * @param {number} actual
 */
function isReached({ bound, limit }, actual) {
  if (bound === 'at most') return actual <= limit
  return bound === 'at least' ? actual >= limit : actual > limit
}

/**
 * @param {string} work
 * @param {string} against
 * @param {number} limit
 * @returns {Figure}
 */
function throughput(work, against, limit) {
  return { work, who: SESSION, metric: 'rate', against, bound: 'at least', limit }
}

/**
 * @param {string} work
 * @param {string} against
 * @param {number} limit
 * @returns {Figure}
 */
function cpu(work, against, limit) {
  return { work, who: SESSION, metric: 'cpu', against, bound: 'at most', limit }
}
