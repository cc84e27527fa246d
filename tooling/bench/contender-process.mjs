// The other end of client-process.mjs.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onCore } from './cores.mjs'

const SCRIPT = fileURLToPath(new URL('client-process.mjs', import.meta.url))
/** The longest that anything takes, starting included; what hangs is ended. */
const ANSWER_LIMIT_MS = 120_000

/**
 * @typedef {object} ContenderProcess
 * @property {string} name
 * @property {string} version What it says it is.
 * @property {(durationMs: number) => Promise<import('./work.mjs').Sample>} run
 * @property {() => Promise<void>} stop
 *
 * @typedef {object} Launch
 * @property {import('./work.mjs').Work} work
 * @property {import('./work.mjs').Contender} contender
 * @property {import('./work.mjs').Context} context
 * @property {string} node The Node to run it with.
 * @property {string[]} nodeOptions
 */

/**
 * Starts a contender, alone on its core while it runs.
 *
 * @param {Launch} launch
 * @returns {Promise<ContenderProcess>} Once it is set up.
 */
export async function launch({ work, contender, context, node, nodeOptions }) {
  const command = contender.command?.(context) ?? [
    node,
    ...(work.nodeOptions ?? []),
    ...nodeOptions,
    SCRIPT,
    work.name,
    contender.name,
    JSON.stringify(context),
  ]
  const [file, ...args] = onCore('client', command)
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: context.servers.certificateFile }
  const child = spawn(String(file), args, { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
    child.once('error', (error) => resolve(error.message))
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async () => {
    const timer = setTimeout(() => child.kill('SIGKILL'), ANSWER_LIMIT_MS)
    const { done, value } = await lines.next()
    clearTimeout(timer)
    if (done === true) throw new Error(`it ended without an answer: ${await ended}`)
    const message = JSON.parse(value)
    if (message.error !== undefined) throw new Error(message.error)
    return message
  }
  child.stdin.on('error', () => {}) // the missing answer says it
  const { ready } = await answer()
  return {
    name: contender.name,
    version: ready,
    run(durationMs) {
      child.stdin.write(`run ${durationMs}\n`)
      return answer()
    },
    async stop() {
      child.stdin.end()
      await ended
    },
  }
}

/**
 * The same without a process of its own.
 *
 * @param {import('./work.mjs').Contender} contender
 * @param {import('./work.mjs').Context} context
 * @returns {Promise<ContenderProcess>}
 */
export async function openHere({ name, open }, context) {
  const runner = await open?.(context)
  if (runner === undefined) throw new Error(`${name} is a program of its own`)
  return {
    name,
    version: `Node ${process.version}`,
    run: (durationMs) => withinLimit(runner.run(durationMs)),
    stop: async () => void (await runner.close?.()),
  }
}

/**
 * @template T
 * @param {Promise<T>} answer
 * @returns {Promise<T>}
 */
async function withinLimit(answer) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  const over = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${ANSWER_LIMIT_MS} ms`)), ANSWER_LIMIT_MS)
  })
  await Promise.race([answer, over]).finally(() => clearTimeout(timer))
  return answer
}
