// Works that read from memory: what a reader costs beside the network. The data comes in pieces of 64 KiB, as sockets
// give it; one round reads all of it, as often as there is time for.
import { repeatFor } from './work.mjs'

const CHUNK_BYTES = 65_536
const FULL_BYTES = 24 * 1024 * 1024
const SMOKE_BYTES = 256 * 1024

/**
 * @typedef {object} Data
 * @property {readonly Buffer[]} chunks
 * @property {number} count How many values are in them.
 *
 * @typedef {object} ReaderContender
 * @property {boolean} [ours]
 * @property {string} [needs]
 * @property {(data: Data) => Promise<number> | number} read Reads all; the number of values it found.
 *
 * @typedef {object} ReaderWork
 * @property {string} name
 * @property {string} title
 * @property {string} [remark]
 * @property {string} unit
 * @property {string} baseline
 * @property {(minByteCount: number) => { bytes: Buffer, count: number }} make Values one behind the other.
 * @property {number} [share] Of the usual amount of data. Default 1.
 * @property {number} [chunkBytes] Default 64 KiB.
 * @property {Record<string, ReaderContender>} contenders
 */

/**
 * @param {ReaderWork} what
 * @returns {import('./work.mjs').Work}
 */
export function readerWork({ contenders, make, share = 1, chunkBytes = CHUNK_BYTES, ...facts }) {
  return {
    ...facts,
    group: 'Readers',
    measure: 'rate',
    warmUpFactor: 0.25,
    contenders: () =>
      Object.entries(contenders).map(([name, { read, needs, ours = false }]) => ({
        name,
        ours,
        needs: needs === undefined ? [] : [needs],
        open({ size }) {
          const { bytes, count } = make(Math.ceil((size === 'smoke' ? SMOKE_BYTES : FULL_BYTES) * share))
          const data = { chunks: cut(bytes, chunkBytes), count }
          return { run: (durationMs) => repeatFor(durationMs, () => checked(read, data, name)) }
        },
      })),
  }
}

/**
 * @param {ReaderContender['read']} read
 * @param {Data} data
 * @param {string} name
 */
async function checked(read, data, name) {
  const found = await read(data)
  if (found !== data.count) throw new Error(`${name} found ${found} of ${data.count}`)
  return found
}

/**
 * @param {Buffer} bytes
 * @param {number} chunkBytes
 */
function cut(bytes, chunkBytes) {
  const chunks = []
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes))
  return chunks
}

/** Text lines of about 80 bytes. @param {number} minByteCount */
export function lines(minByteCount) {
  let text = ''
  let count = 0
  while (text.length < minByteCount) {
    text += `${'The quick brown fox jumps over the lazy dog again, '.repeat(2).slice(0, 60 + ((count * 7) % 40))}\n`
    count++
  }
  return { bytes: Buffer.from(text), count }
}

/** Frames of 100 to 300 bytes behind their length in 32 bits. @param {number} minByteCount */
export function frames(minByteCount) {
  const bytes = Buffer.alloc(minByteCount + 304, 'x')
  let at = 0
  let count = 0
  while (at < minByteCount) {
    const length = 100 + ((count * 37) % 201)
    bytes.writeUInt32BE(length, at)
    at += 4 + length
    count++
  }
  return { bytes: bytes.subarray(0, at), count }
}
