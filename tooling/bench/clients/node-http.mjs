import * as http from 'node:http'
import * as https from 'node:https'
import { USUAL } from '../client.mjs'

/** @type {import('../client.mjs').Client} */
export const client = {
  name: 'node:http',
  scope: 'every',
  does: USUAL,
  open({ origin, connections, secure }) {
    const { Agent, request } = secure ? https : http
    const agent = new Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections })
    /**
     * @param {string} target
     * @param {http.RequestOptions} options
     * @param {(request: http.ClientRequest) => void} send
     * @returns {Promise<http.IncomingMessage>}
     */
    const exchange = (target, options, send) =>
      new Promise((resolve, reject) => {
        const sent = request(origin + target, { agent, ...options }, resolve).on('error', reject)
        send(sent)
      })
    /** @param {string} target */
    const get = (target) => exchange(target, {}, (sent) => sent.end())
    return {
      text: async (target) => (await whole(await get(target))).toString().length,
      json: async (target) => JSON.parse((await whole(await get(target))).toString()),
      bytes: async (target) => (await whole(await get(target))).length,
      stream: async (target) => {
        let byteCount = 0
        for await (const chunk of await get(target)) byteCount += chunk.length
        return byteCount
      },
      post: async (target, body) => {
        const headers = { 'Content-Length': body.length }
        const response = await exchange(target, { method: 'POST', headers }, (sent) => sent.end(body))
        return (await whole(response)).toString().length
      },
      upload: async (target, body, byteCount) => {
        const headers = { 'Content-Length': byteCount }
        const response = await exchange(
          target,
          { method: 'POST', headers },
          (sent) => void sendAll(sent, body),
        )
        return (await whole(response)).length
      },
      close: () => agent.destroy(),
    }
  },
}

/**
 * @param {http.IncomingMessage} response
 * @returns {Promise<Buffer>}
 */
function whole(response) {
  return new Promise((resolve, reject) => {
    /** @type {Buffer[]} */
    const chunks = []
    response
      .on('data', (chunk) => chunks.push(chunk))
      .on('end', () => resolve(Buffer.concat(chunks)))
      .on('error', reject)
  })
}

/**
 * @param {http.ClientRequest} request
 * @param {() => AsyncIterable<Uint8Array>} body
 */
async function sendAll(request, body) {
  for await (const chunk of body()) {
    if (!request.write(chunk)) await new Promise((resolve) => request.once('drain', resolve))
  }
  request.end()
}
