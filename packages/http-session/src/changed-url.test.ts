import { expect, test } from 'vitest'
import { ClientSession } from './index.ts'
import { HELLO, memoryServer, readRequest, settle } from './memory-server.test-support.ts'

test('P48 a URL object that its owner changes while the request is on its way: credentials still stay with their origin', async () => {
  const seen: string[] = []
  const hosts: string[] = []
  let answer = (): void => {}
  const mayAnswer = new Promise<void>((resolve) => (answer = resolve))
  const server = memoryServer(async (peer, index) => {
    for (let text = await readRequest(peer); text !== null; text = await readRequest(peer)) {
      seen.push(`${hosts[index]} ${text}`)
      if (index === 0) await mayAnswer
      peer.writer.writeText(
        index === 0
          ? 'HTTP/1.1 302 Found\r\nLocation: http://evil.example/\r\nContent-Length: 0\r\n\r\n'
          : HELLO,
        'latin1',
      )
    }
  })
  const session = new ClientSession({
    clock: server.clock,
    connector: (target, options) => {
      hosts.push(target.host)
      return server.connector(target, options)
    },
  })
  const url = new URL('http://good.example/a')
  const response = session.get(url, { headers: { authorization: 'Bearer secret', cookie: 'a=b' } })
  await settle()
  url.host = 'evil.example' // used for something else by now
  answer()
  await (await response).text()
  expect(seen[1]).toMatch(/^evil\.example GET \//)
  expect(seen[1]).not.toMatch(/secret|cookie/i)
})

test('P47 the same: Location is relative to what was asked for', async () => {
  const seen: string[] = []
  let answer = (): void => {}
  const mayAnswer = new Promise<void>((resolve) => (answer = resolve))
  const { session } = memoryServer(async (peer) => {
    for (let text = await readRequest(peer); text !== null; text = await readRequest(peer)) {
      seen.push(text.split('\n', 1)[0] ?? '')
      if (seen.length === 1) await mayAnswer
      peer.writer.writeText(
        seen.length === 1 ? 'HTTP/1.1 302 Found\r\nLocation: next\r\nContent-Length: 0\r\n\r\n' : HELLO,
        'latin1',
      )
    }
  })
  const url = new URL('http://good.example/a/b')
  const response = session.get(url)
  await settle()
  url.pathname = '/elsewhere/x'
  answer()
  await response
  expect(seen).toEqual(['GET /a/b HTTP/1.1', 'GET /a/next HTTP/1.1'])
})
