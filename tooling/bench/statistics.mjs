// What is said about samples. Rounds of contenders alternate, so that what disturbs the machine disturbs all of them:
// two contenders are compared round by round.

/**
 * @typedef {import('./work.mjs').Sample} Sample
 * @typedef {'rate' | 'cpu' | 'value'} Metric Done per second; CPU microseconds for one; the one number.
 */

/**
 * @param {readonly number[]} numbers At least one.
 * @returns {number} The middle one; the mean of the two in the middle where their number is even.
 */
export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = at(sorted, middle)
  return sorted.length % 2 === 1 ? upper : (at(sorted, middle - 1) + upper) / 2
}

/**
 * @param {readonly number[]} numbers At least one.
 * @returns {number} From the least to the greatest, as a share of the median; 0 for one number.
 */
export function spread(numbers) {
  return (Math.max(...numbers) - Math.min(...numbers)) / median(numbers)
}

/**
 * @param {readonly Sample[]} samples
 * @param {Metric} metric
 * @returns {number[]} None for samples that do not have it.
 */
export function numbersOf(samples, metric) {
  return samples.flatMap((sample) => {
    if ('value' in sample) return metric === 'value' ? [sample.value] : []
    if (metric === 'rate') return [sample.count / (sample.elapsedMs / 1000)]
    return metric === 'cpu' ? [sample.cpuUs / sample.count] : []
  })
}

/**
 * @param {readonly Sample[]} samples
 * @param {readonly Sample[]} others As many, from the same rounds.
 * @param {Metric} metric
 * @returns {number | null} The median of the rounds' ratios; `null` where there is nothing to compare.
 */
export function ratio(samples, others, metric) {
  const above = numbersOf(samples, metric)
  const below = numbersOf(others, metric)
  const pairs = Math.min(above.length, below.length)
  if (pairs === 0) return null
  return median(above.slice(0, pairs).map((number, round) => number / at(below, round)))
}

/**
 * @param {readonly number[]} numbers
 * @param {number} index
 */
function at(numbers, index) {
  const number = numbers[index]
  if (number === undefined) throw new RangeError('there has to be at least one number')
  return number
}
