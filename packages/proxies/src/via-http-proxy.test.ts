import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import {
  everySplit,
  memoryProxy,
  octets,
  rejectionOf,
  settle,
  writePieces,
} from './memory-proxy.test-support.ts'
import type { Script } from './memory-proxy.test-support.ts'
import { isProxyError, ProxyError, viaHttpProxy } from './index.ts'
import type { HttpProxyOptions } from './index.ts'

const PLAIN = { host: 'a.example', port: 80, secure: false }
const PROXY = 'http://user:p%40ss@proxy.example:3128'
const BASIC = `Basic ${btoa('user:p@ss')}`
const CREDENTIALS = /p@ss|p%40ss|dXNlcjpwQHNz/

/** Always a tunnel, so that there need be no TLS. */
function tunnelThrough(script: Script, options: Partial<HttpProxyOptions> = {}) {
  const proxy = memoryProxy(script)
  const connector = viaHttpProxy({ proxy: PROXY, tunnel: 'always', connect: proxy.connect, ...options })
  return { ...proxy, connector }
}

function answering(...answers: string[]): Script {
  return async (peer) => {
    await peer.reader.readUntil('\r\n\r\n')
    for (const answer of answers) await writePieces(peer, [octets(answer)])
  }
}

test('P31 a tunnel: CONNECT with credentials, what is behind 2xx belongs to it, at every split', async () => {
  const wire = octets('HTTP/1.1 200 Connection established\r\nContent-Length: 7\r\n\r\n220 hi\r\n')
  for (const pieces of everySplit(wire)) {
    const heads: Uint8Array[] = []
    const { connector, targets, peers } = tunnelThrough(async (peer) => {
      heads.push(await peer.reader.readUntil('\r\n\r\n'))
      await writePieces(peer, pieces)
    })
    const { reader, writer, forwarding } = await connector(PLAIN)
    expect(await reader.readLine()).toBe('220 hi')
    writer.writeText('EHLO\r\n')
    expect(await peers[0]?.reader.readLine()).toBe('EHLO')
    expect(forwarding).toBe(undefined)
    expect(targets).toEqual([{ host: 'proxy.example', port: 3128, secure: false }])
    expect(heads).toEqual([
      octets(`CONNECT a.example:80 HTTP/1.1\r\nHost: a.example:80\r\nProxy-Authorization: ${BASIC}\r\n\r\n`),
    ])
  }
})

test('P31 content framing in 2xx has no meaning, however contradictory', async () => {
  const { connector } = tunnelThrough(
    answering(
      'HTTP/1.0 299 x\r\nContent-Length: 1\r\nContent-Length: 2\r\nTransfer-Encoding: x\r\n\r\n5\r\n',
    ),
  )
  const { reader } = await connector(PLAIN)
  expect(await reader.readLine()).toBe('5')
})

test('P29 interim answers before the final one: a few', async () => {
  const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'
  const { connector } = tunnelThrough(answering(hint.repeat(10), 'HTTP/1.1 200 OK\r\n\r\nx'))
  expect(await (await connector(PLAIN)).reader.readExactly(1)).toEqual(octets('x'))
})

