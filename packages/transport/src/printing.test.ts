/** What `console.log` shows of what is handed out: a line or a few, plain data, no keys. */
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import {
  ConnectError,
  createConnection,
  createDnsCache,
  createServer,
  createTlsContext,
  DnsError,
  ListenError,
  NotSupportedError,
  startTls,
  TlsError,
  TransportClosedError,
  TransportTimeoutError,
} from './index.ts'
import type { ConnectSettings, Server } from './index.ts'
import { memoryPair } from './memory.ts'
import { makeAuthority } from './test-certificates.test-support.ts'
import { bytes, Recorder } from './test-peers.test-support.ts'

const authority = await makeAuthority()
const identity = await authority.issue({ names: ['localhost'] })
const HERE = { host: '127.0.0.1', port: 0 }

function withoutStacks(text: string): string {
  return text.replace(/\n {4,}(at|\.\.\.) [^{\n]*?(?= \{\n|\n|$)/g, '')
}

/** As in a log: without the times and the places of a run. */
function shown(value: unknown): string {
  return withoutStacks(inspect(value, { breakLength: 110 })).replace(/(Port|port): \d+/g, '$1: 1')
}

test('a server: its addresses and how many came', async () => {
  const server = await createServer(() => new Recorder(), HERE)
  expect(shown(server)).toBe(
    "Server {\n  addresses: [ { address: '127.0.0.1', port: 1, path: null } ],\n  isServing: true,\n  connectionCount: 0\n}",
  )
  await server.shutdown()
  expect(shown(server)).toContain('isServing: false')
})

async function secure(server: Server, options: ConnectSettings = {}) {
  return createConnection(() => new Recorder(), {
    host: 'localhost',
    port: server.port,
    family: 4,
    ...options,
  })
}

test('a transport: its state, its addresses and who the peer is; neither key nor certificate', async () => {
  const server = await createServer(() => new Recorder(), { ...HERE, tls: identity })
  const { transport } = await secure(server, { tls: { ca: authority.cert, passphrase: 'pass me' } })
  const text = shown(transport)
  expect(text).toMatch(
    /^StreamTransport \{\n {2}isClosing: false,\n {2}isReading: true,\n {2}bufferedByteCount: 0,\n {2}info: \{/,
  )
  expect(text).toContain("remoteAddress: '127.0.0.1'")
  expect(text).toContain('peerCertificate: [Object]')
  expect(text.split('\n').length).toBeLessThan(26)
  expect(inspect(transport, { depth: null, showHidden: true })).not.toMatch(/pass me|PRIVATE|scratch|Socket/)
  transport.abort()
  await server.shutdown({ graceMs: 0 })
})

test('a pair in memory: what moved, and nothing that is inside', () => {
  const { client, clientToServer, clock } = memoryPair()
  client.write(bytes('secret'))
  clientToServer.stall()
  clock.setTimer(() => {}, 10)
  expect(shown({ clientToServer, clock })).toBe(
    `{
  clientToServer: MemoryLink { deliveredByteCount: 0, bufferedByteCount: 0, state: 'open', blocked: [ 'paused', 'stalled' ] },
  clock: VirtualClock { nowMs: 0, timerCount: 1 }
}`,
  )
  expect(shown(client).replaceAll(/\s+/g, ' ')).toBe(
    'StreamTransport { isClosing: false, isReading: false, bufferedByteCount: 0, info: { bytesRead: 0, bytesWritten: 6 } }',
  )
})

const OTHERS: { name: string; make: () => unknown; text: string }[] = [
  {
    name: 'a cache of names',
    make: () => createDnsCache(),
    text: '{ lookup: [Function: lookup], forget: [Function: forget] }',
  },
  {
    name: 'a TLS context with a key',
    make: () => createTlsContext(identity),
    text: 'SecureContext { context: SecureContext {} }',
  },
]

for (const { name, make, text } of OTHERS) {
  test(`${name} is one line`, () => expect(shown(make())).toBe(text))
}

const cause = Object.assign(new Error('why'), { code: 'EWHY' })
const ERRORS: { error: Error; text: string }[] = [
  {
    error: new DnsError({ code: 'ERR_TRANSPORT_DNS_NOTFOUND', host: 'a.example' }),
    text: `DnsError: the name "a.example" has no address {
  code: 'ERR_TRANSPORT_DNS_NOTFOUND',
  host: 'a.example'
}`,
  },
  {
    error: new ConnectError({
      code: 'ERR_TRANSPORT_CONNECT_FAILED',
      address: '192.0.2.1',
      port: 1,
      errors: [cause],
    }),
    text: `ConnectError: could not connect to 192.0.2.1:1: why {
  code: 'ERR_TRANSPORT_CONNECT_FAILED',
  address: '192.0.2.1',
  port: 1,
  errors: [
    Error: why {
      code: 'EWHY'
    }
  ],
  [cause]: Error: why {
    code: 'EWHY'
  }
}`,
  },
  {
    error: new TlsError({ code: 'ERR_TRANSPORT_TLS_CONTEXT', host: null, cause }),
    text: `TlsError: the TLS options are not usable for the client: why {
  code: 'ERR_TRANSPORT_TLS_CONTEXT',
  host: null,
  certificateError: null,
  [cause]: Error: why {
    code: 'EWHY'
  }
}`,
  },
  {
    error: new ListenError({ address: '192.0.2.1', port: 1, cause }),
    text: `ListenError: could not listen on 192.0.2.1 port 1: why {
  code: 'ERR_TRANSPORT_LISTEN_FAILED',
  address: '192.0.2.1',
  port: 1,
  [cause]: Error: why {
    code: 'EWHY'
  }
}`,
  },
  {
    error: new TransportClosedError({
      operation: 'write()',
      reason: { reason: 'closed' },
      because: 'it was closed',
    }),
    text: `TransportClosedError: write() is not possible: it was closed {
  code: 'ERR_TRANSPORT_CLOSED',
  reason: { reason: 'closed' }
}`,
  },
  {
    error: new TransportTimeoutError({ phase: 'tls', limitMs: 10 }),
    text: `TransportTimeoutError: the TLS handshake is taking longer than 10 ms {
  code: 'ERR_TRANSPORT_TIMEOUT',
  phase: 'tls',
  limitMs: 10
}`,
  },
  {
    error: new NotSupportedError('startTls() needs a socket'),
    text: `NotSupportedError: startTls() needs a socket {
  code: 'ERR_TRANSPORT_NOT_SUPPORTED'
}`,
  },
]

for (const { error, text } of ERRORS) {
  test(`an error: ${error.message}`, () => {
    expect(withoutStacks(inspect(error))).toBe(text)
  })
}

test('a certificate for somebody else: its names, not all of it', async () => {
  const server = await createServer(() => new Recorder(), { ...HERE, tls: identity })
  const tls = { ca: authority.cert, servername: 'other.example' }
  const errors: unknown[] = [await secure(server, { tls }).catch((error: unknown) => error)]
  const plain = await createServer(() => new Recorder(), HERE)
  const { transport } = await secure(plain)
  errors.push(
    await startTls(transport, { side: 'server', tls: identity, handshakeTimeoutMs: 20 }).catch(
      (e: unknown) => e,
    ),
  )
  for (const error of errors) {
    const text = withoutStacks(inspect(error))
    expect(text).not.toMatch(/Buffer|Uint8Array|PRIVATE|modulus|pubkey/)
    expect(text.split('\n').length, text).toBeLessThan(14)
  }
  expect(errors[0]).toMatchObject({ certificateError: 'ERR_TLS_CERT_ALTNAME_INVALID', cause: { cert: {} } })
  await Promise.all([server.shutdown({ graceMs: 0 }), plain.shutdown({ graceMs: 0 })])
})
