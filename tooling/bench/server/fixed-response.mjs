// The same as fixed-response.c on Node's bare sockets: for TLS, and where there is no C compiler. It is the limit of the
// fastest clients, so that results say which server gave them.
//
//   node fixed-response.mjs [KEY CERTIFICATE]      with these two files: over TLS
//
// Prints the port on 127.0.0.1; ends with its standard input.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { requestScanner } from './request-scanner.mjs'
import { routes } from './routes.mjs'

const NOT_FOUND = Buffer.from('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
const [keyFile, certificateFile] = process.argv.slice(2)
/** @type {Set<import('node:net').Socket>} */
const waiting = new Set()

const options = { noDelay: true }
const server =
  keyFile !== undefined && certificateFile !== undefined
    ? createTlsServer({ ...options, key: readFileSync(keyFile), cert: readFileSync(certificateFile) }, serve)
    : createServer(options, serve)
server.listen({ host: '127.0.0.1', port: 0, backlog: 16_384 }, () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) console.log(address.port)
})
process.stdin.on('end', () => process.exit()).resume()

/** @param {import('node:net').Socket} socket */
function serve(socket) {
  socket.on(
    'data',
    requestScanner((target) => answer(socket, target)),
  )
  socket.on('error', () => socket.destroy()).on('close', () => waiting.delete(socket))
}

/**
 * @param {import('node:net').Socket} socket
 * @param {string} target
 */
function answer(socket, target) {
  if (target.startsWith('/hold/')) return hold(socket, Number(target.slice('/hold/'.length)))
  const route = routes.get(target)
  if (route === undefined) return void socket.write(NOT_FOUND)
  socket.write(route.bytes)
  if (route.count > 1) sendTail(socket, route, route.count - 1)
  if (route.closes) socket.end()
}

/**
 * @param {import('node:net').Socket} socket
 * @param {import('./routes.mjs').Route} route
 * @param {number} times
 */
function sendTail(socket, route, times) {
  const tail = route.bytes.subarray(-route.tail)
  for (let left = times; left > 0; left--) {
    if (!socket.write(tail)) return void socket.once('drain', () => sendTail(socket, route, left - 1))
  }
}

/**
 * @param {import('node:net').Socket} socket
 * @param {number} count
 */
function hold(socket, count) {
  waiting.add(socket)
  if (waiting.size < count) return
  for (const held of waiting) answer(held, '/tiny')
  waiting.clear()
}
