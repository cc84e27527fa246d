import { expect, test } from 'vitest'
import { requestScanner } from './request-scanner.mjs'

const ROWS = [
  { name: 'one', wire: 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n', targets: ['/a'] },
  { name: 'pipelined', wire: 'GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n', targets: ['/a', '/b'] },
  {
    name: 'content of known length that looks like a request',
    wire: 'POST /p HTTP/1.1\r\ncontent-length: 20\r\n\r\nGET /no HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n',
    targets: ['/p', '/b'],
  },
  {
    name: 'chunked content',
    wire: 'POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n\r\n\r\n\r\nb\r\nhello\r\nworl\r\n0\r\n\r\nGET /b HTTP/1.1\r\n\r\n',
    targets: ['/c', '/b'],
  },
  {
    name: 'no content where it might be',
    wire: 'POST /p HTTP/1.1\r\nContent-Length: 0\r\n\r\n',
    targets: ['/p'],
  },
]

for (const { name, wire, targets } of ROWS) {
  test(`requests are found, however they are cut: ${name}`, () => {
    for (let cut = 0; cut <= wire.length; cut++) {
      const found: string[] = []
      const scan = requestScanner((target) => found.push(target))
      for (const piece of [wire.slice(0, cut), wire.slice(cut)]) if (piece !== '') scan(Buffer.from(piece))
      expect(found, `cut at ${cut}`).toEqual(targets)
    }
  })
}
