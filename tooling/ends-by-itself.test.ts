/**
 * Programs that use a package and end by themselves, without `process.exit`: soon after their last line, although sessions and
 * connections that nobody uses are not closed. And what importing a package does: nothing that others could see.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { entriesOf, packages } from './workspace.mjs'

const SESSION = `import { ClientSession } from '@x/http-session'\n`

/** Less than any time limit of the packages' own, such as that of the second for which an unread body is read on. */
const MOST_MS = 800

/** Each has `url` and `port` of a server that keeps connections and events open. */
const PROGRAMS = [
  {
    name: 'http-session: an idle connection that is kept',
    code: `${SESSION}console.log(await new ClientSession().get(url).text())`,
  },
  {
    name: 'http-session: connections that were opened ahead of time',
    code: `${SESSION}await new ClientSession().preconnect(url, { count: 2 })`,
  },
  {
    name: 'http-session: a request that was aborted',
    code: `${SESSION}const response = await new ClientSession().get(url + 'events')
      for await (const chunk of response) if (chunk.length > 0) break`,
  },
  {
    name: 'http-session: a response that was discarded',
    code: `${SESSION}(await new ClientSession().get(url + 'events')).discard()`,
  },
  {
    name: 'http-session: a request that gets the connection of one that was discarded, after a while',
    code: `${SESSION}const session = new ClientSession({ maxConnections: 1 })
      const response = await session.get(url + 'later')
      response.discard()
      if (await session.get(url + 'later').text() !== 'Hello, later') throw new Error('another answer')
      if (session.stats().opened !== 1) throw new Error('another connection')`,
  },
  {
    name: 'http-session: a session that is closed while a discarded response comes, and waits for that',
    code: `${SESSION}const session = new ClientSession()
      const response = await session.get(url + 'later')
      response.discard()
      await session.close({ graceMs: Infinity })`,
  },
  {
    name: 'http-session: fifty requests on one signal, without a word about so many listeners',
    code: `${SESSION}import { getEventListeners } from 'node:events'
      const control = new AbortController()
      const { signal } = control
      const session = new ClientSession({ middleware: [(request, next) => next(request)] })
      const asked = Array.from({ length: 50 }, () => session.get(url + 'events', { signal }))
      const reads = (await Promise.all(asked)).map((response) => response.text().catch((error) => error))
      control.abort()
      const others = (await Promise.all(reads)).filter((error) => error !== signal.reason)
      const left = getEventListeners(signal, 'abort')
      if (others.length + left.length > 0) throw new Error('not all have ended')`,
  },
  {
    name: 'http-session: a cache of names',
    code: `${SESSION}import { createConnector } from '@x/http-session/connector'
      const session = new ClientSession({ connector: createConnector({ dns: { ttlMs: 3_600_000 } }) })
      await session.get('http://localhost:' + port).text()`,
  },
  {
    name: 'http-policies: events that nobody waits for any more',
    code: `${SESSION}import { eventSource } from '@x/http-policies'
      for await (const { data } of eventSource(new ClientSession(), url + 'events')) if (data === '1') break`,
  },
  {
    name: 'http-policies: middlewares that remember',
    code: `${SESSION}import { circuitBreaker, coalesce, rateLimit, retry } from '@x/http-policies'
      const limit = rateLimit({ requests: 5, intervalMs: 60_000 })
      const session = new ClientSession({ middleware: [retry(), circuitBreaker(), limit, coalesce()] })
      await session.get(url).text()
      await session.get('http://127.0.0.1:1/', { timeouts: { totalMs: 50 } }).catch(() => {})`,
  },
  {
    name: 'http-policies: a cache',
    code: `${SESSION}import { cache } from '@x/http-policies/cache'
      await new ClientSession({ middleware: [cache()] }).get(url).text()`,
  },
  {
    name: 'proxies: an idle connection through a proxy',
    code: `${SESSION}import { viaHttpProxy } from '@x/proxies'
      const session = new ClientSession({ connector: viaHttpProxy({ proxy: url, tunnel: 'always' }) })
      await session.get(url).text()`,
  },
  {
    name: 'streams: a connection and a server that were closed',
    code: `import { openConnection, startServer } from '@x/streams'
      const server = await startServer(({ reader }) => reader.readLine(), { host: '127.0.0.1', port: 0 })
      const connection = await openConnection({ host: '127.0.0.1', port: server.addresses[0].port })
      connection.writer.writeText('Hello\\n')
      await connection.close()
      await server.shutdown()`,
  },
  {
    name: 'streams: a connection that may not keep the process alive',
    code: `import { openConnection } from '@x/streams'
      const connection = await openConnection({ host: '127.0.0.1', port })
      connection.unref()`,
  },
  {
    name: 'transport: a cache of names, and a connection that was aborted',
    code: `import { createConnection, createDnsCache } from '@x/transport'
      const { lookup } = createDnsCache()
      const { transport } = await createConnection(() => ({ dataReceived() {} }), { host: 'localhost', port, lookup })
      transport.abort()`,
  },
  {
    name: 'stream-reader: a read with a time limit that was met, and one whose time has not come',
    code: `import { StreamReader } from '@x/stream-reader'
      const reader = new StreamReader()
      await reader.readLine({ timeoutMs: 5 }).catch(() => {})
      const line = reader.readLine({ timeoutMs: 60_000 })
      reader.feed(new Uint8Array([10]))
      await line`,
  },
  {
    name: 'stream-writer: a stream that was closed with time to spare',
    code: `import { writerTo } from '@x/stream-writer/sinks'
      const writer = writerTo(new WritableStream())
      writer.writeText('Hello')
      await writer.close({ graceMs: 60_000 })`,
  },
]

