// Node, Bun and Deno: everything. Its argument is a JSON of what the runtime is told; each case is a line of JSON on standard output.
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { ClientSession } from '@x/http-session'
import { openConnection } from '@x/streams'
import { commonjsCases } from '../suite/commonjs.mjs'
import { tcpCases, tlsCases } from '../suite/connections.mjs'
import { http1Cases } from '../suite/http1.mjs'
import { memoryCases } from '../suite/memory.mjs'
import { policyCases } from '../suite/policies.mjs'
import { proxyCases } from '../suite/proxies.mjs'
import { readerCases } from '../suite/reader.mjs'
import { runCases } from '../suite/run-cases.mjs'
import { sessionCases } from '../suite/session.mjs'
import { sessionInMemoryCases } from '../suite/session-in-memory.mjs'
import { clientSocketCases, serverCases, unixCases } from '../suite/sockets.mjs'
import { writerCases } from '../suite/writer.mjs'

/** @type {{ peers: import('../peers/start-peers.mjs').Peers, unixPath: string }} */
const { peers, unixPath } = JSON.parse(readFileSync(String(process.argv[2]), 'utf8'))

/** @type {import('../suite/connections.mjs').World & { unixPath: string }} */
const world = {
  peers,
  unixPath,
  open: ({ port, secure }) =>
    openConnection(secure ? { host: 'localhost', port, tls: { ca: peers.ca } } : { host: '127.0.0.1', port }),
  newSession: (options) => new ClientSession(options),
  newTlsSession: () =>
    new ClientSession({
      connector: ({ host, port }, { signal }) =>
        openConnection({ host, port, signal, tls: { ca: peers.ca, ALPNProtocols: ['http/1.1'] } }),
    }),
}

await runCases(
  [
    ...[...readerCases, ...writerCases, ...http1Cases, ...memoryCases, ...sessionInMemoryCases],
    ...[...tcpCases, ...tlsCases, ...clientSocketCases, ...serverCases, ...unixCases],
    ...[...sessionCases, ...policyCases, ...proxyCases, ...commonjsCases],
  ],
  world,
  (line) => console.log(JSON.stringify(line)),
)

// A session that is dropped with a connection that it keeps: the process ends all the same.
const dropped = await new ClientSession().get(`${peers.http}/hello`)
await dropped.text()
