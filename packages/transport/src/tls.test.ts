import { connect as rawConnect } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import { expect, test } from 'vitest'
import { createConnection, createServer } from './index.ts'
import type { ConnectSettings, Server, ServerSettings, Transport } from './index.ts'
import { makeAuthority } from './test-certificates.test-support.ts'
import type { KeyAndCertificate } from './test-certificates.test-support.ts'
import { BufferedRecorder, rawServer, Recorder } from './test-peers.test-support.ts'

const authority = await makeAuthority()
const identity = await authority.issue({ names: ['localhost', '127.0.0.1'] })
const LOCAL = { host: '127.0.0.1', port: 0 }

/** Sends back what it gets. */
class Echo extends Recorder {
  override dataReceived(data: Uint8Array): void {
    this.transport.writeOwned(data)
    super.dataReceived(data)
  }
}

async function tlsPair<P extends Recorder | BufferedRecorder = Recorder>(
  make: () => P,
  options: { server?: ServerSettings; client?: ConnectSettings } = {},
) {
  const far = new Echo()
  const errors: unknown[] = []
  const server = await createServer(() => far, {
    ...LOCAL,
    onError: (error) => errors.push(error),
    ...options.server,
    tls: { ...identity, ...options.server?.tls },
  })
  const connecting = createConnection(make, {
    host: '127.0.0.1',
    port: server.port,
    ...options.client,
    tls: { ca: authority.cert, ...(options.client?.tls as object) },
  })
  return { server, far, errors, connecting }
}

/** A client whose server never writes. */
async function unansweredTls(far: Recorder): Promise<{ transport: Transport; server: Server }> {
  const server = await createServer(() => far, { ...LOCAL, tls: identity })
  const { transport } = await createConnection(() => new Recorder(), {
    host: '127.0.0.1',
    port: server.port,
    tls: { ca: authority.cert },
  })
  return { transport, server }
}

test('a TLS round trip: both kinds of protocol, lent memory on the client', async () => {
  for (const kind of ['plain', 'buffered']) {
    const made: Recorder | BufferedRecorder = kind === 'plain' ? new Recorder() : new BufferedRecorder()
    const { server, connecting } = await tlsPair(() => made)
    const { transport } = await connecting
    const record = made instanceof Recorder ? made : made.record
    transport.writeLatin1('over tls')
    await record.until(() => record.text === 'over tls')
    transport.close()
    await record.untilLost()
    expect(record.reasons).toEqual([{ reason: 'closed' }])
    await server.shutdown()
  }
})

test('info tells the handshake, and still does after the close', async () => {
  const { server, connecting, far } = await tlsPair(() => new Recorder(), {
    server: { tls: { ALPNProtocols: ['h2', 'http/1.1'] } },
    client: { tls: { ALPNProtocols: ['http/1.1'], servername: 'localhost' } },
  })
  const { transport, protocol } = await connecting
  transport.close()
  await protocol.untilLost()
  await far.untilLost()
  expect(transport.info).toMatchObject({
    remoteAddress: '127.0.0.1',
    remotePort: server.port,
    tls: {
      protocol: 'TLSv1.3',
      alpnProtocol: 'http/1.1',
      authorized: true,
      authorizationError: null,
      servername: 'localhost',
      peerCertificate: { subject: 'CN=localhost', issuer: 'CN=Test authority' },
    },
  })
  expect(far.transport.info.tls).toMatchObject({ alpnProtocol: 'http/1.1', servername: 'localhost' })
  await server.shutdown()
})

test('B02 on TLS: data that comes with the handshake waits for the promise', async () => {
  class Greeter extends Recorder {
    override connectionMade(transport: Transport): void {
      super.connectionMade(transport)
      transport.writeLatin1('first')
    }
  }
  const server = await createServer(() => new Greeter(), { ...LOCAL, tls: identity })
  const { protocol } = await createConnection(() => new Recorder(), {
    host: '127.0.0.1',
    port: server.port,
    tls: { ca: authority.cert },
  })
  expect(protocol.calls).toEqual(['made'])
  await protocol.until(() => protocol.text === 'first')
  protocol.transport.close()
  await server.shutdown()
})

