/** Proxies that lie, and connectors below that do not keep their word: a typed error, one connection each, none left open. */
import { memoryConnections } from '@x/streams/memory'
import { expect, test } from 'vitest'
import { viaHttpProxy, viaSocks5 } from './index.ts'
import type { Connector, Dial } from './index.ts'
import { memoryProxy, octets, rejectionOf, settle, writePieces } from './memory-proxy.test-support.ts'

const CREDENTIALS = 'me:word@'
const HTTP = (connect: Dial): Connector =>
  viaHttpProxy({ proxy: `http://${CREDENTIALS}p.example`, connect, tunnel: 'always' })
const SOCKS = (connect: Dial): Connector => viaSocks5({ proxy: `socks5h://${CREDENTIALS}p.example`, connect })
const TARGET = { host: 'a.example', port: 80, secure: false }

const TUNNEL = 'HTTP/1.1 200 x\r\n\r\n'
const LIES: { name: string; via: (connect: Dial) => Connector; answer: string; code: string }[] = [
  {
    name: 'a status line without an end',
    via: HTTP,
    answer: `HTTP/1.1 200 ${'x'.repeat(100_000)}`,
    code: 'PROTOCOL',
  },
  {
    name: 'a field without an end',
    via: HTTP,
    answer: `HTTP/1.1 200 x\r\na: ${'x'.repeat(100_000)}`,
    code: 'PROTOCOL',
  },
  {
    name: 'fields without an end',
    via: HTTP,
    answer: `HTTP/1.1 200 x\r\n${'a: b\r\n'.repeat(20_000)}`,
    code: 'PROTOCOL',
  },
  {
    name: 'interim answers without an end',
    via: HTTP,
    answer: 'HTTP/1.1 100 x\r\n\r\n'.repeat(1000),
    code: 'PROTOCOL',
  },
  { name: 'empty lines without an end', via: HTTP, answer: '\r\n'.repeat(1000), code: 'PROTOCOL' },
  { name: 'HTTP/2', via: HTTP, answer: 'HTTP/2 200\r\n\r\n', code: 'PROTOCOL' },
  { name: 'HTTP/0.9', via: HTTP, answer: '<html>', code: 'PROTOCOL' },
  { name: 'TLS', via: HTTP, answer: '\x15\x03\x01\x00\x02\x02\x46', code: 'PROTOCOL' },
  { name: 'SOCKS to an HTTP question', via: HTTP, answer: '\x05\x00', code: 'PROTOCOL' },
  { name: 'a switch that was not asked for', via: HTTP, answer: 'HTTP/1.1 101 x\r\n\r\n', code: 'STATUS' },
  {
    name: 'credentials wanted, again and again',
    via: HTTP,
    answer: 'HTTP/1.1 407 x\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n'.repeat(5),
    code: 'AUTH',
  },
  { name: 'SOCKS4', via: SOCKS, answer: '\x00\x5a\x00\x00', code: 'PROTOCOL' },
  { name: 'HTTP to a SOCKS question', via: SOCKS, answer: TUNNEL, code: 'PROTOCOL' },
  { name: 'a method that was not offered', via: SOCKS, answer: '\x05\x01', code: 'PROTOCOL' },
  {
    name: 'passwords wanted, again and again',
    via: SOCKS,
    answer: '\x05\x02\x01\x00\x05\x02\x01\x00',
    code: 'REPLY',
  },
  {
    name: 'the greeting again',
    via: SOCKS,
    answer: '\x05\x00\x05\x00\x05\x00\x05\x00\x05\x00',
    code: 'PROTOCOL',
  },
  { name: 'an address of no type', via: SOCKS, answer: '\x05\x00\x05\x00\x00\x09', code: 'PROTOCOL' },
  { name: 'a reserved octet', via: SOCKS, answer: '\x05\x00\x05\x00\x01\x01', code: 'PROTOCOL' },
  { name: 'a password refused', via: SOCKS, answer: '\x05\x02\x01\xff', code: 'AUTH' },
]

