/** The session with its default connector: uploads to real servers, the ones that they refuse among them. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { startBackend } from './debian-servers-backend.test-support.ts'
import { newSession, socketsTo } from './debian-servers-client.test-support.ts'
import { present, startServer } from './debian-servers.test-support.ts'
import { ClientResponse } from './index.ts'

const LARGE = randomBytes(20_000_000)
const PIECES = Array.from({ length: 200 }, (_, at) => LARGE.subarray(at * 100_000, (at + 1) * 100_000))

/** Paths that take an upload and tell its length; `dav`: ones that store it. */
const TARGETS = {
  node: ['app/count'],
  haproxy: ['app/count'],
  nginx: ['app/count', 'direct/count', 'dav/file'],
  apache2: ['app/count', 'dav/file'],
  lighttpd: ['app/count', 'direct/count'],
  python3: ['count'],
}

const PRESENT = present('haproxy', 'nginx', 'apache2', 'lighttpd', 'python3')

for (const program of ['node', ...PRESENT] as const) {
  describe(program, () => {
    let url: string
    let folder: string
    beforeAll(async () => {
      const backend = await startBackend()
      const server = program === 'node' ? null : await startServer(program, { backendPort: backend.port })
      url = server === null ? backend.url : server.url
      folder = server === null ? '' : server.folder
      return async () => {
        await server?.remove()
        await backend.close()
      }
    })

    /** Puts `body` there and compares what has come of it. */
    async function upload(
      path: string,
      body: Uint8Array | Uint8Array[],
      headers: Record<string, string> = {},
    ) {
      const session = newSession({ timeouts: { continueMs: 30_000 } })
      const informational: number[] = []
      const response = await session.put(url + path, {
        body,
        headers,
        onInformational: ({ status }) => informational.push(status),
      })
      const sent = Buffer.concat(Array.isArray(body) ? body : [body])
      if (path.startsWith('dav/')) {
        expect([201, 204]).toContain(response.status)
        await response.bytes()
        expect(Buffer.compare(readFileSync(join(folder, path)), sent)).toBe(0)
      } else {
        expect(response.status).toBe(200)
        expect(await response.text()).toBe(String(sent.length))
      }
      return informational
    }

    for (const path of TARGETS[program]) {
      test(`PUT ${path}: 20 MB of known length`, async () => {
        await upload(path, LARGE)
      })

      test(`P59 PUT ${path} with Expect: 100-continue: the content is asked for, then comes whole`, async () => {
        const informational = await upload(path, LARGE.subarray(0, 3_000_000), { Expect: '100-continue' })
        expect(informational).toEqual([100])
      })

      // Python's server reads no chunks.
      if (program === 'python3') continue
      test(`P56 PUT ${path}: 20 MB, chunked`, async () => {
        await upload(path, PIECES)
      })
    }
  })
}

for (const program of PRESENT) {
  if (program === 'python3') continue
  describe(`${program}, which takes 1 KiB here`, () => {
    let url: string
    beforeAll(async () => {
      const backend = await startBackend()
      const server = await startServer(program, { backendPort: backend.port })
      ;({ url } = server)
      return async () => {
        await server.remove()
        await backend.close()
      }
    })

    if (program === 'haproxy') {
      // It answers and resets: what is being written fails, often before the answer can be read.
      test('P37 20 MB: 413 or a typed error, then another request', async () => {
        const session = newSession()
        const outcome = await session
          .put(`${url}limited/count`, { body: LARGE })
          .catch((error: unknown) => error)
        if (outcome instanceof ClientResponse) expect(outcome.status).toBe(413)
        else expect(outcome).toMatchObject({ name: 'ConnectionLostError', sent: 'partial', attempts: 1 })
        expect(await (await session.get(`${url}app/echo?after`)).text()).toBe('after')
      })
    } else {
      test('P37 20 MB: 413 while the upload runs, then another request', async () => {
        const session = newSession()
        const sockets = socketsTo(url)
        for (const body of [LARGE, PIECES]) {
          const response = await session.put(`${url}limited/count`, { body })
          expect(response.status).toBe(413)
          await response.bytes()
        }
        expect(await (await session.get(`${url}app/echo?after`)).text()).toBe('after')
        expect(sockets.length).toBe(3)
      })
    }

    test('P59 20 MB with Expect: 100-continue: 413, and none of it is sent', async () => {
      const session = newSession({ timeouts: { continueMs: 30_000 } })
      const sockets = socketsTo(url)
      const headers = { Expect: '100-continue' }
      const response = await session.put(`${url}limited/count`, { body: LARGE, headers })
      expect(response.status).toBe(413)
      await response.bytes()
      expect(sockets[0]!.bytesWritten).toBeLessThan(1000)
    })
  })
}
