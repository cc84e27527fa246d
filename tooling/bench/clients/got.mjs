import * as http from 'node:http'
import * as https from 'node:https'
import { load } from '../contenders/resolve.mjs'

/** @type {import('../client.mjs').Client} */
export const client = {
  name: 'got',
  needs: 'got',
  scope: 'wide',
  does: ['text', 'json', 'bytes', 'stream', 'post', 'tls'],
  async open({ origin, connections }) {
    const { default: got } = await load('got')
    const options = { keepAlive: true, maxSockets: connections, maxFreeSockets: connections }
    const agent = { http: new http.Agent(options), https: new https.Agent(options) }
    const instance = got.extend({ agent })
    return {
      text: async (target) => (await instance(origin + target).text()).length,
      json: (target) => instance(origin + target).json(),
      bytes: async (target) => (await instance(origin + target).buffer()).length,
      stream: async (target) => {
        let byteCount = 0
        for await (const chunk of instance.stream(origin + target)) byteCount += chunk.length
        return byteCount
      },
      post: async (target, body) => (await instance.post(origin + target, { body }).text()).length,
      close: () => [agent.http.destroy(), agent.https.destroy()],
    }
  },
}
