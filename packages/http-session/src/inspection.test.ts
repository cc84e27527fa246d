/** What a log shows of what the session hands out: a clear first line, short, and no credentials. */
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import type { ClientRequest } from './index.ts'
import { answering, memoryServer } from './memory-server.test-support.ts'

const URL = 'http://user:secret-1@a.example/path'
const WIRE =
  'HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nSet-Cookie: sid=secret-2\r\nContent-Length: 8\r\n\r\nsecret-3'
const OPTIONS = { headers: { cookie: 'sid=secret-4', 'x-api-key': 'secret-5' } }

test('inspect of request, response and session shows what they are, without credentials', async () => {
  let request: ClientRequest | null = null
  const { session } = memoryServer(answering(WIRE), {
    headers: { authorization: 'Bearer secret-6' },
    middleware: [
      (asked, next) => {
        request = asked
        return next(asked)
      },
    ],
  })
  const response = await session.get(URL, OPTIONS)
  expect(inspect(request)).toMatch(
    /^ClientRequest \{\s+method: 'GET',\s+url: 'http:\/\/a\.example\/path',\s+headers:/,
  )
  expect(inspect(request)).toContain('Authorization: (hidden)'.toLowerCase())
  expect(inspect(response)).toMatch(/^ClientResponse \{\s+status: 404,\s+reasonPhrase: 'Not Found',/)
  expect(inspect(response)).toContain("'Content-Type: text/plain'")
  for (const value of [request, response, session, session.get(URL).catch(() => {})]) {
    expect(inspect(value)).not.toContain('secret')
    expect(inspect(value).split('\n').length).toBeLessThan(30)
  }
})

const FAILURES = [
  {
    name: 'a status',
    wire: WIRE,
    line: 'StatusError: GET http://a.example/path: headers: status 404 Not Found',
  },
  {
    name: 'a head that is none',
    wire: 'HTTP/1.1 200 OK\r\nSet-Cookie : secret-7\r\n\r\n',
    line: 'ProtocolError: GET http://a.example/path: headers: malformed',
  },
  {
    name: 'framing that contradicts itself',
    wire: 'HTTP/1.1 200 OK\r\nSet-Cookie: secret-8\r\nContent-Length: 1, 2\r\n\r\n',
    line: 'ProtocolError: GET http://a.example/path: headers: ',
  },
]

for (const { name, wire, line } of FAILURES) {
  test(`inspect of an error: ${name}`, async () => {
    const { session } = memoryServer(answering(wire), { throwOnStatus: true })
    const error: unknown = await session.get(URL, OPTIONS).catch((thrown: unknown) => thrown)
    const shown = inspect(error)
    expect(shown.split('\n')[0]).toContain(line)
    expect(shown.split('\n')[1]).toMatch(/^ {4}at /)
    expect(shown.split('\n').length, shown).toBeLessThan(45)
    expect(`${shown} ${JSON.stringify(error)}`).not.toContain('secret')
  })
}

test('what a StatusError does not print can be asked for', async () => {
  const { session } = memoryServer(answering(WIRE), { throwOnStatus: true })
  const error: unknown = await session.get(URL).catch((thrown: unknown) => thrown)
  const { headers, preview } = error as { headers: Headers; preview: string }
  expect([headers.get('set-cookie'), preview]).toEqual(['sid=secret-2', 'secret-3'])
})
