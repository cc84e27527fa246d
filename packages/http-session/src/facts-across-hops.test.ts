import { expect, test } from 'vitest'
import { ClientSession } from './index.ts'
import { memoryServer, readRequest } from './memory-server.test-support.ts'

test('POST answered by 303 to a server that is down: the call is not "safe" to be made again', async () => {
  const posts: string[] = []
  const server = memoryServer(async (peer) => {
    const text = await readRequest(peer)
    if (text?.startsWith('POST')) posts.push(text)
    peer.writer.writeText(
      'HTTP/1.1 303 See Other\r\nLocation: http://down.example/done\r\nContent-Length: 0\r\n\r\n',
      'latin1',
    )
  })
  const session = new ClientSession({
    clock: server.clock,
    connector: (target, options) => {
      if (target.host === 'down.example') throw new Error('refused')
      return server.connector(target, options)
    },
  })
  const error = await session.post('http://a.example/order', { body: 'one book' }).catch((e: unknown) => e)
  expect(posts.length).toBe(1) // it has had its effect
  expect(error).toMatchObject({ code: 'ERR_HTTP_CONNECT_FAILED' })
  expect((error as { retriable: string }).retriable).not.toBe('safe')
  expect((error as { sent: string }).sent).not.toBe('none')
})

test('P59 417 behind content that was sent, then no connection: the same request has been sent before', async () => {
  let dials = 0
  const server = memoryServer(async (peer) => {
    await peer.reader.readUntil('\r\n\r\n')
    peer.writer.writeText('HTTP/1.1 100 Continue\r\n\r\n', 'latin1')
    await peer.reader.readExactly(8)
    peer.writer.writeText(
      'HTTP/1.1 417 Expectation Failed\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
      'latin1',
    )
  })
  const session = new ClientSession({
    clock: server.clock,
    connector: (target, options) => {
      if (dials++ > 0) throw new Error('refused')
      return server.connector(target, options)
    },
  })
  const error = await session
    .post('http://a.example/order', { body: 'one book', headers: { expect: '100-continue' } })
    .catch((e: unknown) => e)
  expect(error).toMatchObject({ code: 'ERR_HTTP_CONNECT_FAILED', attempts: 1 })
  expect(error).toMatchObject({ retriable: 'no', sent: 'all' })
})

test('an attempt whose content was held back has not sent all', async () => {
  let dials = 0
  const server = memoryServer(async (peer) => {
    await readRequest(peer)
    peer.writer.writeText('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 'latin1')
    await peer.reader.readUntil('\r\n\r\n')
    peer.abort()
  })
  const session = new ClientSession({
    clock: server.clock,
    connector: (target, options) => {
      if (dials++ > 0) throw new Error('refused')
      return server.connector(target, options)
    },
  })
  await session.get('http://a.example/')
  const error = await session
    .put('http://a.example/', { body: 'one book', headers: { expect: '100-continue' } })
    .catch((e: unknown) => e)
  expect(error).toMatchObject({ code: 'ERR_HTTP_CONNECT_FAILED', sent: 'partial' })
})
