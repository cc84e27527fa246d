/** Through proxies on loopback, with real sockets and TLS. */
import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { viaHttpProxy, viaSocks5 } from './index.ts'
import type { Connector } from './index.ts'
import { rejectionOf } from './memory-proxy.test-support.ts'
import {
  answeringServer,
  certificateFor,
  echoServer,
  httpProxy,
  socksProxy,
  until,
} from './proxies.test-support.ts'

const targetCertificate = await certificateFor('target.example')
const proxyCertificate = await certificateFor('localhost')
const tls = { ca: targetCertificate.cert }
const proxyTls = { ca: proxyCertificate.cert }

/** Says something long and hears it again, then closes. */
async function exchange(
  connector: Connector,
  port: number,
  secure: boolean,
): Promise<string | null | undefined> {
  const { signal } = new AbortController()
  const connection = await connector({ host: 'target.example', port, secure }, { signal })
  expect(getEventListeners(signal, 'abort')).toEqual([])
  const { reader, writer, info } = connection
  const content = new Uint8Array(300_000).map((_, index) => index)
  writer.write(content)
  expect(Buffer.compare(await reader.readExactly(content.length), content)).toBe(0)
  await connection.close()
  return info.tls?.alpnProtocol
}

test('CONNECT and TLS with the target; the proxy knows the name alone', async () => {
  await using server = await echoServer(targetCertificate)
  await using proxy = await httpProxy({ credentials: 'user:p@ss' })
  const connector = viaHttpProxy({ proxy: `http://user:p%40ss@localhost:${proxy.port}`, tls })
  expect(await exchange(connector, server.port, true)).toBe('http/1.1')
  expect(proxy.asked).toEqual([`CONNECT target.example:${server.port}`])
  await until(() => proxy.openCount() + server.openCount() === 0)
})

test('CONNECT to a plain target where all are tunnels', async () => {
  await using server = await echoServer()
  await using proxy = await httpProxy()
  await exchange(viaHttpProxy({ proxy: `localhost:${proxy.port}`, tunnel: 'always' }), server.port, false)
  await until(() => proxy.openCount() + server.openCount() === 0)
})

test('an https proxy: TLS with it, and TLS in TLS with the target', async () => {
  await using server = await echoServer(targetCertificate)
  await using plain = await echoServer()
  await using proxy = await httpProxy({ tls: proxyCertificate })
  const phases: string[] = []
  const options = { proxy: `https://localhost:${proxy.port}`, tls, proxyTls }
  const connector = viaHttpProxy(options)
  expect(await exchange(connector, server.port, true)).toBe('http/1.1')
  await exchange(viaHttpProxy({ ...options, tunnel: 'always' }), plain.port, false)
  const onPhase = (phase: string): unknown => phases.push(phase)
  const connection = await connector({ host: 'target.example', port: server.port, secure: true }, { onPhase })
  expect(connection.info.tls).toMatchObject({ authorized: true, servername: 'target.example' })
  connection.abort()
  expect(phases.join(' ')).toMatch(/^(dns )?connect tls proxy tls$/)
  await until(() => proxy.openCount() + server.openCount() + plain.openCount() === 0)
})

test('an https proxy that forwards', async () => {
  await using proxy = await httpProxy({ tls: proxyCertificate })
  const connector = viaHttpProxy({ proxy: `https://u:p@localhost:${proxy.port}`, proxyTls })
  const connection = await connector({ host: 'a.example', port: 80, secure: false })
  expect(connection.forwarding).toEqual({ fieldLines: `Proxy-Authorization: Basic ${btoa('u:p')}\r\n` })
  expect(connection.info.tls).toMatchObject({ authorized: true, servername: 'localhost' })
  await connection.close()
})

