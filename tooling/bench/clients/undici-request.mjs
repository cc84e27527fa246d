import { USUAL } from '../client.mjs'
import { load } from '../contenders/resolve.mjs'

/** @type {import('../client.mjs').Client} */
export const client = {
  name: 'undici.request',
  needs: 'undici',
  scope: 'every',
  does: USUAL,
  async open({ origin, connections }) {
    const { Agent, request } = await load('undici')
    const dispatcher = new Agent({ connections })
    /** @param {string} target */
    const get = async (target) => (await request(origin + target, { dispatcher })).body
    return {
      text: async (target) => (await (await get(target)).text()).length,
      json: async (target) => (await get(target)).json(),
      bytes: async (target) => (await (await get(target)).bytes()).length,
      stream: async (target) => {
        let byteCount = 0
        for await (const chunk of await get(target)) byteCount += chunk.length
        return byteCount
      },
      post: async (target, body) => {
        const response = await request(origin + target, { dispatcher, method: 'POST', body })
        return (await response.body.text()).length
      },
      upload: async (target, body, byteCount) => {
        const headers = { 'content-length': String(byteCount) }
        const response = await request(origin + target, { dispatcher, method: 'POST', headers, body: body() })
        return (await response.body.text()).length
      },
      close: () => dispatcher.destroy(),
    }
  },
}
