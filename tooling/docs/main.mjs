// `npm run docs`: reference pages of every entry, into dist/docs, which git ignores. Fails on a public name without a
// docstring and on whatever typedoc warns of, such as a link that leads nowhere.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { docstringProblems, namesOf } from '../api/docstrings.mjs'
import { readSurfaces } from '../api/surface.mjs'
import { installOnUse } from '../installed-on-use.mjs'
import { run } from '../run.mjs'
import { cacheDir, entriesOf, packages, root } from '../workspace.mjs'

const home = fileURLToPath(new URL('typedoc', import.meta.url))
const out = join(root, 'dist/docs')
const work = join(cacheDir, 'docs')

await installOnUse(home)
mkdirSync(work, { recursive: true })
const tsconfig = join(work, 'tsconfig.json')
writeFileSync(
  tsconfig,
  JSON.stringify({
    extends: join(root, 'tooling/tsconfig.base.json'),
    compilerOptions: { typeRoots: [join(root, 'node_modules/@types')] },
    include: packages.map(({ dir }) => join(dir, 'src')),
    exclude: packages.map(({ dir }) => join(dir, 'src/**/*.test*.ts')),
  }),
)
const options = join(work, 'typedoc.json')
writeFileSync(
  options,
  JSON.stringify({
    name: 'Streams and HTTP in layers',
    entryPoints: packages.flatMap((pkg) => entriesOf(pkg).map(({ source }) => join(pkg.dir, source))),
    tsconfig,
    out,
    readme: join(root, 'README.md'),
    basePath: root,
    // Pages that are the same wherever and whenever they are made, and send nobody to a place that is not public.
    disableGit: true,
    sourceLinkTemplate: '',
    disableSources: true,
    hideGenerator: true,
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    validation: { notExported: false, invalidLink: true, invalidPath: false },
    treatWarningsAsErrors: true,
    treatValidationWarningsAsErrors: true,
  }),
)
const { code, output } = await run([
  process.execPath,
  join(home, 'node_modules/typedoc/bin/typedoc'),
  '--options',
  options,
])
console.log(output.trimEnd())
const surfaces = readSurfaces()
const problems = docstringProblems(surfaces, namesOf(surfaces))
for (const problem of problems) console.log(problem)
if (code === 0) console.log(`docs: ${join(out, 'index.html')}`)
process.exitCode = problems.length > 0 ? 1 : code
