// `npm start` and `npm test`: sets the workspace up with nothing but Node and npm, then runs the command-line client
// or the checks. A set-up that is still current is recognised by hash and skipped. Its messages go to standard
// error, so that what the client prints can be piped.
//
//   node tooling/go.mjs start [argument of the client]...
//   node tooling/go.mjs test [option of tooling/check.mjs]...
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pnpm } from './pnpm.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const stampFile = join(root, 'node_modules/.cache/x/install')
const [command, ...args] = process.argv.slice(2)
// pnpm asks no questions, npm says what went wrong even below `npm --silent`, and a missing network shows in seconds
// instead of a minute.
const QUIET_ENV = {
  CI: 'true',
  npm_config_loglevel: 'error',
  npm_config_fetch_retry_mintimeout: '1000',
  npm_config_fetch_retry_maxtimeout: '10000',
}

// Ctrl-C reaches the child as well; it decides, and its exit code is ours.
process.on('SIGINT', () => {})
try {
  checkNode()
  await install()
  process.exitCode = await (command === 'start' ? start() : test())
} catch (error) {
  console.error(`set-up failed: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}

async function start() {
  const built = await runVisible([process.execPath, join(root, 'tooling/build.mjs')], 'stderr')
  if (built !== 0) return built
  const dir = join(root, 'tooling/http-cli')
  const { bin } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'))
  const script = typeof bin === 'string' ? bin : Object.values(bin)[0]
  return runVisible([process.execPath, join(dir, script), ...args])
}

function test() {
  return runVisible([process.execPath, join(root, 'tooling/check.mjs'), ...args])
}

function checkNode() {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const [major, minor] = engines.node.replace('>=', '').split('.').map(Number)
  const [ownMajor = 0, ownMinor = 0] = process.versions.node.split('.').map(Number)
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return
  throw new Error(`Node ${engines.node} is needed, this is ${process.versions.node}`)
}

async function install() {
  const wanted = installHash()
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return
  console.error('set-up: installing the locked dependencies')
  const { command: line, shell } = pnpm(['install', '--frozen-lockfile', '--reporter=append-only'])
  const { code, output } = await runQuiet(line, shell)
  if (code !== 0) throw new Error(explain(code, output))
  mkdirSync(dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, wanted)
}

/** Everything that decides what an install makes: lock file, settings, manifests and this Node. */
function installHash() {
  const workspaces = ['packages', 'tooling'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => `${parent}/${name}/package.json`),
  )
  const hash = createHash('sha256').update(`${process.version} ${process.platform} ${process.arch}`)
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...workspaces.toSorted()]) {
    if (existsSync(join(root, file))) hash.update(`\0${file}\0`).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}

/**
 * @param {number} code
 * @param {string} output
 */
function explain(code, output) {
  const offline =
    /ENOTFOUND|EAI_AGAIN|ENETUNREACH|ECONNREFUSED|ECONNRESET|ETIMEDOUT|dns error|error sending request/i
  if (offline.test(output)) return 'the package registry could not be reached; is there a network?'
  console.error(output.trimEnd())
  return `pnpm install ended with exit code ${code}`
}

/**
 * Runs a program and keeps its output to itself.
 *
 * @param {string[]} line
 * @param {boolean} shell
 * @returns {Promise<{ code: number, output: string }>}
 */
function runQuiet([file, ...rest], shell) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...QUIET_ENV }
    const child = spawn(String(file), rest, { cwd: root, env, shell, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

/**
 * Runs a program in the foreground, without a shell: what the user typed arrives unchanged.
 *
 * @param {string[]} line
 * @param {'stdout' | 'stderr'} [stdout] Where its standard output goes.
 * @returns {Promise<number>} Exit code.
 */
function runVisible([file, ...rest], stdout = 'stdout') {
  return new Promise((resolve, reject) => {
    const child = spawn(String(file), rest, { stdio: ['inherit', stdout === 'stderr' ? 2 : 1, 'inherit'] })
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}
