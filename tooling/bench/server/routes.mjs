// The responses that the servers give, made once: what a request is answered with is never the work of the server.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @typedef {object} Route
 * @property {Buffer} bytes A whole response, head included.
 * @property {number} tail Of these, the last so many bytes
 * @property {number} count are sent so many times.
 * @property {boolean} closes Whether the connection ends behind it.
 * @property {number} contentLength Bytes of content.
 */

const KIB = 1024
export const LARGE_BYTE_COUNT = 64 * KIB * KIB
const HELLO = Buffer.from('Hello, World!')

const THIRTEEN_FIELDS = {
  Date: 'Mon, 03 Feb 2025 10:00:00 GMT',
  Server: 'fixed',
  'Content-Type': 'application/octet-stream',
  'Cache-Control': 'private, max-age=0, must-revalidate',
  ETag: '"33a64df551425fcc55e4d42a148795d9f25f89d4"',
  'Last-Modified': 'Sun, 02 Feb 2025 09:30:00 GMT',
  Vary: 'Accept-Encoding, Origin',
  'X-Request-Id': '7b1c9f0e-3f7f-4a27-9d53-3a2f5be0c8a1',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Strict-Transport-Security': 'max-age=63072000; includeSubDomains',
  'Set-Cookie': 'session=9f8a7b6c5d4e3f2a1b0c; Path=/; HttpOnly; SameSite=Lax',
}

const RECORDS = Array.from({ length: 20 }, (_, id) => ({
  id,
  name: `record ${id}`,
  tags: ['a', 'b'],
  price: id * 1.25,
  active: id % 2 === 0,
}))

/** @type {Map<string, Route>} By request target. The first one also answers /hold/N. */
export const routes = new Map([
  ['/tiny', whole({ 'Content-Type': 'text/plain' }, HELLO)],
  ['/headers', whole(THIRTEEN_FIELDS, Buffer.alloc(KIB, 'x'))],
  ['/json', whole({ 'Content-Type': 'application/json' }, Buffer.from(JSON.stringify(RECORDS)))],
  ['/chunked16k', chunked(4, Buffer.alloc(4 * KIB, 'x'))],
  ['/1m', whole({ 'Content-Type': 'application/octet-stream' }, Buffer.alloc(KIB * KIB, 'x'))],
  ['/64m', repeated(Buffer.alloc(256 * KIB, 'x'), LARGE_BYTE_COUNT)],
  ['/post', whole({ 'Content-Type': 'text/plain' }, HELLO)],
  ['/upload', whole({ 'Content-Type': 'text/plain' }, HELLO)],
  ['/close', { ...whole({ 'Content-Type': 'text/plain', Connection: 'close' }, HELLO), closes: true }],
])

/** @returns {Record<string, { content: number, response: number }>} Byte counts by target. */
export function byteCounts() {
  const sizes = [...routes].map(([target, { bytes, tail, count, contentLength }]) => [
    target,
    { content: contentLength, response: bytes.length + tail * (count - 1) },
  ])
  return Object.fromEntries(sizes)
}

/**
 * Writes the responses for a server that is not a JavaScript program.
 *
 * @param {string} dir Exists.
 * @returns {string[]} What fixed-response.c wants of each.
 */
export function writeRoutes(dir) {
  return [...routes].map(([target, { bytes, tail, count, closes }]) => {
    const file = join(dir, target.slice(1))
    writeFileSync(file, bytes)
    return [target, file, tail, count, closes ? 1 : 0].join(':')
  })
}

/**
 * @param {Record<string, string | number>} fields
 * @param {Buffer} content
 * @returns {Route}
 */
function whole(fields, content) {
  const bytes = Buffer.concat([head({ ...fields, 'Content-Length': content.length }), content])
  return { bytes, tail: 0, count: 1, closes: false, contentLength: content.length }
}

/**
 * @param {number} count
 * @param {Buffer} chunk
 * @returns {Route}
 */
function chunked(count, chunk) {
  const wire = Array.from({ length: count }, () => [
    Buffer.from(`${chunk.length.toString(16)}\r\n`),
    chunk,
    Buffer.from('\r\n'),
  ])
  const fields = { 'Content-Type': 'application/octet-stream', 'Transfer-Encoding': 'chunked' }
  const bytes = Buffer.concat([head(fields), ...wire.flat(), Buffer.from('0\r\n\r\n')])
  return { bytes, tail: 0, count: 1, closes: false, contentLength: count * chunk.length }
}

/**
 * @param {Buffer} block
 * @param {number} byteCount
 * @returns {Route}
 */
function repeated(block, byteCount) {
  const fields = { 'Content-Type': 'application/octet-stream', 'Content-Length': byteCount }
  return {
    bytes: Buffer.concat([head(fields), block]),
    tail: block.length,
    count: byteCount / block.length,
    closes: false,
    contentLength: byteCount,
  }
}

/** @param {Record<string, string | number>} fields */
function head(fields) {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`HTTP/1.1 200 OK\r\n${lines.join('')}\r\n`)
}
