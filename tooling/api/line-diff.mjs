// What changed between two texts, line by line, as `diff -u` shows it.

const CONTEXT = 2

/**
 * @param {string} before
 * @param {string} after
 * @returns {string[]} Lines that begin with `-`, `+` or a blank, and `…` for what was left out; none where nothing changed.
 */
export function lineDiff(before, after) {
  if (before === after) return []
  const script = editScript(before.split('\n'), after.split('\n'))
  const shown = script.map((_, index) =>
    script.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some((line) => !line.startsWith(' ')),
  )
  return script.flatMap((line, index) => {
    if (shown[index]) return [line.trimEnd()]
    return index > 0 && shown[index - 1] ? ['…'] : []
  })
}

/**
 * The longest common subsequence by its table: reports are some hundred lines long.
 *
 * @param {readonly string[]} before
 * @param {readonly string[]} after
 * @returns {string[]}
 */
function editScript(before, after) {
  const width = after.length + 1
  const common = new Uint32Array((before.length + 1) * width)
  const at = (/** @type {number} */ row, /** @type {number} */ column) => common[row * width + column] ?? 0
  for (let row = before.length - 1; row >= 0; row--)
    for (let column = after.length - 1; column >= 0; column--)
      common[row * width + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1))
  /** @type {string[]} */
  const script = []
  let [row, column] = [0, 0]
  while (row < before.length || column < after.length) {
    if (row < before.length && column < after.length && before[row] === after[column]) {
      script.push(` ${before[row++]}`)
      column++
    } else if (
      row < before.length &&
      (column === after.length || at(row + 1, column) >= at(row, column + 1))
    ) {
      script.push(`-${before[row++]}`)
    } else {
      script.push(`+${after[column++]}`)
    }
  }
  return script
}
