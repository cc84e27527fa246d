/** Through proxies that are in wide use: tinyproxy and Squid by HTTP, microsocks and Dante by SOCKS5. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { ClientSession } from '@x/http-session'
import { afterAll, describe, expect, test } from 'vitest'
import { freePort, present, startProxy } from './debian-proxies.test-support.ts'
import type { Program } from './debian-proxies.test-support.ts'
import { viaHttpProxy, viaSocks5 } from './index.ts'
import type { Connector } from './index.ts'
import { certificateFor, echoServer, until } from './proxies.test-support.ts'

const certificate = await certificateFor('localhost')
const tls = { ca: certificate.cert }
const [secure, plain] = [await echoServer(certificate), await echoServer()]
afterAll(async () => {
  for (const server of [secure, plain]) await server[Symbol.asyncDispose]()
})

const isHttp = (program: Program): boolean => program === 'tinyproxy' || program === 'squid'

function via(program: Program, port: number, credentials = ''): Connector {
  return isHttp(program)
    ? viaHttpProxy({ proxy: `http://${credentials}127.0.0.1:${port}`, tls, tunnel: 'always' })
    : viaSocks5({ proxy: `socks5h://${credentials}127.0.0.1:${port}`, tls })
}

async function exchange(connector: Connector, isSecure: boolean, byteCount: number): Promise<void> {
  const { port } = isSecure ? secure : plain
  await using connection = await connector({ host: 'localhost', port, secure: isSecure })
  const content = new Uint8Array(byteCount).map((_, index) => index * 7)
  connection.writer.write(content)
  expect(Buffer.compare(await connection.reader.readExactly(byteCount), content)).toBe(0)
}

for (const program of present('tinyproxy', 'squid', 'microsocks', 'danted')) {
  describe(program, { timeout: 20_000 }, () => {
    test('a tunnel, with TLS in it and without, 1 MB there and back', async () => {
      await using proxy = await startProxy(program)
      for (const isSecure of [true, false]) await exchange(via(program, proxy.port), isSecure, 1_000_000)
      await until(() => secure.openCount() + plain.openCount() === 0)
    })

    test('20 tunnels at once, three times', async () => {
      await using proxy = await startProxy(program)
      const connector = via(program, proxy.port)
      for (let round = 0; round < 3; round++)
        await Promise.all(Array.from({ length: 20 }, (_, n) => exchange(connector, n % 2 === 0, 10_000)))
      await until(() => secure.openCount() + plain.openCount() === 0)
    })

    test('a target that refuses', async () => {
      await using proxy = await startProxy(program)
      const target = { host: '127.0.0.1', port: await freePort(), secure: true }
      await expect(via(program, proxy.port)(target)).rejects.toMatchObject(
        isHttp(program)
          ? { code: 'ERR_PROXY_STATUS', status: program === 'squid' ? 503 : 500 }
          : { code: 'ERR_PROXY_REPLY', reply: 5 },
      )
    })

    test('a name that does not exist', async () => {
      await using proxy = await startProxy(program)
      const target = { host: 'nobody.invalid', port: 443, secure: true }
      await expect(via(program, proxy.port)(target)).rejects.toMatchObject({
        code: isHttp(program) ? 'ERR_PROXY_STATUS' : 'ERR_PROXY_REPLY',
      })
    })

    test('an abort after each step leaves nothing at the target', async () => {
      await using proxy = await startProxy(program)
      const connector = via(program, proxy.port)
      for (const phase of ['proxy', 'tls']) {
        const controller = new AbortController()
        const onPhase = (now: string): void =>
          void (now === phase && setImmediate(() => controller.abort('enough')))
        const target = { host: 'localhost', port: secure.port, secure: true }
        await expect(connector(target, { signal: controller.signal, onPhase })).rejects.toBe('enough')
      }
      await until(() => secure.openCount() === 0)
    })

    if (program !== 'danted')
      test('credentials: right, wrong, none', async () => {
        await using proxy = await startProxy(program, { credentials: { user: 'user', password: 'passw0rd' } })
        await exchange(via(program, proxy.port, 'user:passw0rd@'), true, 1000)
        const target = { host: 'localhost', port: secure.port, secure: true }
        for (const credentials of ['user:wrong@', 'other:passw0rd@', ''])
          await expect(via(program, proxy.port, credentials)(target)).rejects.toMatchObject({
            code: 'ERR_PROXY_AUTH',
          })
      })

    if (program === 'squid')
      test('TLS with the proxy, and TLS in TLS with the target', async () => {
        await using proxy = await startProxy(program, { tls: certificate })
        const connector = viaHttpProxy({
          proxy: `https://localhost:${proxy.port}`,
          tls,
          proxyTls: tls,
          tunnel: 'always',
        })
        for (const isSecure of [true, false]) await exchange(connector, isSecure, 1_000_000)
        await until(() => secure.openCount() + plain.openCount() === 0)
      })

    if (isHttp(program))
      test('a session with plain targets: requests in absolute form, with credentials and bodies', async () => {
        const server = createServer((request, response) => {
          void text(request).then((content) =>
            response.end(`${request.method} ${request.url} ${request.headers.host} ${content}`),
          )
        })
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        const host = `localhost:${(server.address() as AddressInfo).port}`
        await using proxy = await startProxy(program, { credentials: { user: 'user', password: 'passw0rd' } })
        const connector = viaHttpProxy({ proxy: `http://user:passw0rd@127.0.0.1:${proxy.port}` })
        const session = new ClientSession({ connector })
        for (const path of ['/', '/x?y'])
          expect(await (await session.get(`http://${host}${path}`)).text()).toBe(`GET ${path} ${host} `)
        await session.close()
        // tinyproxy closes each connection and does not say so: the next POST on it would have nowhere to go.
        const another = new ClientSession({ connector })
        const answer = await another.post(`http://${host}/z`, { body: 'content' })
        expect(await answer.text()).toBe(`POST /z ${host} content`)
        await another.close()
        server.close()
        server.closeAllConnections()
      })
  })
}
