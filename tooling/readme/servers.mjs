// The two servers that every README example may use, on free ports of the loopback address.
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'

/**
 * @returns {Promise<{ ports: import('./blocks.mjs').Ports, close: () => void }>}
 */
export async function startServers() {
  const http = createHttpServer(answer).listen(0, '127.0.0.1')
  const echo = createTcpServer({ allowHalfOpen: true }, (socket) => {
    // An example may well drop its connection.
    socket.on('error', () => {}).pipe(socket)
  }).listen(0, '127.0.0.1')
  await Promise.all([once(http, 'listening'), once(echo, 'listening')])
  return {
    ports: { http: portOf(http), echo: portOf(echo) },
    close() {
      http.close()
      http.closeAllConnections()
      // Its sockets end with the examples, which are processes of their own.
      echo.close()
    },
  }
}

/** @type {import('node:http').RequestListener} */
function answer(request, response) {
  const type = request.headers['content-type'] ?? 'application/octet-stream'
  const [path] = String(request.url).split('?')
  if (request.method === 'POST') {
    request.pipe(response.setHeader('content-type', type))
  } else if (path === '/json') {
    response.setHeader('content-type', 'application/json').end('{"hello":"world"}')
  } else if (path === '/') {
    response.setHeader('content-type', 'text/plain; charset=utf-8').end('Hello, World!')
  } else {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('Not Found')
  }
}

/** @param {import('node:net').Server} server */
function portOf(server) {
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port
}
