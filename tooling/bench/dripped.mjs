// What a peer costs that sends one byte at a time: nanoseconds a byte, for values of growing length. A search that goes
// on where it stopped costs the same for each length; one that begins anew would double with it.
import { StreamReader } from '@x/stream-reader'
import { delimited } from '@x/stream-reader/decoders'

const LENGTHS = [2 ** 14, 2 ** 16, 2 ** 18, 2 ** 20]
const ROUNDS = 5

/** @type {Record<string, (reader: StreamReader) => Promise<unknown>>} */
const READS = {
  readLine: (reader) => reader.readLine({ limit: Infinity }),
  'readUntil, two bytes': (reader) => reader.readUntil('\r\n', { limit: Infinity }),
  'decode(delimited)': (reader) => reader.decode(delimited('\r\n', { limit: Infinity })),
}

console.log(`node ${process.version}: ns a byte, best of ${ROUNDS}`)
console.log(['', ...LENGTHS.map((length) => `${length / 1024} KiB`)].map((cell) => cell.padEnd(22)).join(''))
for (const [name, read] of Object.entries(READS)) {
  const cells = []
  for (const length of LENGTHS) cells.push((await best(read, length)).toFixed(1))
  console.log([name, ...cells].map((cell) => cell.padEnd(22)).join(''))
}

/**
 * @param {(reader: StreamReader) => Promise<unknown>} read
 * @param {number} length
 */
async function best(read, length) {
  let nanoseconds = Infinity
  for (let round = 0; round < ROUNDS; round++) nanoseconds = Math.min(nanoseconds, await drip(read, length))
  return nanoseconds
}

/**
 * @param {(reader: StreamReader) => Promise<unknown>} read
 * @param {number} length
 */
async function drip(read, length) {
  const reader = new StreamReader()
  const reading = read(reader)
  const started = process.hrtime.bigint()
  for (let at = 0; at < length; at++) {
    reader.getBuffer()[0] = at === length - 2 ? 13 : at === length - 1 ? 10 : 97
    reader.bufferUpdated(1)
  }
  await reading
  return Number(process.hrtime.bigint() - started) / length
}
