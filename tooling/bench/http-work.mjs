// Works that are requests: each client does the same with as many connections.
import { LARGE_BYTE_COUNT } from './server/routes.mjs'
import { repeatFor } from './work.mjs'

/**
 * @typedef {import('./client.mjs').Client} Client
 * @typedef {import('./client.mjs').Session} Session
 * @typedef {import('./work.mjs').Context} Context
 *
 * @typedef {object} HttpWork
 * @property {string} name
 * @property {string} title
 * @property {string} [remark]
 * @property {import('./client.mjs').Operation} operation
 * @property {string} target
 * @property {number} connections Also how many requests run at a time.
 * @property {'every' | 'wide'} [scope] Wide: everybody takes part. Default: those that take part in every work.
 * @property {boolean} [secure] Default false.
 * @property {number} [pipelining] Requests at a time on each connection. Default 1.
 */

const POST_BODY = 'x'.repeat(1024)
const UPLOAD_CHUNK = new Uint8Array(65_536)

/**
 * @param {HttpWork} what
 * @returns {import('./work.mjs').Work}
 */
export function httpWork(what) {
  const { name, title, remark, scope = 'every', secure = false } = what
  return {
    name,
    title,
    ...(remark === undefined ? {} : { remark }),
    group: 'Requests',
    measure: 'rate',
    unit: 'request',
    baseline: 'floor',
    ownProcess: secure,
    contenders: (clients) =>
      clients
        .filter((client) => client.scope === 'every' || scope === 'wide')
        .map((client) => contenderOf(client, what)),
  }
}

/**
 * @param {Client} client
 * @param {HttpWork} what
 * @returns {import('./work.mjs').Contender}
 */
function contenderOf(client, what) {
  const { name, needs, ours = false } = client
  const abilities = /** @type {const} */ ([
    what.operation,
    ...(what.secure === true ? ['tls'] : []),
    ...((what.pipelining ?? 1) > 1 ? ['pipelining'] : []),
  ])
  for (const ability of abilities) {
    if (client.does.some((known) => known === ability)) continue
    return { name, ours, lacks: client.doesNot?.[ability] ?? `not measured with ${ability}` }
  }
  const base = needs === undefined ? { name, ours } : { name, ours, needs: [needs] }
  const { command } = client
  if (command !== undefined) {
    const { missing = () => null } = client
    return { ...base, missing, command: (context) => command(factsFor(what, context), what.target) }
  }
  return { ...base, open: (context) => openRunner(client, what, context) }
}

/**
 * @param {Client} client
 * @param {HttpWork} what
 * @param {Context} context
 * @returns {Promise<import('./work.mjs').Runner>}
 */
async function openRunner(client, what, context) {
  if (client.open === undefined) throw new Error(`${client.name} has neither open nor command`)
  const session = await client.open(factsFor(what, context))
  const once = operation(session, what)
  const lanes = what.connections * (what.pipelining ?? 1)
  await check(once, what, context)
  return {
    async run(durationMs) {
      const endsAt = performance.now() + durationMs
      return repeatFor(0, async () => {
        let count = 0
        const lane = async () => {
          do {
            await once()
            count++
          } while (performance.now() < endsAt)
        }
        await Promise.all(Array.from({ length: lanes }, lane))
        return count
      })
    },
    close: () => session.close(),
  }
}

/**
 * @param {HttpWork} what
 * @param {Context} context
 * @returns {import('./client.mjs').Facts}
 */
export function factsFor({ connections, pipelining = 1, secure = false }, { servers }) {
  const host = '127.0.0.1'
  const port = secure ? servers.tlsPort : servers.port
  const origin = `${secure ? 'https' : 'http'}://${host}:${port}`
  return { host, port, secure, origin, connections, pipelining, byteCounts: servers.byteCounts }
}

/**
 * @param {Session} session
 * @param {HttpWork} what
 * @returns {() => Promise<unknown>}
 */
function operation(session, { operation: name, target }) {
  if (name === 'post') return async () => session.post?.(target, POST_BODY)
  if (name === 'upload') return async () => session.upload?.(target, largeBody, LARGE_BYTE_COUNT)
  return () => Promise.resolve(session[name]?.(target))
}

async function* largeBody() {
  for (let left = LARGE_BYTE_COUNT; left > 0; left -= UPLOAD_CHUNK.length) yield UPLOAD_CHUNK
}

/**
 * A client that reads less than the others is no contender.
 *
 * @param {() => Promise<unknown>} once
 * @param {HttpWork} what
 * @param {Context} context
 */
async function check(once, { target }, { servers }) {
  const result = await once()
  const expected = servers.byteCounts[target]?.content
  const actual = typeof result === 'number' ? result : JSON.stringify(result).length
  if (actual !== expected) throw new Error(`${target} has ${expected} bytes of content, ${actual} were read`)
}
