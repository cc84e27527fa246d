// The local HTTP server of the session's cases, on Node's own.
import { CUT_BYTE_COUNT, coded, isCoding } from '../suite/coded.mjs'
import { pattern } from '../suite/expect.mjs'

/**
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:http').ServerResponse} Response
 * @typedef {import('node:http').Server | import('node:https').Server} HttpServer
 */

const LARGE = pattern(300_000)

export class HttpPeer {
  #connectionCount = 0
  /** @type {WeakMap<import('node:net').Socket, number>} */
  #ids = new WeakMap()
  /** What has happened to requests with an id, for whoever asks. */
  #arrived = new Events()
  #gone = new Events()

  /** @type {Record<string, (request: Request, response: Response, query: string) => unknown>} */
  #paths = {
    '/hello': (_request, response) => response.setHeader('content-length', 5).end('hello'),
    '/large': (_request, response) => response.setHeader('content-length', LARGE.length).end(LARGE),
    '/redirect': (_request, response) => response.writeHead(302, { location: '/hello' }).end(),
    '/chunked': (_request, response) => sendChunks(response),
    '/lines': (_request, response) => sendLines(response),
    '/echo': (request, response) => echo(request, response),
    '/cut': (_request, response) => {
      response.setHeader('content-length', 10).write('hello', () => response.destroy())
    },
    '/never': (_request, response, id) => this.#watch(response, id),
    '/drip': (_request, response, id) => {
      this.#watch(response, id)
      response.setHeader('content-length', LARGE.length).write(LARGE.subarray(0, 1000))
    },
    '/arrived': (_request, response, id) => this.#arrived.once(id, () => response.end('arrived')),
    '/gone': (_request, response, id) => this.#gone.once(id, () => response.end('gone')),
  }

  /**
   * @param {HttpServer} server
   * @returns {HttpServer} The same one.
   */
  attachTo(server) {
    server.on(server.listenerCount('secureConnection') > 0 ? 'secureConnection' : 'connection', (socket) => {
      this.#ids.set(socket, ++this.#connectionCount)
    })
    server.on('request', (request, response) => this.#answer(request, response))
    server.on('upgrade', (request, socket) => upgrade(request, socket))
    return server
  }

  /**
   * @param {Request} request
   * @param {Response} response
   */
  #answer(request, response) {
    const [path = '', query = ''] = (request.url ?? '').split('?')
    response.setHeader('x-connection', String(this.#ids.get(request.socket)))
    const handler = this.#paths[path]
    if (path.startsWith('/coded/')) sendCoded(request, response, path.slice(7), query)
    else if (handler === undefined) response.writeHead(404).end()
    else handler(request, response, query)
  }

  /**
   * @param {Response} response
   * @param {string} id
   */
  #watch(response, id) {
    this.#arrived.tell(id)
    response.on('close', () => this.#gone.tell(id))
  }
}

/** Things that happen once each, told to those who ask before and after. */
class Events {
  /** @type {Map<string, 'told' | (() => unknown)[]>} */
  #events = new Map()

  /** @param {string} id */
  tell(id) {
    const waiting = this.#events.get(id)
    this.#events.set(id, 'told')
    if (Array.isArray(waiting)) for (const callback of waiting) callback()
  }

  /**
   * @param {string} id
   * @param {() => unknown} callback
   */
  once(id, callback) {
    const waiting = this.#events.get(id)
    if (waiting === 'told') callback()
    else this.#events.set(id, [...(waiting ?? []), callback])
  }
}

/** @param {Response} response */
function sendChunks(response) {
  response.setHeader('trailer', 'X-Sum')
  response.write('hello')
  // Chunks of their own packets.
  setImmediate(() => {
    response.write(', chunked!')
    response.addTrailers({ 'X-Sum': '15' })
    response.end()
  })
}

/** @param {Response} response */
function sendLines(response) {
  for (let index = 0; index < 1000; index++) response.write(`line ${index}\r\n`)
  response.end()
}

/**
 * When all of it is there: an answer before the request's end would retire the connection.
 *
 * @param {Request} request
 * @param {Response} response
 */
async function echo(request, response) {
  response.setHeader('x-framing', request.headers['transfer-encoding'] ?? 'content-length')
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  response.end(Buffer.concat(chunks))
}

/**
 * @param {Request} request
 * @param {Response} response
 * @param {string} coding
 * @param {string} query `cut`: without its end.
 */
function sendCoded(request, response, coding, query) {
  if (!isCoding(coding)) {
    response.writeHead(404).end()
    return
  }
  const content = coded(coding)
  response.setHeader('content-encoding', coding)
  response.setHeader('x-asked', request.headers['accept-encoding'] ?? '')
  response.end(query === 'cut' ? content.subarray(0, -CUT_BYTE_COUNT) : content)
}

/**
 * @param {Request} request
 * @param {import('node:stream').Duplex} socket
 */
function upgrade(request, socket) {
  socket.on('error', () => {})
  const head = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${request.headers.upgrade}\r\n\r\n`
  socket.write(`${head}early\n`)
  socket.pipe(socket)
}
