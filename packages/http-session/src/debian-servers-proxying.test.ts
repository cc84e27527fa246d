/** The session with its default connector against Node's server, directly and behind HAProxy, nginx, Apache httpd and lighttpd. */
import { beforeAll, describe, expect, test } from 'vitest'
import { LINES, startBackend } from './debian-servers-backend.test-support.ts'
import { newSession, socketsTo } from './debian-servers-client.test-support.ts'
import { present, startServer } from './debian-servers.test-support.ts'

const TEXT = LINES.join('')

for (const program of ['node', ...present('haproxy', 'nginx', 'apache2', 'lighttpd')] as const) {
  describe(`${program}${program === 'node' ? '' : ' before node'}`, () => {
    let url: string
    beforeAll(async () => {
      const backend = await startBackend()
      if (program === 'node') {
        url = backend.url
        return () => backend.close()
      }
      const server = await startServer(program, { backendPort: backend.port })
      ;({ url } = server)
      return async () => {
        await server.remove()
        await backend.close()
      }
    })

    test('keep-alive: 100 requests of all kinds on one connection', async () => {
      const session = newSession()
      const sockets = socketsTo(url)
      for (let count = 0; count < 25; count++) {
        expect(await (await session.get(`${url}app/echo?${count}`)).text()).toBe(String(count))
        expect(await (await session.get(`${url}app/chunked`)).text()).toBe(TEXT)
        expect((await session.head(`${url}app/echo?${count}`)).status).toBe(200)
        expect((await session.get(`${url}app/empty`)).status).toBe(204)
      }
      expect(sockets.length).toBe(1)
    })

    test('300 requests at once, 50 connections: every answer to its own request', async () => {
      const session = newSession({ maxConnectionsPerOrigin: 50 })
      const sockets = socketsTo(url)
      const answers = await Promise.all(
        Array.from({ length: 300 }, async (_, count) =>
          (await session.get(`${url}app/echo?${count}`)).text(),
        ),
      )
      expect(answers).toEqual(Array.from({ length: 300 }, (_, count) => String(count)))
      expect(sockets.length).toBeLessThanOrEqual(50)
    })

    test('P39 a chunked text, and its gzip where the server makes one', async () => {
      const session = newSession()
      for (const coding of ['identity', 'gzip']) {
        const response = await session.get(`${url}app/chunked`, { headers: { 'Accept-Encoding': coding } })
        const isCoded = coding === 'gzip' && program !== 'node' && program !== 'lighttpd'
        expect(response.headers.get('content-encoding')).toBe(isCoded ? 'gzip' : undefined)
        expect(await response.text()).toBe(TEXT)
      }
    })

    test('a backend that drips: whole', async () => {
      const response = await newSession().get(`${url}app/dripping`)
      expect((await response.text()).match(/piece \d+\n/g)?.length).toBe(10)
    })

    // nginx 1.22 takes 103 for the final answer and never ends it.
    if (program !== 'nginx')
      test('P29 103 (Early Hints), then the final answer', async () => {
        const statuses: number[] = []
        const onInformational = ({ status }: { status: number }): void => void statuses.push(status)
        const response = await newSession().get(`${url}app/hinted`, { onInformational })
        expect(await response.text()).toBe('hinted')
        expect(statuses).toEqual([103])
      })

    test('P28 trailers of the backend', async () => {
      const outcome = newSession()
        .get(`${url}app/trailing`)
        .then(async (response) => `${await response.text()}, ${response.trailers?.get('x-checksum')}`)
      if (program === 'node' || program === 'haproxy') expect(await outcome).toBe('with trailers, abc')
      else if (program !== 'lighttpd') expect(await outcome).toBe('with trailers, undefined')
      // P8: lighttpd 1.4.69 puts them into the header section with a line `x-checksum: abc` that ends with CR CR LF.
      else await expect(outcome).rejects.toMatchObject({ code: 'ERR_HTTP_PARSE', phase: 'headers' })
    })

    if (program === 'apache2' || program === 'lighttpd')
      test('P1 P35 answers with HTTP/1.0: whole, each on a connection of its own', async () => {
        const session = newSession()
        const sockets = socketsTo(url)
        for (let count = 0; count < 3; count++) {
          const response = await session.get(`${url}old/chunked`)
          expect(response.httpVersion).toBe('1.0')
          expect(await response.text()).toBe(TEXT)
        }
        expect(sockets.length).toBe(3)
      })
  })
}
