// `npm run rescope @acme`: the packages under a scope of one's own, in this work tree.
import { spawnSync } from 'node:child_process'
import { run, tool } from '../run.mjs'
import { listTree } from '../tree-copy.mjs'
import { root, scope } from '../workspace.mjs'
import { requireScope } from './rename.mjs'
import { rescopeTree } from './tree.mjs'

try {
  const to = requireScope(process.argv[2], scope)
  const files = listTree(root)
  const { stdout } = spawnSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' })
  // So that git shows the renaming alone, and can take it back.
  if (stdout !== '') throw new Error('the work tree is dirty: commit first')
  const changed = rescopeTree(root, files, { from: scope, to })
  // Lines are longer or shorter now.
  const format = [...tool('oxfmt'), '--config', 'tooling/oxfmtrc.json', '--write', '.']
  const { code, output } = await run(format)
  if (code !== 0)
    throw new Error(`${changed.length} files renamed, and then the formatter failed\n${output.trimEnd()}`)
  console.log(
    `${scope} is ${to} in ${changed.length} files; \`npm test\` installs the new names and checks them`,
  )
} catch (error) {
  console.error(`rescope: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
