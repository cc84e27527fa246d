// Where the table is kept: results.md, and between two marks in the README.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tool } from '../run.mjs'
import { root } from '../workspace.mjs'
import { withSection } from '../marked-section.mjs'

const HEAD = `# What works where

One suite on every runtime, against the built packages; made by \`pnpm matrix --save\`.
`

const page = fileURLToPath(new URL('results.md', import.meta.url))
const readme = join(root, 'README.md')

/**
 * @param {string} table
 * @returns {string} What was written.
 */
export function saveTable(table) {
  const document = withSection(readFileSync(readme, 'utf8'), 'matrix', table)
  writeFileSync(page, `${HEAD}\n${table}\n`)
  if (document !== null) writeFileSync(readme, document)
  const written = document === null ? [page] : [page, readme]
  // As the formatter of the project would have it.
  const [command = '', ...args] = tool('oxfmt')
  const { status } = spawnSync(
    command,
    [...args, '--config', 'tooling/oxfmtrc.json', '--write', ...written],
    { cwd: root },
  )
  if (status !== 0) throw new Error('the formatter failed')
  return document === null
    ? `wrote ${page}; README.md has no marks for the table`
    : `wrote ${written.join(' and ')}`
}
