// Type-checks each package's sources alone, so that a package which has no business with Node sees none of its
// globals, and then everything, tests and tooling included, as an editor sees it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mapLimited, run, tool } from '../run.mjs'
import { cacheDir, packages, root } from '../workspace.mjs'

// The sources that may name Node's types. All others get `"types": []`: no Buffer, no process, no node:*.
const WITH_NODE_TYPES = new Set(['@x/transport'])

// Files that are loaded only where Node is, of packages that run without it: checked by the project that sees everything.
const LOADED_UNDER_NODE = new Set([
  'packages/http-policies/src/node-hashing.ts',
  'packages/http-policies/src/zlib-compression.ts',
  'packages/http-session/src/connector-options.ts',
  'packages/http-session/src/connector.ts',
  'packages/http-session/src/diagnostics.ts',
  'packages/http-session/src/tls-sessions.ts',
  'packages/http-session/src/zlib-engines.ts',
])

const projects = [
  ...packages.map((pkg) => ({ config: sourcesAlone(pkg), folder: `${pkg.folder}/` })),
  { config: join(root, 'tooling/tsconfig.json'), folder: '' },
]
const errors = new Set((await mapLimited(projects, 2, errorsOf)).flat())
for (const error of errors) console.log(error)
console.log(`${projects.length} projects, ${errors.size} errors`)
process.exitCode = errors.size === 0 ? 0 : 1

/**
 * @param {import('../workspace.mjs').WorkspacePackage} pkg
 * @returns {string} A configuration, written into the cache, that sees the package's sources without its tests.
 */
function sourcesAlone(pkg) {
  const dir = join(cacheDir, 'types', pkg.folder)
  mkdirSync(dir, { recursive: true })
  const config = {
    extends: join(root, 'tooling/tsconfig.base.json'),
    compilerOptions: {
      types: WITH_NODE_TYPES.has(pkg.name) ? ['node'] : [],
      typeRoots: [join(root, 'node_modules/@types')],
    },
    include: [join(pkg.dir, 'src')],
    exclude: [join(pkg.dir, 'src/**/*.test*.ts')],
  }
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify(config))
  return dir
}

/**
 * @param {{ config: string, folder: string }} project
 * @returns {Promise<string[]>} The errors in `folder`: a package without Node's types also sees the sources of the
 *   transport below it, and what is missing there is none of its business.
 */
async function errorsOf({ config, folder }) {
  const { code, output } = await run([
    ...tool('@typescript/native', 'tsc'),
    '--pretty',
    'false',
    '-p',
    config,
  ])
  if (code === 0) return []
  // An error is a line with its indented explanation; one without a file is about the configuration.
  const all = output.trimEnd().split(/\n(?!\s)/)
  return all.filter((error) => {
    const file = /^(\S+)\(\d+,\d+\): /.exec(error)?.[1]
    if (file === undefined) return true
    return file.startsWith(folder) && (folder === '' || !LOADED_UNDER_NODE.has(file))
  })
}
