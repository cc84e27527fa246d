import { Writable } from 'node:stream'
import { load } from '../contenders/resolve.mjs'

/** @type {import('../client.mjs').Client} */
export const client = {
  name: 'undici.stream',
  needs: 'undici',
  scope: 'wide',
  does: ['text', 'stream', 'tls'],
  async open({ origin, connections }) {
    const { Agent, stream } = await load('undici')
    const dispatcher = new Agent({ connections })
    /**
     * @param {string} target
     * @param {(chunk: Buffer) => void} onData
     */
    const into = (target, onData) =>
      stream(origin + target, { dispatcher, method: 'GET' }, () => {
        return new Writable({
          write(chunk, _encoding, done) {
            onData(chunk)
            done()
          },
        })
      })
    return {
      text: async (target) => {
        /** @type {Buffer[]} */
        const chunks = []
        await into(target, (chunk) => chunks.push(chunk))
        return Buffer.concat(chunks).toString().length
      },
      stream: async (target) => {
        let byteCount = 0
        await into(target, (chunk) => (byteCount += chunk.length))
        return byteCount
      },
      close: () => dispatcher.destroy(),
    }
  },
}
