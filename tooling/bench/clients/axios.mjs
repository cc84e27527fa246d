import * as http from 'node:http'
import * as https from 'node:https'
import { load } from '../contenders/resolve.mjs'

/** @type {import('../client.mjs').Client} */
export const client = {
  name: 'axios',
  needs: 'axios',
  scope: 'wide',
  does: ['text', 'json', 'bytes', 'stream', 'post', 'tls'],
  async open({ origin, connections }) {
    const { default: axios } = await load('axios')
    const options = { keepAlive: true, maxSockets: connections, maxFreeSockets: connections }
    const instance = axios.create({
      baseURL: origin,
      httpAgent: new http.Agent(options),
      httpsAgent: new https.Agent(options),
    })
    return {
      text: async (target) => (await instance.get(target, { responseType: 'text' })).data.length,
      json: async (target) => (await instance.get(target)).data,
      bytes: async (target) => (await instance.get(target, { responseType: 'arraybuffer' })).data.length,
      stream: async (target) => {
        let byteCount = 0
        const { data } = await instance.get(target, { responseType: 'stream' })
        for await (const chunk of data) byteCount += chunk.length
        return byteCount
      },
      post: async (target, body) => {
        const headers = { 'Content-Type': 'text/plain' }
        return (await instance.post(target, body, { headers, responseType: 'text' })).data.length
      },
      close: () => {},
    }
  },
}
