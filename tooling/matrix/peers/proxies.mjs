// A proxy of each kind, as little as the cases ask of one.
import { createServer as createHttpServer, request as httpRequest } from 'node:http'
import { connect, createServer as createTcpServer } from 'node:net'

const PASSWORD = 'right'

/** Forwards requests in absolute form, and says so in `X-Via`; makes tunnels for CONNECT. */
export function httpProxy() {
  const server = createHttpServer((request, response) => {
    const { method, headers } = request
    const onward = httpRequest(request.url ?? '', { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, 'x-via': 'forwarded' })
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  return server.on('connect', (request, socket) => {
    const { hostname, port } = new URL(`http://${request.url}`)
    join(socket, { host: hostname, port: Number(port) }, 'HTTP/1.1 200 Connected\r\n\r\n')
  })
}

/** SOCKS5 with a password, for IPv4 addresses and names: RFC 1928 and 1929. */
export function socksProxy() {
  return createTcpServer((socket) => {
    socket.on('error', () => {})
    void negotiate(socket)
  })
}

/** @param {import('node:net').Socket} socket */
async function negotiate(socket) {
  const next = pieces(socket)
  const [, methodCount] = await next(2)
  await next(Number(methodCount))
  socket.write(Uint8Array.of(5, 2))
  await next(1)
  const user = await next((await next(1))[0] ?? 0)
  const password = await next((await next(1))[0] ?? 0)
  const isKnown = user.length > 0 && String(password) === PASSWORD
  if (!isKnown) return void socket.end(Uint8Array.of(1, 1))
  socket.write(Uint8Array.of(1, 0))
  const kind = (await next(4))[3]
  const host = kind === 1 ? (await next(4)).join('.') : String(await next((await next(1))[0] ?? 0))
  const port = (await next(2)).readUInt16BE()
  join(socket, { host, port }, Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0))
}

/**
 * @param {import('node:stream').Duplex} socket
 * @param {{ host: string, port: number }} target
 * @param {string | Uint8Array} greeting
 */
function join(socket, target, greeting) {
  const onward = connect(target, () => {
    socket.write(greeting)
    socket.pipe(onward).pipe(socket)
  })
  onward.on('error', () => socket.destroy())
  socket.on('error', () => onward.destroy()).on('close', () => onward.destroy())
}

/**
 * @param {import('node:net').Socket} socket
 * @returns {(byteCount: number) => Promise<Buffer>}
 */
function pieces(socket) {
  return async (byteCount) => {
    for (;;) {
      const piece = byteCount === 0 ? Buffer.alloc(0) : socket.read(byteCount)
      if (piece !== null) return piece
      await new Promise((resolve) => socket.once('readable', resolve))
    }
  }
}
