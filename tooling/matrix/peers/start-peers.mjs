// The servers that every runtime talks to: Node's own, on the loopback address, in this process.
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer as createTcpServer } from 'node:net'
import { TLSSocket, createServer as createTlsServer } from 'node:tls'
import { pattern } from '../suite/expect.mjs'
import { makeCertificates } from './certificates.mjs'
import { HttpPeer } from './http-peer.mjs'
import { httpProxy, socksProxy } from './proxies.mjs'

const LARGE_BYTE_COUNT = 300_000

/**
 * What a runtime is told of its peers: plain data.
 *
 * @typedef {object} Peers
 * @property {number} echo Ports, all on 127.0.0.1.
 * @property {number} tlsEcho Also for `localhost`; speaks `echo/1`.
 * @property {number} strangerTls Its certificate is of an authority that is not `ca`.
 * @property {number} startTls Says GO to a line, then speaks TLS, and echoes.
 * @property {number} pattern Sends 300,000 bytes of the pattern.
 * @property {number} reset Resets the connection when something comes.
 * @property {number} closed Nobody listens there.
 * @property {number} httpProxy Forwards, and makes tunnels.
 * @property {number} socksProxy SOCKS5, for any user with the password `right`.
 * @property {string} http Origin.
 * @property {string} https Origin.
 * @property {string} ca PEM.
 * @property {string} key PEM, for `localhost` and 127.0.0.1.
 * @property {string} cert PEM.
 *
 * @typedef {import('node:net').Socket} Socket
 */

/** @returns {Promise<{ peers: Peers, close: () => void }>} */
export async function startPeers() {
  const { ca, identity, stranger } = await makeCertificates()
  /** @type {Set<Socket>} */
  const sockets = new Set()
  /** @type {import('node:net').Server[]} */
  const servers = []
  const listen = async (/** @type {import('node:net').Server} */ server) => {
    servers.push(server)
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    })
    server.on('tlsClientError', () => {})
    await new Promise((resolve, reject) => {
      server.once('error', reject).listen(0, '127.0.0.1', () => resolve(undefined))
    })
    return /** @type {import('node:net').AddressInfo} */ (server.address()).port
  }
  const http = new HttpPeer()
  const spare = createTcpServer()
  const peers = {
    echo: await listen(createTcpServer({ allowHalfOpen: true }, echo)),
    tlsEcho: await listen(createTlsServer({ ...identity, ALPNProtocols: ['echo/1'] }, echo)),
    strangerTls: await listen(createTlsServer(stranger, echo)),
    startTls: await listen(createTcpServer((socket) => startTls(socket, identity))),
    pattern: await listen(createTcpServer((socket) => socket.end(pattern(LARGE_BYTE_COUNT)))),
    reset: await listen(createTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()))),
    closed: await listen(spare),
    httpProxy: await listen(httpProxy()),
    socksProxy: await listen(socksProxy()),
    http: `http://127.0.0.1:${await listen(http.attachTo(createHttpServer()))}`,
    https: `https://localhost:${await listen(http.attachTo(createHttpsServer(identity)))}`,
    ca,
    ...identity,
  }
  await new Promise((resolve) => spare.close(resolve))
  const close = () => {
    for (const server of servers) server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { peers, close }
}

/** @param {Socket} socket */
function echo(socket) {
  socket.on('error', () => {}).pipe(socket)
}

/**
 * @param {Socket} socket
 * @param {{ key: string, cert: string }} identity
 */
function startTls(socket, identity) {
  socket.once('data', () => {
    socket.write('GO\n')
    const secure = new TLSSocket(socket, { isServer: true, ...identity })
    echo(secure)
  })
}
