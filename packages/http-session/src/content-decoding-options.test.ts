/** Whether codings are asked for and undone, as callers say. */
import { expect, test } from 'vitest'
import { codedResponse, encoded, get, HAS_BR, HAS_ZSTD, HELLO, URL } from './coded-content.test-support.ts'
import { ClientSession } from './index.ts'
import type { RequestOptions, SessionOptions } from './index.ts'
import { answering, memoryServer, readRequest } from './memory-server.test-support.ts'

test('contentDecoding: false delivers everything as it came, for a session and for one request', async () => {
  const content = encoded('gzip', HELLO)
  const wire = codedResponse('gzip', content)
  const off = await get(wire, { contentDecoding: false })
  expect(off.contentCodings).toEqual(['gzip'])
  expect(await off.bytes()).toEqual(content)
  expect(await (await get(wire, {}, { contentDecoding: false })).bytes()).toEqual(content)
  expect(await (await get(wire, { contentDecoding: false }, { contentDecoding: {} })).text()).toBe(HELLO)
})

test('limits that a request does not name are the session’s', async () => {
  const wire = codedResponse('gzip', encoded('gzip', HELLO))
  const session: SessionOptions = { contentDecoding: { maxDecodedBytes: 5 } }
  await expect((await get(wire, session, { contentDecoding: { maxRatio: 5 } })).text()).rejects.toMatchObject(
    { value: 5 },
  )
  expect(await (await get(wire, session, { contentDecoding: { maxDecodedBytes: 50 } })).text()).toBe(HELLO)
})

const BAD_OPTIONS: { option: unknown; says: string }[] = [
  { option: true, says: 'contentDecoding' },
  { option: null, says: 'contentDecoding' },
  { option: 'gzip', says: 'contentDecoding' },
  { option: { maxCodingss: 1 }, says: 'maxCodingss' },
  { option: { maxCodings: -1 }, says: 'contentDecoding.maxCodings' },
  { option: { maxDecodedBytes: 1.5 }, says: 'contentDecoding.maxDecodedBytes' },
  { option: { maxRatio: 0 }, says: 'contentDecoding.maxRatio' },
  { option: { maxRatio: Number.NaN }, says: 'contentDecoding.maxRatio' },
]

for (const { option, says } of BAD_OPTIONS) {
  test(`contentDecoding ${JSON.stringify(option)} is refused`, async () => {
    const contentDecoding = option as never
    const error = { code: 'ERR_HTTP_INVALID_OPTION', message: expect.stringContaining(says) }
    expect(() => new ClientSession({ contentDecoding })).toThrow(expect.objectContaining(error))
    const { session, pairs } = memoryServer(answering(''))
    await expect(session.get(URL, { contentDecoding })).rejects.toMatchObject(error)
    expect(pairs.length).toBe(0)
  })
}

const OURS = `gzip, deflate${HAS_BR ? ', br' : ''}${HAS_ZSTD ? ', zstd' : ''}`
const ACCEPTS: { name: string; session?: SessionOptions; request?: RequestOptions; sent: string[] }[] = [
  { name: 'by default', sent: [OURS] },
  { name: 'with fields of the session’s', session: { headers: { A: 'b' } }, sent: [OURS] },
  { name: 'with fields of the request’s', request: { headers: { A: 'b' } }, sent: [OURS] },
  { name: 'by the session', session: { headers: { 'accept-encoding': 'br' } }, sent: ['br'] },
  { name: 'by the request', request: { headers: { 'accept-encoding': 'br' } }, sent: ['br'] },
  { name: 'not with contentDecoding: false', session: { contentDecoding: false }, sent: [] },
  { name: 'not with contentDecoding: false of a request', request: { contentDecoding: false }, sent: [] },
  {
    name: 'with contentDecoding of a request',
    session: { contentDecoding: false },
    request: { contentDecoding: {} },
    sent: [OURS],
  },
  { name: 'identity for a range', request: { headers: { Range: 'bytes=0-' } }, sent: ['identity'] },
  {
    name: 'identity for a range by the session',
    session: { headers: { range: 'bytes=0-' } },
    sent: ['identity'],
  },
  {
    name: 'for a range, by the request',
    request: { headers: { Range: 'bytes=0-', 'Accept-Encoding': 'gzip' } },
    sent: ['gzip'],
  },
  {
    name: 'for a range, by the session',
    session: { headers: { 'Accept-Encoding': 'gzip' } },
    request: { headers: { Range: 'bytes=0-' } },
    sent: ['gzip'],
  },
  {
    name: 'not for a range with contentDecoding: false',
    session: { contentDecoding: false },
    request: { headers: { Range: 'bytes=0-' } },
    sent: [],
  },
]

for (const { name, session: options = {}, request = {}, sent } of ACCEPTS) {
  test(`Accept-Encoding ${name}`, async () => {
    let head = ''
    const { session } = memoryServer(async (peer) => {
      head = (await readRequest(peer)) ?? ''
      peer.writer.writeText('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    }, options)
    await session.get(URL, request)
    expect([...head.matchAll(/^accept-encoding: (.*)$/gim)].map(([, value]) => value)).toEqual(sent)
  })
}

test('a range of coded content is never decoded', async () => {
  const content = encoded('gzip', HELLO).slice(5, 15)
  const wire = codedResponse('gzip', content).replace('200 OK', '206 Partial Content')
  const response = await get(wire)
  expect(response.contentCodings).toEqual(['gzip'])
  expect(await response.bytes()).toEqual(content)
})
