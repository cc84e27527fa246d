import { expect, test } from 'vitest'
import { answering, HELLO, memoryServer, readRequest, settle } from './memory-server.test-support.ts'

test('P54 a Host that is none is refused', async () => {
  for (const host of ['a b', 'a, b', 'a/b', 'user@a', '']) {
    const { session } = memoryServer(answering(HELLO))
    const out = await session.get('http://a.example/', { headers: { host } }).then(
      ({ status }) => status,
      (e: { code: string }) => e.code,
    )
    expect(`${host}: ${out}`).toBe(`${host}: ERR_HTTP_INVALID_HEADER`)
  }
})
test('RFC 9110 section 9.3.8: TRACE never has content', async () => {
  const { session } = memoryServer(answering(HELLO))
  const out = await session.request('TRACE', 'http://a.example/', { body: 'x' }).then(
    ({ status }) => status,
    (e: { code: string }) => e.code,
  )
  expect(out).toBe('ERR_HTTP_INVALID_BODY')
})
test('P57 bytes that grow while the request waits never go beyond Content-Length: the request is given up', async () => {
  let request: string | null = 'none'
  const { session, openCount } = memoryServer(async (peer) => {
    request = await readRequest(peer).catch(() => null)
  })
  const Resizable = ArrayBuffer as unknown as new (
    byteCount: number,
    options: object,
  ) => ArrayBuffer & { resize(byteCount: number): void }
  const buffer = new Resizable(5, { maxByteLength: 100 })
  const response = session.post('http://a.example/', { body: new Uint8Array(buffer) })
  buffer.resize(50)
  await expect(response).rejects.toMatchObject({ code: 'ERR_HTTP_REQUEST_BODY_SOURCE' })
  await settle()
  expect([request, openCount()]).toEqual([null, 0])
})
