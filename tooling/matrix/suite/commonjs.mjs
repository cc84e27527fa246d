// The packages by `require`, where there is one.
import { createRequire } from 'node:module'
import { equal, holds } from './expect.mjs'

const require = createRequire(import.meta.url)

/** @type {import('./run-cases.mjs').Case[]} */
export const commonjsCases = [
  {
    feature: 'require',
    name: 'every package can be required, and its entries share their classes',
    async run() {
      const { StreamReader } = require('@x/stream-reader')
      const { readerFrom } = require('@x/stream-reader/sources')
      holds(readerFrom([new Uint8Array(1)]) instanceof StreamReader, 'one class in two entries')
      const names = ['@x/stream-writer', '@x/transport', '@x/streams', '@x/http1', '@x/http-session']
      equal(
        names.map((name) => Object.keys(require(name)).length > 0),
        names.map(() => true),
      )
    },
  },
  {
    feature: 'require',
    name: 'a session that was required loads what it needs later',
    async run(/** @type {import('./connections.mjs').World} */ { peers }) {
      const { ClientSession } = require('@x/http-session')
      const session = new ClientSession()
      const response = await session.get(`${peers.http}/coded/gzip`)
      holds((await response.text()).startsWith('coded content'), 'the connector and the decoder')
      await session.close()
    },
  },
]
