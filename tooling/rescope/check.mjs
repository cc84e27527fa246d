// Renames the scope in a copy of the tree and looks whether the copy still stands.
//
//   node tooling/rescope/check.mjs          nothing is left of the old scope, types hold, some tests run (seconds)
//   node tooling/rescope/check.mjs --full   installs the copy and runs the whole check in it (minutes)
import { fileURLToPath } from 'node:url'
import { runContained } from '../contained.mjs'

const script = fileURLToPath(new URL('renamed-copy.mjs', import.meta.url))
process.exitCode = await runContained({ script, args: process.argv.slice(2), prefix: 'x-rescope-' })
