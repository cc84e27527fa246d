/** Digest authentication with servers that others have written, where they are. */
import { ClientSession } from '@x/http-session'
import type { Middleware } from '@x/http-session'
import { expect, test } from 'vitest'
import { isHere, PASSWORD, startDigestServer, USER } from './digest-server.test-support.ts'
import { digestAuth } from './index.ts'

const ROWS = [
  { name: 'apache2', what: 'MD5, rspauth and nextnonce', rspauth: 'require', counts: ['1', '1', '1'] },
  { name: 'lighttpd', what: 'SHA-256', rspauth: 'check', counts: ['1', '2', '3'] },
] as const

for (const { name, what, rspauth, counts } of ROWS) {
  test.skipIf(!isHere(name))(`${name}: ${what}`, async () => {
    const { origin, stop } = await startDigestServer(name)
    try {
      const sent: (string | undefined)[] = []
      const record: Middleware = (request, next) => {
        sent.push(/nc=0*(\d+)/.exec(request.headers.get('authorization') ?? '')?.[1])
        return next(request)
      }
      const send = async (password: string, path: string, rounds: number): Promise<[number, string]> => {
        await using session = new ClientSession({
          middleware: [digestAuth({ user: USER, password, origins: origin, rspauth }), record],
        })
        const outcomes: [number, string][] = []
        for (let round = 0; round < rounds; round++) {
          const response = await session.get(origin + path)
          outcomes.push([response.status, await response.text()])
        }
        expect(new Set(outcomes.map(String)).size).toBe(1)
        return outcomes[0]!
      }
      expect(await send(PASSWORD, '/a.txt?b="c d"&e=%2f', 3)).toEqual([200, 'Hello'])
      expect(sent).toEqual([undefined, ...counts])
      expect((await send('wrong', '/a.txt', 1))[0]).toBe(401)
    } finally {
      await stop()
    }
  })
}
