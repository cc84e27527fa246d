import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { BlockList, createServer as createRawServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createConnection, isTransportError } from './index.ts'
import type { ConnectOptions, Lookup } from './index.ts'
import { rawServer, Recorder } from './test-peers.test-support.ts'

const folder = mkdtempSync(join(tmpdir(), 'transport-'))
afterAll(() => rmSync(folder, { recursive: true }))

const recorder = (): Recorder => new Recorder()
const connect = (options: unknown) => createConnection(recorder, options as ConnectOptions)

/** A resolver with a fixed answer. */
function answering(...addresses: string[]): Lookup {
  return (_host, _options, callback) => {
    const answer = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    queueMicrotask(() => callback(null, answer))
  }
}

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const peer = await rawServer()
  const { port } = peer
  await peer[Symbol.asyncDispose]()
  return port
}

const WRONG: { options: unknown; type: typeof TypeError | typeof RangeError; message: string }[] = [
  { options: undefined, type: TypeError, message: '"options"' },
  { options: {}, type: TypeError, message: '"host" and "port", or "path"' },
  { options: { host: 'h', port: 1, path: '/p' }, type: TypeError, message: 'either "path" or "host"' },
  { options: { host: 'h' }, type: TypeError, message: '"port"' },
  { options: { host: '', port: 1 }, type: TypeError, message: '"host"' },
  { options: { host: 'h', port: 0 }, type: RangeError, message: '"port"' },
  { options: { host: 'h', port: '80' }, type: TypeError, message: '"port"' },
  { options: { host: 'h', port: 1, family: 5 }, type: TypeError, message: '"family"' },
  { options: { host: 'h', port: 1, localAddress: 'h' }, type: TypeError, message: '"localAddress"' },
  { options: { host: 'h', port: 1, connectTimeoutMs: 0 }, type: RangeError, message: '"connectTimeoutMs"' },
  { options: { host: 'h', port: 1, attemptDelayMs: -1 }, type: RangeError, message: '"attemptDelayMs"' },
  { options: { host: 'h', port: 1, signal: {} }, type: TypeError, message: '"signal"' },
  { options: { host: 'h', port: 1, noDelay: 1 }, type: TypeError, message: '"noDelay"' },
  { options: { host: 'h', port: 1, blockList: [] }, type: TypeError, message: '"blockList"' },
  { options: { host: 'h', port: 1, lookup: {} }, type: TypeError, message: '"lookup"' },
  { options: { host: 'h', port: 1, tls: 'yes' }, type: TypeError, message: '"tls"' },
  { options: { host: 'h', port: 1, handshakeTimeoutMs: 5 }, type: TypeError, message: 'without "tls"' },
  {
    options: { host: 'h', port: 1, tls: true, handshakeTimeoutMs: 0 },
    type: RangeError,
    message: '"handshakeTimeoutMs"',
  },
  { options: { path: '/p', tls: true }, type: TypeError, message: '"tls.servername"' },
  {
    options: { host: 'h', port: 1, writeBufferLimits: { low: 2, high: 1 } },
    type: RangeError,
    message: '"low"',
  },
]

for (const { options, type, message } of WRONG) {
  test(`C33 C19 options refused: ${JSON.stringify(options)}`, async () => {
    const error: unknown = await connect(options).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(type)
    expect((error as Error).message).toContain(message)
  })
}

test('C33 a factory that is none, or makes none', async () => {
  await using peer = await rawServer()
  const where = { host: '127.0.0.1', port: peer.port }
  await expect(createConnection('x' as never, where)).rejects.toThrow(TypeError)
  await expect(createConnection(() => ({}) as Recorder, where)).rejects.toThrow('dataReceived')
})