let server: Server

beforeAll(async () => {
  server = keepingServer()
  await once(server, 'listening')
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

for (const { name, code } of PROGRAMS) {
  test(`ends by itself: ${name}`, { timeout: 30_000 }, async () => {
    const { port } = server.address() as AddressInfo
    const program = `${code}\nconsole.log('done')`
    const given = `const port = ${port}, url = 'http://127.0.0.1:${port}/'`
    const { exitCode, stdout, stderr, lastsMs } = await run(await bundled(program, given))
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toMatch(/done\n$/)
    expect(lastsMs, 'milliseconds after its last line').toBeLessThan(MOST_MS)
  })
}

for (const pkg of packages) {
  for (const { subpath } of entriesOf(pkg)) {
    const entry = `${pkg.name}${subpath.slice(1)}`
    test(`importing ${entry} changes nothing that is global`, { timeout: 30_000 }, async () => {
      const code = `
        const seen = () => JSON.stringify([
          Reflect.ownKeys(globalThis).map(String),
          [Array, Object, Promise, Uint8Array].flatMap(({ prototype }) => Reflect.ownKeys(prototype).map(String)),
          process.eventNames().map(String),
          process.getActiveResourcesInfo().filter((name) => name === 'Timeout' || name === 'Immediate'),
        ])
        const before = seen()
        await import('${entry}')
        console.log(seen() === before ? 'done' : seen())`
      const { stdout, stderr } = await run(await bundled(code))
      expect({ stdout, stderr }).toEqual({ stdout: 'done\n', stderr: '' })
    })
  }
}

/** Answers `Hello` on a connection that it keeps, sends events without an end, and leads to itself as a proxy. */
function keepingServer(): Server {
  const made = createServer({ keepAliveTimeout: 60_000 }, (asked, response) => {
    if (asked.url === '/later') {
      response.write('Hello, ')
      return setTimeout(() => response.end('later'), 50)
    }
    if (asked.url !== '/events') return response.end('Hello')
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    return response.write('data: 1\n\n')
  })
  made.on('connect', (_asked, socket) => {
    const { port } = made.address() as AddressInfo
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    socket.once('data', () =>
      request({ port }, (answer) => {
        answer.resume()
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello')
      }).end(),
    )
    socket.on('error', () => {})
    socket.on('end', () => socket.end())
  })
  return made.listen(0, '127.0.0.1')
}

/** Node 20 runs no TypeScript: one file of the program and the sources that it uses. */
async function bundled(code: string, given = ''): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: fileURLToPath(new URL('readme', import.meta.url)), loader: 'js' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    conditions: ['@x/source'],
    banner: {
      js: `import { createRequire } from 'node:module'\nconst require = createRequire('${import.meta.url}')\n${given}`,
    },
  })
  return outputFiles[0]?.text ?? ''
}

interface Outcome {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
  readonly lastsMs: number
}

async function run(program: string): Promise<Outcome> {
  const child = spawn(process.execPath, ['--input-type=module', '-'], { timeout: 20_000 })
  let [stdout, stderr, toldAt] = ['', '', performance.now()]
  child.stdout.on('data', (bytes) => {
    stdout += String(bytes)
    toldAt = performance.now()
  })
  child.stderr.on('data', (bytes) => (stderr += String(bytes)))
  child.stdin.end(program)
  await once(child, 'close')
  return { exitCode: child.exitCode, stdout, stderr, lastsMs: performance.now() - toldAt }
}
