import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { answering, HELLO, memoryServer, settle } from './memory-server.test-support.ts'

test('a session that is closed leaves the stream of a request as it was', async () => {
  const { session } = memoryServer(answering(HELLO))
  await session.close()
  const body = new Readable({ read() {} })
  await expect(session.post('http://a.example/', { body })).rejects.toMatchObject({
    code: 'ERR_HTTP_SESSION_CLOSED',
  })
  await settle()
  expect([body.destroyed, body.listenerCount('error')]).toEqual([false, 0])
})

test('a request that is refused for its fields leaves its stream as it was', async () => {
  const { session } = memoryServer(answering(HELLO))
  const body = new Readable({ read() {} })
  await session.post('http://a.example/', { body, headers: { 'content-length': 'x' } }).catch(() => {})
  await settle()
  expect([body.destroyed, body.listenerCount('error')]).toEqual([false, 0])
})
