/** How much `fetch` reads of a body: of one that is read as a whole no more than the session allows. */
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { answering, memoryServer, settle } from './memory-server.test-support.ts'

const URL = 'http://a.example/'
const WHOLE = ['arrayBuffer', 'blob', 'json', 'text', 'bytes'] as const

function wire(body: string, fields = ''): string {
  return `HTTP/1.1 200 OK\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`
}

for (const name of WHOLE) {
  test(`${name}: up to maxBodyBytes, and no byte more`, async () => {
    if (!(name in Response.prototype)) return
    const { session, openCount } = memoryServer(answering(wire('"ab"')), { maxBodyBytes: 4 })
    const response = await session.fetch(URL)
    expect(await response[name]()).toBeDefined()
    const less = memoryServer(answering(wire('"abc"')), { maxBodyBytes: 4 })
    const tooLong = await less.session.fetch(URL)
    await expect(tooLong[name]()).rejects.toMatchObject({
      name: 'TypeError',
      message: 'terminated',
      cause: { code: 'ERR_HTTP_BODY_TOO_LARGE', limit: 'maxBodyBytes', value: 4 },
    })
    expect([openCount(), tooLong.bodyUsed]).toEqual([1, true])
  })
}

test('it is the content that counts, not what it was coded as', async () => {
  const coded = gzipSync('x'.repeat(1000)).toString('latin1')
  const { session } = memoryServer(answering(wire(coded, 'Content-Encoding: gzip\r\n')), {
    maxBodyBytes: 999,
  })
  const response = await session.fetch(URL)
  await expect(response.text()).rejects.toMatchObject({ cause: { code: 'ERR_HTTP_BODY_TOO_LARGE' } })
})

test('a long body is given up where it passes the limit', async () => {
  const { session, openCount } = memoryServer(
    answering(`HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(100)}`),
    { maxBodyBytes: 99 },
  )
  const response = await session.fetch(URL)
  await expect(response.text()).rejects.toThrow('terminated')
  await settle()
  expect(openCount()).toBe(0)
})

test('a stream has no limit, nor has a body that is read as one', async () => {
  const { session } = memoryServer(answering(wire('abcdefgh')), { maxBodyBytes: 4 })
  const { body } = await session.fetch(URL)
  expect(await new Response(body).text()).toBe('abcdefgh')
  const response = await session.fetch(URL)
  const reader = response.body!.getReader()
  await expect(response.text()).rejects.toThrow(TypeError)
  expect((await reader.read()).value?.length).toBe(8)
})

test('a clone has the limit, too', async () => {
  const { session } = memoryServer(answering(wire('abcdefgh')), { maxBodyBytes: 4 })
  const response = await session.fetch(URL)
  const copy = response.clone()
  await expect(copy.text()).rejects.toMatchObject({ cause: { code: 'ERR_HTTP_BODY_TOO_LARGE' } })
  await expect(response.text()).rejects.toMatchObject({ cause: { code: 'ERR_HTTP_BODY_TOO_LARGE' } })
})
