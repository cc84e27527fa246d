import type { ClientSession } from '@x/http-session'
import { expect, test } from 'vitest'
import { answeringBy, memoryServer, responseText, settle } from './memory-server.test-support.ts'
import { recordHar } from './record-har.ts'
import type { Har, HarRecorder, RecordHarOptions } from './record-har.ts'

const URL = 'http://a.example/x'
const NOON = Date.UTC(2020, 0, 2, 12)

function world(
  options: RecordHarOptions = {},
  answer: (request: string, index: number) => string | null = () =>
    responseText(200, { 'Content-Type': 'text/plain', 'Set-Cookie': 'sid=secret; Path=/' }, 'Hello'),
): { har: HarRecorder; session: ClientSession } {
  const har = recordHar({ wallClock: () => NOON, ...options })
  const { session } = memoryServer(answeringBy(answer), { middleware: [har] })
  return { har, session }
}

/** What the archive's specification asks for, member by member; `?` marks what may be missing. */
const SHAPES: Record<string, Record<string, string>> = {
  log: { version: 'string', creator: 'creator', pages: 'array', entries: 'entry[]' },
  creator: { name: 'string', version: 'string' },
  entry: {
    startedDateTime: 'date',
    time: 'number',
    request: 'request',
    response: 'response',
    cache: 'object',
    timings: 'timings',
    comment: 'string?',
  },
  request: {
    method: 'string',
    url: 'string',
    httpVersion: 'string',
    cookies: 'cookie[]',
    headers: 'pair[]',
    queryString: 'pair[]',
    postData: 'postData?',
    headersSize: 'number',
    bodySize: 'number',
  },
  response: {
    status: 'number',
    statusText: 'string',
    httpVersion: 'string',
    cookies: 'cookie[]',
    headers: 'pair[]',
    content: 'content',
    redirectURL: 'string',
    headersSize: 'number',
    bodySize: 'number',
  },
  cookie: {
    name: 'string',
    value: 'string',
    path: 'string?',
    domain: 'string?',
    expires: 'date?',
    httpOnly: 'boolean?',
    secure: 'boolean?',
  },
  pair: { name: 'string', value: 'string' },
  postData: { mimeType: 'string', text: 'string?', params: 'pair[]?', comment: 'string?' },
  content: {
    size: 'number',
    compression: 'number?',
    mimeType: 'string',
    text: 'string?',
    encoding: 'string?',
    comment: 'string?',
  },
  timings: {
    blocked: 'number',
    dns: 'number',
    connect: 'number',
    send: 'number',
    wait: 'number',
    receive: 'number',
    ssl: 'number',
  },
}

function faults(value: unknown, shape: string, at = 'log'): string[] {
  const kind = shape.replace(/\?$/, '')
  if (value === undefined) return kind === shape ? [`${at} is missing`] : []
  if (kind.endsWith('[]'))
    return Array.isArray(value)
      ? value.flatMap((one, index) => faults(one, kind.slice(0, -2), `${at}[${index}]`))
      : [`${at} is no list`]
  const members = SHAPES[kind]
  if (members !== undefined) {
    const unknown = Object.keys(value as object).filter((name) => members[name] === undefined)
    return [
      ...unknown.map((name) => `${at}.${name} is unknown`),
      ...Object.entries(members).flatMap(([name, of]) =>
        faults((value as Record<string, unknown>)[name], of, `${at}.${name}`),
      ),
    ]
  }
  if (kind === 'array') return Array.isArray(value) ? [] : [`${at} is no list`]
  if (kind === 'date')
    return typeof value !== 'string' || Number.isNaN(Date.parse(value)) ? [`${at} is no date`] : []
  // eslint-disable-next-line valid-typeof -- the kind comes from the table
  return typeof value === kind ? [] : [`${at} is no ${kind}`]
}

function archive(har: HarRecorder): Har {
  const parsed = JSON.parse(JSON.stringify(har)) as Har
  expect(faults(parsed.log, 'log')).toEqual([])
  return parsed
}

test('an exchange is an entry, once its body was read; credentials are left out', async () => {
  const { har, session } = world({ redact: ['X-Key'] })
  const headers = { authorization: 'Bearer secret', cookie: 'a=secret', 'x-key': 'secret', 'x-b': 'c' }
  const response = await session.post(`${URL}?q=1`, { json: { d: 'é' }, headers })
  expect(archive(har).log.entries).toEqual([])
  expect(await response.text()).toBe('Hello')
  const { log } = archive(har)
  expect(log.version).toBe('1.2')
  expect(JSON.stringify(log)).not.toContain('secret')
  const [entry] = log.entries
  expect(entry).toMatchObject({
    startedDateTime: '2020-01-02T12:00:00.000Z',
    request: {
      method: 'POST',
      url: `${URL}?q=1`,
      queryString: [{ name: 'q', value: '1' }],
      postData: { mimeType: 'application/json', text: '{"d":"é"}' },
      bodySize: 10,
    },
    response: {
      status: 200,
      statusText: 'X',
      httpVersion: 'HTTP/1.1',
      cookies: [{ name: 'sid', value: 'redacted', path: '/' }],
      content: { size: 5, mimeType: 'text/plain', text: 'Hello' },
      bodySize: 5,
    },
  })
  expect(entry!.request.headers).toContainEqual({ name: 'x-b', value: 'c' })
})

