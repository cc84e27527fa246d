/** Beside the runtime's own fetch, on the same server: what both make of the same answers. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ClientSession } from './index.ts'
import { fetchWith } from './fetch.ts'
import type { FetchInit } from './fetch.ts'

const session = new ClientSession()
let base = ''
const server: Server = createServer((request, response) => void answer(request, response))
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await session.close({ graceMs: 0 })
  server.closeAllConnections()
  server.close()
})

const ANSWERS: Record<string, (response: ServerResponse) => unknown> = {
  '/text': (response) => response.setHeader('x-a', ['b', 'c']).end('Hello, Wörld!'),
  '/json': (response) => response.setHeader('content-type', 'application/json').end('{"a":1}'),
  '/cookies': (response) => response.setHeader('set-cookie', ['a=1', 'b=2, 3']).end(),
  '/gzip': (response) => response.setHeader('content-encoding', 'gzip').end(gzipSync('unfolded')),
  '/chunks': (response) => response.write('one ', () => response.end('two')),
  '/empty': (response) => response.end(),
  '/204': (response) => response.writeHead(204).end(),
  '/304': (response) => response.writeHead(304).end(),
  '/404': (response) => response.writeHead(404, 'Not Here').end('gone'),
  '/latin1': (response) => response.writeHead(200, 'OK', { 'x-b': '\xe9' }).end('x'),
  '/299': (response) => response.writeHead(299).end('x'),
  '/700': (response) => response.writeHead(700).end('x'),
  '/302': (response) => response.writeHead(302, { location: '/text' }).end('moved'),
  '/303': (response) => response.writeHead(303, { location: '/echo' }).end(),
  '/307': (response) => response.writeHead(307, { location: '/echo' }).end(),
  '/308': (response) => response.writeHead(308, { location: '/echo?x#y' }).end(),
  '/nowhere': (response) => response.writeHead(302).end('no Location'),
  '/loop': (response) => response.writeHead(302, { location: '/loop' }).end(),
  '/reset': (response) => response.destroy(),
  '/cut': (response) => response.setHeader('content-length', '99').write('some', () => response.destroy()),
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '', base)
  const own = ANSWERS[pathname]
  if (own !== undefined) return void own(response)
  const { method, headers } = request
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const [type, length, coding] = ['content-type', 'content-length', 'transfer-encoding'].map(
    (n) => headers[n],
  )
  const form = /boundary=(.+)/.exec(String(type))?.[1]
  const seen = {
    method,
    url: request.url,
    type: form === undefined ? type : 'form',
    length: form === undefined ? length : typeof length,
    coding,
    body: Buffer.concat(chunks)
      .toString()
      .replaceAll(form ?? '\0', 'B'),
    cache: [headers['cache-control'], headers['pragma']],
    fields: [headers['x-a'], headers['authorization']],
  }
  response.end(JSON.stringify(seen))
}

/** Not of the answer: Node's client closes connections behind HEAD. */
const OF_CONNECTION = ['connection', 'date', 'keep-alive']

/** What can be seen of a fetch from its call to its body's end. */
async function outcome(fetched: Promise<Response>): Promise<unknown> {
  try {
    const response = await fetched
    const { status, statusText, ok, url, redirected, type, headers } = response
    const fields = [...headers].filter(([name]) => !OF_CONNECTION.includes(name))
    const head = { status, statusText, ok, url, redirected, type, fields, hasBody: response.body !== null }
    try {
      return { head, body: await response.text(), bodyUsed: response.bodyUsed }
    } catch (error) {
      return { head, bodyError: kindOf(error) }
    }
  } catch (error) {
    return kindOf(error)
  }
}

function kindOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  return {
    name: error.name,
    isType: error instanceof TypeError,
    says: error.message.replace(/^Failed.*/, '…'),
  }
}

