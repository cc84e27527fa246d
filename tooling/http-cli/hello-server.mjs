// The server that the tour talks to: Node's own.
import { once } from 'node:events'
import { createServer } from 'node:http'

/** @returns {Promise<{ host: string, port: number, url: string, close: () => void }>} */
export async function startHelloServer() {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/plain')
    if (request.method === 'POST') request.pipe(response)
    else response.end('Hello, World!\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { host: '127.0.0.1', port, url: `http://127.0.0.1:${port}/`, close }
}