for (const { name, via, answer, code } of LIES) {
  for (const pieces of ['whole', 'octet by octet'] as const) {
    test(`a proxy that says ${name}, ${pieces}: ERR_PROXY_${code}, the connection is closed`, async () => {
      const said = octets(answer)
      // Of what is long, the end comes octet by octet.
      const cut = pieces === 'whole' ? said.length : Math.max(0, said.length - 50)
      const proxy = memoryProxy((peer) =>
        writePieces(peer, [
          said.subarray(0, cut),
          ...Array.from(said.subarray(cut), (octet) => Uint8Array.of(octet)),
        ]),
      )
      const error = await rejectionOf(via(proxy.connect)(TARGET))
      expect(error).toMatchObject({ name: 'ProxyError', code: `ERR_PROXY_${code}` })
      await settle()
      expect(proxy.openCount()).toBe(0)
      expect(proxy.targets).toHaveLength(1)
    })
  }
}

const TUNNELS: { name: string; via: (connect: Dial) => Connector; answer: string }[] = [
  { name: 'CONNECT', via: HTTP, answer: TUNNEL },
  {
    name: 'CONNECT, with content',
    via: HTTP,
    answer: 'HTTP/1.1 200 x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
  },
  { name: 'SOCKS5', via: SOCKS, answer: '\x05\x02\x01\x00\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50' },
  {
    name: 'SOCKS5, with a name of 255 octets',
    via: SOCKS,
    answer: `\x05\x00\x05\x00\x00\x03\xff${'n'.repeat(255)}\x00\x50`,
  },
]

for (const { name, via, answer } of TUNNELS) {
  test(`${name}: bytes behind the answer are the tunnel's; before TLS they are refused`, async () => {
    const proxy = memoryProxy(({ writer }) => writer.write(octets(`${answer}early`)))
    const connection = await via(proxy.connect)(TARGET)
    expect(await connection.reader.readExactly(5)).toEqual(octets('early'))
    connection.abort()
    const error = await rejectionOf(via(proxy.connect)({ ...TARGET, secure: true }))
    expect(['ERR_TRANSPORT_TLS_UNREAD_BYTES', 'ERR_TRANSPORT_NOT_SUPPORTED']).toContain(
      (error as { code?: string }).code,
    )
    expect(proxy.openCount()).toBe(0)
  })
}

for (const [name, via] of [
  ['HTTP', HTTP],
  ['SOCKS5', SOCKS],
] as const) {
  test(`${name}: an abort while a proxy says nothing, with no listener left on the signal`, async () => {
    const proxy = memoryProxy(() => {})
    const controller = new AbortController()
    const { signal } = controller
    let listenerCount = 0
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)]
    signal.addEventListener = (...args: Parameters<typeof add>) => (listenerCount++, add(...args))
    signal.removeEventListener = (...args: Parameters<typeof remove>) => (listenerCount--, remove(...args))
    const connecting = rejectionOf(via(proxy.connect)(TARGET, { signal }))
    await settle()
    expect(listenerCount).toBeGreaterThan(0)
    const reason = new Error('not any more')
    controller.abort(reason)
    expect(await connecting).toBe(reason)
    expect(proxy.openCount()).toBe(0)
    expect(listenerCount).toBeLessThanOrEqual(0)
  })

  test(`${name}: a connector below that gives its connection after the abort: it is closed`, async () => {
    const { client, server } = memoryConnections()
    const controller = new AbortController()
    const reason = new Error('not any more')
    const late: Dial = async () => {
      controller.abort(reason)
      return client
    }
    expect(await rejectionOf(via(late)(TARGET, { signal: controller.signal }))).toBe(reason)
    expect(await client.closed).toMatchObject({ reason: 'aborted', cause: reason })
    await server.closed
  })

  test(`${name}: a connector below that gives no connection: said so`, async () => {
    for (const nothing of [undefined, null, 5]) {
      const error = await rejectionOf(via((async () => nothing) as unknown as Dial)(TARGET))
      expect(error).toBeInstanceOf(TypeError)
      expect((error as Error).message).toContain('"connect"')
    }
  })

  test(`${name}: onPhase that throws leaves nothing open`, async () => {
    const proxy = memoryProxy(() => {})
    const reason = new Error('no')
    const onPhase = (phase: string): void => {
      if (phase === 'proxy') throw reason
    }
    expect(await rejectionOf(via(proxy.connect)(TARGET, { onPhase }))).toBe(reason)
    expect(proxy.openCount()).toBe(0)
  })
}
