import { expect, test } from 'vitest'
import { HELLO, memoryServer, readRequest } from './memory-server.test-support.ts'
import type { ClientSession, HeadersInit, RequestOptions, SessionOptions } from './index.ts'
import { headersOf, requestFields, sessionFields } from './request-fields.ts'

const URL = 'http://a.example/'
const DEFAULTS = ['Accept: */*', 'User-Agent: http-session']

/** The field lines that go out, but for Host and Accept-Encoding. */
async function linesOf(
  headers: HeadersInit | undefined,
  use: (session: ClientSession) => ClientSession = (session) => session,
  options: RequestOptions = {},
): Promise<string[]> {
  const all = await allLinesOf(headers === undefined ? {} : { headers }, use, options)
  return all.filter((line) => !/^(?:Host|Accept-Encoding):/i.test(line))
}

async function allLinesOf(
  init: SessionOptions,
  use: (session: ClientSession) => ClientSession,
  options: RequestOptions,
): Promise<string[]> {
  let request = ''
  const { session } = memoryServer(async (peer) => {
    request = (await readRequest(peer)) ?? ''
    peer.writer.writeText(HELLO)
  }, init)
  await use(session).get(URL, options).bytes()
  return request.trim().split('\n').slice(1)
}

const OF_SESSIONS: { name: string; headers: HeadersInit | undefined; lines: string[] }[] = [
  { name: 'none', headers: undefined, lines: DEFAULTS },
  { name: 'another one', headers: { 'X-A': '1' }, lines: [...DEFAULTS, 'X-A: 1'] },
  {
    name: 'one in place of a default, without case',
    headers: { 'user-agent': 'mine' },
    lines: ['Accept: */*', 'user-agent: mine'],
  },
  { name: 'pairs', headers: [['ACCEPT', 'a/b']], lines: ['User-Agent: http-session', 'ACCEPT: a/b'] },
  {
    name: 'Headers',
    headers: new Headers({ accept: 'a/b' }),
    lines: ['User-Agent: http-session', 'accept: a/b'],
  },
  { name: 'a default that is not wanted', headers: { 'user-Agent': undefined }, lines: ['Accept: */*'] },
  { name: 'no default at all', headers: { accept: undefined, 'user-agent': undefined }, lines: [] },
  { name: 'no fields', headers: {}, lines: DEFAULTS },
  { name: 'what is not there to be left out', headers: { 'x-a': undefined }, lines: DEFAULTS },
]

for (const { name, headers, lines } of OF_SESSIONS) {
  test(`headers of a session are laid over the defaults: ${name}`, async () => {
    expect(await linesOf(headers)).toEqual(lines)
  })
  test(`headers of a request are laid over the session's: ${name}`, async () => {
    const options = headers === undefined ? {} : { headers }
    expect(await linesOf(undefined, undefined, options)).toEqual(lines)
  })
  test(`headers of an extended session are laid over those of the other: ${name}`, async () => {
    const options = headers === undefined ? {} : { headers }
    expect(await linesOf(undefined, (session) => session.extend(options))).toEqual(lines)
    expect(await linesOf(headers, (session) => session.extend({ maxRedirects: 1 }))).toEqual(lines)
    expect(await linesOf(headers, (session) => session.extend({ headers: {} }))).toEqual(lines)
  })
}

test('what a session leaves out an extended one and a request can say again', async () => {
  const headers = { accept: undefined }
  const own = { headers: { Accept: 'a/b' } }
  const lines = ['User-Agent: http-session', 'Accept: a/b']
  expect(await linesOf(headers, (session) => session.extend(own))).toEqual(lines)
  expect(await linesOf(headers, (session) => session, own)).toEqual(lines)
})

test('a request leaves out what its session sends, whatever it is', async () => {
  const headers = { authorization: 'Bearer a', 'x-a': ['1', '2'] }
  const options = { headers: { Authorization: undefined, 'X-A': undefined, 'x-b': '1' } }
  expect(await linesOf(headers, undefined, options)).toEqual([...DEFAULTS, 'x-b: 1'])
})

test('headers that extend twice keep several lines of one name, and every name as it was said', async () => {
  const lines = await linesOf({ 'X-A': ['1', '2'], __proto__: null } as never, (session) =>
    session.extend({ headers: [['__proto__', '3']] }).extend({ headers: { 'x-c': '4' } }),
  )
  expect(lines).toEqual([...DEFAULTS, 'X-A: 1', 'X-A: 2', '__proto__: 3', 'x-c: 4'])
})

