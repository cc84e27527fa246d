/** That the parts fit: the session's connector port, and a session that goes through proxies. */
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { ClientSession } from '@x/http-session'
import type { ByteStream, Connector as SessionConnector } from '@x/http-session'
import { beforeAll, expect, expectTypeOf, test } from 'vitest'
import type { Connector, ProxiedConnection } from './index.ts'
import { viaEnvironment, viaHttpProxy, viaSocks5 } from './index.ts'
import { certificateFor, httpProxy, socksProxy, until } from './proxies.test-support.ts'

test("the connector is the session's, by shape", () => {
  expectTypeOf<Connector>().toExtend<SessionConnector>()
  expectTypeOf<ProxiedConnection>().toExtend<ByteStream>()
})

const certificate = await certificateFor('localhost')
const tls = { ca: certificate.cert }
const server = createSecureServer(certificate, (request, response) =>
  response.end(`${request.method} ${request.url}`),
)
let url: string

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `https://localhost:${(server.address() as AddressInfo).port}`
  return () => {
    server.close()
    server.closeAllConnections()
  }
})

test('a session over CONNECT: one tunnel for several requests', async () => {
  await using proxy = await httpProxy({ credentials: 'user:pw' })
  const session = new ClientSession({
    connector: viaHttpProxy({ proxy: `http://user:pw@localhost:${proxy.port}`, tls }),
  })
  for (const path of ['/a', '/b']) expect(await (await session.get(url + path)).text()).toBe(`GET ${path}`)
  expect(proxy.asked).toEqual([`CONNECT ${new URL(url).host}`])
  await session.close()
  await until(() => proxy.openCount() === 0)
})

test('a session by forwarding: requests in absolute form with the credentials, on one connection', async () => {
  await using proxy = await httpProxy({ credentials: 'user:pw' })
  const seen: unknown[] = []
  const plain = createServer(({ url: path, headers }, response) => {
    seen.push([path, headers.host, headers['proxy-authorization']])
    response.end('plain')
  })
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
  const host = `localhost:${(plain.address() as AddressInfo).port}`
  const connector = viaHttpProxy({ proxy: `http://user:pw@localhost:${proxy.port}` })
  const session = new ClientSession({ connector })
  for (const path of ['/a?b', '/'])
    expect(await (await session.get(`http://${host}${path}`)).text()).toBe('plain')
  expect(proxy.asked).toEqual([`GET http://${host}/a?b`, `GET http://${host}/`])
  expect(seen).toEqual([
    ['/a?b', host, undefined],
    ['/', host, undefined],
  ])
  expect(proxy.openCount()).toBe(1)
  await session.close()
  plain.close()
  plain.closeAllConnections()
})

test('a session over SOCKS5', async () => {
  await using proxy = await socksProxy()
  const session = new ClientSession({
    connector: viaSocks5({ proxy: `socks5h://localhost:${proxy.port}`, tls }),
  })
  expect(await (await session.get(`${url}/a`)).text()).toBe('GET /a')
  expect(proxy.asked).toEqual([`name ${new URL(url).host}`])
  await session.close()
})

test('a session whose proxy refuses: its error has the phase, and ours as its cause', async () => {
  await using proxy = await httpProxy({ credentials: 'user:pw' })
  const session = new ClientSession({
    connector: viaHttpProxy({ proxy: `http://user:secret@localhost:${proxy.port}`, tls }),
  })
  const failing = session.get(url)
  await expect(failing).rejects.toMatchObject({
    name: 'ProxyError',
    code: 'ERR_HTTP_PROXY_AUTH',
    phase: 'proxy',
    sent: 'none',
    cause: { code: 'ERR_PROXY_AUTH', status: 407 },
  })
  await expect(failing).rejects.not.toThrow('secret')
  await session.close()
})

test('by environment: a proxy for each kind, and none for what NO_PROXY means', async () => {
  await using http = await httpProxy()
  await using socks = await socksProxy()
  const env = {
    https_proxy: `localhost:${http.port}`,
    ALL_PROXY: `socks5h://localhost:${socks.port}`,
    NO_PROXY: '127.0.0.0/8',
  }
  const connector = viaEnvironment({ env, tls })
  const { port } = server.address() as AddressInfo
  for (const target of [
    { host: 'localhost', port, secure: true },
    { host: 'localhost', port, secure: false },
    { host: '127.0.0.1', port, secure: false },
  ])
    (await connector(target)).abort()
  expect([http.asked, socks.asked]).toEqual([[`CONNECT localhost:${port}`], [`name localhost:${port}`]])
})
