/** The session with its default connector against servers on real sockets: Node's, Python's, and a scripted one that cuts its bytes anywhere. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openConnection } from '@x/streams'
import { generate } from 'selfsigned'
import { afterEach, expect, test } from 'vitest'
import { ClientSession } from './index.ts'

let undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.toReversed()) await step()
  undo = []
})

async function listening(server: Server): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => {}))
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  undo.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

function newSession(): ClientSession {
  const session = new ClientSession()
  undo.push(() => session.close({ graceMs: 0 }))
  return session
}

test('node:http: keep-alive, chunked, large, HEAD, echo, 100 requests at once', async () => {
  let connections = 0
  const server = createHttpServer((request, response) => {
    if (request.url === '/large') response.end(Buffer.alloc(3_000_000, 'x'))
    else if (request.url === '/chunked') {
      response.write('Hello, ')
      setImmediate(() => response.end('World!'))
    } else if (request.method === 'POST') request.pipe(response)
    else response.end('Hello, World!')
  }).on('connection', () => (connections += 1))
  const url = await listening(server)
  const session = newSession()
  expect(await (await session.get(url)).text()).toBe('Hello, World!')
  expect(await (await session.get(`${url}chunked`)).text()).toBe('Hello, World!')
  expect((await (await session.get(`${url}large`)).bytes()).length).toBe(3_000_000)
  expect((await (await session.head(`${url}large`)).bytes()).length).toBe(0)
  const echoed = { text: 'é'.repeat(50_000) }
  expect(await (await session.post(url, { json: echoed })).json()).toEqual(echoed)
  let byteCount = 0
  for await (const chunk of await session.get(`${url}large`)) byteCount += chunk.length
  expect(byteCount).toBe(3_000_000)
  expect(connections).toBe(1)
  const all = await Promise.all(
    Array.from({ length: 100 }, async () => (await session.get(`${url}chunked`)).text()),
  )
  expect(all).toEqual(Array.from({ length: 100 }, () => 'Hello, World!'))
  expect(connections).toBeLessThanOrEqual(100)
})

test('node:http: an upload with back-pressure arrives whole', async () => {
  const server = createHttpServer((request, response) => {
    let byteCount = 0
    request.on('data', (chunk: Buffer) => (byteCount += chunk.length))
    request.on('end', () => response.end(String(byteCount)))
  })
  const url = await listening(server)
  const chunk = new Uint8Array(100_000)
  const session = newSession()
  expect(await (await session.put(url, { body: Array.from({ length: 200 }, () => chunk) })).text()).toBe(
    '20000000',
  )
  expect(await (await session.put(url, { body: new Uint8Array(20_000_000) })).text()).toBe('20000000')
})

test('node:https: through a connector that trusts its certificate; refused by the default one', async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  })
  let connections = 0
  const server = createHttpsServer({ key, cert }, (_request, response) => response.end('Hello, World!'))
  server.on('secureConnection', () => (connections += 1))
  const url = (await listening(server)).replace('http://127.0.0.1', 'https://localhost')
  const trusting = new ClientSession({
    connector: ({ host, port }, { signal }) => openConnection({ host, port, signal, tls: { ca: cert } }),
  })
  undo.push(() => trusting.close({ graceMs: 0 }))
  const lanes = Array.from({ length: 5 }, async () => {
    for (let count = 0; count < 40; count++)
      expect(await (await trusting.get(url)).text()).toBe('Hello, World!')
  })
  await Promise.all(lanes)
  expect(connections).toBeLessThanOrEqual(5)
  await expect(newSession().get(url)).rejects.toMatchObject({
    name: 'TlsError',
    code: 'ERR_HTTP_TLS_CERT',
    phase: 'tls',
    url,
  })
})

const hasPython = spawnSync('python3', ['--version']).status === 0
// eslint-disable-next-line no-console -- a skipped check has to say so
if (!hasPython) console.warn('skipped: python3 -m http.server, for there is no python3 here')

test.skipIf(!hasPython)(
  'python3 -m http.server: HTTP/1.0, closed at the end',
  { timeout: 20_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'http-session-'))
    undo.push(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'hello.txt'), 'Hello, World!\n')
    const python = spawn(
      'python3',
      ['-u', '-m', 'http.server', '0', '--bind', '127.0.0.1', '--directory', folder],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    )
    undo.push(() => python.kill())
    let output = ''
    python.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    while (!/port \d+/.test(output)) await once(python.stdout, 'data')
    const url = `http://127.0.0.1:${/port (\d+)/.exec(output)?.[1]}/hello.txt`
    const session = newSession()
    for (let count = 0; count < 3; count++) {
      const response = await session.get(url)
      expect(response).toMatchObject({ status: 200, httpVersion: '1.0', reasonPhrase: 'OK' })
      expect(response.headers.get('server')).toMatch(/^SimpleHTTP/)
      expect(await response.text()).toBe('Hello, World!\n')
    }
    expect((await session.get(new URL('/missing', url))).status).toBe(404)
    expect((await session.head(url)).headers.get('content-length')).toBe('14')
    expect((await session.post(url, { body: 'x' })).status).toBe(501)
  },
)

/** Answers each request with the next of `answers`, in two writes; `null` closes in place of the second one. */
function cuttingServer(answers: Iterator<[string, string | null]>): Server {
  return createTcpServer((socket) => {
    socket.setNoDelay()
    let head = ''
    socket.on('data', (data) => {
      head += data.toString('latin1')
      if (!head.endsWith('\r\n\r\n')) return
      head = ''
      const [first, second] = answers.next().value as [string, string | null]
      const goOn = () => setImmediate(() => (second === null ? socket.end() : socket.write(second, 'latin1')))
      if (first === '') goOn()
      else socket.write(first, 'latin1', goOn)
    })
  })
}

