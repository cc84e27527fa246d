// Builds the package in the current folder: ESM, CommonJS and the declarations of both, for every entry.
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { transform } from 'esbuild'
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
  // esbuild splits only modules, and tsup's own way from there drops class fields without a value and the classes' names.
  build({
    ...shared,
    format: 'esm',
    splitting: true,
    outExtension: () => ({ js: '.cjs' }),
    plugins: [{ name: 'commonjs', renderChunk }],
  }),
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
 * A module as CommonJS, its syntax and its class names as they are.
 *
 * @param {string} code
 * @param {{ type: string, path: string }} chunk
 */
async function renderChunk(code, { type, path }) {
  if (type !== 'chunk' || !path.endsWith('.cjs')) return undefined
  return transform(code, {
    format: 'cjs',
    // Its exports are told in a way that importing modules understand.
    platform: 'node',
    target: 'es2022',
    // What is imported lazily is required lazily: a module's namespace would be another one.
    supported: { 'dynamic-import': false },
    sourcemap: 'external',
    sourcesContent: false,
    sourcefile: path,
  })
}

/**
 * The maps of what was made CommonJS have this machine's absolute paths.
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
