// workerd: everything that needs no server, with sockets by `connect()` of cloudflare:sockets. `workerd test` runs `test`.
import { connect } from 'cloudflare:sockets'
import { ClientSession } from '@x/http-session'
import { connectionFromStreams } from '@x/streams/from-streams'
import { tcpCases, tlsCases } from '../suite/connections.mjs'
import { http1Cases } from '../suite/http1.mjs'
import { memoryCases } from '../suite/memory.mjs'
import { policyCases } from '../suite/policies.mjs'
import { proxyCases } from '../suite/proxies.mjs'
import { readerCases } from '../suite/reader.mjs'
import { runCases } from '../suite/run-cases.mjs'
import { sessionCases } from '../suite/session.mjs'
import { sessionInMemoryCases } from '../suite/session-in-memory.mjs'
import { writerCases } from '../suite/writer.mjs'

const CASES = [
  ...[...readerCases, ...writerCases, ...http1Cases, ...memoryCases, ...sessionInMemoryCases],
  ...[...tcpCases, ...tlsCases, ...sessionCases, ...policyCases, ...proxyCases],
]

/** @type {import('../suite/connections.mjs').World['open']} */
async function open({ port, secure = false }) {
  const hostname = secure ? 'localhost' : '127.0.0.1'
  const socket = connect({ hostname, port }, { secureTransport: secure ? 'on' : 'off', allowHalfOpen: true })
  await socket.opened
  return connectionFromStreams(socket)
}

/** @type {import('@x/http-session').Connector} */
const connector = ({ port, secure }) => open({ port, secure })

export const suite = {
  /**
   * @param {unknown} _controller
   * @param {{ WORLD: string }} env
   */
  async test(_controller, env) {
    const { peers } = JSON.parse(env.WORLD)
    /** @type {import('../suite/proxies.mjs').World} */
    const world = {
      peers,
      open,
      dial: (target) => open(target),
      newSession: (options) => new ClientSession({ connector, ...options }),
      newTlsSession: () => new ClientSession({ connector }),
    }
    await runCases(CASES, world, (line) => console.log(JSON.stringify(line)))
  },
}
