// Real connections through proxies, by whatever opens one to the proxy on this runtime: `world.dial`.
import { ClientSession } from '@x/http-session'
import { isProxyError, viaHttpProxy, viaSocks5 } from '@x/proxies'
import { equal, rejection } from './expect.mjs'

/**
 * @typedef {import('./connections.mjs').World & { dial?: import('@x/proxies').Dial }} World
 */

/** @type {import('./run-cases.mjs').Case[]} */
export const proxyCases = [
  {
    feature: 'proxies',
    name: 'an HTTP proxy forwards requests, or makes a tunnel',
    async run(/** @type {World} */ { peers, dial: connect }) {
      const proxy = `http://127.0.0.1:${peers.httpProxy}`
      for (const [tunnel, via] of /** @type {const} */ ([
        ['secure', 'forwarded'],
        ['always', null],
      ])) {
        const session = new ClientSession({ connector: viaHttpProxy({ proxy, tunnel, connect }) })
        const response = await session.get(`${peers.http}/hello`)
        equal([await response.text(), response.headers.get('x-via') ?? null], ['hello', via], tunnel)
        await session.close()
      }
    },
  },
  {
    feature: 'proxies',
    name: 'SOCKS5 with a password; a wrong one is an error that does not tell it',
    async run(/** @type {World} */ { peers, dial: connect }) {
      const through = (/** @type {string} */ password) =>
        new ClientSession({
          connector: viaSocks5({ proxy: `socks5h://me:${password}@127.0.0.1:${peers.socksProxy}`, connect }),
        })
      const session = through('right')
      equal(await session.get(`${peers.http}/hello`).text(), 'hello')
      await session.close()
      const refused = through('wrong')
      const error = await rejection(refused.get(`${peers.http}/hello`))
      equal([isProxyError(error.cause), error.cause.code], [true, 'ERR_PROXY_AUTH'])
      equal(String(error.cause.message).includes('wrong'), false)
      await refused.close()
    },
  },
]