const REFUSED: [name: string, answer: string, error: Record<string, unknown>][] = [
  ['403', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno', { code: 'ERR_PROXY_STATUS', status: 403 }],
  ['502', 'HTTP/1.0 502\r\n\r\n', { code: 'ERR_PROXY_STATUS', status: 502 }],
  ['a redirect', 'HTTP/1.1 302 x\r\nLocation: http://e/\r\n\r\n', { code: 'ERR_PROXY_STATUS', status: 302 }],
  ['101', 'HTTP/1.1 101 x\r\nConnection: upgrade\r\n\r\n', { code: 'ERR_PROXY_STATUS', status: 101 }],
  [
    '407',
    'HTTP/1.1 407 x\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n',
    { code: 'ERR_PROXY_AUTH', status: 407 },
  ],
  [
    'too many interim ones',
    'HTTP/1.1 100 x\r\n\r\n'.repeat(11),
    { code: 'ERR_PROXY_PROTOCOL', status: null },
  ],
  ['a head that is too large', `HTTP/1.1 200 x\r\nA: ${'x'.repeat(20_000)}`, { code: 'ERR_PROXY_PROTOCOL' }],
  ['a head without end', `HTTP/1.1 200 x\r\n${'A: x\r\n'.repeat(300)}`, { code: 'ERR_PROXY_PROTOCOL' }],
  ['no HTTP', '\x05\xff', { code: 'ERR_PROXY_PROTOCOL' }],
  ['HTTP/2', 'HTTP/2 200\r\n\r\n', { code: 'ERR_PROXY_PROTOCOL' }],
  ['a lone LF', 'HTTP/1.1 200 OK\n\n', { code: 'ERR_PROXY_PROTOCOL' }],
]

for (const [name, answer, error] of REFUSED) {
  test(`P32 no tunnel: ${name}; the connection is closed, the error has no credentials`, async () => {
    for (const pieces of [[octets(answer)], ...everySplit(octets(answer)).slice(2, 20)]) {
      const { connector, openCount } = tunnelThrough(async (peer) => {
        await peer.reader.readUntil('\r\n\r\n')
        await writePieces(peer, pieces)
      })
      const failure = await rejectionOf(connector(PLAIN))
      expect(failure).toBeInstanceOf(ProxyError)
      expect(isProxyError(failure)).toBe(true)
      expect(failure).toMatchObject({
        proxy: 'http://proxy.example:3128',
        target: 'a.example:80',
        reply: null,
        ...error,
      })
      expect(inspect(failure, { showHidden: true, depth: 9 }) + JSON.stringify(failure)).not.toMatch(
        CREDENTIALS,
      )
      expect(openCount()).toBe(0)
    }
  })
}

test('an answer that ends too early, at every octet: by an end and by a reset', async () => {
  const answer = octets('HTTP/1.1 200 OK\r\nVia: x\r\n\r\n')
  for (let length = 0; length < answer.length; length++) {
    for (const end of ['close', 'abort'] as const) {
      const { connector, openCount } = tunnelThrough(async (peer) => {
        await peer.reader.readUntil('\r\n\r\n')
        if (length > 0) await writePieces(peer, [answer.slice(0, length)])
        void peer[end]()
      })
      const failure = await rejectionOf(connector(PLAIN))
      expect(failure, `${end} after ${length}`).toMatchObject({
        name: 'ProxyError',
        code: 'ERR_PROXY_CLOSED',
      })
      expect(inspect(failure)).not.toMatch(CREDENTIALS)
      expect(openCount()).toBe(0)
    }
  }
})

test('a proxy that is gone before the request', async () => {
  const { connector } = tunnelThrough((peer) => peer.abort())
  await expect(connector(PLAIN)).rejects.toMatchObject({ code: 'ERR_PROXY_CLOSED' })
})

test('a host that cannot be asked for: nothing is connected to', async () => {
  for (const host of ['a b', 'a\r\nX: y', '', 'user@a', 'bücher.example']) {
    const { connector, targets } = tunnelThrough(() => {})
    const failure = await rejectionOf(connector({ ...PLAIN, host }))
    expect(failure).toMatchObject({ code: 'ERR_PROXY_TARGET' })
    expect((failure as Error).message).toMatch(/^[ -~]*$/)
    expect(targets).toEqual([])
  }
})

test('plain targets: a connection to the proxy that forwards, and what each request adds', async () => {
  for (const [proxy, fieldLines] of [
    [PROXY, `Proxy-Authorization: ${BASIC}\r\nX-A: b\r\n`],
    ['http://proxy.example:3128', 'X-A: b\r\n'],
  ] as const) {
    const { connect, targets, clients } = memoryProxy(() => {})
    const connection = await viaHttpProxy({ proxy, connect, headers: { 'X-A': 'b' } })(PLAIN)
    expect(connection).toBe(clients[0])
    expect(connection.forwarding).toEqual({ fieldLines })
    expect(targets).toEqual([{ host: 'proxy.example', port: 3128, secure: false }])
    expect(inspect(connection, { depth: 9 }) + JSON.stringify(Object.keys(connection))).not.toMatch(
      /dXNlc|forwarding/,
    )
  }
  const { connect } = memoryProxy(() => {})
  expect((await viaHttpProxy({ proxy: 'proxy', connect })(PLAIN)).forwarding).toEqual({ fieldLines: '' })
})

test('an https proxy is reached securely, whatever the target', async () => {
  const { connect, targets } = memoryProxy(() => {})
  await viaHttpProxy({ proxy: 'https://proxy.example', connect })(PLAIN)
  expect(targets).toEqual([{ host: 'proxy.example', port: 443, secure: true }])
})

test('proxies in a row: the second one is asked through the tunnel of the first', async () => {
  const heads: unknown[] = []
  const first = memoryProxy(async (peer) => {
    for (let count = 0; count < 2; count++) {
      heads.push((await peer.reader.readLine()) ?? 'end')
      await peer.reader.readUntil('\r\n\r\n')
      await writePieces(peer, [octets('HTTP/1.1 200 OK\r\n\r\n')])
    }
  })
  const inner = viaHttpProxy({ proxy: 'http://first', tunnel: 'always', connect: first.connect })
  await viaHttpProxy({ proxy: 'http://second', tunnel: 'always', connect: inner })(PLAIN)
  expect(heads).toEqual(['CONNECT second:80 HTTP/1.1', 'CONNECT a.example:80 HTTP/1.1'])
})

test('proxies in a row: one that forwards cannot carry another, and nothing is sent to it', async () => {
  for (const tunnel of ['secure', 'always'] as const) {
    const first = memoryProxy(() => {})
    const inner = viaHttpProxy({ proxy: PROXY, connect: first.connect })
    const connector = viaHttpProxy({ proxy: 'http://second', tunnel, connect: inner })
    const failure = await rejectionOf(connector(PLAIN))
    expect(failure).toMatchObject({ code: 'ERR_PROXY_FORWARDING', proxy: 'http://second:80' })
    expect(first.openCount()).toBe(0)
    expect(first.peers[0]?.reader.bufferedByteCount).toBe(0)
  }
})

test('an abort before, while the proxy is connected to, and while it is waited for', async () => {
  const reason = new Error('enough')
  const before = tunnelThrough(() => {})
  await expect(before.connector(PLAIN, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  expect(before.clients).toEqual([])

  // The connector underneath does not hear of it in time.
  for (const tunnel of ['secure', 'always'] as const) {
    const late = new AbortController()
    const deaf = memoryProxy(() => {})
    const connector = viaHttpProxy({
      proxy: PROXY,
      tunnel,
      connect: async (target, { onPhase }) => {
        const { signal } = new AbortController()
        const connection = await deaf.connect(target, { signal, onPhase })
        late.abort(reason)
        return connection
      },
    })
    await expect(connector(PLAIN, { signal: late.signal })).rejects.toBe(reason)
    expect(deaf.openCount()).toBe(0)
  }

  const answer = octets('HTTP/1.1 100 x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n')
  for (let length = 0; length < answer.length; length++) {
    const controller = new AbortController()
    const { connector, openCount } = tunnelThrough(async (peer) => {
      await peer.reader.readUntil('\r\n\r\n')
      if (length > 0) await writePieces(peer, [answer.slice(0, length)])
      controller.abort(reason)
    })
    await expect(connector(PLAIN, { signal: controller.signal }), `after ${length}`).rejects.toBe(reason)
    expect(openCount()).toBe(0)
  }
})

test('TLS with the target that cannot be set up closes the connection', async () => {
  const { connector, openCount } = tunnelThrough(answering('HTTP/1.1 200 OK\r\n\r\n'))
  // In memory there is no socket to put it on.
  await expect(connector({ ...PLAIN, secure: true })).rejects.toMatchObject({
    code: 'ERR_TRANSPORT_NOT_SUPPORTED',
  })
  expect(openCount()).toBe(0)
})

test('an abort afterwards has no effect', async () => {
  const controller = new AbortController()
  const { connector, openCount } = tunnelThrough(answering('HTTP/1.1 200 OK\r\n\r\n'))
  const { writer } = await connector(PLAIN, { signal: controller.signal })
  controller.abort()
  await settle()
  expect([writer.isClosing, openCount()]).toEqual([false, 1])
})

test('phases are told in order, to the connector underneath as well', async () => {
  const phases: string[] = []
  const proxy = memoryProxy(answering('HTTP/1.1 200 OK\r\n\r\n'))
  const connector = viaHttpProxy({
    proxy: PROXY,
    tunnel: 'always',
    connect: (target, options) => {
      options.onPhase?.('connect')
      return proxy.connect(target, options)
    },
  })
  await connector(PLAIN, { onPhase: (phase) => phases.push(phase) })
  expect(phases).toEqual(['connect', 'proxy'])
})

const WRONG: [name: string, options: object, why: string][] = [
  ['no proxy', {}, 'option "proxy" must be a string'],
  ['another scheme', { proxy: 'socks5://secret@a' }, 'schemes http, https'],
  ['an unknown option', { proxy: 'http://a', agent: 1 }, 'there is no option "agent"'],
  ['tunnel', { proxy: 'http://a', tunnel: true }, 'option "tunnel" must be one of secure, always'],
  ['connect', { proxy: 'http://a', connect: {} }, 'option "connect" must be a function'],
  [
    'proxyTls with connect',
    { proxy: 'https://a', connect: () => {}, proxyTls: {} },
    '"proxyTls" has no meaning',
  ],
  ['a user with a colon', { proxy: 'http://u%3Asecret:p@a' }, 'cannot be sent'],
]

for (const [name, options, why] of WRONG) {
  test(`options that cannot be meant: ${name}`, () => {
    expect(() => viaHttpProxy(options as HttpProxyOptions)).toThrow(TypeError)
    expect(() => viaHttpProxy(options as HttpProxyOptions)).toThrow(why)
    expect(() => viaHttpProxy(options as HttpProxyOptions)).not.toThrow('secret')
  })
}

test('errors as plain data', () => {
  const error = new ProxyError({
    code: 'ERR_PROXY_STATUS',
    proxy: 'http://p:1',
    target: 'a:2',
    why: 'no',
    status: 403,
  })
  expect(JSON.parse(JSON.stringify(error))).toEqual({
    name: 'ProxyError',
    code: 'ERR_PROXY_STATUS',
    proxy: 'http://p:1',
    target: 'a:2',
    status: 403,
    reply: null,
    message: 'a:2 through http://p:1: no',
  })
  expect([isProxyError(new Error('x')), isProxyError(null), isProxyError('x')]).toEqual([false, false, false])
})
