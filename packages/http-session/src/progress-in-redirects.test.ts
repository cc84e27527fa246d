import { expect, test } from 'vitest'
import { memoryServer, readRequest, settle } from './memory-server.test-support.ts'

test('onProgress sees one request of a chain after the other', async () => {
  const { session } = memoryServer(async (peer, index) => {
    await readRequest(peer)
    if (index === 0) {
      peer.writer.writeText(
        'HTTP/1.1 302 F\r\nLocation: http://b.example/\r\nContent-Length: 10\r\n\r\n',
        'latin1',
      )
      for (let i = 0; i < 4; i++) await settle()
      peer.writer.writeText('0123456789', 'latin1')
      return
    }
    peer.writer.writeText('HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n', 'latin1')
    for (let i = 0; i < 8; i++) await settle()
    peer.writer.writeText('01234567890123456789', 'latin1')
  })
  const seen: (number | null)[] = []
  const response = await session.get('http://a.example/', {
    onProgress: ({ bytesToReceive }) => void seen.push(bytesToReceive),
  })
  await response.text()
  const firstOfSecond = seen.indexOf(20)
  expect(seen.lastIndexOf(10), String(seen)).toBeLessThan(firstOfSecond === -1 ? Infinity : firstOfSecond)
})