test('what factory or connectionMade throws is what the promise rejects with, and the socket is closed', async () => {
  await using peer = await rawServer()
  const where = { host: '127.0.0.1', port: peer.port }
  const thrown = new Error('not today')
  const fail = (): never => {
    throw thrown
  }
  await expect(createConnection(fail, where)).rejects.toBe(thrown)
  await expect(createConnection(() => ({ dataReceived() {}, connectionMade: fail }), where)).rejects.toBe(
    thrown,
  )
  for (let count = 0; count < 2; count++) {
    const socket = await peer.accepted()
    socket.resume()
    if (!socket.readableEnded) await once(socket, 'end')
  }
})

test('a Unix path', async () => {
  const path = join(folder, 'raw.sock')
  const server = createRawServer((socket) => socket.end('over a path')).listen(path)
  await once(server, 'listening')
  const { protocol, transport } = await createConnection(recorder, { path })
  await protocol.untilLost()
  expect([protocol.text, transport.info.path, transport.info.remoteAddress]).toEqual([
    'over a path',
    path,
    null,
  ])
  server.close()
  await expect(createConnection(recorder, { path: join(folder, 'none.sock') })).rejects.toMatchObject({
    code: 'ERR_TRANSPORT_CONNECT_FAILED',
    address: join(folder, 'none.sock'),
    port: null,
    cause: { code: 'ENOENT' },
  })
})

test('C32 one address fails: its error is the cause', async () => {
  const port = await closedPort()
  const error: unknown = await connect({ host: '127.0.0.1', port }).catch((reason: unknown) => reason)
  expect(error).toMatchObject({
    name: 'ConnectError',
    code: 'ERR_TRANSPORT_CONNECT_FAILED',
    address: '127.0.0.1',
    port,
    cause: { code: 'ECONNREFUSED' },
  })
  expect(isTransportError(error)).toBe(true)
  expect(JSON.parse(JSON.stringify(error))).toMatchObject({
    cause: { code: 'ECONNREFUSED' },
    errors: [{ code: 'ECONNREFUSED' }],
  })
})

test('C32 several addresses fail: an AggregateError, in the order of the resolver', async () => {
  const port = await closedPort()
  const lookup = answering('127.0.0.1', '127.0.0.2', '127.0.0.3')
  await expect(connect({ host: 'three.test', port, lookup, attemptDelayMs: 0 })).rejects.toMatchObject({
    address: 'three.test',
    cause: expect.any(AggregateError),
    errors: [{ address: '127.0.0.1' }, { address: '127.0.0.2' }, { address: '127.0.0.3' }],
  })
})

test('a failing address falls back to the next; the winner is told in info', async () => {
  await using peer = await rawServer()
  const lookup = answering('127.0.0.9', '127.0.0.1')
  const { transport } = await createConnection(recorder, { host: 'two.test', port: peer.port, lookup })
  expect(transport.info).toMatchObject({ remoteAddress: '127.0.0.1', remotePort: peer.port })
  transport.abort()
})

const RESOLVING: { name: string; lookup: Lookup; code: string }[] = [
  {
    name: 'no such name',
    lookup: (_h, _o, done) => done(Object.assign(new Error('x'), { code: 'ENOTFOUND' }), []),
    code: 'NOTFOUND',
  },
  { name: 'no address', lookup: answering(), code: 'NOTFOUND' },
  {
    name: 'the resolver failed',
    lookup: (_h, _o, done) => done(Object.assign(new Error('x'), { code: 'EAI_AGAIN' }), []),
    code: 'FAILED',
  },
  {
    name: 'the resolver threw',
    lookup: () => {
      throw new Error('x')
    },
    code: 'FAILED',
  },
]

for (const { name, lookup, code } of RESOLVING) {
  test(`resolving: ${name}`, async () => {
    await expect(connect({ host: 'name.test', port: 1, lookup })).rejects.toMatchObject({
      name: 'DnsError',
      code: `ERR_TRANSPORT_DNS_${code}`,
      host: 'name.test',
    })
  })
}

