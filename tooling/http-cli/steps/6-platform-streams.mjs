import { connect } from 'node:net'
import { Duplex } from 'node:stream'
import { ClientSession } from '@x/http-session'
import { connectionFromStreams } from '@x/streams/from-streams'
import { headText } from '../head-text.mjs'

/** @type {Record<string, import('@x/http-session').Connector>} */
const CONNECTORS = {
  "Node's Duplex": async ({ host, port }) => connectionFromStreams(connect(port, host)),
  'Web Streams': async ({ host, port }) => connectionFromStreams(Duplex.toWeb(connect(port, host))),
}

/** @param {{ url: string }} server */
export async function platformStreams({ url }) {
  for (const [name, connector] of Object.entries(CONNECTORS)) {
    const session = new ClientSession({ connector })
    const response = await session.get(url)
    console.log(`(over ${name})\n${headText(response)}\n\n${await response.text()}`)
    await session.close()
  }
}
