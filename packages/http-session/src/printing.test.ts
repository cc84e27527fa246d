/** What a log shows of each thing that a program can hold: what it is comes first, in a few lines, without a password or a dump of insides. */
import { inspect } from 'node:util'
import { FieldSection } from '@x/http1'
import { expect, test } from 'vitest'
import { AddressBlockedError, blockPrivateAddresses, createAddressGuard, guarded } from './address-guard.ts'
import { createConnector } from './connector.ts'
import { diagnosticsChannels } from './diagnostics.ts'
import * as errors from './errors.ts'
import { ClientSession } from './index.ts'
import type { ClientRequest, RequestFacts } from './index.ts'
import { answering, HELLO, memoryServer } from './memory-server.test-support.ts'
import { mockConnector, MockError, record } from './mock.ts'

const URL = 'http://a.example/path'
const SECRETS = {
  Authorization: 'Bearer secret',
  Cookie: 'sid=secret',
  'Proxy-Authorization': 'Basic secret',
}
const ANSWER = 'HTTP/1.1 200 OK\r\nSet-Cookie: sid=secret\r\nContent-Length: 5\r\n\r\nHello'

/** One of each, from a call that is over. */
async function things() {
  let request: ClientRequest | null = null
  const { session } = memoryServer(answering(ANSWER), {
    baseUrl: 'http://user:secret@a.example/',
    headers: SECRETS,
    middleware: [(asked, next) => next((request = asked))],
  })
  const call = session.post('/path', { body: new Uint8Array(5000) })
  const response = await call
  const mock = mockConnector()
  const route = mock
    .on('GET', URL)
    .reply(200, { body: 'x'.repeat(5000), headers: { 'set-cookie': 'secret' } })
  const body = 'secret'.repeat(1000)
  await new ClientSession({ connector: mock.connector }).get(URL, { headers: SECRETS }).text()
  await new ClientSession({ connector: mock.connector }).put(URL, { body }).catch(() => {})
  return { request, session, call, response, mock, route }
}

type Things = Awaited<ReturnType<typeof things>>

const SHOWN: { name: string; of: (all: Things) => unknown; line: string; has?: string[]; most?: number }[] = [
  {
    name: 'a session',
    of: ({ session }) => session,
    line: 'ClientSession {',
    has: ["baseUrl: 'http://a.example/'", 'idle: 1'],
    most: 8,
  },
  {
    name: 'a session without anything',
    of: () => new ClientSession(),
    line: 'ClientSession { baseUrl: null, connecting: 0, idle: 0, leased: 0, waiting: 0 }',
    most: 7,
  },
  {
    name: 'a request',
    of: ({ request }) => request,
    line: 'ClientRequest {',
    has: [
      "method: 'POST'",
      `url: '${URL}'`,
      "'Authorization: (hidden)'",
      "'Cookie: (hidden)'",
      'bodyByteCount: 5000',
    ],
  },
  {
    name: 'a response',
    of: ({ response }) => response,
    line: 'ClientResponse {',
    has: ['status: 200', `url: '${URL}'`, "'Set-Cookie: (hidden)'", 'bodyUsed: false'],
  },
  {
    name: 'a response to come',
    of: ({ call }) => call,
    line: 'Promise {',
    has: ['ClientResponse {'],
    most: 20,
  },
  {
    name: 'fields',
    of: ({ response }) => response.headers,
    line: "FieldSection [ 'Set-Cookie: (hidden)', 'Content-Length: 5' ]",
  },
  { name: 'no fields', of: () => FieldSection.from([]), line: 'FieldSection []' },
  { name: 'timings', of: ({ response }) => response.timings, line: '{', has: ['reused: false'] },
  {
    name: 'progress',
    of: ({ response }) => response.progress,
    line: 'ProgressMeter {',
    has: ['bytesReceived: 5'],
  },
  {
    name: 'counts of the pool',
    of: ({ session }) => session.stats(),
    line: '{',
    has: ['opened: 1', "origin: 'http://a.example'"],
    most: 25,
  },
  {
    name: 'a mock',
    of: ({ mock }) => mock,
    line: 'MockConnector {',
    has: [`routes: [ 'GET ${URL}' ]`, `'PUT ${URL}'`, 'connectionCount: 2'],
    most: 6,
  },
  { name: 'a route of a mock', of: ({ route }) => route, line: `MockRoute { name: 'GET ${URL}' }` },
  {
    name: 'a request that has come to a mock',
    of: ({ mock }) => mock.requests[1],
    line: 'MockRequest {',
    has: ["method: 'PUT'", 'bodyByteCount: 6000'],
  },
  {
    name: 'a recorder',
    of: () => record(createConnector()),
    line: '{',
    has: ['[AsyncFunction: connectInMemory]', 'exchanges: []'],
  },
  { name: 'a connector', of: () => createConnector(), line: '[Function: connect]' },
  { name: 'a guard', of: () => createAddressGuard(), line: '[Function: guardAddress]' },
  { name: 'the usual guard', of: () => blockPrivateAddresses, line: '[Function: guardAddress]' },
  {
    name: 'a guarded connector',
    of: () => guarded(createConnector(), blockPrivateAddresses),
    line: '[AsyncFunction: connectGuarded]',
  },
  {
    name: 'the channels',
    of: () => diagnosticsChannels,
    line: '[Function: publishEvent] { isWanted: [Function: isWanted] }',
  },
]

