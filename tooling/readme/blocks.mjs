// Finds the examples in a README. A block fenced `ts` is type-checked and run; `ts no-run` is only type-checked. A
// block fenced `text` right behind a `ts` block is what the example prints, to the letter.

/**
 * @typedef {object} Example
 * @property {string} code
 * @property {number} line Line of the README on which the code begins, counted from 1.
 * @property {boolean} runs
 * @property {string} [prints] Without it, any output will do.
 */

/**
 * @param {string} markdown
 * @returns {Example[]}
 */
export function findExamples(markdown) {
  const blocks = findBlocks(markdown)
  return blocks.flatMap((block, index) => {
    if (!/^ts( no-run)?$/.test(block.info)) return []
    /** @type {Example} */
    const example = { code: block.text, line: block.line, runs: block.info === 'ts' }
    const next = blocks[index + 1]
    if (next?.info === 'text' && next.afterBlock) example.prints = next.text
    return [example]
  })
}

/**
 * Where the examples' servers are, in terms of the addresses that a README shows.
 *
 * @typedef {object} Ports
 * @property {number} http What `localhost:8080` stands for.
 * @property {number} echo What `localhost:7000` stands for.
 */

/**
 * Puts the ports of this run for the ones that a README shows: `localhost:8080`, `host: 'localhost', port: 7000` and
 * `'localhost', 7000`. Other numbers stay.
 *
 * @param {string} text
 * @param {Ports} ports
 */
export function withPorts(text, { http, echo }) {
  return text
    .replace(
      /(localhost['"]?(?::|,\s*(?:port:\s*)?)|\bport:\s*)(8080|7000)\b/g,
      (_, before, port) => `${before}${port === '8080' ? http : echo}`,
    )
    .replaceAll('localhost', '127.0.0.1')
}

/**
 * @typedef {object} Block
 * @property {string} info What stands behind the fence.
 * @property {string} text Its lines, with the line feed of the last one.
 * @property {number} line
 * @property {boolean} afterBlock Only blank lines lie between the block before and this one.
 */

/**
 * @param {string} markdown
 * @returns {Block[]}
 */
function findBlocks(markdown) {
  /** @type {Block[]} */
  const blocks = []
  /** @type {(Block & { fence: string }) | undefined} */
  let open
  let afterBlock = false
  for (const [index, row] of markdown.split(/\r?\n/).entries()) {
    const [, fence = '', info = ''] = /^(`{3,}|~{3,})\s*([^`]*)$/.exec(row) ?? []
    if (open !== undefined && fence.startsWith(open.fence) && info === '') {
      blocks.push(open)
      open = undefined
      afterBlock = true
    } else if (open !== undefined) {
      open.text += `${row}\n`
    } else if (fence !== '') {
      open = { info: info.trim(), text: '', line: index + 2, afterBlock, fence }
    } else if (row.trim() !== '') {
      afterBlock = false
    }
  }
  if (open !== undefined) throw new Error(`line ${open.line - 1}: the block is not closed`)
  return blocks
}
