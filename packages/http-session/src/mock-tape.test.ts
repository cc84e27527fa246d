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
