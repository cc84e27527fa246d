import { existsSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { connect, createServer as createRawServer } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createConnection, createServer } from './index.ts'
import type { ServerSettings } from './index.ts'
import { canReusePort } from './listen.ts'
import { mailbox, Recorder, textOf } from './test-peers.test-support.ts'

const folder = mkdtempSync(join(tmpdir(), 'transport-'))
afterAll(() => rmSync(folder, { recursive: true }))

const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
)

/** A server whose protocols can be waited for, and a client. */
async function served(options: ServerSettings = {}) {
  const accepted = mailbox<Recorder>()
  class Announced extends Recorder {
    override connectionMade(transport: Recorder['transport']): void {
      super.connectionMade(transport)
      accepted.put(this)
    }
  }
  const server = await createServer(() => new Announced(), { host: '127.0.0.1', port: 0, ...options })
  const dial = async () => {
    const { protocol } = await createConnection(() => new Recorder(), {
      host: '127.0.0.1',
      port: server.port,
    })
    return { near: protocol, far: await accepted.take() }
  }
  return { server, dial }
}

test('port 0 takes a free port; bytes go both ways; chunks are the protocol’s', async () => {
  const { server, dial } = await served()
  expect(server.port).toBeGreaterThan(0)
  expect(server.addresses).toEqual([{ address: '127.0.0.1', port: server.port, path: null }])
  const { near, far } = await dial()
  near.transport.writeLatin1('ping')
  await far.until(() => far.text === 'ping')
  far.transport.writeLatin1('pong')
  await near.until(() => near.text === 'pong')
  expect(far.transport.info).toMatchObject({
    localPort: server.port,
    remoteAddress: '127.0.0.1',
    bytesRead: 4,
  })
  near.transport.close()
  await server.shutdown()
})

test.skipIf(!hasIpv6)('several hosts share one free port', async () => {
  const server = await createServer(() => new Recorder(), { host: ['127.0.0.1', '::1'], port: 0 })
  expect(new Set(server.addresses.map(({ port }) => port)).size).toBe(1)
  for (const host of ['127.0.0.1', '::1']) {
    const { transport } = await createConnection(() => new Recorder(), { host, port: server.port })
    expect(transport.info.remoteAddress).toBe(host)
    transport.close()
  }
  await server.shutdown()
})

test('an address in use: ListenError, and nothing stays open', async () => {
  const { server } = await served()
  await expect(
    createServer(() => new Recorder(), { host: '127.0.0.1', port: server.port }),
  ).rejects.toMatchObject({
    name: 'ListenError',
    code: 'ERR_TRANSPORT_LISTEN_FAILED',
    address: '127.0.0.1',
    port: server.port,
    cause: { code: 'EADDRINUSE' },
  })
  await server.shutdown()
})

test('C28 close: no longer serving, twice is once, and the port is free again', async () => {
  const { server } = await served()
  expect(server.isServing).toBe(true)
  server.close()
  server.close()
  expect(server.isServing).toBe(false)
  await server.closed
  await expect(
    createConnection(() => new Recorder(), { host: '127.0.0.1', port: server.port }),
  ).rejects.toMatchObject({ code: 'ERR_TRANSPORT_CONNECT_FAILED' })
})

test('C29 closed resolves only when it is closed and no connection is left', async () => {
  const { server, dial } = await served()
  let isClosed = false
  void server.closed.then(() => {
    isClosed = true
  })
  const { near, far } = await dial()
  near.transport.close()
  await far.untilLost()
  expect([isClosed, server.connectionCount], 'open, no connection').toEqual([false, 0])
  const second = await dial()
  server.close()
  await new Promise(setImmediate)
  expect([isClosed, server.connectionCount], 'closed, one connection').toEqual([false, 1])
  second.near.transport.close()
  await server.closed
  expect(second.far.reasons, 'after the last connectionLost').toHaveLength(1)
})

test('C30 closeClients flushes and closes, abortClients does not wait', async () => {
  const idle = await served()
  const first = await idle.dial()
  idle.server.close()
  idle.server.closeClients()
  await idle.server.closed
  expect(first.far.reasons).toEqual([{ reason: 'closed' }])
  const blocked = await served()
  const { near, far } = await blocked.dial()
  near.transport.pauseReading()
  far.transport.writeOwned(new Uint8Array(20_000_000))
  blocked.server.close()
  blocked.server.closeClients()
  blocked.server.abortClients('enough')
  await blocked.server.closed
  expect(far.reasons).toEqual([{ reason: 'aborted', cause: 'enough' }])
  near.transport.abort()
})

