// Tables that promise something. One whose last column is "held by" names in each row the tests that hold it:
// `` `retry.test.ts`: Retry-After is waited for ``, several divided by `;`. A path has the package's folder in front
// where the test is in another package than the page: `http-policies/retry.test.ts`.

/**
 * @typedef {object} Row
 * @property {number} line Of the page, counted from 1.
 * @property {string[]} cells
 */

/**
 * @typedef {object} Proof
 * @property {string} file As written.
 * @property {string} words To be found in the title of a test.
 */

/**
 * The rows of every table that has a column of this heading.
 *
 * @param {string} markdown
 * @param {string} heading
 * @returns {(Row & { column: number })[]}
 */
export function rowsUnder(markdown, heading) {
  /** @type {(Row & { column: number })[]} */
  const rows = []
  /** @type {number | null} */
  let column = null
  for (const [index, line] of markdown.split(/\r?\n/).entries()) {
    const cells = cellsOf(line)
    if (cells.length === 0) column = null
    else if (column === null) column = cells.indexOf(heading)
    else if (column >= 0 && !/^:?-+:?$/.test(cells[0] ?? '')) rows.push({ line: index + 1, cells, column })
  }
  return rows
}

/** @param {string} line */
function cellsOf(line) {
  const [, inner] = /^\s*\|(.*)\|\s*$/.exec(line) ?? []
  return inner === undefined ? [] : inner.split(/(?<!\\)\|/).map((cell) => cell.trim())
}

/**
 * The names in the code of a cell, but for those of packages and modules, of text and of fields of a message: of
 * `session.stats()` they are `session` and `stats`.
 *
 * @param {string} cell
 * @returns {string[]}
 */
export function namesIn(cell) {
  return [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, span = '']) =>
    /^@|^node:|^[A-Z][\w-]*:/.test(span)
      ? []
      : [...span.replaceAll(/'[^']*'/g, '').matchAll(/[A-Za-z]\w*/g)].map(([name]) => name),
  )
}

/**
 * @param {string} cell
 * @returns {Proof[]}
 */
export function proofsIn(cell) {
  return cell.split(';').map((part) => {
    const [, file = '', words = ''] = /^\s*`([^`]+)`:\s*(.+?)\s*$/.exec(part) ?? []
    return { file, words }
  })
}

/** A title stands in the call, or in the row of a table. */
const TITLES =
  /\b(?:test(?:\.\w+)?\(|name:)\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g

/**
 * Titles of a test file; of those with `${…}` the source.
 *
 * @param {string} source
 * @returns {string[]}
 */
export function titlesOf(source) {
  return [...source.matchAll(TITLES)].map((match) =>
    (match[1] ?? match[2] ?? match[3] ?? '').replaceAll(/\\(.)/g, '$1'),
  )
}
