/** The connector of `@x/streams` on real sockets of this host. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { ServerOptions } from 'node:https'
import type { AddressInfo, Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import type { Connection } from '@x/streams'
import { generate } from 'selfsigned'
import { afterEach, expect, test } from 'vitest'
import { blockPrivateAddresses, createAddressGuard } from './address-guard.ts'
import { createConnector } from './connector.ts'
import type { ConnectorDnsOptions, ConnectorOptions } from './connector.ts'
import { ClientSession, UsageError } from './index.ts'
import type { Connector, ConnectTarget } from './index.ts'

type Lookup = NonNullable<ConnectorDnsOptions['lookup']>

let undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.toReversed()) await step()
  undo = []
})

async function listening(server: Server, where: { path: string } | { host: string }): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => {}))
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen('path' in where ? where : { port: 0, ...where })
  await once(server, 'listening')
  undo.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port
}

/** Answers with the `Host` that it was asked for. */
const httpServer = (): Server => createHttpServer((request, response) => response.end(request.headers.host))

async function selfSigned(name: string) {
  const { private: key, cert } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: name },
          { type: 7, ip: '192.0.2.7' },
        ],
      },
    ],
  })
  return { key, cert }
}

/** A server of `secure.test`, and whether each of its connections resumed a session. */
async function httpsServer(options: ServerOptions = {}) {
  const identity = await selfSigned('secure.test')
  const resumed: boolean[] = []
  const server = createHttpsServer({ ...identity, ...options }, (request, response) =>
    response.end(request.headers.host),
  )
  server.on('secureConnection', (socket: TLSSocket) => resumed.push(socket.isSessionReused()))
  return { server, resumed, ca: identity.cert }
}

function sessionWith(options: ConnectorOptions): ClientSession {
  const session = new ClientSession({ connector: createConnector(options) })
  undo.push(() => session.close({ graceMs: 0 }))
  return session
}

/** One exchange on a connection of its own. */
async function getOnce(connector: Connector, url: string): Promise<string> {
  const session = new ClientSession({ connector })
  const text = await (await session.get(url)).text()
  await session.close()
  return text
}

/** A resolver with a fixed answer, which counts. */
function answering(...addresses: string[]): { lookup: Lookup; asked: string[] } {
  const asked: string[] = []
  const lookup: Lookup = (host, _options, callback) => {
    asked.push(host)
    const answer = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    queueMicrotask(() => callback(null, answer))
  }
  return { lookup, asked }
}

const LOCAL = { host: '127.0.0.1' }
const LOCALHOST: Lookup = answering('127.0.0.1').lookup

function dial(connector: Connector, target: ConnectTarget, phases: string[] = []): Promise<Connection> {
  const { signal } = new AbortController()
  const dialled = connector(target, { signal, onPhase: (phase) => phases.push(phase) })
  return dialled as Promise<Connection>
}

test('unixPath: every host leads to the socket, in the clear and with TLS', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'http-session-'))
  undo.push(() => rmSync(folder, { recursive: true }))
  const unixPath = join(folder, 'plain.sock')
  await listening(httpServer(), { path: unixPath })
  const session = sessionWith({ unixPath })
  for (const host of ['docker', 'localhost:1', '192.0.2.1'])
    expect(await (await session.get(`http://${host}/info`)).text()).toBe(host)

  const { server, ca } = await httpsServer()
  const securePath = join(folder, 'secure.sock')
  await listening(server, { path: securePath })
  const secure = sessionWith({ unixPath: securePath, tls: { ca } })
  expect(await (await secure.get('https://secure.test/')).text()).toBe('secure.test')
  await expect(secure.get('https://other.test/')).rejects.toMatchObject({ code: 'ERR_HTTP_TLS_CERT' })
  // An address has to be in the certificate, but is no name to ask for (RFC 6066 section 3).
  const warnings: Error[] = []
  const onWarning = (warning: Error): void => void warnings.push(warning)
  process.on('warning', onWarning)
  undo.push(() => process.off('warning', onWarning))
  expect(await (await secure.get('https://192.0.2.7/')).text()).toBe('192.0.2.7')
  await expect(secure.get('https://192.0.2.8/')).rejects.toMatchObject({ code: 'ERR_HTTP_TLS_CERT' })
  expect(warnings).toEqual([])
  const named = sessionWith({ unixPath: securePath, tls: { ca, servername: 'secure.test' } })
  expect(await (await named.get('https://other.test/')).text()).toBe('other.test')
  await expect(sessionWith({ unixPath: join(folder, 'none') }).get('http://a/')).rejects.toMatchObject({
    code: 'ERR_HTTP_CONNECT_FAILED',
    phase: 'connect',
  })
})

test('tls: ca; the default trusts nobody unknown; rejectUnauthorized', async () => {
  const { server, ca } = await httpsServer()
  const url = `https://secure.test:${await listening(server, LOCAL)}/`
  const dns = { lookup: LOCALHOST }
  expect(await (await sessionWith({ dns, tls: { ca } }).get(url)).text()).toContain('secure.test')
  await expect(sessionWith({ dns }).get(url)).rejects.toMatchObject({
    code: 'ERR_HTTP_TLS_CERT',
    phase: 'tls',
  })
  const careless = sessionWith({ dns, tls: { rejectUnauthorized: false } })
  expect((await careless.get(url.replace('secure', 'other'))).status).toBe(200)
})

