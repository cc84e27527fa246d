// Horizontal bars as an SVG, readable on light and on dark pages: text takes the colour of neither for granted.

/**
 * @typedef {object} Bar
 * @property {string} label
 * @property {number} value At least 0.
 * @property {string} text The value for people.
 * @property {boolean} marked Ours.
 */

const WIDTH = 760
const LABEL_WIDTH = 250
const VALUE_WIDTH = 130
const ROW = 22
const BAR = 14
const TOP = 34

/**
 * @param {string} title
 * @param {readonly Bar[]} bars
 * @returns {string}
 */
export function barChart(title, bars) {
  const longest = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE)
  const room = WIDTH - LABEL_WIDTH - VALUE_WIDTH
  const height = TOP + bars.length * ROW + 8
  const rows = bars.map(({ label, value, text, marked }, index) => {
    const y = TOP + index * ROW
    const length = Math.max(1, Math.round((value / longest) * room))
    return [
      `<text x="${LABEL_WIDTH - 8}" y="${y + 11}" text-anchor="end"${marked ? ' font-weight="bold"' : ''}>${escape(label)}</text>`,
      `<rect x="${LABEL_WIDTH}" y="${y}" width="${length}" height="${BAR}" rx="2" fill="${marked ? '#2f7fd0' : '#9aa4ae'}"/>`,
      `<text x="${LABEL_WIDTH + length + 6}" y="${y + 11}">${escape(text)}</text>`,
    ].join('\n')
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(title)}">`,
    '<style>text { font: 12px sans-serif; fill: #24292f } @media (prefers-color-scheme: dark) { text { fill: #d5dbe1 } }</style>',
    `<text x="8" y="20" font-weight="bold">${escape(title)}</text>`,
    ...rows,
    '</svg>',
    '',
  ].join('\n')
}

/** @param {string} text */
function escape(text) {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
