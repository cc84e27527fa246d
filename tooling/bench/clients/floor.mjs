import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { USUAL } from '../client.mjs'

const target = Buffer.allocUnsafeSlow(65_536)

/**
 * Sockets that count bytes and know beforehand how many come: what no client on `node:net` can beat, and none that parses
 * can quite reach.
 *
 * @type {import('../client.mjs').Client}
 */
export const client = {
  name: 'floor',
  scope: 'every',
  does: [...USUAL, 'lend', 'pipelining'],
  open(facts) {
    /** @type {Lane[]} */
    const idle = []
    /** @type {Set<Lane>} */
    const all = new Set()

    const lease = () => {
      const kept = idle.pop()
      if (kept !== undefined) return kept
      const lane = new Lane(facts, () => all.delete(lane))
      all.add(lane)
      return lane
    }
    /**
     * @param {string} path
     * @param {(lane: Lane) => void} send
     */
    const exchange = async (path, send) => {
      const { response, content } = sizeOf(facts, path)
      const lane = lease()
      // A pipelined lane goes back before its answer is here, for the next request.
      if (facts.pipelining > 1) idle.push(lane)
      send(lane)
      await lane.receive(response)
      if (facts.pipelining === 1 && path !== '/close') idle.push(lane)
      return content
    }
    /** @param {string} path */
    const get = (path) => exchange(path, (lane) => lane.socket.write(requestHead('GET', path), 'latin1'))

    return {
      text: get,
      json: get,
      bytes: get,
      stream: get,
      lend: get,
      post: (path, body) =>
        exchange(path, (lane) => lane.socket.write(requestHead('POST', path, body.length) + body, 'latin1')),
      upload: (path, body, byteCount) => exchange(path, (lane) => void lane.upload(path, body, byteCount)),
      close: () => all.forEach((lane) => lane.socket.destroy()),
    }
  },
}

/** One connection. */
class Lane {
  #left = 0
  /** @type {{ byteCount: number, resolve: (value?: undefined) => void }[]} Answers that are to come, in order. */
  #waiting = []

  /**
   * @param {import('../client.mjs').Facts} facts
   * @param {() => void} onClose
   */
  constructor({ host, port, secure }, onClose) {
    const onread = { buffer: target, callback: (/** @type {number} */ byteCount) => this.#arrived(byteCount) }
    const options = { host, port, noDelay: true, onread }
    this.socket = secure ? connectTls(options) : connect(options)
    this.socket.on('close', onClose)
  }

  /**
   * @param {number} byteCount
   * @returns {Promise<undefined>}
   */
  receive(byteCount) {
    return new Promise((resolve) => {
      if (this.#waiting.length === 0) this.#left = byteCount
      this.#waiting.push({ byteCount, resolve })
    })
  }

  /**
   * @param {string} path
   * @param {() => AsyncIterable<Uint8Array>} body
   * @param {number} byteCount
   */
  async upload(path, body, byteCount) {
    this.socket.write(requestHead('POST', path, byteCount), 'latin1')
    for await (const chunk of body()) {
      if (!this.socket.write(chunk)) await new Promise((resolve) => this.socket.once('drain', resolve))
    }
  }

  /** @param {number} byteCount */
  #arrived(byteCount) {
    this.#left -= byteCount
    while (this.#left <= 0 && this.#waiting.length > 0) {
      const done = this.#waiting.shift()
      const next = this.#waiting[0]
      if (next !== undefined) this.#left += next.byteCount
      done?.resolve()
      if (next === undefined) break
    }
    return true
  }
}

/**
 * @param {import('../client.mjs').Facts} facts
 * @param {string} path
 */
function sizeOf({ byteCounts }, path) {
  const size = byteCounts[path.startsWith('/hold/') ? '/tiny' : path]
  if (size === undefined) throw new Error(`the server has no ${path}`)
  return size
}

/**
 * @param {string} method
 * @param {string} path
 * @param {number} [contentLength]
 */
function requestHead(method, path, contentLength) {
  const length = contentLength === undefined ? '' : `Content-Length: ${contentLength}\r\n`
  return `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${length}\r\n`
}
