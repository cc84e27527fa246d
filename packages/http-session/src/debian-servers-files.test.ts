/** The session with its default connector against nginx, Apache httpd and lighttpd: files. */
import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { newSession, socketsTo } from './debian-servers-client.test-support.ts'
import { present, startServer } from './debian-servers.test-support.ts'
import type { RunningServer } from './debian-servers.test-support.ts'

/** About a quarter of it is left when it is compressed. */
const PAGE = Array.from({ length: 5000 }, () => `<p>Paragraph ${randomBytes(4).toString('hex')}</p>\n`).join(
  '',
)
const LARGE = randomBytes(2_000_000)
const FILES = { 'hello.txt': 'Hello, World!\n', 'page.html': PAGE, 'large.bin': LARGE, 'empty.txt': '' }
const PLAIN = { 'Accept-Encoding': 'identity' }

for (const program of present('nginx', 'apache2', 'lighttpd')) {
  describe(program, () => {
    let server: RunningServer
    let url: string
    beforeAll(async () => {
      server = await startServer(program, {}, FILES)
      ;({ url } = server)
      return () => server.remove()
    })

    test('keep-alive: 200 requests of all kinds on one connection', async () => {
      const session = newSession()
      const sockets = socketsTo(url)
      for (let count = 0; count < 40; count++) {
        expect(await (await session.get(`${url}hello.txt`)).text()).toBe('Hello, World!\n')
        expect((await (await session.get(`${url}empty.txt`)).bytes()).length).toBe(0)
        expect((await session.get(`${url}missing`)).status).toBe(404)
        expect((await session.head(`${url}large.bin`)).status).toBe(200)
        expect(await (await session.get(`${url}page.html`)).text()).toBe(PAGE)
      }
      expect(sockets.length).toBe(1)
    })

    test('100 requests at once, then again: fewer connections than requests', async () => {
      const session = newSession()
      const sockets = socketsTo(url)
      const fetchAll = async () => {
        const responses = Array.from({ length: 100 }, () =>
          session.get(`${url}page.html`, { headers: PLAIN }),
        )
        return Promise.all((await Promise.all(responses)).map((response) => response.text()))
      }
      for (const text of [...(await fetchAll()), ...(await fetchAll())]) expect(text).toBe(PAGE)
      // A server that is busy may close some of them in between.
      expect(sockets.length).toBeLessThan(200)
    })

    test('a large file: whole at once, and chunk by chunk', async () => {
      const session = newSession()
      const response = await session.get(`${url}large.bin`)
      expect(response.headers.get('content-length')).toBe(String(LARGE.length))
      expect(Buffer.compare(await response.bytes(), LARGE)).toBe(0)
      const chunks: Uint8Array[] = []
      for await (const chunk of await session.get(`${url}large.bin`)) chunks.push(chunk)
      expect(Buffer.compare(Buffer.concat(chunks), LARGE)).toBe(0)
    })

    test('a large file that nobody reads costs its connection, not the next request', async () => {
      const session = newSession()
      ;(await session.get(`${url}large.bin`)).discard()
      for await (const chunk of await session.get(`${url}large.bin`)) {
        expect(chunk.length).toBeGreaterThan(0)
        break
      }
      expect(await (await session.get(`${url}hello.txt`)).text()).toBe('Hello, World!\n')
    })

    test('P14 HEAD: the fields of GET, no content', async () => {
      const session = newSession()
      const sockets = socketsTo(url)
      const response = await session.head(`${url}page.html`, { headers: PLAIN })
      expect(response.headers.get('content-length')).toBe(String(PAGE.length))
      expect(await response.text()).toBe('')
      const coded = await session.head(`${url}page.html`, { headers: { 'Accept-Encoding': 'gzip' } })
      expect((await coded.bytes()).length).toBe(0)
      expect(await (await session.get(`${url}hello.txt`)).text()).toBe('Hello, World!\n')
      expect(sockets.length).toBe(1)
    })

    test('P14 304: by ETag and by date, without content, on the same connection', async () => {
      const session = newSession()
      const sockets = socketsTo(url)
      const first = await session.get(`${url}page.html`, { headers: PLAIN })
      await first.bytes()
      const etag = first.headers.get('etag') ?? ''
      const modified = first.headers.get('last-modified') ?? ''
      const conditions: Record<string, string>[] = [
        { 'If-None-Match': etag },
        { 'If-Modified-Since': modified },
      ]
      for (const condition of conditions) {
        const again = await session.get(`${url}page.html`, { headers: { ...PLAIN, ...condition } })
        expect(again.status, JSON.stringify(condition)).toBe(304)
        expect(again.headers.get('etag')).toBe(etag)
        expect((await again.bytes()).length).toBe(0)
      }
      const changed = await session.get(`${url}page.html`, {
        headers: { ...PLAIN, 'If-None-Match': '"other"' },
      })
      expect(changed.status).toBe(200)
      expect(await changed.text()).toBe(PAGE)
      expect(sockets.length).toBe(1)
    })

    test('ranges: first, middle, suffix, open, several, none that can be satisfied', async () => {
      const session = newSession()
      const sockets = socketsTo(url)
      const size = LARGE.length
      const rows = [
        { range: 'bytes=0-99', start: 0, end: 100 },
        { range: 'bytes=1000000-1099999', start: 1_000_000, end: 1_100_000 },
        { range: 'bytes=-500', start: size - 500, end: size },
        { range: `bytes=${size - 10}-`, start: size - 10, end: size },
      ]
      for (const { range, start, end } of rows) {
        const response = await session.get(`${url}large.bin`, { headers: { Range: range } })
        expect(response.status, range).toBe(206)
        expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/${size}`)
        expect(Buffer.compare(await response.bytes(), LARGE.subarray(start, end)), range).toBe(0)
      }
      const several = await session.get(`${url}large.bin`, { headers: { Range: 'bytes=0-9,100-109' } })
      expect(several.status).toBe(206)
      expect(several.headers.get('content-type')).toMatch(/^multipart\/byteranges/)
      expect((await several.text()).match(/content-range: bytes/gi)?.length).toBe(2)
      const beyond = await session.get(`${url}large.bin`, { headers: { Range: `bytes=${size}-` } })
      expect(beyond.status).toBe(416)
      await beyond.bytes()
      expect(sockets.length).toBe(1)
    })

    if (program !== 'lighttpd')
      test('P39 gzip on the fly: less than half the size, the same text', async () => {
        const session = newSession()
        const sockets = socketsTo(url)
        for (let count = 0; count < 5; count++) {
          const response = await session.get(`${url}page.html`, { headers: { 'Accept-Encoding': 'gzip' } })
          expect(response.headers.get('content-encoding')).toBe('gzip')
          expect(response.headers.get('content-length')).not.toBe(String(PAGE.length))
          expect(await response.text()).toBe(PAGE)
        }
        expect(sockets[0]!.bytesRead).toBeLessThan((5 * PAGE.length) / 2)
        expect(sockets.length).toBe(1)
      })

    test('a file that comes slowly comes whole', async () => {
      const session = newSession()
      let byteCount = 0
      for await (const chunk of await session.get(`${url}slow/large.bin`, {
        headers: { Range: 'bytes=0-299999' },
      }))
        byteCount += chunk.length
      expect(byteCount).toBe(300_000)
    })
  })
}
