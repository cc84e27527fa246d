import { once } from 'node:events'
import { expect, test } from 'vitest'
import { connect as tlsConnect } from 'node:tls'
import { connect as rawConnect } from 'node:net'
import { createConnection, createServer, startTls } from './index.ts'
import type { Transport } from './index.ts'
import { memoryPair } from './memory.ts'
import { makeAuthority } from './test-certificates.test-support.ts'
import { BufferedRecorder, bytes, mailbox, rawServer, Recorder } from './test-peers.test-support.ts'

const authority = await makeAuthority()
const identity = await authority.issue({ names: ['localhost', '127.0.0.1'] })
const asClient = { side: 'client', host: 'localhost', tls: { ca: authority.cert } } as const
const asServer = { side: 'server', tls: identity } as const

/** A plain connection between two of our transports. */
async function plainPair<P extends Recorder | BufferedRecorder>(make: () => P) {
  const accepted = mailbox<Recorder>()
  class Announced extends Recorder {
    override connectionMade(transport: Transport): void {
      super.connectionMade(transport)
      accepted.put(this)
    }
  }
  const server = await createServer(() => new Announced(), { host: '127.0.0.1', port: 0 })
  const { transport, protocol } = await createConnection(make, { host: '127.0.0.1', port: server.port })
  return { server, near: protocol, client: transport, far: await accepted.take() }
}

test('C15 a line, the upgrade, a line: both sides, the same protocols', async () => {
  const { server, near, client, far } = await plainPair(() => new BufferedRecorder())
  expect(client.info.tls).toBeNull()
  client.writeLatin1('STARTTLS')
  await far.until(() => far.text === 'STARTTLS')
  const [secureClient, secureServer] = await Promise.all([
    startTls(client, asClient),
    startTls(far.transport, asServer),
  ])
  expect(secureClient.info.tls).toMatchObject({
    protocol: 'TLSv1.3',
    authorized: true,
    servername: 'localhost',
  })
  expect(() => client.writeLatin1('x')).toThrow(expect.objectContaining({ code: 'ERR_TRANSPORT_CLOSED' }))
  secureClient.writeLatin1(' over tls')
  await far.until(() => far.text === 'STARTTLS over tls')
  secureServer.writeLatin1('answer')
  await near.record.until(() => near.record.text === 'answer')
  expect(server.connectionCount).toBe(1)
  client.close() // reaches the new one
  await near.record.untilLost()
  await expect(client.closed).resolves.toEqual({ reason: 'closed' })
  await far.untilLost()
  expect(near.record.calls.filter((call) => call === 'lost')).toHaveLength(1)
  await server.shutdown()
})

test('what was written before leaves unencrypted first, however much it is', async () => {
  const { server, near, client, far } = await plainPair(() => new Recorder())
  const size = 5_000_000
  far.transport.writeOwned(new Uint8Array(size).fill(0x61))
  const upgrading = startTls(far.transport, asServer)
  await near.until(() => near.text.length === size)
  const [secure] = await Promise.all([startTls(client, asClient), upgrading])
  secure.writeLatin1('!')
  await far.until(() => far.text === '!')
  secure.close()
  await near.untilLost()
  await server.shutdown()
})

/** A TLS client behind a proxy that sends a line and the first bytes of the handshake in one segment. */
async function behindProxy(port: number) {
  const proxy = await rawServer((socket) => {
    const onward = rawConnect({ host: '127.0.0.1', port })
    onward.on('error', () => {})
    socket.once('data', (hello) => {
      onward.write(Buffer.concat([Buffer.from('PROXY TCP4\r\n'), hello]))
      socket.pipe(onward).pipe(socket)
    })
  })
  const secure = tlsConnect({
    host: '127.0.0.1',
    port: proxy.port,
    ca: authority.cert,
    servername: 'localhost',
  })
  secure.on('error', () => {})
  return { proxy, secure }
}

/** A server's transport that has read the PROXY line, with what came behind it. */
async function proxied() {
  const lines = mailbox<{ transport: Transport; rest: Uint8Array }>()
  class ProxyLine extends Recorder {
    override dataReceived(data: Uint8Array): void {
      if (this.calls.includes('line')) return super.dataReceived(data)
      this.transport.pauseReading()
      this.note('line')
      lines.put({ transport: this.transport, rest: data.subarray(Buffer.from(data).indexOf('\r\n') + 2) })
    }
  }
  const far = new ProxyLine()
  const server = await createServer(() => far, { host: '127.0.0.1', port: 0 })
  const { proxy, secure } = await behindProxy(server.port)
  const stop = async (): Promise<void> => {
    secure.destroy()
    await proxy[Symbol.asyncDispose]()
    server.close()
    server.abortClients()
    await server.closed
  }
  return { far, secure, stop, ...(await lines.take()) }
}

test('C16 a PROXY line and the handshake in one segment: rejected by default, and nothing is changed', async () => {
  const { transport, rest, stop } = await proxied()
  expect(rest.length).toBeGreaterThan(0)
  await expect(startTls(transport, { ...asServer, unreadBytes: rest })).rejects.toMatchObject({
    code: 'ERR_TRANSPORT_TLS_UNREAD_BYTES',
  })
  expect(transport.isClosing).toBe(false)
  await stop()
})

test('C16 a PROXY line and the handshake in one segment: transferred on request', async () => {
  const { far, secure, transport, rest, stop } = await proxied()
  await startTls(transport, { ...asServer, unreadBytes: rest, onUnreadBytes: 'transfer' })
  secure.write('hidden')
  await far.until(() => far.text !== '')
  expect(far.text).toBe('hidden')
  await stop()
})