test('Accept-Encoding is the session’s own, left out like any other, and by the request alone, too', async () => {
  const omitted = { headers: { 'Accept-Encoding': undefined } }
  const same = (session: ClientSession): ClientSession => session
  const extended = (session: ClientSession): ClientSession => session.extend({ headers: { 'x-a': '1' } })
  const asks = (lines: string[]): string[] => lines.filter((line) => line.startsWith('Accept-Encoding'))
  expect(asks(await allLinesOf({}, same, {}))).toHaveLength(1)
  expect(asks(await allLinesOf({ headers: { 'X-A': '1' } }, extended, {}))).toHaveLength(1)
  expect(asks(await allLinesOf({}, same, omitted))).toEqual([])
  expect(asks(await allLinesOf(omitted, same, {}))).toEqual([])
  expect(asks(await allLinesOf(omitted, extended, {}))).toEqual([])
  const range = { headers: { Range: 'bytes=0-1' } }
  expect(asks(await allLinesOf({}, same, range))).toEqual(['Accept-Encoding: identity'])
  const both = { headers: { ...range.headers, ...omitted.headers } }
  expect(asks(await allLinesOf({}, same, both))).toEqual([])
})

test('a middleware leaves fields out', async () => {
  const middleware = [
    (request: { with: (changes: object) => never }, next: (request: never) => Promise<never>) =>
      next(request.with({ headers: { 'user-agent': undefined } })),
  ] as never
  expect(await linesOf(undefined, (session) => session.extend({ middleware }))).toEqual(['Accept: */*'])
})

test('a request without headers has the fields of its session, which are made once', () => {
  const fields = sessionFields({ a: '1' }, { b: '2' })
  expect(requestFields(fields, undefined)).toBe(fields)
  expect(sessionFields(headersOf(fields), { c: '3' }).lines).toBe('c: 3\r\nb: 2\r\na: 1\r\n')
})

const NOT_FIELDS: { headers: unknown; code: string; message: string }[] = [
  { headers: 5, code: 'ERR_HTTP_INVALID_OPTION', message: 'option headers: must be a record' },
  { headers: null, code: 'ERR_HTTP_INVALID_OPTION', message: 'got null' },
  { headers: 'a: b', code: 'ERR_HTTP_INVALID_OPTION', message: 'option headers' },
  { headers: () => ({}), code: 'ERR_HTTP_INVALID_OPTION', message: 'got function' },
  { headers: new Date(0), code: 'ERR_HTTP_INVALID_OPTION', message: 'got a Date' },
  { headers: [5], code: 'ERR_HTTP_INVALID_OPTION', message: 'option headers: must give pairs' },
  { headers: { a: null }, code: 'ERR_HTTP_INVALID_HEADER', message: 'not a string' },
  { headers: { a: 1 }, code: 'ERR_HTTP_INVALID_HEADER', message: 'not a string' },
  { headers: { a: [undefined] }, code: 'ERR_HTTP_INVALID_HEADER', message: 'not a string' },
  { headers: [['a', undefined]], code: 'ERR_HTTP_INVALID_HEADER', message: 'not a string' },
  { headers: { 'a b': undefined }, code: 'ERR_HTTP_INVALID_HEADER', message: 'not a token' },
  { headers: { a: '1\r\n', b: undefined }, code: 'ERR_HTTP_INVALID_HEADER', message: 'cannot be sent' },
]

for (const { headers, code, message } of NOT_FIELDS) {
  test(`headers: ${JSON.stringify(headers) ?? String(headers)} (${message}) are refused everywhere`, async () => {
    const given = { headers } as { headers: HeadersInit }
    const refusal = expect.objectContaining({ code, message: expect.stringContaining(message) as string })
    const { session, pairs } = memoryServer(() => {})
    expect(() => memoryServer(() => {}, given)).toThrow(refusal)
    expect(() => session.extend(given)).toThrow(refusal)
    await expect(session.get(URL, given)).rejects.toThrow(refusal)
    await expect(session.connect(URL, 'b.example:1', given)).rejects.toThrow(refusal)
    expect(pairs).toEqual([])
  })
}
