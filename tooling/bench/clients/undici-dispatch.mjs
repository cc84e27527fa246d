import { USUAL } from '../client.mjs'
import { load } from '../contenders/resolve.mjs'

/**
 * The layer below the others of undici: callbacks, and chunks that are joined by hand.
 *
 * @type {import('../client.mjs').Client}
 */
export const client = {
  name: 'undici.dispatch',
  needs: 'undici',
  scope: 'every',
  does: [...USUAL, 'pipelining'],
  async open({ origin, connections, pipelining }) {
    const { Pool } = await load('undici')
    const pool = new Pool(origin, { connections, pipelining })
    // Undici waits for the answer to a request before it pipelines another one, unless it is told not to.
    const blocking = pipelining > 1 ? { blocking: false } : {}
    /**
     * @param {object} request
     * @param {(chunk: Buffer) => void} onData
     */
    const exchange = (request, onData) =>
      new Promise((resolve, reject) => {
        pool.dispatch(
          { method: 'GET', ...blocking, ...request },
          {
            onRequestStart() {},
            onResponseStart() {},
            onResponseData: (/** @type {unknown} */ _controller, /** @type {Buffer} */ chunk) =>
              onData(chunk),
            onResponseEnd: () => resolve(undefined),
            onResponseError: (/** @type {unknown} */ _controller, /** @type {Error} */ error) =>
              reject(error),
          },
        )
      })
    /** @param {object} request */
    const whole = async (request) => {
      /** @type {Buffer[]} */
      const chunks = []
      await exchange(request, (chunk) => chunks.push(chunk))
      return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
    }
    return {
      text: async (path) => (await whole({ path })).toString().length,
      json: async (path) => JSON.parse((await whole({ path })).toString()),
      bytes: async (path) => (await whole({ path })).length,
      stream: async (path) => {
        let byteCount = 0
        await exchange({ path }, (chunk) => (byteCount += chunk.length))
        return byteCount
      },
      post: async (path, body) => (await whole({ path, method: 'POST', body })).toString().length,
      upload: async (path, body, byteCount) => {
        const headers = { 'content-length': String(byteCount) }
        return (await whole({ path, method: 'POST', headers, body: body() })).length
      },
      close: () => pool.destroy(),
    }
  },
}
