/** What a log shows of transports and errors: short, and nothing of other connections. */
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { ConnectError, TlsError } from './errors.ts'
import { createConnection, createDnsCache, createServer } from './index.ts'

const PROTOCOL = { dataReceived: (): void => {} }

test('inspect shows the state and the addresses of a transport, and no memory that it shares with others', async () => {
  const server = await createServer(() => PROTOCOL, { host: '127.0.0.1', port: 0 })
  const { transport } = await createConnection(() => PROTOCOL, {
    host: '127.0.0.1',
    port: server.addresses[0]?.port ?? 0,
  })
  const shown = inspect(transport)
  expect(shown).toMatch(
    /^StreamTransport \{\s+isClosing: false,\s+isReading: true,\s+bufferedByteCount: 0,\s+info: \{/,
  )
  expect(shown).toContain("remoteAddress: '127.0.0.1'")
  expect(shown).not.toMatch(/Uint8Array|settings|\[Function/)
  expect(inspect({ transport }, { depth: 0 }).length).toBeLessThan(200)
  transport.abort()
  await server.shutdown({ graceMs: 0 })
})

test('inspect of other things that are handed out is short', async () => {
  const server = await createServer(() => PROTOCOL, { host: '127.0.0.1', port: 0 })
  const shown = [server, createDnsCache()].map((value) => inspect(value))
  await server.shutdown()
  for (const text of shown) expect(text.split('\n').length, text).toBeLessThan(25)
})

const OPENSSL = Object.assign(
  new Error(
    '804CE6B59A7F0000:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../x.c:350:\n',
  ),
  { library: 'SSL routines', reason: 'wrong version number', code: 'ERR_SSL_WRONG_VERSION_NUMBER' },
)
const refused = (address: string): Error => new Error(`connect ECONNREFUSED ${address}:1`)

const FIRST_LINES = [
  {
    name: "OpenSSL's reason without its place in the sources",
    error: new TlsError({ code: 'ERR_TRANSPORT_TLS_HANDSHAKE', host: 'a.example', cause: OPENSSL }),
    line: 'TlsError: the TLS handshake failed with "a.example": wrong version number',
  },
  {
    name: 'each address that failed',
    error: new ConnectError({
      code: 'ERR_TRANSPORT_CONNECT_FAILED',
      address: 'a.example',
      port: 1,
      errors: [refused('192.0.2.1'), refused('192.0.2.2')],
    }),
    line: 'ConnectError: could not connect to a.example:1: connect ECONNREFUSED 192.0.2.1:1; connect ECONNREFUSED 192.0.2.2:1',
  },
]

for (const { name, error, line } of FIRST_LINES) {
  test(`the first line of an error: ${name}`, () => {
    const [first, second] = inspect(error).split('\n')
    expect(first).toBe(line)
    expect(second).toMatch(/^ {4}at /)
  })
}