test('tls: a certificate of our own, and what the caller changes later has no effect', async () => {
  const client = await selfSigned('me')
  const options = { requestCert: true, rejectUnauthorized: true, ca: client.cert }
  const { server, ca } = await httpsServer(options)
  const url = `https://secure.test:${await listening(server, LOCAL)}/`
  const dns = { lookup: LOCALHOST }
  const tls: ConnectorOptions['tls'] & { cert?: string } = { ca, ...client }
  const connector = createConnector({ dns, tls })
  delete tls.cert
  expect(await getOnce(connector, url)).toContain('secure.test')
  await expect(sessionWith({ dns, tls: { ca } }).get(url)).rejects.toMatchObject({ name: expect.any(String) })
})

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`tls: ${version}: the next connection to the same host and port resumes the session`, async () => {
    const { server, ca, resumed } = await httpsServer({ minVersion: version, maxVersion: version })
    const url = `https://secure.test:${await listening(server, LOCAL)}/`
    const options = { dns: { lookup: LOCALHOST }, tls: { ca } }
    const connector = createConnector(options)
    for (let count = 0; count < 3; count++) await getOnce(connector, url)
    const forgetful = createConnector({ ...options, maxTlsSessions: 0 })
    for (let count = 0; count < 2; count++) await getOnce(forgetful, url)
    expect(resumed).toEqual([false, true, true, false, false])
    // The session stands for another name's certificate: it is not offered, and the certificate is looked at.
    await expect(getOnce(connector, url.replace('secure', 'other'))).rejects.toMatchObject({
      code: 'ERR_HTTP_TLS_CERT',
    })
  })
}

test('dns: asked once for many connections; a failure to connect forgets the addresses', async () => {
  const port = await listening(httpServer(), LOCAL)
  const { lookup, asked } = answering('127.0.0.1')
  const connector = createConnector({ dns: { lookup } })
  const url = `http://a.test:${port}/`
  for (let count = 0; count < 3; count++) expect(await getOnce(connector, url)).toBe(`a.test:${port}`)
  expect(asked).toEqual(['a.test'])
  await expect(getOnce(connector, 'http://a.test:1/')).rejects.toMatchObject({
    code: 'ERR_HTTP_CONNECT_FAILED',
  })
  await getOnce(connector, url)
  expect(asked).toEqual(['a.test', 'a.test'])
  const uncached = answering('127.0.0.1')
  const asking = createConnector({ dns: { lookup: uncached.lookup, ttlMs: 0, staleMs: 0 } })
  for (let count = 0; count < 2; count++) await getOnce(asking, url)
  expect(uncached.asked.length).toBe(2)
})

test('dns: an abort keeps the addresses, a time limit of the session does not', async () => {
  const { lookup, asked } = answering('127.0.0.1')
  const connector = createConnector({ dns: { lookup } })
  const silent = createHttpServer()
  const target = { host: 'a.test', port: await listening(silent, LOCAL), secure: true }
  const giveUp = async (reason: object): Promise<void> => {
    const control = new AbortController()
    const dialled = connector(target, {
      signal: control.signal,
      onPhase: (phase) => phase === 'tls' && control.abort(reason),
    })
    await expect(dialled).rejects.toBe(reason)
  }
  await giveUp(new Error('enough'))
  await giveUp({ code: 'ERR_HTTP_DIAL_TIMEOUT' })
  expect(asked.length).toBe(1)
  await giveUp(new Error('enough'))
  expect(asked.length).toBe(2)
})

test('dns: a name without an address', async () => {
  const session = sessionWith({ dns: { lookup: answering().lookup } })
  await expect(session.get('http://a.test/')).rejects.toMatchObject({
    code: 'ERR_HTTP_DNS_NOTFOUND',
    phase: 'dns',
  })
})

test('steps are told in their order; a literal is not looked up', async () => {
  const { server, ca } = await httpsServer()
  const port = await listening(server, LOCAL)
  const connector = createConnector({ dns: { lookup: LOCALHOST }, tls: { ca } })
  const phases: string[] = []
  const secure = await dial(connector, { host: 'secure.test', port, secure: true }, phases)
  expect(phases.splice(0)).toEqual(['dns', 'connect', 'tls'])
  expect(secure.info.tls?.alpnProtocol).toBe('http/1.1')
  secure.abort()
  const plain = await dial(connector, { host: '127.0.0.1', port, secure: false }, phases)
  expect(phases).toEqual(['connect'])
  plain.abort()
})

test('localAddress: where connections come from; names have only addresses of its family', async () => {
  const port = await listening(httpServer(), LOCAL)
  const { lookup } = answering('::1', '127.0.0.1')
  const connector = createConnector({ localAddress: '127.0.0.5', dns: { lookup } })
  const stream = await dial(connector, { host: 'a.test', port, secure: false })
  expect(stream.info).toMatchObject({ localAddress: '127.0.0.5', remoteAddress: '127.0.0.1' })
  stream.abort()
})