test('credentials are kept when that is asked for', async () => {
  const { har, session } = world({ credentials: 'keep' })
  await session.get(URL, { headers: { authorization: 'Bearer secret' } }).text()
  const [entry] = archive(har).log.entries
  expect(entry!.request.headers).toContainEqual({ name: 'authorization', value: 'Bearer secret' })
  expect(entry!.response.cookies[0]).toMatchObject({ value: 'secret' })
})

test('the caller’s response is the server’s: status, fields, trailers, redirects', async () => {
  const chunked =
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: b\r\n\r\n5\r\nHello\r\n0\r\nX-T: y\r\n\r\n'
  const { har, session } = world({}, (_request, index) =>
    index === 0 ? responseText(302, { Location: '/y' }) : chunked,
  )
  const response = await session.get(URL)
  expect(await response.text()).toBe('Hello')
  expect(response.headers.get('x-a')).toBe('b')
  expect(response.trailers?.get('x-t')).toBe('y')
  expect(response.redirects).toHaveLength(1)
  expect(
    archive(har).log.entries.map(({ request, response: { status, redirectURL } }) => [
      request.url,
      status,
      redirectURL,
    ]),
  ).toEqual([
    [URL, 302, '/y'],
    ['http://a.example/y', 200, ''],
  ])
})

test('HEAD and 204 are entries at once; a body that is left or fails is one with a comment', async () => {
  const { har, session } = world({}, (request) => {
    if (request.startsWith('HEAD')) return 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n'
    if (request.startsWith('DELETE')) return 'HTTP/1.1 204 X\r\n\r\n'
    return 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100000\r\n\r\nsome'
  })
  await session.delete(URL)
  const left = await session.get(URL)
  left.discard()
  await settle()
  await session.head(URL)
  expect(
    archive(har).log.entries.map(({ response: { status, content } }) => [
      status,
      content.size,
      content.comment,
    ]),
  ).toEqual([
    [204, 0, undefined],
    [200, 0, 'not recorded: it was not read to its end'],
    [200, 0, undefined],
  ])
})

test('a request that fails is an entry with status 0, and the error is the caller’s', async () => {
  const { har, session } = world({}, () => null)
  await expect(session.get(URL)).rejects.toMatchObject({ name: 'ConnectionLostError' })
  const [entry] = archive(har).log.entries
  expect(entry).toMatchObject({
    response: { status: 0, bodySize: -1 },
    comment: expect.stringContaining(URL),
  })
})

test('limits: of content, which is counted all the same, and of entries', async () => {
  const { har, session } = world({ maxContentBytes: 4, maxEntries: 2 })
  for (const query of ['a', 'b', 'c']) await session.put(`${URL}?${query}`, { body: '12345' }).text()
  const { entries } = archive(har).log
  expect(entries.map(({ request }) => request.queryString[0]!.name)).toEqual(['b', 'c'])
  expect(entries[0]!.response.content).toMatchObject({ size: 5, comment: 'not recorded: more than 4 bytes' })
  expect(entries[0]!.request).toMatchObject({
    bodySize: 5,
    postData: { text: '', comment: 'not recorded: more than 4 bytes' },
  })
  har.clear()
  expect(archive(har).log.entries).toEqual([])
})

test('a body that can be had only once goes out as it is; a source that fails is told by whoever sends', async () => {
  const seen: string[] = []
  const { har, session } = world({}, (request) => {
    seen.push(request)
    return responseText(200)
  })
  await session.post(URL, { body: ['a', 'b'] }).text()
  expect(seen[0]).toMatch(/ab$/)
  const body = (): never => {
    throw new Error('mine')
  }
  await expect(session.post(URL, { body })).rejects.toMatchObject({ code: 'ERR_HTTP_REQUEST_BODY_SOURCE' })
  const comments = archive(har).log.entries.map(({ request }) => request.postData?.comment)
  expect(comments).toEqual(['not recorded: it can be had only once', 'not recorded: its source has failed'])
})

test('options that are wrong', () => {
  for (const options of [
    { max: 1 },
    { maxEntries: 0 },
    { maxContentBytes: -1 },
    { redact: [1] },
    { credentials: 'x' },
  ])
    expect(() => recordHar(options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_HTTP_INVALID_OPTION' }),
    )
})

test('a source that hangs does not keep the request from its end', async () => {
  const { session } = world()
  const control = new AbortController()
  async function* body(): AsyncGenerator<string> {
    yield 'text'
    control.abort('stop')
    await new Promise(() => {})
  }
  await expect(session.post(URL, { signal: control.signal, body })).rejects.toBe('stop')
})
