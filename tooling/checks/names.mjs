// Whether every class that a package exports is called what it is exported as, in both module systems: that name is what
// stack traces, `console.log` and debuggers show. A bundler gives a class another one where its body names it.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { entriesOf, packages } from '../workspace.mjs'

const require = createRequire(import.meta.url)
let classCount = 0

for (const pkg of packages) {
  for (const { name } of entriesOf(pkg)) {
    const file = join(pkg.dir, 'dist', name)
    tellWrongNames(`${file}.js`, await import(pathToFileURL(`${file}.js`).href))
    tellWrongNames(`${file}.cjs`, require(`${file}.cjs`))
  }
}
if (process.exitCode === undefined) console.log(`${classCount} exported classes under their own names`)

/**
 * @param {string} file
 * @param {Record<string, unknown>} exports
 */
function tellWrongNames(file, exports) {
  for (const [name, value] of Object.entries(exports)) {
    if (typeof value !== 'function' || !String(value).startsWith('class')) continue
    classCount += 1
    if (value.name === name) continue
    console.log(`${file}: the class ${name} is called "${value.name}"`)
    process.exitCode = 1
  }
}
