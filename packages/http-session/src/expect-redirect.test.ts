import { expect, test } from 'vitest'
import { HELLO, memoryServer, readRequest } from './memory-server.test-support.ts'

test('P46 P59 307 before the content was asked for: a body that can be had once was not had yet, and goes to the new place', async () => {
  const { session } = memoryServer(async (peer, index) => {
    if (index === 0) {
      await peer.reader.readUntil('\r\n\r\n')
      peer.writer.writeText(
        'HTTP/1.1 307 T\r\nLocation: http://b.example/\r\nContent-Length: 0\r\n\r\n',
        'latin1',
      )
      return
    }
    await peer.reader.readUntil('\r\n\r\n')
    peer.writer.writeText('HTTP/1.1 100 Continue\r\n\r\n', 'latin1')
    await peer.reader.readExactly(8)
    peer.writer.writeText(HELLO, 'latin1')
    await readRequest(peer)
  })
  async function* once(): AsyncGenerator<string> {
    yield 'content!'
  }
  const response = await session.put('http://a.example/', {
    body: once(),
    headers: { expect: '100-continue', 'content-length': '8' },
  })
  expect(await response.text()).toBe('Hello')
})