for (const { name, of, line, has = [], most = 25 } of SHOWN) {
  test(`what is printed of ${name}`, async () => {
    const shown = inspect(of(await things()))
    expect(shown.split('\n')[0] === line || shown.replaceAll(/\s+/g, ' ') === line, shown).toBe(true)
    for (const part of has) expect(shown).toContain(part)
    expect(shown).not.toContain('secret')
    expect(shown.split('\n').length, shown).toBeLessThan(most)
  })
}

test('what lies deeper than is asked for is named alone', async () => {
  const { session, response, mock } = await things()
  const deep = inspect({ a: { b: { session, response, mock } } }, { depth: 1 })
  expect(deep.replaceAll(/\s+/g, ' ')).toBe('{ a: { b: [Object] } }')
  const less = inspect({ a: { session, response, mock } }, { depth: 1, breakLength: Infinity })
  expect(less).toBe('{ a: { session: [ClientSession], response: [ClientResponse], mock: [MockConnector] } }')
})

const FACTS: RequestFacts = {
  method: 'GET',
  url: URL,
  phase: 'headers',
  retriable: 'no',
  sent: 'all',
  attempts: 1,
  elapsedMs: 12,
}
const CAUSE = new Error('the cause')
const HEADERS = FieldSection.from({ 'set-cookie': 'secret' })

/** One of each class, and what is on its first line behind the class's name. */
const ERRORS: { error: Error; says: string }[] = [
  { error: new errors.UsageError('ERR_HTTP_INVALID_URL', 'bad'), says: 'bad' },
  { error: new errors.QueueError(FACTS, 7), says: '7 requests are waiting' },
  { error: new errors.ConnectError(FACTS, CAUSE), says: 'the cause' },
  { error: new errors.DnsError(FACTS, 'ERR_HTTP_DNS_NOTFOUND', CAUSE), says: 'the cause' },
  { error: new errors.TlsError(FACTS, 'ERR_HTTP_TLS_CERT', CAUSE), says: 'the cause' },
  { error: new errors.ProxyError(FACTS, 'ERR_HTTP_PROXY_AUTH', CAUSE), says: 'the cause' },
  {
    error: new errors.TimeoutError(FACTS, 'ERR_HTTP_TIMEOUT_TOTAL', 5),
    says: 'not done within timeouts.totalMs = 5 ms',
  },
  { error: new errors.ConnectionLostError(FACTS, 'ERR_HTTP_RESET', CAUSE), says: 'the cause' },
  { error: new errors.SessionClosedError(FACTS), says: 'the session was closed meanwhile' },
  { error: new errors.ProtocolError(FACTS, 'ERR_HTTP_PARSE', CAUSE), says: 'the cause' },
  { error: new errors.BodyError(FACTS, { code: 'ERR_HTTP_DECODE', why: 'corrupt' }), says: 'corrupt' },
  { error: new errors.RedirectError(FACTS, 'ERR_HTTP_REDIRECT_MAX', 'too many', 302), says: 'too many' },
  {
    error: new errors.StatusError(FACTS, {
      status: 404,
      reasonPhrase: 'Not Found',
      headers: HEADERS,
      preview: 'secret',
    }),
    says: 'status 404 Not Found',
  },
  {
    error: new AddressBlockedError({ host: '10.0.0.1', address: null, addressClass: 'private' }),
    says: 'private',
  },
  { error: new MockError('ERR_HTTP_MOCK_PENDING', 'did not come'), says: 'did not come' },
]

test('the table has every class of error', () => {
  const classes = Object.entries(errors).filter(([, value]) => value.prototype instanceof Error)
  const concrete = classes
    .map(([name]) => name)
    .filter((name) => !/^(?:HttpSession|Request)Error$/.test(name))
  expect(concrete.filter((name) => !ERRORS.some(({ error }) => error.name === name))).toEqual([])
})

for (const { error, says } of ERRORS) {
  test(`what is printed of a ${error.name}`, () => {
    const shown = inspect(error)
    const [first = '', second] = shown.split('\n')
    expect(first).toMatch(new RegExp(`^${error.constructor.name}: `))
    expect(first.startsWith(error.name)).toBe(true)
    expect(first).toContain(says)
    if (error instanceof errors.RequestError) expect(first).toContain(`GET ${URL}: headers: `)
    expect(second).toMatch(/^ {4}at /)
    expect(shown).toContain(`code: '${(error as errors.HttpSessionError).code}'`)
    expect(`${shown}${JSON.stringify(error)}${String(error)}`).not.toContain('secret')
    // Of the stack's lines, at most ten each.
    expect(shown.split('\n').length, shown).toBeLessThan(45)
  })
}

const REFUSED: { name: string; refuse: (session: ClientSession) => Promise<unknown> }[] = [
  { name: 'a URL with a password', refuse: (session) => session.get('http//user:secret@a.example/') },
  { name: 'a URL of another scheme', refuse: (session) => session.get('ftp://user:secret@a.example/') },
  {
    name: 'a field value',
    refuse: (session) => session.get(URL, { headers: { Authorization: 'secret\n' } }),
  },
  { name: 'a field name', refuse: (session) => session.get(URL, { headers: [['Cookie\n', 'secret']] }) },
]

for (const { name, refuse } of REFUSED) {
  test(`what is printed of an error that refuses ${name}`, async () => {
    const { session } = memoryServer(answering(HELLO))
    const error: unknown = await refuse(session).catch((thrown: unknown) => thrown)
    expect(inspect(error)).toMatch(/^UsageError: /)
    expect(inspect(error)).not.toContain('secret')
  })
}
