// Type-checks every example of README.md, packages/*/README.md and packages/*/docs/*.md against the built packages, and
// runs it against servers on the loopback address. An example fails when it does not compile, throws, prints something
// else than the page says, or does not end in time. `--only http-session` takes the pages of one folder.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { transform } from 'esbuild'
import { mapLimited, run, tool } from '../run.mjs'
import { root } from '../workspace.mjs'
import { findExamples, withPorts } from './blocks.mjs'
import { pages } from './pages.mjs'
import { startServers } from './servers.mjs'

/** @typedef {import('./blocks.mjs').Example & { readme: string, file: string }} Job */

const TIME_LIMIT_MS = 10_000
// Below this package's own node_modules, so that `@x/*` resolve as they do for a user.
const workDir = join(root, 'tooling/readme/node_modules/.cache/examples')

const servers = await startServers()
const { only } = parseArgs({ options: { only: { type: 'string' } } }).values
const jobs = pages.filter((page) => only === undefined || page.includes(`/${only}/`)).flatMap(jobsOf)
const problems = [
  ...(await typeProblems()),
  ...(
    await mapLimited(
      jobs.filter((job) => job.runs),
      2,
      runProblems,
    )
  ).flat(),
]
servers.close()
for (const problem of problems) console.log(problem)
console.log(`${jobs.length} examples, ${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1

/**
 * @param {string} readme Path from the root.
 * @returns {Job[]}
 */
function jobsOf(readme) {
  const base = readme.replaceAll('/', '-')
  return findExamples(readFileSync(join(root, readme), 'utf8')).map((example) => ({
    ...example,
    readme,
    file: `${base}.${example.line}`,
  }))
}

/** @returns {Promise<string[]>} */
async function typeProblems() {
  rmSync(workDir, { recursive: true, force: true })
  mkdirSync(workDir, { recursive: true })
  const compilerOptions = {
    // The types that a user gets: those of dist.
    customConditions: [],
    typeRoots: [join(root, 'node_modules/@types')],
    moduleDetection: 'force',
    declaration: false,
    isolatedDeclarations: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
  }
  const config = { extends: join(root, 'tooling/tsconfig.base.json'), compilerOptions, include: ['*.mts'] }
  writeFileSync(join(workDir, 'tsconfig.json'), JSON.stringify(config))
  // Blank lines in front: what the compiler says about line 40 is about line 40 of the README.
  for (const job of jobs) writeFileSync(join(workDir, `${job.file}.mts`), padded(job) + job.code)
  if (jobs.length === 0) return []
  const { code, output } = await run(
    [...tool('@typescript/native', 'tsc'), '--pretty', 'false', '-p', workDir],
    {
      cwd: workDir,
    },
  )
  if (code === 0) return []
  return output
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^(.*)\.\d+\.mts\(/, (_, base) => `${readmeOf(base)}(`))
}

/** @param {string} base */
function readmeOf(base) {
  return jobs.find(({ file }) => file.startsWith(`${base}.`))?.readme ?? base
}

/** @param {Job} job */
function padded({ line }) {
  return '\n'.repeat(line - 1)
}

/**
 * @param {Job} job
 * @returns {Promise<string[]>} No line or one.
 */
async function runProblems(job) {
  const where = `${job.readme}:${job.line}`
  const source = padded(job) + withPorts(job.code, servers.ports)
  const script = join(workDir, `${job.file}.mjs`)
  const { code } = await transform(source, {
    loader: 'ts',
    sourcefile: join(root, job.readme),
    sourcemap: 'inline',
    target: 'es2022',
  })
  writeFileSync(script, code)
  const command = [process.execPath, '--enable-source-maps', script]
  const { code: exitCode, output, stdout, timedOut } = await run(command, { timeLimitMs: TIME_LIMIT_MS })
  if (timedOut) return [`${where}: does not end within ${TIME_LIMIT_MS / 1000} s\n${output}`.trimEnd()]
  if (exitCode !== 0) return [`${where}: ends with exit code ${exitCode}\n${output}`.trimEnd()]
  if (job.prints === undefined) return []
  const expected = withPorts(job.prints, servers.ports)
  return stdout === expected ? [] : [`${where}: prints\n${stdout}instead of\n${expected}`.trimEnd()]
}
