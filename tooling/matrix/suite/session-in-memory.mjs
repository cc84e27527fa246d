// @x/http-session over a connector of the caller's: no socket, nothing of Node's, so that it runs wherever there is JavaScript.
import { ClientSession } from '@x/http-session'
import { RequestHeadDecoder, createBodyDecoder, requestFraming } from '@x/http1'
import { memoryConnections } from '@x/streams/memory'
import { CODED_TEXT, coded } from './coded.mjs'
import { equal, rejection } from './expect.mjs'

const CHUNKED = '5\r\nhello\r\nA\r\n, chunked!\r\n0\r\nX-Sum: 15\r\n\r\n'

/** @type {import('./run-cases.mjs').Case[]} */
export const sessionInMemoryCases = [
  {
    feature: 'session-in-memory',
    name: 'one connection for requests one after the other, chunks, trailers, a request body',
    async run() {
      const { session, connectionCount } = memorySession()
      const url = 'http://a.example'
      equal(await (await session.get(`${url}/hello`)).text(), 'hello')
      const chunked = await session.get(`${url}/chunked`)
      equal([await chunked.text(), chunked.trailers?.get('x-sum')], ['hello, chunked!', '15'])
      const echoed = await session.post(`${url}/echo`, { json: { a: 'ä' } })
      equal([await echoed.json(), echoed.status], [{ a: 'ä' }, 200])
      const streamed = await session.post(`${url}/echo`, { body: new Blob(['from ', 'a blob']).stream() })
      equal([await streamed.text(), streamed.headers.get('x-framing')], ['from a blob', 'chunked'])
      equal(connectionCount(), 1)
      await session.close()
    },
  },
  {
    feature: 'session-in-memory',
    name: 'gzip is undone, and what is cut short is an error',
    async run() {
      const { session } = memorySession()
      equal(await (await session.get('http://a.example/gzip')).text(), CODED_TEXT)
      const cut = await session.get('http://a.example/gzip-cut')
      equal((await rejection(cut.text())).code, 'ERR_HTTP_DECODE')
      await session.close()
    },
  },
  {
    feature: 'session-in-memory',
    name: 'an abort rejects with its reason, a time limit is an error of its own; no connection stays open',
    async run() {
      const { session, allClosed } = memorySession()
      const controller = new AbortController()
      const requesting = rejection(session.get('http://a.example/never', { signal: controller.signal }))
      const reason = new Error('enough')
      controller.abort(reason)
      equal((await requesting) === reason, true)
      const late = session.get('http://a.example/never', { timeouts: { headersMs: 20 } })
      equal((await rejection(late)).code, 'ERR_HTTP_TIMEOUT_HEADERS')
      await session.close()
      await allClosed()
    },
  },
]

function memorySession() {
  /** @type {import('@x/streams').Connection[]} */
  const servers = []
  const session = new ClientSession({
    async connector() {
      const { client, server } = memoryConnections({ link: { seed: servers.length + 1, maxChunkBytes: 100 } })
      servers.push(server)
      // A connection that the client gives up is the end of its server.
      serve(server).catch(() => {})
      return client
    },
  })
  return {
    session,
    connectionCount: () => servers.length,
    allClosed: () => Promise.all(servers.map(({ closed }) => closed)),
  }
}

/** @param {import('@x/streams').Connection} connection */
async function serve({ reader, writer }) {
  const heads = new RequestHeadDecoder()
  for (;;) {
    const head = await reader.decode(heads.decode)
    const framing = requestFraming(head)
    const content = await contentOf(reader, framing)
    const answer = answerTo(head.target, content, framing.kind)
    if (answer === null) continue
    writer.writeText(`HTTP/1.1 200 OK\r\n${answer.fields}\r\n`, 'latin1')
    writer.write(answer.body)
    await writer.drain()
  }
}

/**
 * @param {import('@x/stream-reader').StreamReader} reader
 * @param {import('@x/http1').MessageFraming} framing
 */
async function contentOf(reader, framing) {
  const body = createBodyDecoder(framing)
  /** @type {BlobPart[]} */
  const pieces = []
  for (let step = ''; step !== 'end';) {
    step = await reader.decode((window) => {
      const { bytes } = window
      const found = body.next(window)
      if (found === 'data') pieces.push(new Uint8Array(bytes.subarray(body.dataStart, body.dataEnd)))
      return found
    })
  }
  return new Blob(pieces).text()
}

/**
 * @param {string} target
 * @param {string} content
 * @param {string} framing
 * @returns {{ fields: string, body: Uint8Array } | null} `null`: no answer.
 */
function answerTo(target, content, framing) {
  const plain = new TextEncoder().encode(target === '/hello' ? 'hello' : content)
  switch (target) {
    case '/never':
      return null
    case '/chunked':
      return { fields: 'Transfer-Encoding: chunked\r\n', body: new TextEncoder().encode(CHUNKED) }
    case '/gzip':
      return withLength(coded('gzip'), 'Content-Encoding: gzip\r\n')
    case '/gzip-cut':
      return withLength(coded('gzip').subarray(0, -9), 'Content-Encoding: gzip\r\n')
    default:
      return withLength(plain, `X-Framing: ${framing}\r\n`)
  }
}

/**
 * @param {Uint8Array} body
 * @param {string} fields
 */
function withLength(body, fields) {
  return { fields: `${fields}Content-Length: ${body.length}\r\n`, body }
}
