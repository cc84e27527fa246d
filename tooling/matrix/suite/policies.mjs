// Policies, fetch, records and replays over a connector in memory: nothing here needs a socket.
import {
  basicAuth,
  bearerAuth,
  circuitBreaker,
  coalesce,
  compressBody,
  cookies,
  digestAuth,
  eventSource,
  paginate,
  retry,
} from '@x/http-policies'
import { ClientSession } from '@x/http-session'
import { mockConnector, record, replay } from '@x/http-session/mock'
import { equal, rejection } from './expect.mjs'

const ORIGIN = 'http://a.example'

/** @type {import('./run-cases.mjs').Case[]} */
export const policyCases = [
  {
    feature: 'policies',
    name: 'a failure that may pass is tried again, a circuit opens',
    async run() {
      const { mock, session } = mocked({
        middleware: [
          retry({ baseMs: 1, statuses: [503] }),
          circuitBreaker({ minimumCalls: 3, failureRate: 0.6 }),
        ],
      })
      mock.on('GET', '/passes').reply(503).reply(200, { body: 'passed' })
      equal(await session.get(`${ORIGIN}/passes`).text(), 'passed')
      equal(mock.requests.length, 2)
      mock.on('GET', '/fails').reply(500)
      await session.get(`${ORIGIN}/fails`).text()
      const refused = rejection(session.get(`${ORIGIN}/fails`))
      equal((await refused).code, 'ERR_HTTP_CIRCUIT_OPEN')
      await session.close()
    },
  },
  {
    feature: 'policies',
    name: 'credentials and cookies go to the origin that they are for',
    async run() {
      /** @type {string[]} */
      const kept = []
      const jar = {
        getCookieString: async () => kept.join('; '),
        setCookie: async (/** @type {string} */ cookie) => kept.push(cookie),
      }
      const { mock, session } = mocked({
        middleware: [cookies(jar), basicAuth({ user: 'me', password: 'ä', origins: ORIGIN })],
      })
      mock.on('GET', /./).reply(200, { headers: { 'set-cookie': 'id=7' } })
      for (const origin of [ORIGIN, ORIGIN, 'http://b.example']) await session.get(`${origin}/`).text()
      const sent = mock.requests.map(({ headers }) => [
        headers.get('cookie') ?? null,
        headers.get('authorization') ?? null,
      ])
      equal(sent[0], [null, 'Basic bWU6w6Q='])
      equal(sent[1], ['id=7', 'Basic bWU6w6Q='])
      equal(sent[2]?.[1], null)
      await session.close()
    },
  },
  {
    feature: 'policies',
    name: 'a token that was refused is renewed once',
    async run() {
      const bearer = bearerAuth({ token: 'old', refresh: async () => 'new', origins: ORIGIN })
      const { mock, session } = mocked({ middleware: [bearer] })
      mock.on('GET', '/').replyWith(({ headers }) => ({
        status: headers.get('authorization') === 'Bearer new' ? 200 : 401,
      }))
      equal((await session.get(`${ORIGIN}/`)).status, 200)
      equal(mock.requests.length, 2)
      await session.close()
    },
  },
  {
    feature: 'policies',
    name: 'one answer for requests that are the same, pages, events',
    async run() {
      const { mock, session } = mocked({ middleware: [coalesce()] })
      mock.on('GET', '/one').reply(200, { body: 'one' })
      const urls = Array.from({ length: 5 }, () => `${ORIGIN}/one`)
      equal(await Promise.all(urls.map((url) => session.get(url).text())), urls.fill('one'))
      mock.on('GET', '/pages?n=1').reply(200, { json: [1], headers: { link: '</pages?n=2>; rel=next' } })
      mock.on('GET', '/pages?n=2').reply(200, { json: [2] })
      const pages = []
      for await (const { body } of paginate(session, `${ORIGIN}/pages?n=1`)) pages.push(body)
      equal(pages, [[1], [2]])
      const headers = { 'content-type': 'text/event-stream' }
      mock.on('GET', '/events').reply(200, { headers, body: 'id: 1\ndata: hello\n\n' })
      for await (const event of eventSource(session, `${ORIGIN}/events`)) {
        equal([event.data, event.lastEventId], ['hello', '1'])
        break
      }
      equal(mock.requests.length, 4)
      await session.close()
    },
  },
  {
    feature: 'compress',
    name: 'a body is compressed on its way out',
    async run() {
      const { mock, session } = mocked({ middleware: [compressBody({ coding: 'gzip', minBytes: 0 })] })
      mock.on('POST', '/').replyWith(({ headers, body }) => ({
        status: 200,
        json: [headers.get('content-encoding'), body[0], body[1]],
      }))
      equal(await session.post(`${ORIGIN}/`, { body: 'x'.repeat(1000) }).json(), ['gzip', 0x1f, 0x8b])
      await session.close()
    },
  },
  digestCase('policies', 'SHA-256', 'digest by SHA-256'),
  digestCase('digest-md5', 'MD5', 'digest by MD5'),
  {
    feature: 'fetch',
    name: 'Request, Response and Headers in and out, an abort',
    async run() {
      const { mock, session } = mocked({})
      mock.on('POST', '/echo').replyWith((request) => ({ status: 201, body: request.text().toUpperCase() }))
      mock.on('GET', '/never').neverReply()
      const { fetch } = session
      const response = await fetch(new Request(`${ORIGIN}/echo`, { method: 'POST', body: 'hello' }))
      equal([response instanceof Response, response.status, await response.text()], [true, 201, 'HELLO'])
      const controller = new AbortController()
      const waiting = rejection(fetch(`${ORIGIN}/never`, { signal: controller.signal }))
      const reason = new Error('enough')
      controller.abort(reason)
      equal((await waiting) === reason, true)
      await session.close()
    },
  },
  {
    feature: 'fetch',
    name: 'what was recorded is replayed',
    async run() {
      const mock = mockConnector()
      mock.on('GET', '/').reply(200, { body: 'live' })
      const recorder = record(mock.connector)
      const live = new ClientSession({ connector: recorder.connector })
      equal(await live.get(`${ORIGIN}/`).text(), 'live')
      await live.close()
      await recorder.close()
      const { connector } = replay(JSON.parse(JSON.stringify(recorder.tape)))
      const session = new ClientSession({ connector })
      equal(await session.get(`${ORIGIN}/`).text(), 'live')
      await session.close()
    },
  },
]

/** @param {import('@x/http-session').SessionOptions} options */
function mocked(options) {
  const mock = mockConnector()
  return { mock, session: new ClientSession({ ...options, connector: mock.connector }) }
}

/**
 * @param {string} feature
 * @param {string} algorithm
 * @param {string} name
 * @returns {import('./run-cases.mjs').Case}
 */
function digestCase(feature, algorithm, name) {
  return {
    feature,
    name,
    async run() {
      const digest = digestAuth({ user: 'me', password: 'secret', origins: ORIGIN })
      const { mock, session } = mocked({ middleware: [digest] })
      const challenge = `Digest realm="r", nonce="n", qop="auth", algorithm=${algorithm}`
      mock.on('GET', '/').replyWith(({ headers }) => {
        const isDigest = headers.get('authorization')?.startsWith('Digest ') === true
        return isDigest ? { status: 200 } : { status: 401, headers: { 'www-authenticate': challenge } }
      })
      equal((await session.get(`${ORIGIN}/`)).status, 200)
      await session.close()
    },
  }
}
