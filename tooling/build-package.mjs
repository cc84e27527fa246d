// Builds the package in the current folder: ESM, CommonJS and the declarations of both, for every entry.
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { build } from 'tsup'
import { entriesOf, packages } from './workspace.mjs'

const pkg = packages.find(({ dir }) => dir === process.cwd())
if (pkg === undefined) throw new Error(`${process.cwd()} is not one of packages/*`)
const entries = entriesOf(pkg)

/** @type {import('tsup').Options} */
const shared = {
  config: false,
  silent: true,
  entry: Object.fromEntries(entries.map(({ name, source }) => [name, source])),
  target: 'es2022',
  platform: 'neutral',
  external: [/^node:/],
  // By default tsup turns `node:net` into `net`, which Deno and workerd do not know.
  removeNodeProtocol: false,
  sourcemap: true,
}

rmSync('dist', { recursive: true, force: true })
const building = Promise.all([
  // Splitting keeps what is imported lazily lazy, and a class that two entries export one class.
  build({ ...shared, format: 'esm', splitting: true }),
  // For CommonJS tsup splits with sucrase, which drops fields without a value; so only where entries share code.
  build({ ...shared, format: 'cjs', splitting: entries.length > 1 }),
  // tsup sets baseUrl for its declaration program, which TypeScript 6 calls deprecated.
  build({
    ...shared,
    format: ['esm', 'cjs'],
    dts: { only: true, compilerOptions: { ignoreDeprecations: '6.0' } },
  }),
])
await building.catch((error) => {
  // What is wrong with the sources has been printed; a stack through tsup adds nothing.
  console.error(error.message)
  process.exit(1)
})
for (const name of readdirSync('dist')) if (name.endsWith('.cjs.map')) makeRelative(`dist/${name}`)

/**
 * tsup's CommonJS splitting writes this machine's absolute paths into its maps.
 *
 * @param {string} file
 */
function makeRelative(file) {
  const map = JSON.parse(readFileSync(file, 'utf8'))
  if (map.file !== undefined) map.file = basename(map.file)
  map.sources = map.sources.map((/** @type {string} */ source) =>
    source.startsWith('../') ? source : basename(source),
  )
  writeFileSync(file, JSON.stringify(map))
}