test('SOCKS5: names there and here, with and without a password, TLS with the target', async () => {
  await using server = await echoServer(targetCertificate)
  await using plain = await echoServer()
  await using proxy = await socksProxy()
  await using guarded = await socksProxy({ credentials: 'user:p@ss' })
  const there = viaSocks5({ proxy: `socks5h://localhost:${proxy.port}`, tls })
  expect(await exchange(there, server.port, true)).toBe('http/1.1')
  const here = viaSocks5({
    proxy: `socks5://user:p%40ss@localhost:${guarded.port}`,
    lookup: (_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
  })
  await exchange(here, plain.port, false)
  expect(proxy.asked).toEqual([`name target.example:${server.port}`])
  expect(guarded.asked).toEqual([`ip 7f000001:${plain.port}`])
  await until(() => proxy.openCount() + guarded.openCount() + server.openCount() + plain.openCount() === 0)
})

test('a row of three: SOCKS5, https, http; with TLS at the end', async () => {
  await using server = await echoServer(targetCertificate)
  await using socks = await socksProxy()
  await using https = await httpProxy({ tls: proxyCertificate })
  await using http = await httpProxy()
  const first = viaSocks5({ proxy: `socks5h://localhost:${socks.port}`, tls: proxyTls })
  const second = viaHttpProxy({ proxy: `https://localhost:${https.port}`, tunnel: 'always', connect: first })
  const third = viaHttpProxy({ proxy: `http://localhost:${http.port}`, tls, connect: second })
  expect(await exchange(third, server.port, true)).toBe('http/1.1')
  expect([socks.asked, https.asked, http.asked]).toEqual([
    [`name localhost:${https.port}`],
    [`CONNECT localhost:${http.port}`],
    [`CONNECT target.example:${server.port}`],
  ])
  await until(() => [socks, https, http, server].every((each) => each.openCount() === 0))
})

test('what fails leaves no socket: refused credentials, a closed port, a certificate that is not accepted', async () => {
  await using server = await echoServer(targetCertificate)
  await using http = await httpProxy({ credentials: 'user:right' })
  await using open = await httpProxy()
  await using socks = await socksProxy({ credentials: 'user:right' })
  const free = await echoServer()
  await free[Symbol.asyncDispose]()
  const via = (proxy: string): Connector =>
    proxy.startsWith('http') ? viaHttpProxy({ proxy }) : viaSocks5({ proxy })
  const secure = { host: 'target.example', port: server.port, secure: true }
  const rows: [proxy: string, port: number, code: string][] = [
    [`http://user:wrong@localhost:${http.port}`, server.port, 'ERR_PROXY_AUTH'],
    [`http://localhost:${http.port}`, server.port, 'ERR_PROXY_AUTH'],
    [`socks5h://user:wrong@localhost:${socks.port}`, server.port, 'ERR_PROXY_AUTH'],
    [`socks5h://localhost:${socks.port}`, server.port, 'ERR_PROXY_AUTH'],
    [`http://localhost:${open.port}`, free.port, 'ERR_PROXY_STATUS'],
    [`socks5h://user:right@localhost:${socks.port}`, free.port, 'ERR_PROXY_REPLY'],
    [`http://localhost:${open.port}`, server.port, 'ERR_TRANSPORT_TLS_CERT'],
    [`socks5h://user:right@localhost:${socks.port}`, server.port, 'ERR_TRANSPORT_TLS_CERT'],
    [`http://localhost:${free.port}`, server.port, 'ERR_TRANSPORT_CONNECT_FAILED'],
    [`https://localhost:${server.port}`, server.port, 'ERR_TRANSPORT_TLS_CERT'],
  ]
  for (const [proxy, port, code] of rows) {
    const error = (await rejectionOf(via(proxy)({ ...secure, port }))) as Error
    expect(error, proxy).toMatchObject({ code })
    expect(error.message).not.toMatch(/wrong|right/)
  }
  await until(() => [server, http, open, socks].every((each) => each.openCount() === 0))
})

test("bytes that come before TLS are somebody else's: refused, and the connection is closed", async () => {
  await using early = await answeringServer('HTTP/1.1 200 OK\r\n\r\n\x16\x03\x03injected')
  const connector = viaHttpProxy({ proxy: `http://localhost:${early.port}`, tls })
  await expect(connector({ host: 'target.example', port: 443, secure: true })).rejects.toMatchObject({
    code: 'ERR_TRANSPORT_TLS_UNREAD_BYTES',
  })
  await until(() => early.openCount() === 0)
})

test("an abort in every phase: before, in the proxy's TLS, while it answers, in the target's TLS", async () => {
  const reason = new Error('enough')
  await using mute = await answeringServer('')
  const { port } = mute
  await using proxy = await httpProxy()
  await using socks = await socksProxy()
  const rows: [name: string, connector: Connector, phase: string][] = [
    ['TLS with the proxy', viaHttpProxy({ proxy: `https://localhost:${port}` }), 'tls'],
    ['CONNECT', viaHttpProxy({ proxy: `http://localhost:${port}` }), 'proxy'],
    ['SOCKS5', viaSocks5({ proxy: `socks5h://localhost:${port}` }), 'proxy'],
    ['TLS behind CONNECT', viaHttpProxy({ proxy: `http://localhost:${proxy.port}` }), 'tls'],
    ['TLS behind SOCKS5', viaSocks5({ proxy: `socks5h://localhost:${socks.port}` }), 'tls'],
  ]
  for (const [name, connector, phase] of rows) {
    for (const turns of [0, 1, 20]) {
      const controller = new AbortController()
      const onPhase = (now: string): void => {
        if (now !== phase) return
        if (turns === 0) controller.abort(reason)
        else setTimeout(() => controller.abort(reason), turns)
      }
      const connecting = connector(
        { host: 'target.example', port, secure: true },
        { signal: controller.signal, onPhase },
      )
      await expect(connecting, `${name}, after ${turns}`).rejects.toBe(reason)
      expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    }
  }
  await until(() => [proxy, socks, mute].every((each) => each.openCount() === 0))
})

test('a time limit is a signal', async () => {
  await using mute = await answeringServer('')
  const connector = viaSocks5({ proxy: `socks5h://localhost:${mute.port}` })
  const target = { host: 'a', port: 1, secure: false }
  const signal = AbortSignal.timeout(20)
  await expect(connector(target, { signal })).rejects.toMatchObject({ name: 'TimeoutError' })
  await until(() => mute.openCount() === 0)
})
