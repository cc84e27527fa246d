import { expect, test } from 'vitest'
import { answering, HELLO, memoryServer } from './memory-server.test-support.ts'

test('REQUEST_BODY_SOURCE says how much was sent', async () => {
  const { session } = memoryServer(answering(HELLO))
  async function* source(): AsyncGenerator<string> {
    yield 'abc'
    throw new Error('broken')
  }
  const error = await session
    .post('http://a.example/', { body: source(), headers: { 'content-length': '9' } })
    .catch((e: unknown) => e)
  expect(error).toMatchObject({ code: 'ERR_HTTP_REQUEST_BODY_SOURCE', expected: 9, received: 3 })
})
test('a body that is not JSON fails in phase decode', async () => {
  const { session } = memoryServer(answering(HELLO))
  const error = await (await session.get('http://a.example/')).json().catch((e: unknown) => e)
  expect(error).toMatchObject({ code: 'ERR_HTTP_DECODE', phase: 'decode' })
})
for (const url of [undefined, null, 5, {}] as unknown as string[])
  test(`a URL of ${url} is refused as such`, async () => {
    const { session } = memoryServer(answering(HELLO))
    await expect(session.get(url)).rejects.toMatchObject({ code: 'ERR_HTTP_INVALID_URL' })
  })
test('a signal that is none is refused as such', async () => {
  const { session } = memoryServer(answering(HELLO))
  await expect(session.get('http://a.example/', { signal: {} as never })).rejects.toMatchObject({
    code: 'ERR_HTTP_INVALID_OPTION',
  })
})
