// The copy of the tree under another scope, in the folder that it is given, and what is asked of it.
import { mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { pnpm } from '../pnpm.mjs'
import { run, tool } from '../run.mjs'
import { copyTree } from '../tree-copy.mjs'
import { packages, root, scope } from '../workspace.mjs'
import { rescopeTree } from './tree.mjs'

/** One package that imports three others, and the tools that know the scope. */
const TESTS = ['packages/streams/src/memory', 'packages/streams/src/conformance', 'tooling/boundaries']
const TYPES = 'packages/streams'

const to = scope === '@acme' ? '@acme-too' : '@acme'
const [, , copy = '', depth] = process.argv
try {
  const files = copyTree(copy)
  const changed = rescopeTree(copy, files, { from: scope, to })
  requireNothingLeft(files)
  if (depth === '--full') await checkWholly()
  else await checkQuickly()
  console.log(`${changed.length} files from ${scope} to ${to}`)
} catch (error) {
  console.log(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}

/** @param {readonly string[]} files */
function requireNothingLeft(files) {
  const left = files.filter((file) => readFileSync(join(copy, file), 'utf8').includes(`${scope}/`))
  if (left.length > 0) throw new Error(`${scope}/ is left in ${left.join(', ')}`)
}

async function checkQuickly() {
  // The tools of this tree, and the packages of the copy under their new names.
  const modules = join(copy, 'node_modules')
  mkdirSync(join(modules, to), { recursive: true })
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name === scope || name.startsWith('.')) continue
    symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction')
  }
  for (const { name, folder } of packages)
    symlinkSync(join(copy, folder), join(modules, name.replace(scope, to)), 'junction')
  await must([...tool('@typescript/native', 'tsc'), '--pretty', 'false', '--noEmit', '-p', TYPES])
  await must([...tool('vitest'), 'run', '--config', 'tooling/vitest.config.ts', ...TESTS])
}

async function checkWholly() {
  await must(pnpm(['install', '--prefer-offline', '--frozen-lockfile', '--reporter=append-only']).command)
  // What the command does after it: the lines have another length now.
  await must([...tool('oxfmt'), '--config', 'tooling/oxfmtrc.json', '--write', '.'])
  // The copy's own check copies the tree once more, and asks git for the files.
  await must(['git', 'init', '--quiet'])
  await must([process.execPath, 'tooling/check.mjs'])
}

/** @param {string[]} command */
async function must(command) {
  const { code, output } = await run(command, { cwd: copy, env: { ...process.env, CI: 'true' } })
  if (code !== 0) throw new Error(`${command.slice(1).join(' ')} in the copy fails\n${output.trimEnd()}`)
}
