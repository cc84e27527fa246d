// The table as Markdown, with notes below it. Pure.

const WORDS = { yes: 'yes', lacks: '–', fails: '**fails**', absent: 'not run' }

/**
 * @param {readonly import('./outcome.mjs').RuntimeResult[]} results
 * @param {import('./outcome.mjs').Outcome} outcome
 * @returns {string} Without a line break at its end.
 */
export function tableOf(results, { rows }) {
  /** @type {string[]} Each text once, numbered by its place. */
  const notes = []
  const lines = rows.map(({ title, cells }) => row([title, ...cells.map((cell) => cellText(cell, notes))]))
  const head = [row(['', ...results.map(({ title }) => title)]), row(['-', ...results.map(() => ':-:')])]
  const missing = results.flatMap(({ title, absent }) =>
    absent === undefined ? [] : [`${title}: ${absent}`],
  )
  const numbered = notes.map((note, index) => `${index + 1}. ${note}`)
  return [
    [...head, ...lines].join('\n'),
    numbered.join('\n'),
    missing.map((line) => `Not run: ${line}`).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

/**
 * @param {import('./outcome.mjs').Cell} cell
 * @param {string[]} notes A new one is added.
 */
function cellText(cell, notes) {
  const word = WORDS[cell.state]
  if (!('note' in cell) || cell.note === undefined) return word
  if (!notes.includes(cell.note)) notes.push(cell.note)
  return `${word} (${notes.indexOf(cell.note) + 1})`
}

/** @param {readonly string[]} cells */
function row(cells) {
  return `| ${cells.join(' | ')} |`
}