const CASES: { name: string; path: string; init?: () => FetchInit }[] = [
  ...Object.keys(ANSWERS).map((path) => ({ name: 'GET', path })),
  ...['/text', '/404', '/gzip'].map((path) => ({ name: 'HEAD', path, init: () => ({ method: 'HEAD' }) })),
  ...['manual', 'error'].flatMap((redirect) =>
    ['/302', '/nowhere', '/text'].map((path) => ({
      name: `redirect ${redirect}`,
      path,
      init: () => ({ redirect: redirect as 'manual' }),
    })),
  ),
  ...['/302', '/303', '/307', '/308'].map((path) => ({
    name: 'POST that is redirected',
    path,
    init: () => ({ method: 'POST', body: 'again' }),
  })),
  { name: 'a stream that is redirected', path: '/307', init: () => ({ method: 'POST', ...streaming('a') }) },
  { name: 'a lower-case method', path: '/echo', init: () => ({ method: 'post', body: 'é' }) },
  { name: 'a method of its own', path: '/echo', init: () => ({ method: 'PURGE' }) },
  { name: 'no body', path: '/echo', init: () => ({ method: 'PUT' }) },
  { name: 'bytes', path: '/echo', init: () => ({ method: 'PUT', body: Uint8Array.of(65, 66) }) },
  { name: 'a buffer', path: '/echo', init: () => ({ method: 'PUT', body: Uint8Array.of(65).buffer }) },
  {
    name: 'parameters',
    path: '/echo',
    init: () => ({ method: 'POST', body: new URLSearchParams({ a: 'b c' }) }),
  },
  { name: 'a blob', path: '/echo', init: () => ({ method: 'POST', body: new Blob(['x'], { type: 'a/b' }) }) },
  { name: 'a blob without a type', path: '/echo', init: () => ({ method: 'POST', body: new Blob(['x']) }) },
  { name: 'a form', path: '/echo', init: () => ({ method: 'POST', body: formOf({ a: 'b', c: 'é' }) }) },
  { name: 'a stream', path: '/echo', init: () => ({ method: 'POST', ...streaming('a', 'b') }) },
  { name: 'fields', path: '/echo', init: () => ({ headers: { 'X-A': ' b ', authorization: 'c' } }) },
  ...(['no-cache', 'no-store', 'reload', 'force-cache', 'default'] as const).map((cache) => ({
    name: `cache ${cache}`,
    path: '/echo',
    init: () => ({ cache }),
  })),
  {
    name: 'a type of its own',
    path: '/echo',
    init: () => ({ method: 'POST', body: '{}', headers: { 'content-type': 'a/b' } }),
  },
  { name: 'GET with a body', path: '/echo', init: () => ({ body: 'x' }) },
  { name: 'CONNECT', path: '/echo', init: () => ({ method: 'CONNECT' }) },
  { name: 'TRACE', path: '/echo', init: () => ({ method: 'trace' }) },
  { name: 'a method that is no token', path: '/echo', init: () => ({ method: 'a b' }) },
  { name: 'a field that cannot be sent', path: '/echo', init: () => ({ headers: { a: 'b\r\nc' } }) },
  {
    name: 'a stream without duplex',
    path: '/echo',
    init: () => ({ method: 'POST', body: streaming('a').body }),
  },
  { name: 'an unknown redirect', path: '/echo', init: () => ({ redirect: 'perhaps' as never }) },
  { name: 'a signal that is aborted', path: '/text', init: () => ({ signal: AbortSignal.abort() }) },
  { name: 'a signal with a reason', path: '/text', init: () => ({ signal: AbortSignal.abort('mine') }) },
]

function streaming(...pieces: string[]): { body: ReadableStream; duplex: 'half' } {
  const body = new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece))
      controller.close()
    },
  })
  return { body, duplex: 'half' }
}

function formOf(entries: Record<string, string>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(entries)) form.append(name, value)
  return form
}

for (const { name, path, init } of CASES) {
  test(`as the runtime's fetch: ${name} ${path}`, async () => {
    const theirs = await outcome(fetch(base + path, init?.()))
    expect(await outcome(fetchWith(session, base + path, init?.()))).toEqual(theirs)
    // A Request in place of its parts; of its body nobody can see any more what it was.
    const request = async (): Promise<Response> => fetchWith(session, new Request(base + path, init?.()))
    if (!name.startsWith('a stream')) expect(await outcome(request())).toEqual(theirs)
  })
}

