/** Whatever a proxy says, however it is cut, and whenever the caller gives up: one of few outcomes, and nothing left open. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryProxy, octets, settle } from './memory-proxy.test-support.ts'
import { isProxyError, viaHttpProxy, viaSocks5 } from './index.ts'
import type { Connector, Dial } from './index.ts'

const TARGET = { host: 'a.example', port: 80, secure: false }

const CONNECTORS: [name: string, make: (connect: Dial) => Connector, fragments: string[]][] = [
  [
    'HTTP',
    (connect) => viaHttpProxy({ proxy: 'http://u:secret@p', tunnel: 'always', connect }),
    [
      'HTTP/1.1 200 OK\r\n\r\n',
      'HTTP/1.1 100 x\r\n\r\n',
      'HTTP/1.0 407 x\r\n',
      'A: b\r\n',
      '\r\n',
      '\n',
      'HTTP/1',
      '\0',
    ],
  ],
  [
    'SOCKS5',
    (connect) => viaSocks5({ proxy: 'socks5h://u:secret@p', connect }),
    [
      '\x05',
      '\x00',
      '\x01',
      '\x02',
      '\x03',
      '\xff',
      '\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x01',
      '\x05\x02\x01\x00',
    ],
  ],
]

for (const [name, make, fragments] of CONNECTORS) {
  test(`any answer of a proxy: ${name}`, async () => {
    const piece = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...fragments) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 8 }) },
    )
    const end = fc.constantFrom('close', 'abort', 'cancel')
    const property = fc.asyncProperty(fc.array(piece, { maxLength: 8 }), end, async (pieces, ending) => {
      const controller = new AbortController()
      const reason = new Error('enough')
      const { connect, openCount } = memoryProxy(async (peer) => {
        for (const text of pieces) {
          if (peer.writer.isClosing) return
          if (text !== '') peer.writer.write(octets(text))
          await settle()
        }
        if (ending === 'cancel') controller.abort(reason)
        else void peer[ending]()
      })
      const outcome = await make(connect)(TARGET, { signal: controller.signal }).catch(
        (error: unknown) => error,
      )
      if (outcome instanceof Error) {
        expect(isProxyError(outcome) || outcome === reason, String(outcome)).toBe(true)
        expect(`${String(outcome)} ${JSON.stringify(outcome)}`).not.toContain('secret')
        expect(openCount()).toBe(0)
      }
    })
    await fc.assert(property, { numRuns: 300 })
  })
}