test('guard: a public name that leads here is refused, and nobody is connected to', async () => {
  let connections = 0
  const port = await listening(
    httpServer().on('connection', () => (connections += 1)),
    LOCAL,
  )
  const { lookup, asked } = answering('127.0.0.1')
  const session = sessionWith({ dns: { lookup }, guard: blockPrivateAddresses })
  const error: unknown = await session
    .get(`http://public.example:${port}/`)
    .catch((reason: unknown) => reason)
  expect(error).toMatchObject({
    name: 'ConnectError',
    code: 'ERR_HTTP_ADDRESS_BLOCKED',
    phase: 'connect',
    cause: { host: 'public.example', address: '127.0.0.1', addressClass: 'loopback' },
  })
  expect((error as Error).message).toContain('"public.example", which leads to 127.0.0.1: loopback')
  expect([asked.length, connections]).toEqual([1, 0])
  await expect(session.get(`http://0x7f.1:${port}/`)).rejects.toMatchObject({
    cause: { address: null, addressClass: 'loopback' },
  })
  await expect(session.get('http://metadata.google.internal/')).rejects.toMatchObject({
    cause: { addressClass: 'cloud-metadata' },
  })
  expect([asked.length, connections]).toEqual([1, 0])
})

test('guard: only checked addresses are connected to, and the name is asked for once: no rebinding', async () => {
  const port = await listening(httpServer(), LOCAL)
  const answers = [['127.0.0.9', '127.0.0.1'], ['127.0.0.9']]
  let asked = 0
  const lookup: Lookup = (_host, _options, callback) =>
    callback(
      null,
      (answers[asked++] ?? []).map((address) => ({ address, family: 4 })),
    )
  const guard = createAddressGuard({ allow: ['127.0.0.1'] })
  const connector = createConnector({ dns: { lookup, ttlMs: 0, staleMs: 0 }, guard })
  const stream = await dial(connector, { host: 'half.test', port, secure: false })
  expect(stream.info.remoteAddress).toBe('127.0.0.1')
  stream.abort()
  expect(asked).toBe(1)
  await expect(dial(connector, { host: 'half.test', port, secure: false })).rejects.toMatchObject({
    code: 'ERR_HTTP_ADDRESS_BLOCKED',
    address: '127.0.0.9',
  })
})

test('guard: addresses of the cache are checked as well, and each hop of a redirect', async () => {
  const redirecting = createHttpServer((_request, response) =>
    response.writeHead(302, { location: 'http://inside.test/' }).end(),
  )
  const port = await listening(redirecting, LOCAL)
  const lookup: Lookup = (host, _options, callback) =>
    callback(null, [{ address: host === 'inside.test' ? '10.0.0.1' : '127.0.0.1', family: 4 }])
  const session = sessionWith({ dns: { lookup }, guard: createAddressGuard({ allow: ['outside.test'] }) })
  for (let count = 0; count < 2; count++) {
    await expect(session.get(`http://outside.test:${port}/`)).rejects.toMatchObject({
      url: 'http://inside.test/',
      cause: { host: 'inside.test', address: '10.0.0.1', addressClass: 'private' },
    })
  }
})

const WRONG: { options: unknown; option: string }[] = [
  { options: { timeout: 1 }, option: 'timeout' },
  { options: { unixPath: '' }, option: 'unixPath' },
  { options: { unixPath: '/a', guard: blockPrivateAddresses }, option: 'guard' },
  { options: { unixPath: '/a', dns: {} }, option: 'dns' },
  { options: { unixPath: '/a', localAddress: '127.0.0.1' }, option: 'localAddress' },
  { options: { localAddress: 'localhost' }, option: 'localAddress' },
  { options: { maxTlsSessions: -1 }, option: 'maxTlsSessions' },
  { options: { guard: {} }, option: 'guard' },
  { options: { dns: 5 }, option: 'dns' },
  { options: { dns: { ttl: 5 } }, option: 'ttl' },
  { options: { dns: { ttlMs: -1 } }, option: 'dns: option "ttlMs"' },
  { options: { dns: { maxEntries: Infinity } }, option: 'dns: option "maxEntries"' },
  { options: { tls: true }, option: 'tls' },
  { options: { tls: { ALPNProtocols: ['h2'] } }, option: 'ALPNProtocols' },
  { options: { tls: { session: 'x' } }, option: 'session' },
  { options: { tls: { rejectUnauthorized: 0 } }, option: 'tls.rejectUnauthorized' },
  { options: { tls: { servername: '' } }, option: 'tls.servername' },
  { options: { tls: { checkServerIdentity: 1 } }, option: 'tls.checkServerIdentity' },
  { options: { tls: { cert: 'no certificate' } }, option: 'tls' },
  { options: { tls: { minVersion: 'TLSv9' } }, option: 'tls' },
]

for (const { options, option } of WRONG) {
  test(`createConnector refuses ${JSON.stringify(options)}`, () => {
    const make = (): unknown => createConnector(options as ConnectorOptions)
    expect(make).toThrow(UsageError)
    expect(make).toThrow(`option ${option}`)
  })
}
