// Real connections to the peers, by whatever opens them on this runtime: `world.open`.
import { equal, holds, isPattern, rejection, text } from './expect.mjs'
import { sendPattern } from './memory.mjs'

/**
 * @typedef {object} OpenOptions
 * @property {number} port On the loopback address.
 * @property {boolean} [secure] With TLS, trusting the authority of the peers. Default: without.
 *
 * @typedef {object} World
 * @property {import('../peers/start-peers.mjs').Peers} peers
 * @property {(options: OpenOptions) => Promise<import('@x/streams').Connection>} open
 * @property {(options?: import('@x/http-session').SessionOptions) => import('@x/http-session').ClientSession} newSession
 * @property {() => import('@x/http-session').ClientSession} newTlsSession Trusts the authority of the peers.
 */

/** @type {import('./run-cases.mjs').Case[]} */
export const tcpCases = [
  {
    feature: 'tcp',
    name: 'an echo: lines, half-close, the end',
    async run(/** @type {World} */ { open, peers }) {
      const { reader, writer, ...connection } = parts(await open({ port: peers.echo }))
      writer.writeText('hello\nworld\n')
      await writer.drain()
      equal([await reader.readLine(), await reader.readLine()], ['hello', 'world'])
      writer.writeText('last')
      writer.writeEof()
      equal([text(await reader.readAll()), reader.atEof], ['last', true])
      await connection.close()
    },
  },
  {
    feature: 'tcp',
    name: 'two megabytes there and back, with back-pressure',
    async run(/** @type {World} */ { open, peers }) {
      const connection = await open({ port: peers.echo })
      const [received] = await Promise.all([connection.reader.readAll(), sendPattern(connection, 2_000_000)])
      equal([received.length, isPattern(received)], [2_000_000, true])
      await connection.close()
    },
  },
  {
    feature: 'byte-counts',
    name: 'what has come and gone is counted, also behind the end',
    async run(/** @type {World} */ { open, peers }) {
      const connection = await open({ port: peers.echo })
      await Promise.all([connection.reader.readAll(), sendPattern(connection, 100_000)])
      await connection.close()
      equal([connection.info.bytesRead, connection.info.bytesWritten], [100_000, 100_000])
    },
  },
  {
    feature: 'tcp',
    name: 'an abort ends reads that wait, a reset is an error, a closed port is refused',
    async run(/** @type {World} */ { open, peers }) {
      const idle = await open({ port: peers.echo })
      const reading = rejection(idle.reader.read())
      const reason = new Error('enough')
      idle.abort(reason)
      equal((await reading).cause === reason, true)
      equal((await idle.closed).reason, 'aborted')
      const reset = await open({ port: peers.reset })
      reset.writer.writeText('x')
      equal((await rejection(reset.reader.readAll(), 'reset')).code, 'ERR_STREAM_FAILED')
      await rejection(open({ port: peers.closed }), 'a port where nobody listens')
    },
  },
]

/** @type {import('./run-cases.mjs').Case[]} */
export const tlsCases = [
  {
    feature: 'tls',
    name: 'an echo of a megabyte over TLS',
    async run(/** @type {World} */ { open, peers }) {
      const { reader, writer, ...connection } = parts(await open({ port: peers.tlsEcho, secure: true }))
      writer.writeText('hello\n')
      equal(await reader.readLine(), 'hello')
      const octets = new Uint8Array(1_000_000).fill(7)
      writer.write(octets)
      const received = await reader.readExactly(octets.length, { timeoutMs: 9000 })
      holds(
        received.every((octet) => octet === 7),
        'the bytes are whole',
      )
      await connection.close()
    },
  },
  {
    feature: 'tls',
    name: 'a certificate of an authority that is not trusted is refused',
    async run(/** @type {World} */ { open, peers }) {
      await rejection(refusedFirst(open, peers.strangerTls), 'a certificate of a stranger')
    },
  },
]

/**
 * Some platforms tell of a failed handshake only at the first use.
 *
 * @param {World['open']} open
 * @param {number} port
 */
async function refusedFirst(open, port) {
  const { reader, writer } = await open({ port, secure: true })
  writer.writeText('x')
  return reader.readExactly(1)
}

/** @param {import('@x/streams').Connection} connection */
function parts(connection) {
  return { reader: connection.reader, writer: connection.writer, close: () => connection.close() }
}