const REFUSED: { name: string; certificate: () => Promise<KeyAndCertificate>; fault: string }[] = [
  {
    name: 'unknown authority',
    certificate: async () => (await makeAuthority('Other authority')).issue({ names: ['127.0.0.1'] }),
    fault: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  },
  {
    name: 'another name',
    certificate: () => authority.issue({ names: ['example.org'] }),
    fault: 'ERR_TLS_CERT_ALTNAME_INVALID',
  },
  {
    name: 'expired',
    certificate: () => authority.issue({ names: ['127.0.0.1'], validForMs: -1000 }),
    fault: 'CERT_HAS_EXPIRED',
  },
]

for (const { name, certificate, fault } of REFUSED) {
  test(`a certificate that is not accepted: ${name}`, async () => {
    const { server, connecting } = await tlsPair(() => new Recorder(), {
      server: { tls: await certificate() },
    })
    await expect(connecting).rejects.toMatchObject({
      name: 'TlsError',
      code: 'ERR_TRANSPORT_TLS_CERT',
      certificateError: fault,
      host: '127.0.0.1',
    })
    await server.shutdown()
  })
}

test('client certificates: asked for and verified; without one the connection ends', async () => {
  const client = await authority.issue({ names: ['me'] })
  const { server, far, connecting } = await tlsPair(() => new Recorder(), {
    server: { tls: { requestCert: true, rejectUnauthorized: true, ca: authority.cert } },
    client: { tls: client },
  })
  const { transport } = await connecting
  await far.until(() => far.calls.includes('made'))
  expect(far.transport.info.tls).toMatchObject({ authorized: true, peerCertificate: { subject: 'CN=me' } })
  transport.close()
  const { protocol } = await createConnection(() => new Recorder(), {
    host: '127.0.0.1',
    port: server.port,
    tls: { ca: authority.cert },
  })
  await protocol.untilLost()
  // TLS 1.3 lets a client believe that all is well until the server's refusal arrives.
  expect(protocol.reasons).toMatchObject([
    { reason: 'error', cause: { code: expect.stringContaining('ERR_SSL') } },
  ])
  await server.shutdown()
})

test('a session is resumed', async () => {
  const sessions: Uint8Array[] = []
  const { server, connecting } = await tlsPair(() => new Recorder(), {
    client: { tls: { onSession: (session) => sessions.push(session) } },
  })
  const { transport, protocol } = await connecting
  transport.writeLatin1('x') // the server's ticket comes before its answer
  await protocol.until(() => protocol.text === 'x')
  transport.close()
  const again = await createConnection(() => new Recorder(), {
    host: '127.0.0.1',
    port: server.port,
    tls: { ca: authority.cert, session: sessions[0] as Buffer },
  })
  expect(again.transport.info.tls?.sessionReused).toBe(true)
  again.transport.close()
  await server.shutdown()
})

test('C19 a handshake that takes too long, client and server', async () => {
  await using silent = await rawServer()
  await expect(
    createConnection(() => new Recorder(), {
      ...LOCAL,
      port: silent.port,
      tls: true,
      handshakeTimeoutMs: 20,
    }),
  ).rejects.toMatchObject({
    code: 'ERR_TRANSPORT_TIMEOUT',
    phase: 'tls',
    limitMs: 20,
    message: expect.stringContaining('taking longer than 20 ms'),
  })
  let report!: (error: unknown) => void
  const reported = new Promise((resolve) => {
    report = resolve
  })
  const server = await createServer(() => new Recorder(), {
    ...LOCAL,
    tls: identity,
    handshakeTimeoutMs: 20,
    onError: report,
  })
  const client = rawConnect({ port: server.port, host: '127.0.0.1' })
  client.on('error', () => {})
  expect(await reported).toMatchObject({ code: 'ERR_TRANSPORT_TLS_HANDSHAKE' })
  client.destroy()
  await server.shutdown()
})

