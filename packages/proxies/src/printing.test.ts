/** What `console.log` shows of connectors, connections and errors: where they go; never user or password. */
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { proxyFromEnvironment, ProxyError, viaEnvironment, viaHttpProxy, viaSocks5 } from './index.ts'
import type { Connector } from './index.ts'
import { memoryProxy, octets, rejectionOf } from './memory-proxy.test-support.ts'

const CONNECTORS: { name: string; make: () => Connector; text: string }[] = [
  {
    name: 'viaHttpProxy',
    make: () => viaHttpProxy({ proxy: 'http://me:mysecret@proxy.example:3128' }),
    text: '[Function: viaHttpProxy(http://proxy.example:3128)]',
  },
  {
    name: 'viaSocks5',
    make: () => viaSocks5({ proxy: 'socks5h://me:mysecret@[::1]' }),
    text: '[Function: viaSocks5(socks5h://[::1]:1080)]',
  },
  {
    name: 'viaEnvironment',
    make: () =>
      viaEnvironment({
        env: { http_proxy: 'http://me:mysecret@a.example', https_proxy: 'socks5://me:mysecret@b.example' },
      }),
    text: '[Function: viaEnvironment(viaHttpProxy(http://a.example:80), viaSocks5(socks5://b.example:1080))]',
  },
  {
    name: 'viaEnvironment without a proxy',
    make: () => viaEnvironment({ env: {} }),
    text: '[Function: viaEnvironment(no proxy)]',
  },
]

for (const { name, make, text } of CONNECTORS) {
  test(`${name} is one line, without credentials`, () => {
    expect(inspect(make())).toBe(text)
    expect(inspect(make(), { showHidden: true, depth: null })).not.toContain('mysecret')
  })
}

test('a forwarding connection shows no credentials, whatever is asked for', async () => {
  const { connect } = memoryProxy(() => {})
  const connector = viaHttpProxy({ proxy: 'http://me:mysecret@proxy.example:3128', connect })
  const connection = await connector({ host: 'a.example', port: 80, secure: false })
  expect(connection.forwarding?.fieldLines).toContain('Basic ')
  for (const options of [{}, { showHidden: true, depth: null }])
    expect(inspect(connection, options)).not.toMatch(/Basic|bWU6bXlzZWNyZXQ/)
  connection.abort()
})

const REFUSED: {
  name: string
  connector: (connect: ReturnType<typeof memoryProxy>['connect']) => Connector
  answer: string
}[] = [
  {
    name: 'HTTP',
    connector: (connect) => viaHttpProxy({ proxy: 'http://me:mysecret@proxy.example', connect }),
    answer: 'HTTP/1.1 407 x\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n',
  },
  {
    name: 'HTTP, malformed',
    connector: (connect) => viaHttpProxy({ proxy: 'http://me:mysecret@proxy.example', connect }),
    answer: 'HTTP/1.1 200 x\r\nProxy-Authorization: Basic bWU6bXlzZWNyZXQ=\0\r\n\r\n',
  },
  {
    name: 'SOCKS5',
    connector: (connect) => viaSocks5({ proxy: 'socks5h://me:mysecret@proxy.example', connect }),
    answer: '\x05\x02\x01\x01',
  },
]

for (const { name, connector, answer } of REFUSED) {
  test(`a refusal of ${name} says through what, and what was said; without credentials`, async () => {
    const { connect } = memoryProxy(({ writer }) => writer.write(octets(answer)))
    const error = await rejectionOf(connector(connect)({ host: 'a.example', port: 443, secure: true }))
    expect(error).toBeInstanceOf(ProxyError)
    const [first] = inspect(error).split('\n')
    expect(first).toMatch(/^ProxyError: a\.example:443 through (http|socks5h):\/\/proxy\.example:\d+: /)
    expect(inspect(error, { showHidden: true, depth: null })).not.toMatch(/mysecret|bWU6/)
    expect(JSON.stringify(error)).not.toMatch(/mysecret|bWU6/)
  })
}

test('a URL that cannot be read is not shown', () => {
  for (const proxy of ['http://me:mysecret@', 'ftp://me:mysecret@a', 'http://me:mysecret@a/path']) {
    for (const make of [
      () => viaHttpProxy({ proxy }),
      () => viaSocks5({ proxy }),
      () => proxyFromEnvironment({ http_proxy: proxy }),
    ]) {
      let error: unknown
      try {
        make()
      } catch (thrown) {
        error = thrown
      }
      expect(error).toBeInstanceOf(TypeError)
      expect(inspect(error)).not.toContain('mysecret')
    }
  }
})