for (const url of [
  '/relative',
  'http://',
  'ftp://a.example/',
  'http://u:p@127.0.0.1/',
  'http://127.0.0.1:1/',
]) {
  test(`as the runtime's fetch: ${url}`, async () => {
    const theirs = kindOf(await fetch(url).catch((error: unknown) => error))
    expect(kindOf(await fetchWith(session, url).catch((error: unknown) => error))).toEqual(theirs)
  })
}

test('the cause of "fetch failed" and of "terminated" is the session’s own error', async () => {
  await expect(fetchWith(session, `${base}/reset`)).rejects.toMatchObject({
    message: 'fetch failed',
    cause: { name: 'ConnectionLostError', method: 'GET', url: `${base}/reset` },
  })
  await expect(fetchWith(session, `${base}/302`, { redirect: 'error' })).rejects.toMatchObject({
    cause: { code: 'ERR_HTTP_REDIRECT_BLOCKED', phase: 'redirect', status: 302 },
  })
  const response = await fetchWith(session, `${base}/cut`)
  await expect(response.bytes?.() ?? response.arrayBuffer()).rejects.toMatchObject({
    message: 'terminated',
    cause: { code: 'ERR_HTTP_BODY_INCOMPLETE', received: 4, expected: 99 },
  })
})

test('an abort while the body comes: the reason itself', async () => {
  const controller = new AbortController()
  const response = await fetchWith(session, `${base}/text`, { signal: controller.signal })
  const slow = new AbortController()
  const pending = fetchWith(session, `${base}/echo`, {
    method: 'POST',
    body: new ReadableStream({ pull: () => new Promise(() => {}) }),
    duplex: 'half',
    signal: slow.signal,
  })
  slow.abort(new Error('mine'))
  await expect(pending).rejects.toThrow('mine')
  controller.abort()
  expect(await response.text().catch((error: unknown) => (error as Error).name)).toMatch(/Hello|AbortError/)
})

test('a clone has the same URL, status and content', async () => {
  const response = await fetchWith(session, `${base}/302`)
  const copy = response.clone()
  expect(copy).toMatchObject({ url: `${base}/text`, redirected: true, status: 200, type: 'basic' })
  expect([await copy.text(), await response.text()]).toEqual(['Hello, Wörld!', 'Hello, Wörld!'])
})

test('the body of a Request that is a stream goes out as it comes', async () => {
  const body = new ReadableStream({
    async start(controller) {
      controller.enqueue(new TextEncoder().encode('one '))
      await new Promise((resolve) => setTimeout(resolve, 30))
      controller.enqueue(new TextEncoder().encode('two'))
      controller.close()
    },
  })
  const request = new Request(`${base}/echo`, { method: 'POST', body, duplex: 'half' } as RequestInit)
  const seen = await (await fetchWith(session, request)).json()
  expect(seen).toMatchObject({ coding: 'chunked', body: 'one two' })
})

test('a stream that nobody will read is cancelled', async () => {
  let reason: unknown = null
  const body = new ReadableStream({ cancel: (why) => void (reason = why ?? 'cancelled') })
  const url = 'http://127.0.0.1:1/'
  await expect(fetchWith(session, url, { method: 'POST', body, duplex: 'half' })).rejects.toThrow(
    'fetch failed',
  )
  expect(reason).not.toBe(null)
})

test('what would be left out is refused', async () => {
  const refused = { message: 'fetch failed', cause: { code: 'ERR_HTTP_INVALID_OPTION' } }
  await expect(fetchWith(session, `${base}/text`, { integrity: 'sha256-x' })).rejects.toMatchObject(refused)
  const init = { dispatcher: {} } as FetchInit
  await expect(fetchWith(session, `${base}/text`, init)).rejects.toMatchObject(refused)
})

test('statuses are no errors, whatever the session says; its middlewares see the request', async () => {
  const strict = new ClientSession({
    throwOnStatus: true,
    middleware: [(request, next) => next(request.with({ headers: { 'x-a': 'added' } }))],
  })
  expect((await fetchWith(strict, `${base}/404`)).status).toBe(404)
  expect(await (await fetchWith(strict, `${base}/echo`)).json()).toMatchObject({ fields: ['added', null] })
  await strict.close({ graceMs: 0 })
  await expect(fetchWith(strict, `${base}/text`)).rejects.toMatchObject({
    cause: { code: 'ERR_HTTP_SESSION_CLOSED' },
  })
})