test('shutdown lets connections finish, then aborts them', async () => {
  const polite = await served()
  const first = await polite.dial()
  const done = polite.server.shutdown()
  first.near.transport.writeLatin1('still served')
  await first.far.until(() => first.far.text === 'still served')
  first.near.transport.close()
  await done
  const stubborn = await served()
  const { far } = await stubborn.dial()
  await stubborn.server.shutdown({ graceMs: 10 })
  expect(far.reasons).toMatchObject([
    { reason: 'aborted', cause: { code: 'ERR_TRANSPORT_TIMEOUT', phase: 'shutdown', limitMs: 10 } },
  ])
})

test('a factory or connectionMade that throws ends its connection only', async () => {
  const failures: unknown[] = []
  const makers = [
    () => {
      throw new Error('no protocol')
    },
    () => ({
      dataReceived() {},
      connectionMade() {
        throw new Error('not made')
      },
    }),
    () => ({}) as Recorder,
    () => new Recorder(),
  ]
  const server = await createServer(() => (makers.shift() as () => Recorder)(), {
    host: '127.0.0.1',
    port: 0,
    onProtocolError: (error) => failures.push(error),
  })
  for (let count = 0; count < 3; count++) {
    const client = connect({ host: '127.0.0.1', port: server.port })
    client.on('error', () => {})
    client.resume()
    await once(client, 'close')
  }
  expect(failures.map(String)).toEqual([
    'Error: no protocol',
    'Error: not made',
    'TypeError: a protocol needs dataReceived(), or getBuffer() and bufferUpdated()',
  ])
  const { transport } = await createConnection(() => new Recorder(), { host: '127.0.0.1', port: server.port })
  transport.close()
  await server.shutdown()
})

test('C31 a Unix socket’s file: removed, gone, replaced, kept', async () => {
  const path = join(folder, 'one.sock')
  const start = (options: ServerSettings = {}) => createServer(() => new Recorder(), { path, ...options })
  const own = await start()
  expect(own.addresses).toEqual([{ address: null, port: null, path }])
  expect(() => own.port).toThrow(TypeError)
  const { transport } = await createConnection(() => new Recorder(), { path })
  expect(transport.info.path).toBe(path)
  transport.close()
  await own.shutdown()
  expect(existsSync(path), 'removed').toBe(false)

  const gone = await start()
  unlinkSync(path)
  await gone.shutdown()

  const replaced = await start()
  unlinkSync(path)
  writeFileSync(path, 'somebody else’s')
  await replaced.shutdown()
  expect(existsSync(path), 'replaced').toBe(true)
  await expect(start(), 'no socket').rejects.toMatchObject({ cause: { code: 'EADDRINUSE' } })
  unlinkSync(path)

  const kept = await start({ pathCleanup: 'keep' })
  await kept.shutdown()
  expect(existsSync(path), 'kept').toBe(true)
  const successor = await start()
  await expect(start(), 'somebody listens').rejects.toMatchObject({
    name: 'ListenError',
    address: path,
    port: null,
    cause: { code: 'EADDRINUSE' },
  })
  await successor.shutdown()
})

test('accepted sockets: half-open on request, close flushes, an end without it closes', async () => {
  const { server, dial } = await served({ allowHalfOpen: true })
  const { near, far } = await dial()
  near.transport.writeEof()
  await far.until(() => far.calls.includes('eof'))
  far.transport.writeLatin1('answer')
  far.transport.close()
  await near.untilLost()
  expect(near.text).toBe('answer')
  await server.shutdown()
})

test('a reset by the peer is an error', async () => {
  const { server } = await served()
  const raw = connect({ host: '127.0.0.1', port: server.port })
  await once(raw, 'connect')
  while (server.connectionCount === 0) await new Promise(setImmediate)
  raw.resetAndDestroy()
  await server.shutdown()
  expect(server.connectionCount).toBe(0)
})

test('reusePort is known by version, and refused where Node would ignore it', async () => {
  const known = ['20.20.2', '22.11.0', '22.12.0', '23.0.0', '23.1.0', '26.0.0'].map(canReusePort)
  expect(known).toEqual([false, false, true, false, true, true])
  if (canReusePort(process.versions.node)) return
  await expect(
    createServer(() => new Recorder(), { host: '127.0.0.1', port: 0, reusePort: true }),
  ).rejects.toMatchObject({ code: 'ERR_TRANSPORT_NOT_SUPPORTED' })
})

test('a signal ends the starting', async () => {
  const reason = new Error('not today')
  await expect(
    createServer(() => new Recorder(), { port: 0, signal: AbortSignal.abort(reason) }),
  ).rejects.toBe(reason)
})

test('half a conversation with plain Node on the other side', async () => {
  const raw = createRawServer((socket) => socket.end('bye')).listen(0, '127.0.0.1')
  await once(raw, 'listening')
  const socket = connect(raw.address() as { port: number })
  expect(await textOf(socket)).toBe('bye')
  raw.close()
})
