import { USUAL } from '../client.mjs'

/** @type {import('../client.mjs').Client} */
export const client = {
  name: '@x/http-session',
  ours: true,
  scope: 'every',
  does: [...USUAL, 'lend'],
  doesNot: { pipelining: 'it does not pipeline: a request waits for a connection of its own' },
  async open({ origin, connections }) {
    // Only where it is measured: the others shall not carry it.
    const { ClientSession } = await import('@x/http-session')
    const session = new ClientSession({
      maxConnectionsPerOrigin: connections,
      maxConnections: Math.max(1000, connections),
    })
    return {
      text: async (target) => (await (await session.get(origin + target)).text()).length,
      json: async (target) => (await session.get(origin + target)).json(),
      bytes: async (target) => (await (await session.get(origin + target)).bytes()).length,
      stream: async (target) => {
        let byteCount = 0
        for await (const chunk of await session.get(origin + target)) byteCount += chunk.length
        return byteCount
      },
      lend: async (target) => {
        let byteCount = 0
        await (await session.get(origin + target)).lendChunks((chunk) => (byteCount += chunk.length))
        return byteCount
      },
      post: async (target, body) => (await (await session.post(origin + target, { body })).text()).length,
      upload: async (target, body, byteCount) => {
        const headers = { 'Content-Length': String(byteCount) }
        const response = await session.post(origin + target, { body: body(), headers })
        return (await response.text()).length
      },
      close: () => session.abort(),
    }
  },
}
