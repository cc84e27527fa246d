import { setTimeout as wait } from 'node:timers/promises'
import { readFileSync } from 'node:fs'
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
    'Of 20 origins, 500 each, one origin after the other: requests that the server answers when 500 wait. It is what the resident set has grown by then, after garbage collection, divided by their number.',
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
  const before = await restingBytes(turns)
  for (const session of sessions) {
    const requests = Array.from({ length: connections }, () => session.text(`/hold/${connections}`))
    await Promise.all(requests)
  }
  const count = connections * sessions.length
  const value = ((await restingBytes(turns)) - before) / count
  for (const session of sessions) await session.close()
  return { value, note: `${count} connections` }
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

/** @param {number} turns */
async function restingBytes(turns) {
  for (let turn = 0; turn < turns; turn++) {
    globalThis.gc?.()
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
