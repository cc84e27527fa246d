/** The session against nginx, Apache httpd and HAProxy with TLS. */
import { randomBytes } from 'node:crypto'
import { openConnection } from '@x/streams'
import { generate } from 'selfsigned'
import { beforeAll, describe, expect, test } from 'vitest'
import { startBackend } from './debian-servers-backend.test-support.ts'
import { newSession } from './debian-servers-client.test-support.ts'
import { present, startServer } from './debian-servers.test-support.ts'
import type { RunningServer } from './debian-servers.test-support.ts'
import type { Connector } from './index.ts'

const LARGE = randomBytes(2_000_000)

for (const program of present('nginx', 'apache2', 'haproxy')) {
  describe(program, () => {
    let server: RunningServer
    let cert: string
    beforeAll(async () => {
      const issued = await generate([{ name: 'commonName', value: 'localhost' }], {
        keyType: 'ec',
        algorithm: 'sha256',
        extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
      })
      ;({ cert } = issued)
      const backend = await startBackend()
      const settings = { backendPort: backend.port, tls: { key: issued.private, cert } }
      server = await startServer(program, settings, { 'large.bin': LARGE })
      return async () => {
        await server.remove()
        await backend.close()
      }
    })

    test('requests of all kinds on one connection, many on several', async () => {
      let dialled = 0
      const connector: Connector = ({ host, port }, { signal }) => {
        dialled += 1
        return openConnection({ host, port, signal, tls: { ca: cert, ALPNProtocols: ['http/1.1'] } })
      }
      const session = newSession({ connector })
      const url = `${server.secureUrl}app/`
      for (let count = 0; count < 10; count++) {
        expect(await (await session.get(`${url}echo?${count}`)).text()).toBe(String(count))
        expect((await session.head(`${url}chunked`)).status).toBe(200)
        expect(await (await session.put(`${url}count`, { body: LARGE })).text()).toBe(String(LARGE.length))
      }
      expect(dialled).toBe(1)
      if (program !== 'haproxy') {
        const response = await session.get(`${server.secureUrl}large.bin`)
        expect(Buffer.compare(await response.bytes(), LARGE)).toBe(0)
      }
      const echoed = Array.from({ length: 30 }, async (_, count) =>
        (await session.get(`${url}echo?${count}`)).text(),
      )
      expect(await Promise.all(echoed)).toEqual(Array.from({ length: 30 }, (_, count) => String(count)))
    })

    test('P22 a backend that breaks off: incomplete', async () => {
      const connector: Connector = ({ host, port }, { signal }) =>
        openConnection({ host, port, signal, tls: { ca: cert } })
      const response = await newSession({ connector }).get(`${server.secureUrl}app/cut-chunked`)
      await expect(response.bytes()).rejects.toMatchObject({ code: 'ERR_HTTP_BODY_INCOMPLETE' })
    })

    test('the default connector does not trust it', async () => {
      await expect(newSession().get(server.secureUrl)).rejects.toMatchObject({
        name: 'TlsError',
        code: 'ERR_HTTP_TLS_CERT',
        url: server.secureUrl,
      })
    })

    test('with TLS where there is none, without it where there is: typed errors or an answer, nothing that hangs', async () => {
      const session = newSession()
      await expect(session.get(server.url.replace('http:', 'https:'))).rejects.toMatchObject({
        name: 'TlsError',
      })
      const plain = session.get(server.secureUrl.replace('https://localhost', 'http://127.0.0.1'))
      if (program === 'haproxy') await expect(plain).rejects.toMatchObject({ name: 'ConnectionLostError' })
      else expect((await plain).status).toBe(400)
    })
  })
}
