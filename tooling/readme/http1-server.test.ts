// The server in the documentation of @x/http1, as it stands there, with clients that it has not been made for.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { ClientSession } from '@x/http-session'
import { openConnection, startServer } from '@x/streams'
import type { ConnectionHandler } from '@x/streams'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../workspace.mjs'
import { findExamples } from './blocks.mjs'

const handlerErrors: unknown[] = []
let server: Awaited<ReturnType<typeof startServer>>
let url = ''

beforeAll(async () => {
  const serve = await serveOfPage()
  server = await startServer(serve, {
    host: '127.0.0.1',
    port: 0,
    onHandlerError: (error) => handlerErrors.push(error),
  })
  url = `http://127.0.0.1:${server.port}`
})

afterAll(async () => {
  await server.shutdown({ graceMs: 1000 })
  expect(handlerErrors).toEqual([])
})

/** The example without its last part, which starts it and asks it. */
async function serveOfPage(): Promise<ConnectionHandler> {
  const page = readFileSync(join(root, 'packages/http1/docs/server.md'), 'utf8')
  const example = findExamples(page).find(({ code }) => code.includes('await using server'))
  if (example === undefined) throw new Error('there is no server in the documentation of @x/http1')
  const [source = ''] = example.code.split('await using server')
  const folder = mkdtempSync(join(tmpdir(), 'x-http1-server-'))
  try {
    const outfile = join(folder, 'server.mjs')
    await build({
      stdin: { contents: `${source}\nexport { serve }`, resolveDir: root, loader: 'ts' },
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      conditions: ['@x/source'],
      logLevel: 'error',
    })
    const { serve } = (await import(pathToFileURL(outfile).href)) as { serve: ConnectionHandler }
    return serve
  } finally {
    rmSync(folder, { recursive: true })
  }
}

// Our own session ----------------------------------------------------------------------------------------------------------

test('@x/http-session: every framing, one connection', async () => {
  await using session = new ClientSession({ maxConnectionsPerOrigin: 1 })
  const before = server.connectionCount
  const long = 'ä'.repeat(400_000)
  for (const [options, content] of [
    [{}, ''],
    [{ body: 'abc' }, 'abc'],
    [{ body: ['in ', 'chunks'] }, 'in chunks'],
    [{ body: long }, long],
    [{ body: [long.slice(0, 77), long.slice(77)] }, long],
  ] as const) {
    const response = await session.post(`${url}/echo`, options)
    expect([response.status, await response.text()]).toEqual([200, `POST ${content}`])
  }
  const head = await session.head(`${url}/echo`)
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '5', ''])
  expect((await session.get(`${url}/other`)).status).toBe(404)
  expect(server.connectionCount).toBe(before + 1)
})

test('@x/http-session: more content than it takes, with and without a length', async () => {
  await using session = new ClientSession()
  for (const body of ['x'.repeat(2 ** 20 + 1), ['x'.repeat(2 ** 20), 'x']]) {
    const response = await session.put(`${url}/echo`, { body })
    expect([response.status, await response.text()]).toEqual([413, 'too much'])
  }
})

// curl ---------------------------------------------------------------------------------------------------------------------

const curl = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)('curl', ['--silent', '--show-error', '--max-time', '10', ...args])).stdout
const hasCurl = await curl('--version').then(
  () => true,
  () => false,
)

test.skipIf(!hasCurl)(
  'curl: GET, HEAD, content by length and in chunks, HTTP/1.0, several on a connection',
  async () => {
    expect(await curl(`${url}/echo`)).toBe('GET ')
    expect(await curl('--head', `${url}/echo`)).toMatch(/^HTTP\/1\.1 200 \r\n[^]*Content-Length: 5\r\n/)
    expect(await curl('--data', 'a=b', `${url}/echo`)).toBe('POST a=b')
    expect(await curl('-X', 'PUT', '-H', 'Transfer-Encoding: chunked', '--data', 'a=b', `${url}/echo`)).toBe(
      'PUT a=b',
    )
    expect(await curl('--http1.0', '--data', 'a=b', `${url}/echo`)).toBe('POST a=b')
    const connects = '%{num_connects} '
    expect(await curl('-w', connects, `${url}/echo`, `${url}/echo`)).toBe('GET 1 GET 0 ')
    expect(await curl('--http1.0', '-w', connects, `${url}/echo`, `${url}/echo`)).toBe('GET 1 GET 1 ')
  },
)

