// Somebody else's empty folder: packages are installed there from the registry, and used as ESM, as CommonJS and as
// types, the way a stranger would.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { transform } from 'esbuild'
import { run, tool } from '../run.mjs'
import { root } from '../workspace.mjs'

/** @type {Record<string, { module: string, moduleResolution: string }>} */
const RESOLUTIONS = {
  node16: { module: 'node16', moduleResolution: 'node16' },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
}
const TIME_LIMIT_MS = 60_000

/**
 * @typedef {object} Consumer
 * @property {string} dir
 * @property {NodeJS.ProcessEnv} env In which npm knows the rehearsal's registry alone.
 */

/**
 * @param {Consumer} consumer Its folder is made.
 * @param {readonly string[]} specs `@x/streams`, or with a version.
 * @returns {Promise<string[]>} The names of everything that lies in `node_modules` now, sorted.
 */
export async function install(consumer, specs) {
  mkdirSync(consumer.dir, { recursive: true })
  writeFileSync(join(consumer.dir, 'package.json'), '{ "private": true }\n')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  await must(consumer, [npm, 'install', '--no-audit', '--no-fund', ...specs])
  return installedIn(join(consumer.dir, 'node_modules'))
}

/**
 * @param {string} dir A `node_modules` folder.
 * @returns {string[]} Packages at every depth.
 */
function installedIn(dir) {
  if (!existsSync(dir)) return []
  const folders = readdirSync(dir).filter((name) => !name.startsWith('.'))
  const names = folders.flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(dir, name)).map((base) => `${name}/${base}`) : [name],
  )
  return names.flatMap((name) => [name, ...installedIn(join(dir, name, 'node_modules'))]).toSorted()
}

/**
 * Optional peers of others are not in the registry: who wants them has them, so they are taken from the workspace.
 *
 * @param {Consumer} consumer
 * @param {import('../workspace.mjs').WorkspacePackage} pkg
 * @param {string} from The package's folder in an installed workspace.
 */
export function bringPeers({ dir }, { manifest }, from) {
  for (const peer of Object.keys(manifest['peerDependencies'] ?? {})) {
    for (const name of [peer, `@types/${peer}`]) {
      const folder = join(from, 'node_modules', name)
      const to = join(dir, 'node_modules', name)
      if (existsSync(folder) && !existsSync(to)) cpSync(realpathSync(folder), to, { recursive: true })
    }
  }
}

/**
 * Imports every entry of a package as ESM and requires it as CommonJS.
 *
 * @param {Consumer} consumer
 * @param {readonly string[]} specifiers
 * @throws {Error} An entry cannot be loaded, or gives other names to `require` than to `import`.
 */
export async function load(consumer, specifiers) {
  const names = 'Object.keys(entry).filter((name) => name !== "default").toSorted()'
  const list = JSON.stringify(specifiers)
  writeFileSync(
    join(consumer.dir, 'load.mjs'),
    `for (const name of ${list}) { const entry = await import(name); console.log(name, ...${names}) }\n`,
  )
  writeFileSync(
    join(consumer.dir, 'load.cjs'),
    `for (const name of ${list}) { const entry = require(name); console.log(name, ...${names}) }\n`,
  )
  const imported = await must(consumer, [process.execPath, 'load.mjs'])
  const required = await must(consumer, [process.execPath, 'load.cjs'])
  if (imported !== required)
    throw new Error(`${consumer.dir}: import gives\n${imported}and require\n${required}`)
  const uses = specifiers.map((name, index) => `import * as e${index} from '${name}'`)
  const shown = specifiers.map((_, index) => `e${index}`).join(', ')
  await typeCheck(consumer, 'load', `${uses.join('\n')}\nconsole.log(${shown})\n`)
}

/**
 * Runs one of programs/ as ESM and as CommonJS, and type-checks it.
 *
 * @param {Consumer} consumer
 * @param {string} program `reader`
 * @param {string} prints What both have to print.
 * @throws {Error} One does not, or a type is wrong.
 */
export async function use(consumer, program, prints) {
  const source = readFileSync(join(root, `tooling/rehearse/programs/${program}.ts`), 'utf8')
  for (const [format, extension] of /** @type {const} */ ([
    ['esm', 'mjs'],
    ['cjs', 'cjs'],
  ])) {
    const { code } = await transform(source, { loader: 'ts', format, target: 'node20' })
    const script = `${program}.${extension}`
    writeFileSync(join(consumer.dir, script), code)
    const printed = await must(consumer, [process.execPath, script])
    if (printed !== prints) throw new Error(`${script} prints\n${printed}instead of\n${prints}`)
  }
  await typeCheck(consumer, program, source)
}

/**
 * As a module, as CommonJS and as whatever the folder says, under each resolution; the libraries' declarations too.
 *
 * @param {Consumer} consumer
 * @param {string} name
 * @param {string} source
 */
async function typeCheck(consumer, name, source) {
  const files = ['ts', 'mts', 'cts'].map((extension) => `${name}.${extension}`)
  for (const file of files) writeFileSync(join(consumer.dir, file), source)
  for (const [resolution, settings] of Object.entries(RESOLUTIONS)) {
    const compilerOptions = {
      ...settings,
      noEmit: true,
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      target: 'es2022',
      lib: ['es2023', 'esnext.disposable', 'dom', 'dom.iterable', 'dom.asynciterable'],
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    }
    const config = `tsconfig.${name}.${resolution}.json`
    writeFileSync(join(consumer.dir, config), JSON.stringify({ compilerOptions, files }))
    await must(consumer, [...tool('@typescript/native', 'tsc'), '--pretty', 'false', '-p', config])
  }
}

/**
 * @param {Consumer} consumer
 * @param {string[]} command
 * @returns {Promise<string>} What it printed to standard output.
 */
async function must({ dir, env }, command) {
  const { code, stdout, output, timedOut } = await run(command, { cwd: dir, env, timeLimitMs: TIME_LIMIT_MS })
  if (code === 0) return stdout
  const ending = timedOut ? `does not end within ${TIME_LIMIT_MS / 1000} s` : `ends with exit code ${code}`
  throw new Error(`${command.join(' ')} in ${dir} ${ending}\n${output.trimEnd()}`)
}
