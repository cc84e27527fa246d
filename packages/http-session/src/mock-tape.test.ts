import { expect, test } from 'vitest'
import { ClientSession } from './index.ts'
import { mockConnector, record, replay } from './mock.ts'
import type { Tape } from './mock.ts'

const API = 'http://api.example'
const BINARY = Uint8Array.of(0, 255, 128, 10)

async function talk(session: ClientSession): Promise<unknown[]> {
  const seen: unknown[] = []
  for (const body of ['a', 'b']) {
    const response = await session.post(`${API}/x`, { body, headers: { authorization: 'Bearer secret' } })
    seen.push(response.status, response.headers.get('x-a'), await response.text())
  }
  seen.push(await session.get(`${API}/binary`).bytes())
  const head = await session.head(`${API}/binary`)
  seen.push(head.headers.get('content-length'), await head.text())
  seen.push(await session.get(`${API}/from`).text())
  return seen
}

async function recorded(): Promise<{ tape: Tape; seen: unknown[] }> {
  const server = mockConnector()
  server.on('POST', `${API}/x`).replyWith((request) => ({
    status: 201,
    body: [`echo `, request.text()],
    headers: { 'X-A': 'b', 'Set-Cookie': 'sid=secret', 'X-Key': 'secret' },
  }))
  server.on('GET', `${API}/binary`).reply(200, { body: BINARY })
  server.on('HEAD', `${API}/binary`).reply(200, { body: BINARY })
  server.on('GET', `${API}/from`).reply(302, { headers: { location: '/to' } })
  server.on('GET', `${API}/to`).reply(200, { body: 'there' })
  const recorder = record(server.connector, { redact: ['X-Key'] })
  const seen = await talk(new ClientSession({ connector: recorder.connector }))
  await recorder.close()
  expect(server.requests[0]!.headers.get('authorization')).toBe('Bearer secret')
  return { tape: recorder.tape, seen }
}

test('what was recorded is replayed, as JSON too, in any order of different requests', async () => {
  const { tape, seen } = await recorded()
  expect(seen).toEqual([201, 'b', 'echo a', 201, 'b', 'echo b', BINARY, '4', '', 'there'])
  const mock = replay(JSON.parse(JSON.stringify(tape)) as Tape)
  const session = new ClientSession({ connector: mock.connector })
  expect(await talk(session)).toEqual(seen)
  mock.verify()
  await expect(session.get(`${API}/to`)).rejects.toMatchObject({ code: 'ERR_HTTP_MOCK_UNEXPECTED' })
})

test('credentials are not recorded', async () => {
  const { tape } = await recorded()
  expect(JSON.stringify(tape)).not.toContain('secret')
  expect(tape.exchanges).toHaveLength(6)
  expect(tape.exchanges[0]).toMatchObject({
    request: { method: 'POST', url: `${API}/x`, body: { text: 'a' } },
    response: { status: 201, body: { text: 'echo a' } },
  })
  expect(tape.exchanges[0]!.request.headers).toContainEqual(['authorization', 'redacted'])
  expect(tape.exchanges[0]!.response.headers).toEqual([
    ['X-A', 'b'],
    ['Set-Cookie', 'redacted'],
    ['X-Key', 'redacted'],
  ])
  expect(tape.exchanges[2]!.response.body).toEqual({ base64: 'AP+ACg==' })
})

test('another body is another request, unless only the URL counts', async () => {
  const { tape } = await recorded()
  const strict = new ClientSession({ connector: replay(tape).connector })
  await expect(strict.post(`${API}/x`, { body: 'c' })).rejects.toMatchObject({
    code: 'ERR_HTTP_MOCK_UNEXPECTED',
  })
  const lax = new ClientSession({ connector: replay(tape, { match: 'url' }).connector })
  expect(await lax.post(`${API}/x`, { body: 'c' }).text()).toBe('echo a')
  expect(await lax.post(`${API}/x`, { body: 'c' }).text()).toBe('echo b')
})

test('what fails behind the recorder fails in front of it, and is not recorded', async () => {
  const server = mockConnector()
  server.refuse(API)
  const recorder = record(server.connector)
  const session = new ClientSession({ connector: recorder.connector })
  await expect(session.get(API)).rejects.toMatchObject({ code: 'ERR_HTTP_CONNECT_FAILED' })
  expect(recorder.tape.exchanges).toEqual([])
})

test('what is no tape is refused', () => {
  for (const tape of [null, {}, { version: 2, exchanges: [] }, { version: 1, exchanges: [{}] }])
    expect(() => replay(tape as never)).toThrow(expect.objectContaining({ code: 'ERR_HTTP_INVALID_OPTION' }))
})

const CUTS = [
  { name: 'by length, in order', headers: { 'Content-Length': '99' }, by: 'close' },
  { name: 'by length, by a reset', headers: { 'Content-Length': '99' }, by: 'reset' },
  { name: 'in chunks, in order', headers: {}, by: 'close' },
  { name: 'in chunks, by a reset', headers: {}, by: 'reset' },
] as const

for (const { name, headers, by } of CUTS) {
  test(`an answer that was cut is recorded and replayed as it was: ${name}`, async () => {
    const server = mockConnector()
    const isChunked = !('Content-Length' in headers)
    const body = isChunked ? ['some'] : 'some'
    server.on('GET', `${API}/cut`).reply(200, { headers, body, cut: { afterBytes: 4, by } })
    const recorder = record(server.connector)
    const live = new ClientSession({ connector: recorder.connector })
    const seen = [await cutBody(live)]
    await recorder.close()
    expect(recorder.tape.exchanges).toMatchObject([{ response: { body: { text: 'some' }, cut: by } }])
    const mock = replay(JSON.parse(JSON.stringify(recorder.tape)) as Tape)
    seen.push(await cutBody(new ClientSession({ connector: mock.connector })))
    mock.verify()
    const cut = ['some', 'ERR_HTTP_BODY_INCOMPLETE', by === 'close']
    expect(seen).toEqual([cut, cut])
  })
}

/** What came of the body, what it failed with, and whether that was in order. */
async function cutBody(session: ClientSession): Promise<unknown[]> {
  const response = await session.get(`${API}/cut`)
  let text = ''
  try {
    for await (const piece of response) text += new TextDecoder().decode(piece)
  } catch (error) {
    const { code, cause } = error as { code: unknown; cause: { code?: unknown } }
    return [text, code, cause.code === 'ERR_HTTP1_INCOMPLETE_BODY']
  }
  return [text]
}

test('parameters that are named like secrets are not recorded, and whatever they are, it is the same request', async () => {
  const server = mockConnector()
  server
    .on('GET', (request) => request.url.startsWith(`${API}/a?`))
    .reply(302, {
      headers: { location: `${API}/b?access_token=secret`, 'x-auth-token': 'secret' },
    })
  server.on('GET', `${API}/b?access_token=secret`).reply(200, { body: 'there' })
  const recorder = record(server.connector)
  const live = new ClientSession({ connector: recorder.connector })
  const options = { headers: { 'x-api-key': 'secret' } }
  expect(await live.get(`${API}/a?api_key=secret&page=1`, options).text()).toBe('there')
  await recorder.close()
  expect(JSON.stringify(recorder.tape)).not.toContain('secret')
  const mock = replay(recorder.tape)
  const session = new ClientSession({ connector: mock.connector })
  await expect(session.get(`${API}/a?api_key=other&page=2`)).rejects.toMatchObject({
    code: 'ERR_HTTP_MOCK_UNEXPECTED',
  })
  expect(await session.get(`${API}/a?api_key=other&page=1`).text()).toBe('there')
})
