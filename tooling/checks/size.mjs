// What each entry adds to a browser's download: its own code, minified, then gzip. Other packages count as theirs.
// Held against tooling/size-budget.json; raising a budget is a decision that shows in the diff.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { entriesOf, packages, root } from '../workspace.mjs'

/** @type {Record<string, number>} Bytes by entry, `@x/transport/memory`. */
const budget = JSON.parse(readFileSync(join(root, 'tooling/size-budget.json'), 'utf8'))

const [scope] = packages[0]?.name.split('/') ?? []

for (const pkg of packages) {
  for (const { name, subpath } of entriesOf(pkg)) {
    const entry = pkg.name + subpath.slice(1)
    const { min, gzip } = await sizeOf(join(pkg.dir, `dist/${name}.js`))
    const limit = budget[entry]
    const verdict = limit === undefined ? 'has no budget' : gzip > limit ? 'is over its budget' : ''
    if (verdict !== '') process.exitCode = 1
    console.log(
      `${entry.padEnd(26)} min ${column(min)}  gzip ${column(gzip)} of ${column(limit ?? 0)}  ${verdict}`.trimEnd(),
    )
  }
}

/**
 * @param {string} file
 * @returns {Promise<{ min: number, gzip: number }>} Byte counts.
 */
async function sizeOf(file) {
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    logLevel: 'error',
    legalComments: 'none',
    external: ['node:*', '@x/*'],
  })
  // The name of whoever publishes is not the code's.
  const code = Buffer.from(outputFiles.map(({ text }) => text.replaceAll(`${scope}/`, '@s/')).join(''))
  return { min: code.length, gzip: gzipSync(code, { level: 9 }).length }
}

/** @param {number} byteCount */
function column(byteCount) {
  return String(byteCount).padStart(6)
}
