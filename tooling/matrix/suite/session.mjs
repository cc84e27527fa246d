// @x/http-session over real connections, with the local HTTP server of the peers.
import { CODED_TEXT, CODINGS, CUT_BYTE_COUNT, coded } from './coded.mjs'
import { equal, isPattern, pattern, rejection, text } from './expect.mjs'

/** @typedef {import('./connections.mjs').World} World */

const CHUNK_BYTE_COUNT = 10_000

/** @type {import('./run-cases.mjs').Case[]} */
export const sessionCases = [
  {
    feature: 'keep-alive',
    name: 'requests one after the other share a connection, requests at once do not',
    async run(/** @type {World} */ { newSession, peers }) {
      const session = newSession()
      const ids = new Set()
      for (let count = 0; count < 5; count++) {
        const response = await session.get(`${peers.http}/hello`)
        equal([response.status, await response.text()], [200, 'hello'])
        ids.add(response.headers.get('x-connection'))
      }
      equal(ids.size, 1)
      const held = await Promise.all([1, 2, 3].map(() => session.get(`${peers.http}/large`)))
      equal(new Set(held.map(({ headers }) => headers.get('x-connection'))).size, 3)
      for (const response of held) equal(isPattern(await response.bytes()), true)
      await session.close()
    },
  },
  {
    feature: 'keep-alive',
    name: 'a redirect is followed, a HEAD has no body, an unread body harms nothing',
    async run(/** @type {World} */ { newSession, peers }) {
      const session = newSession()
      const redirected = await session.get(`${peers.http}/redirect`)
      equal([await redirected.text(), redirected.redirects.length], ['hello', 1])
      const head = await session.head(`${peers.http}/hello`)
      equal([head.headers.get('content-length'), await head.text()], ['5', ''])
      ;(await session.get(`${peers.http}/large`)).discard()
      equal(await (await session.get(`${peers.http}/hello`)).text(), 'hello')
      await session.close()
    },
  },
  {
    feature: 'chunked',
    name: 'chunks as they come, and trailers',
    async run(/** @type {World} */ { newSession, peers }) {
      const session = newSession()
      const response = await session.get(`${peers.http}/chunked`)
      let content = ''
      for await (const chunk of response) content += text(chunk)
      equal([content, response.trailers?.get('x-sum')], ['hello, chunked!', '15'])
      const lines = []
      for await (const line of (await session.get(`${peers.http}/lines`)).lines()) lines.push(line)
      equal([lines.length, lines[0], lines.at(-1)], [1000, 'line 0', 'line 999'])
      await session.close()
    },
  },
  {
    feature: 'upload',
    name: 'bodies of known and of unknown length, no faster than the server takes them',
    async run(/** @type {World} */ { newSession, peers }) {
      const session = newSession()
      const known = await session.post(`${peers.http}/echo`, { body: pattern(300_000) })
      equal([known.headers.get('x-framing'), isPattern(await known.bytes())], ['content-length', true])
      const unknown = await session.put(`${peers.http}/echo`, { body: patternChunks(50) })
      const echoed = await unknown.bytes()
      equal(unknown.headers.get('x-framing'), 'chunked')
      equal([echoed.length, isPattern(echoed)], [50 * CHUNK_BYTE_COUNT, true])
      const form = new FormData()
      form.set('name', 'ä')
      form.set('file', new Blob(['content']), 'a.txt')
      const sent = await (await session.post(`${peers.http}/echo`, { body: form })).text()
      equal([sent.includes('name="file"; filename="a.txt"'), sent.includes('\r\n\r\nä\r\n')], [true, true])
      await session.close()
    },
  },
  {
    feature: 'abort',
    name: 'an abort while it waits and in the body: the reason itself, and the server sees the connection close',
    async run(/** @type {World} */ { newSession, peers }) {
      const session = newSession()
      for (const path of ['never', 'drip']) {
        const controller = new AbortController()
        const { signal } = controller
        const reason = new Error('enough')
        const id = `${path}-${Math.random()}`
        const requesting = session.get(`${peers.http}/${path}?${id}`, { signal })
        if (path === 'never') {
          // The server has the request.
          await (await session.get(`${peers.http}/arrived?${id}`)).text()
          controller.abort(reason)
          equal((await rejection(requesting, path)) === reason, true, path)
        } else {
          const reading = rejection((await requesting).bytes(), path)
          controller.abort(reason)
          equal((await reading) === reason, true, path)
        }
        equal(await (await session.get(`${peers.http}/gone?${id}`)).text(), 'gone')
      }
      await session.close()
    },
  },
  {
    feature: 'abort',
    name: 'a time limit, and a server that leaves in the middle of a body',
    async run(/** @type {World} */ { newSession, peers }) {
      const session = newSession()
      const late = session.get(`${peers.http}/never?late`, { timeouts: { headersMs: 30 } })
      equal((await rejection(late)).code, 'ERR_HTTP_TIMEOUT_HEADERS')
      const cut = await session.get(`${peers.http}/cut`)
      const { code, received, expected } = await rejection(cut.bytes())
      equal([code, received, expected], ['ERR_HTTP_BODY_INCOMPLETE', 5, 10])
      const refused = await rejection(session.get(`http://127.0.0.1:${peers.closed}/`))
      equal([refused.code, refused.phase, refused.sent], ['ERR_HTTP_CONNECT_FAILED', 'connect', 'none'])
      await session.close()
    },
  },
  ...CODINGS.map((coding) => ({
    feature: coding,
    name: `${coding} is asked for and undone`,
    async run(/** @type {World} */ { newSession, peers }) {
      const session = newSession()
      const response = await session.get(`${peers.http}/coded/${coding}`)
      equal(await response.text(), CODED_TEXT)
      equal(response.headers.get('x-asked')?.split(/, */).includes(coding), true, 'Accept-Encoding names it')
      await session.close()
    },
  })),
  ...CODINGS.map((coding) => ({
    feature: 'coded-content',
    name: `${coding} that is cut short is never taken for whole, and what is not undone says so`,
    async run(/** @type {World} */ { newSession, peers }) {
      const session = newSession()
      const response = await session.get(`${peers.http}/coded/${coding}?cut`)
      if (response.contentCodings.length > 0) {
        equal(response.contentCodings, [coding])
        equal(await response.bytes(), coded(coding).subarray(0, -CUT_BYTE_COUNT))
      } else {
        equal((await rejection(response.bytes(), 'content that was cut short')).code, 'ERR_HTTP_DECODE')
      }
      await session.close()
    },
  })),
  {
    feature: 'https',
    name: 'https, on one connection',
    async run(/** @type {World} */ { newTlsSession, peers }) {
      const session = newTlsSession()
      const ids = new Set()
      for (let count = 0; count < 3; count++) {
        const response = await session.post(`${peers.https}/echo`, { body: pattern(100_000) })
        equal(isPattern(await response.bytes()), true)
        ids.add(response.headers.get('x-connection'))
      }
      equal(ids.size, 1)
      await session.close()
    },
  },
  {
    feature: 'upgrade',
    name: 'behind 101 the connection is handed over, with what came early',
    async run(/** @type {World} */ { newSession, peers }) {
      const session = newSession()
      const response = await session.get(`${peers.http}/upgrade`, {
        headers: { connection: 'Upgrade', upgrade: 'echo' },
      })
      equal(response.status, 101)
      /** @type {import('@x/streams').Connection} */
      const { reader, writer } = response.takeConnection()
      equal(await reader.readLine(), 'early')
      writer.writeText('round and round\n')
      equal(await reader.readLine(), 'round and round')
      await writer.close()
      await session.close()
    },
  },
]

/** @param {number} count */
async function* patternChunks(count) {
  const octets = pattern(count * CHUNK_BYTE_COUNT)
  for (let at = 0; at < octets.length; at += CHUNK_BYTE_COUNT)
    yield octets.subarray(at, at + CHUNK_BYTE_COUNT)
}
