// results/: the raw numbers, and the page that is made of them.
import { existsSync, mkdirSync, readFileSync, rmSync, readdirSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tool } from '../run.mjs'
import { root } from '../workspace.mjs'
import { withSection } from '../marked-section.mjs'
import { quoteOf } from './quote.mjs'
import { render } from './render.mjs'

/** @typedef {import('./render.mjs').Results} Results */

const dir = fileURLToPath(new URL('results', import.meta.url))
const file = join(dir, 'results.json')
const readme = join(root, 'README.md')

/** @returns {Results} @throws {RangeError} There are none yet. */
export function readResults() {
  if (!existsSync(file)) throw new RangeError(`there is no ${file} yet: run everything once`)
  return JSON.parse(readFileSync(file, 'utf8'))
}

/**
 * Results of some works take the place of older ones; each work keeps its own date and commit.
 *
 * @param {Results} newer
 * @returns {Results}
 */
export function mergedWithOlder(newer) {
  if (!existsSync(file)) return newer
  const older = readResults()
  const fresh = new Map(newer.works.map((work) => [work.name, work]))
  const kept = older.works.map((work) => fresh.get(work.name) ?? work)
  const added = newer.works.filter(({ name }) => !older.works.some((work) => work.name === name))
  return { ...newer, works: [...kept, ...added] }
}

/**
 * @param {Results} results
 * @returns {string} What was written.
 */
export function writeResults(results) {
  mkdirSync(dir, { recursive: true })
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`)
  return writePage(results)
}

/**
 * @param {Results} results
 * @param {string | null} [into] Default: results/. `null`: the page is made and not written.
 * @returns {string} What was written.
 */
export function writePage(results, into = dir) {
  const files = render(results)
  if (into === null) return ''
  for (const name of readdirSync(into)) if (name.endsWith('.svg')) rmSync(join(into, name))
  for (const [name, text] of files) writeFileSync(join(into, name), text)
  const written = into === dir && quote(results) ? [into, readme] : [into]
  // As the formatter of the project would have it.
  const [command = '', ...args] = tool('oxfmt')
  spawnSync(command, [...args, '--config', 'tooling/oxfmtrc.json', '--write', ...written], {
    cwd: root,
  })
  return `wrote ${files.size} files in ${into}`
}

/**
 * In the root README, between its marks.
 *
 * @param {Results} results
 * @returns {boolean} Whether there are any.
 */
function quote(results) {
  const document = withSection(readFileSync(readme, 'utf8'), 'bench', quoteOf(results))
  if (document !== null) writeFileSync(readme, document)
  return document !== null
}
