/** A body that is lent, chunk by chunk, instead of given. */
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { ClientResponse } from './index.ts'
import {
  answering,
  answeringOnce,
  HELLO,
  memoryServer,
  readRequest,
  settle,
} from './memory-server.test-support.ts'
import type { Script } from './memory-server.test-support.ts'

const URL = 'http://a.example/'
const CHUNKED =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n'
const UNTIL_CLOSE = 'HTTP/1.1 200 OK\r\n\r\nHello'

async function textOf(response: ClientResponse): Promise<string> {
  let text = ''
  await response.lendChunks((chunk) => {
    expect(chunk.length).toBeGreaterThan(0)
    text += new TextDecoder().decode(chunk)
  })
  return text
}

function cut(wire: string, at: number): Script {
  return async (peer) => {
    await readRequest(peer)
    for (const piece of [wire.slice(0, at), wire.slice(at)]) {
      peer.writer.writeText(piece, 'latin1')
      await peer.writer.flush()
      await settle()
    }
    await peer.close()
  }
}

for (const [name, wire, text] of [
  ['Content-Length', HELLO, 'Hello'],
  ['chunks', CHUNKED, 'abcde'],
  ['a close', UNTIL_CLOSE, 'Hello'],
] as const) {
  test(`content framed by ${name} is lent whole, at every split`, async () => {
    for (let at = 0; at <= wire.length; at++) {
      const { session, openCount } = memoryServer(cut(wire, at))
      const response = await session.get(URL)
      expect(await textOf(response)).toBe(text)
      expect(response.trailers?.get('x')).toBe(name === 'chunks' ? 'y' : undefined)
      for (let count = 0; count < 3; count++) await settle()
      expect(openCount()).toBe(0)
    }
  })
}

test('the connection is used again behind it; content codings are undone', async () => {
  const coded = gzipSync('Hello').toString('latin1')
  const wire = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${coded.length}\r\n\r\n${coded}`
  const { session, pairs } = memoryServer(answering(HELLO, wire))
  for (let count = 0; count < 4; count++) expect(await textOf(await session.get(URL))).toBe('Hello')
  expect(pairs.length).toBe(1)
})

test('a body that is cut short rejects, behind what had come', async () => {
  const { session } = memoryServer(answeringOnce(HELLO.slice(0, -1)))
  const seen: number[] = []
  const response = await session.get(URL)
  await expect(response.lendChunks((chunk) => void seen.push(chunk.length))).rejects.toMatchObject({
    code: 'ERR_HTTP_BODY_INCOMPLETE',
    received: 4,
    expected: 5,
  })
  expect(seen).toEqual([4])
})

const mine = new Error('mine')

for (const [name, wire] of [
  ['has come with the head', HELLO],
  ['comes later', HELLO.replace('5', '9')],
] as const) {
  test(`what the callback throws rejects, and it is called no more: the body ${name}`, async () => {
    const { session } = memoryServer(async (peer) => {
      await readRequest(peer)
      peer.writer.writeText(wire)
      await settle()
      peer.writer.writeText('more')
    })
    let calls = 0
    const lent = (await session.get(URL)).lendChunks(() => {
      calls += 1
      throw mine
    })
    await expect(lent).rejects.toBe(mine)
    await settle()
    expect(calls).toBe(1)
  })
}

for (const how of ['discard', 'abort'] as const) {
  test(`${how} from within the callback ends it`, async () => {
    const controller = new AbortController()
    const { session, openCount } = memoryServer(async (peer) => {
      await readRequest(peer)
      peer.writer.writeText('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n')
      await settle()
      peer.writer.writeText('01234')
    })
    const response = await session.get(URL, { signal: controller.signal })
    const lent = response.lendChunks(() => (how === 'discard' ? response.discard() : controller.abort(mine)))
    if (how === 'abort') await expect(lent).rejects.toBe(mine)
    else await expect(lent).rejects.toMatchObject({ code: 'ERR_HTTP_BODY_INCOMPLETE' })
    await settle()
    expect(openCount()).toBe(0)
  })
}

test('a body is read once; an empty one is lent nothing', async () => {
  const { session } = memoryServer(answering(HELLO, 'HTTP/1.1 204 No Content\r\n\r\n'))
  const response = await session.get(URL)
  await response.text()
  await expect(response.lendChunks(() => {})).rejects.toMatchObject({ code: 'ERR_HTTP_BODY_USED' })
  expect(await textOf(await session.get(URL))).toBe('')
})
