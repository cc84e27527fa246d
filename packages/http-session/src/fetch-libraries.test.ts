/** Libraries that take a fetch of somebody else's, over a session, against a server on real sockets. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EventSource } from 'eventsource'
import ky, { HTTPError } from 'ky'
import createClient from 'openapi-fetch'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ClientSession } from './index.ts'
import { fetchWith } from './fetch.ts'

interface Seen {
  readonly method: string | undefined
  readonly path: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

const session = new ClientSession()
const fetchBySession: typeof fetch = (input, init) => fetchWith(session, input, init)
let seen: Seen[] = []
let base = ''
const server = createServer((request, response) => void answer(request, response))
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
beforeEach(() => (seen = []))
afterAll(async () => {
  await session.close({ graceMs: 0 })
  server.closeAllConnections()
  server.close()
})

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const { method, url: path, headers } = request
  seen.push({ method, path, headers, body: Buffer.concat(chunks).toString() })
  const { pathname } = new URL(path ?? '', base)
  if (pathname === '/silent') return
  if (pathname === '/events') return events(response, String(headers['last-event-id'] ?? ''))
  const status = pathname === '/broken' || (pathname === '/flaky' && seen.length < 3) ? 503 : 200
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ path, count: seen.length }))
}

/** Two events, then the end; one more after the reconnection. */
function events(response: ServerResponse, lastId: string): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  if (lastId === '') response.end('retry: 10\n\nid: 1\ndata: one\n\nevent: named\nid: 2\ndata: two\n\n')
  else response.write(`data: behind ${lastId}\n\n`)
}

test('ky: JSON, queries, fields, forms, retries, errors of statuses, hooks', async () => {
  const api = ky.create({ fetch: fetchBySession, prefixUrl: base, retry: { limit: 3, delay: () => 1 } })
  expect(await api.get('a', { searchParams: { b: 'c d' } }).json()).toEqual({ path: '/a?b=c+d', count: 1 })
  await api.post('a', { json: { e: 'é' }, headers: { 'x-f': 'g' } })
  expect(seen[1]).toMatchObject({
    method: 'POST',
    body: '{"e":"é"}',
    headers: { 'content-type': 'application/json', 'content-length': '10', 'x-f': 'g' },
  })
  await api.put('a', { body: new URLSearchParams({ h: 'i' }) })
  expect(seen[2]).toMatchObject({ method: 'PUT', body: 'h=i', headers: { 'content-length': '3' } })
  seen = []
  expect(await api.get('flaky').json()).toEqual({ path: '/flaky', count: 3 })
  const failing = api.get('broken', { retry: 0 })
  await expect(failing).rejects.toBeInstanceOf(HTTPError)
  const urls: string[] = []
  const hooked = api.extend({
    hooks: { afterResponse: [(_request, _options, { url }) => void urls.push(url)] },
  })
  await hooked.get('a')
  expect(urls).toEqual([`${base}/a`])
})

test('ky: an abort and a time limit', async () => {
  const api = ky.create({ fetch: fetchBySession, prefixUrl: base, retry: 0 })
  await expect(api.get('a', { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
  await expect(api.get('silent', { timeout: 20 })).rejects.toMatchObject({ name: 'TimeoutError' })
})

interface Paths {
  '/users/{id}': {
    parameters: { path: { id: string } }
    put: {
      parameters: { path: { id: string }; query: { dry: boolean } }
      requestBody: { content: { 'application/json': { name: string } } }
      responses: { 200: { content: { 'application/json': { path: string } } } }
    }
  }
}

test('openapi-fetch: path, query and body of a typed call; its middleware', async () => {
  const client = createClient<Paths>({ baseUrl: base, fetch: (request) => fetchWith(session, request) })
  client.use({
    onRequest({ request }) {
      request.headers.set('x-by', 'middleware')
      return request
    },
  })
  const { data, response } = await client.PUT('/users/{id}', {
    params: { path: { id: 'a b' }, query: { dry: true } },
    body: { name: 'é' },
  })
  expect(data?.path).toBe('/users/a%20b?dry=true')
  expect(response.status).toBe(200)
  expect(seen[0]).toMatchObject({
    method: 'PUT',
    body: '{"name":"é"}',
    headers: { 'content-type': 'application/json', 'content-length': '13', 'x-by': 'middleware' },
  })
})

test('eventsource: events, reconnection with the last id, close', async () => {
  const source = new EventSource(`${base}/events`, { fetch: fetchBySession })
  const got: string[] = []
  await new Promise<void>((resolve) => {
    source.addEventListener('named', ({ data }) => got.push(`named ${String(data)}`))
    source.addEventListener('message', ({ data }) => {
      got.push(String(data))
      if (got.length === 3) resolve()
    })
  })
  source.close()
  expect(got).toEqual(['one', 'named two', 'behind 2'])
  expect(seen[0]!.headers.accept).toBe('text/event-stream')
})