test.skipIf(!hasCurl)('curl: waits for 100 before it sends content', async () => {
  const content = 'x'.repeat(1_000_000)
  // Without the answer it would wait for longer than it may take.
  const args = ['--expect100-timeout', '60', '-H', 'Expect: 100-continue', '--data', '@-', `${url}/echo`]
  const running = execFile('curl', ['--silent', '--max-time', '20', ...args], { maxBuffer: 2 ** 22 })
  running.stdin?.end(content)
  expect(await text(running.stdout!)).toBe(`POST ${content}`)
})

// node:http ----------------------------------------------------------------------------------------------------------------

function ask(agent: Agent, content: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { expect: '100-continue', 'transfer-encoding': 'chunked' }
    const asking = request(`${url}/echo`, { agent, method: 'POST', headers }, resolve)
    asking.on('error', reject).on('continue', () => asking.end(content))
  })
}

test('node:http: kept connections, 100, chunks', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ports = new Set<unknown>()
  for (const content of ['', 'abc', 'ä'.repeat(10_000)]) {
    const response = await ask(agent, content)
    ports.add(response.socket.localPort)
    expect([response.statusCode, await text(response)]).toEqual([200, `POST ${content}`])
  }
  expect(ports.size).toBe(1)
  agent.destroy()
})

// Raw bytes ----------------------------------------------------------------------------------------------------------------

const RAW = [
  { name: 'no HTTP at all', wire: 'hello\r\n\r\n', answer: /^HTTP\/1\.1 400 [^]*malformed request line/ },
  { name: 'no Host', wire: 'GET / HTTP/1.1\r\n\r\n', answer: /^HTTP\/1\.1 400 [^]*host: missing/ },
  {
    name: 'a length and chunks',
    wire: 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    answer: /^HTTP\/1\.1 400 /,
  },
  {
    name: 'a head that is too long',
    wire: `GET / HTTP/1.1\r\nHost: a\r\nA: ${'b'.repeat(20_000)}\r\n\r\n`,
    answer: /^HTTP\/1\.1 431 /,
  },
  {
    name: 'chunks that are none',
    wire: 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
    answer: /^HTTP\/1\.1 400 [^]*chunk line/,
  },
  {
    name: 'two requests at once, then close',
    wire: 'GET /echo HTTP/1.1\r\nHost: a\r\n\r\nGET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    answer: /^HTTP\/1\.1 200 [^]*keep-alive[^]*GET HTTP\/1\.1 200 [^]*close[^]*GET $/,
  },
  { name: 'CONNECT', wire: 'CONNECT a:1 HTTP/1.0\r\n\r\n', answer: /^HTTP\/1\.1 404 / },
]

for (const { name, wire, answer } of RAW) {
  test(`raw bytes, ${name}: answered, then closed`, async () => {
    const { reader, writer } = await openConnection({ host: '127.0.0.1', port: server.port })
    writer.writeText(wire, 'latin1')
    const answered = await reader.readAll()
    expect(Buffer.from(answered).toString('latin1')).toMatch(answer)
    await writer.close()
  })
}

test('a client that leaves, before a request, inside a head and inside content, is no error of the server', async () => {
  for (const wire of ['', 'GET / HT', 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc']) {
    const { reader, writer } = await openConnection({ host: '127.0.0.1', port: server.port })
    writer.writeText(wire)
    await writer.close()
    await reader.readAll().catch(() => {})
  }
})
