import { expect, test } from 'vitest'
import { memoryProxy, octets, writePieces } from './memory-proxy.test-support.ts'
import { viaEnvironment } from './index.ts'
import type { Environment, ViaEnvironmentOptions } from './index.ts'

const PLAIN = { host: 'a.example', port: 80, secure: false }

/** Where the connection underneath went, and what it forwards. */
async function route(
  env: Environment,
  options: ViaEnvironmentOptions = {},
  target = PLAIN,
): Promise<unknown> {
  const { connect, targets } = memoryProxy(async (peer) => {
    await peer.reader.readUntil('\r\n\r\n')
    await writePieces(peer, [octets('HTTP/1.1 200 OK\r\n\r\n')])
  })
  const { forwarding } = await viaEnvironment({ env, connect, ...options })(target)
  return [targets, forwarding?.fieldLines]
}

const PROXY = { host: 'p.example', port: 1, secure: false }

test('viaEnvironment: a proxy, directly, and by the way that NO_PROXY leaves', async () => {
  const env = { http_proxy: 'http://u:p@p.example:1', NO_PROXY: 'b.example' }
  expect(await route(env)).toEqual([[PROXY], `Proxy-Authorization: Basic ${btoa('u:p')}\r\n`])
  expect(await route(env, {}, { ...PLAIN, host: 'b.example' })).toEqual([
    [{ ...PLAIN, host: 'b.example' }],
    undefined,
  ])
  expect(await route({})).toEqual([[PLAIN], undefined])
  // The connector underneath sets TLS up itself.
  expect(await route(env, {}, { ...PLAIN, secure: true })).toEqual([[{ ...PLAIN, secure: true }], undefined])
})

test('viaEnvironment: options are those of the connectors', async () => {
  const env = { ALL_PROXY: 'p.example:1' }
  expect(await route(env, { headers: { 'X-A': 'b' } })).toEqual([[PROXY], 'X-A: b\r\n'])
  expect(await route(env, { tunnel: 'always' })).toEqual([[PROXY], undefined])
  // SOCKS5 has no fields and is always a tunnel; TLS is the targets'.
  const options = { headers: { 'X-A': 'b' }, tunnel: 'always', tls: {} } as const
  expect(() => viaEnvironment({ env: { ALL_PROXY: 'SOCKS5://p.example' }, ...options })).not.toThrow()
})

test('viaEnvironment: what is wrong shows when it is made', () => {
  const wrong: [options: object, why: string][] = [
    [{ env: { http_proxy: 'ftp://u:secret@p' } }, 'http_proxy must be a URL'],
    [{ env: { https_proxy: 'http://u%3A:secret@p' } }, 'cannot be sent'],
    [{ env: { ALL_PROXY: 'socks5://:secret@p' } }, 'must be of 1 to 255 octets'],
    [{ env: { ALL_PROXY: 'p' }, tunnel: 'never' }, 'option "tunnel" must be one of'],
    [{ env: {}, connect: 1 }, 'option "connect" must be a function'],
    [{ env: {}, proxy: 'x' }, 'there is no option "proxy"'],
  ]
  for (const [options, why] of wrong) {
    expect(() => viaEnvironment(options)).toThrow(why)
    expect(() => viaEnvironment(options)).not.toThrow('secret')
  }
})
