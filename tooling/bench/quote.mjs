// What the root README quotes of the results: a pure function of them.
import { ratio } from './statistics.mjs'
import { digits } from './summary.mjs'

const SESSION = '@x/http-session'
const PEERS = ['undici.request', 'node:http', 'fetch', 'got', 'axios']
const WORKS = {
  'tiny-50': '13 bytes, 50 connections',
  'headers-50': '13 fields and 1 KiB, 50 connections',
  'chunked-50': '16 KiB in chunks, 50 connections',
  'post-50': 'POST of 1 KiB, 50 connections',
  'tls-50': '13 bytes over TLS, 50 connections',
  'bytes-1m': '1 MiB as bytes, 10 connections',
  'upload-64m': 'upload of 64 MiB',
}

/**
 * @param {import('./render.mjs').Results} results
 * @returns {string} Markdown: how many times the throughput of each peer, and the part of its CPU time.
 */
export function quoteOf({ date, machine, versions, works }) {
  const rows = Object.entries(WORKS).flatMap(([name, title]) => {
    const contenders = works.find((work) => work.name === name)?.contenders ?? []
    const samplesOf = (/** @type {string} */ who) => contenders.find((one) => one.name === who)?.samples ?? []
    const times = (/** @type {string} */ who, /** @type {'rate' | 'cpu'} */ metric) => {
      const value = ratio(samplesOf(SESSION), samplesOf(who), metric)
      return value === null ? '–' : `${digits(value)}x`
    }
    if (contenders.length === 0) return []
    const cells = PEERS.map((peer) => times(peer, 'rate'))
    return [`| ${[title, ...cells, times('undici.request', 'cpu'), times('floor', 'rate')].join(' | ')} |`]
  })
  const head = ['requests a second, of', ...PEERS, 'CPU of undici.request', 'of a bare socket']
  const where = `${date.slice(0, 10)}, ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, undici ${versions['undici'] ?? '–'}`
  return [
    `\`pnpm bench\` on ${where}: how many times the requests of each peer, all at their defaults, taking turns in one run.`,
    '',
    `| ${head.join(' | ')} |`,
    `| ${head.map(() => '---').join(' | ')} |`,
    ...rows,
  ].join('\n')
}