test('family and localAddress leave out addresses of the other family', async () => {
  const lookup = answering('::1')
  await expect(connect({ host: 'six.test', port: 1, lookup, family: 4 })).rejects.toMatchObject({
    code: 'ERR_TRANSPORT_DNS_NOTFOUND',
  })
  await expect(connect({ host: '::1', port: 1, localAddress: '127.0.0.1' })).rejects.toThrow(
    'no IPv4 address',
  )
  await using peer = await rawServer()
  const { transport } = await createConnection(recorder, {
    host: '127.0.0.1',
    port: peer.port,
    localAddress: '127.0.0.5',
  })
  expect(transport.info.localAddress).toBe('127.0.0.5')
  transport.abort()
})

const BLOCKED = [
  { name: 'a literal', host: '127.0.0.1' },
  { name: 'a literal in brackets, IPv4 within IPv6', host: '[::ffff:127.0.0.1]' },
  { name: 'a name', host: 'inside.test', lookup: answering('127.0.0.1', '127.3.2.1') },
]

for (const { name, host, lookup } of BLOCKED) {
  test(`blockList: ${name}`, async () => {
    const blockList = new BlockList()
    blockList.addSubnet('127.0.0.0', 8, 'ipv4')
    await expect(connect({ host, port: 1, blockList, ...(lookup ? { lookup } : {}) })).rejects.toMatchObject({
      name: 'ConnectError',
      code: 'ERR_TRANSPORT_ADDRESS_BLOCKED',
    })
  })
}

test('blockList: an address of a name that is not blocked is used', async () => {
  await using peer = await rawServer()
  const blockList = new BlockList()
  blockList.addAddress('127.0.0.2')
  const lookup = answering('127.0.0.2', '127.0.0.1')
  const { transport } = await createConnection(recorder, {
    host: 'half.test',
    port: peer.port,
    lookup,
    blockList,
  })
  expect(transport.info.remoteAddress).toBe('127.0.0.1')
  transport.abort()
})

test('abort before the start, while resolving and in the handshake: the reason itself, and no socket stays', async () => {
  await using silent = await rawServer()
  const reason = { my: 'reason' }
  await expect(
    connect({ host: '127.0.0.1', port: silent.port, signal: AbortSignal.abort(reason) }),
  ).rejects.toBe(reason)

  const resolving = new AbortController()
  const lookup = (): void => queueMicrotask(() => resolving.abort(reason))
  await expect(connect({ host: 'never.test', port: 1, lookup, signal: resolving.signal })).rejects.toBe(
    reason,
  )

  const inHandshake = new AbortController()
  const connecting = connect({ host: '127.0.0.1', port: silent.port, tls: true, signal: inHandshake.signal })
  const socket = await silent.accepted()
  inHandshake.abort(reason)
  await expect(connecting).rejects.toBe(reason)
  socket.resume()
  await once(socket, 'end')
})

test('abort while connecting: the attempt is closed', async () => {
  await using peer = await rawServer()
  const controller = new AbortController()
  const reason = new Error('enough')
  const connecting = connect({ host: '127.0.0.1', port: peer.port, signal: controller.signal })
  controller.abort(reason)
  await expect(connecting).rejects.toBe(reason)
})

test('abort after the connection stands has no effect, and no listener stays on the signal', async () => {
  await using peer = await rawServer()
  const controller = new AbortController()
  const { transport } = await createConnection(recorder, {
    host: '127.0.0.1',
    port: peer.port,
    signal: controller.signal,
  })
  controller.abort()
  expect(transport.isClosing).toBe(false)
  transport.abort()
})

test('a limit names what was going on', async () => {
  await expect(
    connect({ host: 'slow.test', port: 1, lookup: () => {}, connectTimeoutMs: 15 }),
  ).rejects.toMatchObject({
    name: 'TransportTimeoutError',
    code: 'ERR_TRANSPORT_TIMEOUT',
    phase: 'dns',
    limitMs: 15,
  })
})
