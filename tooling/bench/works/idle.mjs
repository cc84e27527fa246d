import { setTimeout as wait } from 'node:timers/promises'
import { readdirSync, readFileSync } from 'node:fs'
import { factsFor } from '../http-work.mjs'

const CONNECTIONS = 10_000
/** Files that a process has open besides. */
const SPARE_FILES = 300

/**
 * Memory that a kept-alive connection costs, in which nothing happens.
 *
 * @type {import('../work.mjs').Work}
 */
export const work = {
  name: 'idle',
  group: 'What it costs to have it',
  title: 'memory of one idle connection, 10,000 of them open',
  remark:
    'Of 20 origins, 500 each, one origin after the other: requests that the server answers when 500 wait. It is what the resident set has grown by then, after garbage collection, divided by the number of sockets that are open still. Most of it is memory of the young generation that V8 has touched and keeps; what is left when its last resort has collected that too, what the connections themselves hold, stands in brackets.',
  measure: 'value',
  unit: 'bytes',
  baseline: 'floor',
  rounds: 1,
  secondsPerRound: 6,
  nodeOptions: ['--expose-gc'],
  contenders: (clients) =>
    clients
      .filter(({ scope }) => scope === 'every')
      .map((client) => {
        const { name, ours = false, needs } = client
        const base = { name, ours, needs: needs === undefined ? [] : [needs] }
        return { ...base, open: (context) => ({ run: () => measure(client, context) }) }
      }),
}

/**
 * @param {import('../client.mjs').Client} client
 * @param {import('../work.mjs').Context} context
 * @returns {Promise<import('../work.mjs').ValueSample>}
 */
async function measure(client, context) {
  const { addresses } = context.servers
  const total = Math.min(context.size === 'smoke' ? 100 : CONNECTIONS, maxOpenFiles() - SPARE_FILES)
  const connections = Math.floor(total / addresses.length)
  const sessions = await Promise.all(addresses.map((host) => openFor(client, context, host, connections)))
  for (const session of sessions) await session.text('/tiny')
  const turns = context.size === 'smoke' ? 1 : 5
  const beforeAll = await restingBytes(turns, 'last-resort')
  const before = await restingBytes(turns, 'regular')
  const filesBefore = openFileCount()
  for (const session of sessions) {
    const requests = Array.from({ length: connections }, () => session.text(`/hold/${connections}`))
    await Promise.all(requests)
  }
  const grown = (await restingBytes(turns, 'regular')) - before
  // Whoever has closed some meanwhile is not measured by those.
  const count = connectionCount(filesBefore, sessions.length, connections)
  const held = ((await restingBytes(turns, 'last-resort')) - beforeAll) / count
  for (const session of sessions) await session.close()
  return { value: grown / count, note: `${count} open; ${(held / 1024).toFixed(1)} KiB held` }
}

/**
 * @param {number | null} filesBefore With one connection of each session open.
 * @param {number} sessions
 * @param {number} connections Of each session.
 */
function connectionCount(filesBefore, sessions, connections) {
  const filesNow = openFileCount()
  if (filesBefore === null || filesNow === null) return connections * sessions
  return filesNow - filesBefore + sessions
}

/** Files that this process has open; `null`: the system does not tell. */
function openFileCount() {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : null
}

/**
 * @param {import('../client.mjs').Client} client
 * @param {import('../work.mjs').Context} context
 * @param {string} host
 * @param {number} connections
 */
async function openFor(client, context, host, connections) {
  const what = { name: '', title: '', operation: /** @type {const} */ ('text'), target: '/tiny', connections }
  const session = await client.open?.({
    ...factsFor(what, context),
    host,
    origin: `http://${host}:${context.servers.port}`,
  })
  if (session === undefined) throw new Error(`${client.name} runs elsewhere`)
  return session
}

/**
 * @param {number} turns
 * @param {'regular' | 'last-resort'} flavor
 */
async function restingBytes(turns, flavor) {
  for (let turn = 0; turn < turns; turn++) {
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor })
    await wait(100)
  }
  return process.memoryUsage.rss()
}

/** The server has as many: it was started by the same program. */
function maxOpenFiles() {
  if (process.platform !== 'linux') return 1024
  const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
  return Number(soft ?? 1024)
}