test('C21 a peer that closes during the handshake', async () => {
  await using peer = await rawServer((socket) => socket.end())
  await expect(
    createConnection(() => new Recorder(), { ...LOCAL, port: peer.port, tls: true }),
  ).rejects.toMatchObject({ code: 'ERR_TRANSPORT_TLS_HANDSHAKE', host: '127.0.0.1' })
})

test('C22 on TLS close twice, then everything else: nothing throws', async () => {
  const { server, connecting } = await tlsPair(() => new Recorder())
  const { transport, protocol } = await connecting
  transport.close()
  transport.close()
  transport.resumeReading()
  transport.pauseReading()
  expect(transport.info.tls?.protocol).toBe('TLSv1.3')
  expect(() => transport.writeLatin1('x')).toThrow(expect.objectContaining({ code: 'ERR_TRANSPORT_CLOSED' }))
  await protocol.untilLost()
  await server.shutdown()
})

test('C23 on TLS a high-water mark of 0 pauses above 0 only', async () => {
  const { server, connecting } = await tlsPair(() => new Recorder())
  const { transport, protocol } = await connecting
  transport.setWriteBufferLimits({ high: 0 })
  expect(protocol.calls).toEqual(['made'])
  transport.writeLatin1('x')
  await protocol.until(() => protocol.text === 'x')
  expect(protocol.story.filter((call) => call !== 'data')).toEqual(['made', 'pause', 'resume', 'emptied'])
  transport.close()
  await server.shutdown()
})

test('B36 C24 TLS cannot end one direction: it says so', async () => {
  const { server, connecting } = await tlsPair(() => new Recorder())
  const { transport } = await connecting
  expect(transport.canWriteEof).toBe(false)
  expect(() => transport.writeEof()).toThrow(expect.objectContaining({ code: 'ERR_TRANSPORT_NOT_SUPPORTED' }))
  transport.close()
  await server.shutdown()
})

test('C25 on TLS close sends everything first; the peer gets all of it', async () => {
  const far = new Recorder() // sends nothing: unread bytes would turn the close into a reset
  const { transport, server } = await unansweredTls(far)
  const size = 3_000_000
  transport.writeOwned(new Uint8Array(size).fill(0x61))
  transport.close()
  await far.until(() => far.text.length === size)
  await server.shutdown()
  expect(far.text.length).toBe(size)
})

test('C20 a TLS stream that is cut: a reset is an error; a bare FIN Node shows as the end', async () => {
  const { server, far, connecting } = await tlsPair(() => new Recorder())
  const { transport } = await connecting
  const raw = rawConnect({ port: server.port, host: '127.0.0.1' })
  const secure = tlsConnect({ socket: raw, ca: authority.cert, host: '127.0.0.1' })
  transport.close()
  await far.untilLost()
  far.reasons.length = 0
  secure.on('secureConnect', () => secure.write('partial'))
  secure.on('error', () => {})
  await far.until(() => far.text === 'partial')
  raw.resetAndDestroy()
  await far.untilLost()
  expect(far.reasons).toMatchObject([{ reason: 'error', cause: { code: 'ECONNRESET' } }])
  await server.shutdown()
})

test('TLS options that make no context are told before anything is opened', async () => {
  const broken = { code: 'ERR_TRANSPORT_TLS_CONTEXT' }
  await expect(
    createServer(() => new Recorder(), { ...LOCAL, tls: { key: 'no key', cert: 'x' } }),
  ).rejects.toMatchObject(broken)
  await expect(
    createConnection(() => new Recorder(), { ...LOCAL, port: 1, tls: { cert: 'no certificate' } }),
  ).rejects.toMatchObject(broken)
})
