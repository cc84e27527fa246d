import { expect, test } from 'vitest'
import { memoryServer, readRequest, settle } from './memory-server.test-support.ts'

for (const head of ['Connection: close\r\nContent-Length: 100', 'Content-Type: text/plain'])
  test(`a discarded rest is not waited for where the connection cannot be used again (${head.split('\r')[0]})`, async () => {
    const { session, openCount } = memoryServer(async (peer) => {
      await readRequest(peer)
      peer.writer.writeText(`HTTP/1.1 200 OK\r\n${head}\r\n\r\nbegin`, 'latin1')
    })
    const response = await session.get('http://a.example/')
    response.discard()
    await settle()
    expect(openCount()).toBe(0)
  })