const CHUNKED =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: b\r\n\r\n7\r\nHello, \r\n6\r\nWorld!\r\n0\r\nX-T: y\r\n\r\n'
const COUNTED = 'HTTP/1.1 200 OK\r\nContent-Length: 13\r\nX-A: b\r\n\r\nHello, World!'

for (const [name, wire] of Object.entries({ chunked: CHUNKED, counted: COUNTED })) {
  test(`a scripted server cuts a ${name} response at every position: whole each time, on one connection`, async () => {
    const cuts = Array.from({ length: wire.length }, (_, at): [string, string] => [
      wire.slice(0, at),
      wire.slice(at),
    ])
    const server = cuttingServer(cuts[Symbol.iterator]())
    let connections = 0
    const url = await listening(server.on('connection', () => (connections += 1)))
    const session = newSession()
    for (const [first] of cuts)
      expect(await (await session.get(url)).text(), `cut at ${first.length}`).toBe('Hello, World!')
    expect(connections).toBe(1)
  })

  test(`a scripted server ends in a ${name} response at every position: a typed error each time`, async () => {
    const cuts = Array.from({ length: wire.length }, (_, at): [string, null] => [wire.slice(0, at), null])
    const url = await listening(cuttingServer(cuts[Symbol.iterator]()))
    const session = newSession()
    const bodyStart = wire.indexOf('\r\n\r\n') + 4
    for (const [first] of cuts) {
      const outcome = session.get(url).then((response) => response.text())
      await expect(outcome, `ended at ${first.length}`).rejects.toMatchObject({
        code: first.length < bodyStart ? 'ERR_HTTP_PEER_CLOSED' : 'ERR_HTTP_BODY_INCOMPLETE',
        phase: first.length === 0 ? 'wait' : first.length < bodyStart ? 'headers' : 'body',
        method: 'GET',
        url,
      })
    }
  })
}

test('a malformed response, a refused connection, a name that does not exist: typed errors that name method, URL and phase', async () => {
  const url = await listening(
    cuttingServer([['HTTP/1.1 200 OK\r\nContent-Length: x', '\r\n\r\n']][Symbol.iterator]() as never),
  )
  const session = newSession()
  await expect(session.get(url)).rejects.toMatchObject({
    name: 'ProtocolError',
    code: 'ERR_HTTP_BAD_FRAMING',
    phase: 'headers',
    method: 'GET',
    url,
  })
  const closed = createTcpServer()
  const refusing = await listening(closed)
  await new Promise((resolve) => closed.close(resolve))
  await expect(session.put(refusing)).rejects.toMatchObject({
    name: 'ConnectError',
    code: 'ERR_HTTP_CONNECT_FAILED',
    phase: 'connect',
    method: 'PUT',
    url: refusing,
    sent: 'none',
    retriable: 'safe',
    message: expect.stringMatching(/^PUT http:\/\/127\.0\.0\.1:\d+\/: connect: .*ECONNREFUSED/),
  })
  await expect(session.get('http://nowhere.invalid/')).rejects.toMatchObject({
    name: 'DnsError',
    phase: 'dns',
    url: 'http://nowhere.invalid/',
  })
})

test('P33 bytes behind long content, unread when it is complete, are never the next answer', async () => {
  const content = 'x'.repeat(1_000_000)
  const head = `HTTP/1.1 200 OK\r\nContent-Length: ${content.length}\r\n\r\n`
  let connections = 0
  const server = createTcpServer((socket) => {
    connections += 1
    socket.on('data', () =>
      socket.write(`${head}${content}HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nSmug!`),
    )
  })
  const url = await listening(server)
  for (const read of ['text', 'chunks'] as const) {
    const session = newSession()
    connections = 0
    for (let count = 1; count <= 20; count++) {
      const response = await session.get(url)
      let byteCount = 0
      if (read === 'text') byteCount = (await response.text()).length
      else for await (const chunk of response) byteCount += chunk.length
      expect([byteCount, connections]).toEqual([content.length, count])
    }
  }
})