test('C16 the bytes that a paused transport holds itself count, too', async () => {
  const { server, client, far } = await plainPair(() => new Recorder())
  far.transport.pauseReading()
  client.writeLatin1('early')
  while (far.transport.info.bytesRead === 0) await new Promise(setImmediate)
  await expect(startTls(far.transport, asServer)).rejects.toMatchObject({
    code: 'ERR_TRANSPORT_TLS_UNREAD_BYTES',
  })
  far.transport.resumeReading()
  await far.until(() => far.text === 'early')
  client.abort()
  await server.shutdown()
})

test('C17 wrong arguments', async () => {
  const { server, client } = await plainPair(() => new Recorder())
  const wrong = (options: unknown) => startTls(client, options as typeof asClient)
  await expect(startTls({} as Transport, asClient)).rejects.toThrow(TypeError)
  await expect(wrong(undefined)).rejects.toThrow('"options"')
  await expect(wrong({ side: 'both' })).rejects.toThrow('"side"')
  await expect(wrong({ side: 'client' })).rejects.toThrow('"host"')
  await expect(wrong({ side: 'server' })).rejects.toThrow('"tls"')
  await expect(wrong({ ...asClient, unreadBytes: 'x' })).rejects.toThrow('"unreadBytes"')
  await expect(wrong({ ...asClient, onUnreadBytes: 'drop' })).rejects.toThrow('"onUnreadBytes"')
  await expect(wrong({ ...asClient, handshakeTimeoutMs: 0 })).rejects.toThrow(RangeError)
  await expect(startTls(memoryPair().client, asClient)).rejects.toMatchObject({
    code: 'ERR_TRANSPORT_NOT_SUPPORTED',
  })
  expect(client.isClosing).toBe(false)
  client.close()
  await expect(startTls(client, asClient)).rejects.toMatchObject({ code: 'ERR_TRANSPORT_CLOSED' })
  await server.shutdown()
})

const REASON = new Error('enough')
const ENDS: {
  name: string
  end: (transport: Transport, controller: AbortController) => void
  error: unknown
  reason: unknown
}[] = [
  {
    name: 'C18 by the signal',
    end: (_, controller) => controller.abort(REASON),
    error: REASON,
    reason: { reason: 'aborted', cause: REASON },
  },
  {
    name: 'C21 by close()',
    end: (transport) => transport.close(),
    error: expect.objectContaining({ code: 'ERR_TRANSPORT_CLOSED' }),
    reason: { reason: 'closed' },
  },
  {
    name: 'C21 by abort()',
    end: (transport) => transport.abort(REASON),
    error: REASON,
    reason: { reason: 'aborted', cause: REASON },
  },
]

for (const { name, end, error, reason } of ENDS) {
  test(`a handshake is ended ${name}: the socket is closed, the protocol told once`, async () => {
    await using silent = await rawServer()
    const { transport, protocol } = await createConnection(() => new Recorder(), {
      host: '127.0.0.1',
      port: silent.port,
    })
    const controller = new AbortController()
    const upgrading = startTls(transport, { ...asClient, signal: controller.signal })
    const socket = await silent.accepted()
    await once(socket, 'data') // the ClientHello
    end(transport, controller)
    const thrown: unknown = await upgrading.catch((failure: unknown) => failure)
    expect(thrown).toEqual(error)
    await protocol.untilLost()
    expect(protocol.reasons).toEqual([reason])
    if (!socket.readableEnded) await once(socket, 'end')
  })
}

test('C19 a handshake over its limit, and one that the peer cuts off', async () => {
  await using silent = await rawServer()
  const slow = await createConnection(() => new Recorder(), { host: '127.0.0.1', port: silent.port })
  await expect(startTls(slow.transport, { ...asClient, handshakeTimeoutMs: 15 })).rejects.toMatchObject({
    phase: 'tls',
    limitMs: 15,
  })
  expect(slow.protocol.reasons).toMatchObject([{ reason: 'error', cause: { phase: 'tls' } }])
  await using rude = await rawServer((socket) => socket.on('data', () => socket.destroy()))
  const cut = await createConnection(() => new Recorder(), { host: '127.0.0.1', port: rude.port })
  await expect(startTls(cut.transport, asClient)).rejects.toMatchObject({
    code: 'ERR_TRANSPORT_TLS_HANDSHAKE',
  })
})

test('a client that leaves during the handshake is an error for the server', async () => {
  const { server, client, far } = await plainPair(() => new Recorder())
  const upgrading = startTls(far.transport, asServer)
  client.close()
  await expect(upgrading).rejects.toMatchObject({ code: 'ERR_TRANSPORT_TLS_HANDSHAKE', host: null })
  await far.untilLost()
  await server.shutdown()
})

test('TLS within TLS, and another protocol for it', async () => {
  const far = new Recorder()
  const server = await createServer(() => far, { host: '127.0.0.1', port: 0, tls: identity })
  const { transport } = await createConnection(() => new Recorder(), {
    host: '127.0.0.1',
    port: server.port,
    tls: { ca: authority.cert },
  })
  await far.until(() => far.calls.includes('made'))
  const inner = new Recorder()
  const [client, inside] = await Promise.all([
    startTls(transport, { ...asClient, protocol: inner }),
    startTls(far.transport, asServer),
  ])
  inside.writeOwned(bytes('twice wrapped'))
  await inner.until(() => inner.text === 'twice wrapped')
  client.close()
  await inner.untilLost()
  await server.shutdown()
})
