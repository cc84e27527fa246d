import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { answering, HELLO, memoryServer } from './memory-server.test-support.ts'

const coded = gzipSync('Hello').toString('latin1')
for (const [name, wire] of Object.entries({
  gzip: `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${coded.length}\r\n\r\n${coded}`,
  plain: HELLO,
}))
  test(`P60 an abort before a small body (${name}) is read: it rejects with the reason`, async () => {
    const { session } = memoryServer(answering(wire))
    const controller = new AbortController()
    const response = await session.get('http://a.example/', { signal: controller.signal })
    controller.abort('enough')
    expect(await response.text().catch((e: unknown) => e)).toBe('enough')
  })
