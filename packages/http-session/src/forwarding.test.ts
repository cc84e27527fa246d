/** Requests through a proxy that forwards them: absolute form, and field lines for the proxy alone. RFC 9112 section 3.2.2. */
import { expect, test } from 'vitest'
import { ClientSession } from './index.ts'
import type { RequestOptions } from './index.ts'
import { HELLO, memoryServer, readRequest } from './memory-server.test-support.ts'

const CASES: { method: string; url: string; options?: RequestOptions; head: string }[] = [
  {
    method: 'GET',
    url: 'http://a.example/b?c',
    head: 'GET http://a.example/b?c HTTP/1.1\nHost: a.example\n',
  },
  {
    method: 'GET',
    url: 'http://a.example:81/',
    head: 'GET http://a.example:81/ HTTP/1.1\nHost: a.example:81\n',
  },
  {
    method: 'POST',
    url: 'http://a.example/',
    options: { body: 'ab', headers: { host: 'b.example' } },
    head: 'POST http://a.example/ HTTP/1.1\nHost: b.example\nContent-Type: text/plain;charset=UTF-8\nContent-Length: 2\n',
  },
]
for (const { method, url, options = {}, head } of CASES) {
  test(`${method} ${url} is sent in absolute form, with the fields for the proxy`, async () => {
    let text: string | null = null
    const { connector } = memoryServer(async (peer) => {
      text = await readRequest(peer)
      peer.writer.writeText(HELLO, 'latin1')
    })
    await using session = new ClientSession({
      headers: { accept: undefined, 'user-agent': undefined },
      contentDecoding: false,
      connector: async (target, dialOptions) =>
        Object.assign(await connector(target, dialOptions), {
          forwarding: { fieldLines: 'Proxy-Authorization: Basic YTpi\r\n' },
        }),
    })
    expect(await session.request(method, url, options).text()).toBe('Hello')
    expect(text).toBe(`${head}Proxy-Authorization: Basic YTpi\n\n${method === 'POST' ? 'ab' : ''}`)
  })
}
