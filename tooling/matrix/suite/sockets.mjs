// What only @x/transport on node:net, node:tls and node:dns can do: protocols on sockets, servers, Unix sockets, STARTTLS.
import { openConnection, startServer, startTls } from '@x/streams'
import { createConnection, createServer } from '@x/transport'
import { equal, holds, isPattern, rejection } from './expect.mjs'
import { recorder, sendPattern } from './memory.mjs'

/** @typedef {import('./connections.mjs').World} World */

const LOCAL = { host: '127.0.0.1', port: 0 }

/** @type {import('./run-cases.mjs').Case[]} */
export const clientSocketCases = [
  {
    feature: 'protocol',
    name: 'a protocol is called back in order',
    async run(/** @type {World} */ { peers }) {
      const { calls, protocol, lost } = recorder()
      const { transport } = await createConnection(() => protocol, { host: '127.0.0.1', port: peers.echo })
      equal(transport.info.remotePort, peers.echo)
      transport.writeLatin1('hello')
      transport.writeEof()
      await lost
      equal(calls, ['made', 'data hello', 'eof', 'lost eof'])
    },
  },
  {
    feature: 'protocol',
    name: 'memory that is lent for each read; a paused transport hears nothing',
    async run(/** @type {World} */ { peers }) {
      const memory = new Uint8Array(1000)
      let received = 0
      let areWhole = true
      /** @type {(value?: unknown) => void} */
      let enough
      const all = new Promise((resolve) => (enough = resolve))
      const protocol = {
        getBuffer: () => memory,
        bufferUpdated(/** @type {number} */ byteCount) {
          areWhole &&= isPattern(memory.subarray(0, byteCount), received)
          received += byteCount
          if (received === 300_000) enough()
        },
      }
      const { transport } = await createConnection(() => protocol, { host: '127.0.0.1', port: peers.pattern })
      transport.pauseReading()
      const before = received
      await new Promise((resolve) => setTimeout(resolve, 0))
      equal(received, before)
      transport.resumeReading()
      await all
      equal(areWhole, true)
      transport.close()
      await transport.closed
    },
  },
  {
    feature: 'protocol',
    name: 'an abort while connecting, a name without an address, a port where nobody listens',
    async run(/** @type {World} */ { peers }) {
      const { protocol } = recorder()
      const reason = new Error('enough')
      const signal = AbortSignal.abort(reason)
      const target = { host: '127.0.0.1', port: peers.echo }
      equal((await rejection(createConnection(() => protocol, { ...target, signal }))) === reason, true)
      const refused = { host: '127.0.0.1', port: peers.closed }
      equal((await rejection(createConnection(() => protocol, refused))).code, 'ERR_TRANSPORT_CONNECT_FAILED')
    },
  },
  {
    feature: 'starttls',
    name: 'the same reader and writer go on behind the handshake',
    async run(/** @type {World} */ { peers }) {
      const connection = await openConnection({ host: '127.0.0.1', port: peers.startTls })
      const { reader, writer } = connection
      writer.writeText('STARTTLS\n')
      equal(await reader.readLine(), 'GO')
      const tls = { ca: peers.ca }
      await startTls(connection, { side: 'client', host: 'localhost', tls, handshakeTimeoutMs: 2000 })
      writer.writeText('secret\n')
      equal([await reader.readLine(), connection.info.tls !== null], ['secret', true])
      await connection.close()
    },
  },
  {
    feature: 'tls-facts',
    name: 'the protocol is negotiated (ALPN), and a certificate for another name is refused',
    async run(/** @type {World} */ { peers }) {
      const target = { host: 'localhost', port: peers.tlsEcho }
      const tls = { ca: peers.ca, ALPNProtocols: ['echo/2', 'echo/1'] }
      const connection = await openConnection({ ...target, tls })
      equal([connection.info.tls?.alpnProtocol, connection.info.tls?.protocol], ['echo/1', 'TLSv1.3'])
      await connection.close()
      const elsewhere = openConnection({ ...target, tls: { ...tls, servername: 'other.example' } })
      equal((await rejection(elsewhere)).code, 'ERR_TRANSPORT_TLS_CERT')
    },
  },
  {
    feature: 'tls-refused',
    name: 'an authority that is not trusted is the reason',
    async run(/** @type {World} */ { peers }) {
      const target = { host: 'localhost', port: peers.strangerTls }
      const { code, certificateError } = await rejection(openConnection({ ...target, tls: { ca: peers.ca } }))
      equal([code, certificateError], ['ERR_TRANSPORT_TLS_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'])
    },
  },
]

/** @type {import('./run-cases.mjs').Case[]} */
export const serverCases = [
  {
    feature: 'server',
    name: 'a server of protocols, and one of readers and writers',
    async run() {
      /** @type {import('@x/transport').Transport} */
      let accepted
      const server = await createServer(
        () => ({
          connectionMade: (transport) => void (accepted = transport),
          dataReceived: (data) => accepted.writeOwned(data),
        }),
        LOCAL,
      )
      const { reader, writer } = await openConnection({ host: '127.0.0.1', port: server.port })
      writer.writeText('hello\n')
      equal(await reader.readLine(), 'hello')
      await writer.close()
      await server.shutdown({ graceMs: 1000 })
      const echo = await startServer(echoAll, LOCAL)
      const connection = await openConnection({ host: '127.0.0.1', port: echo.port, allowHalfOpen: true })
      const [received] = await Promise.all([connection.reader.readAll(), sendPattern(connection, 1_000_000)])
      equal([received.length, isPattern(received)], [1_000_000, true])
      await connection.close()
      await echo.shutdown({ graceMs: 1000 })
      await rejection(openConnection({ host: '127.0.0.1', port: echo.port }), 'a server that was shut down')
    },
  },
  {
    feature: 'server',
    name: 'a server with TLS, and a port that is taken',
    async run(/** @type {World} */ { peers }) {
      const server = await startServer(echoAll, { ...LOCAL, tls: { key: peers.key, cert: peers.cert } })
      const { reader, writer } = await openConnection({
        host: '127.0.0.1',
        port: server.port,
        tls: { ca: peers.ca },
      })
      writer.writeText('secret\n')
      equal(await reader.readLine(), 'secret')
      await writer.close()
      const second = startServer(echoAll, { host: '127.0.0.1', port: server.port })
      equal((await rejection(second)).code, 'ERR_TRANSPORT_LISTEN_FAILED')
      await server.shutdown({ graceMs: 1000 })
    },
  },
]

/** @type {import('./run-cases.mjs').Case[]} */
export const unixCases = [
  {
    feature: 'unix',
    name: 'a server and a client on a path',
    async run(/** @type {World & { unixPath: string }} */ { unixPath }) {
      const server = await startServer(echoAll, { path: unixPath })
      const { reader, writer } = await openConnection({ path: unixPath })
      writer.writeText('hello\n')
      equal(await reader.readLine(), 'hello')
      await writer.close()
      await server.shutdown({ graceMs: 1000 })
      holds((await rejection(openConnection({ path: unixPath }))).code, 'the path is gone')
    },
  },
]

/** @param {import('@x/streams').Connection} connection */
async function echoAll({ reader, writer }) {
  for await (const chunk of reader) {
    writer.writeOwned(chunk)
    await writer.drain()
  }
}
