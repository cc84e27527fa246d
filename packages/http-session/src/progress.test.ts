/** Counts of content sent and received, and the callback that is told of them. */
import { expect, test } from 'vitest'
import type { Progress } from './index.ts'
import { answering, HELLO, memoryServer, readRequest, settle } from './memory-server.test-support.ts'

const URL = 'http://a.example/'

test('a response tells how much has come, and how much will', async () => {
  const { session } = memoryServer(async (peer) => {
    await readRequest(peer)
    peer.writer.writeText('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234')
    await settle()
    peer.writer.writeText('56789')
  })
  const response = await session.get(URL)
  const counts: unknown[] = []
  for await (const chunk of response) counts.push([chunk.length, response.progress.bytesReceived])
  expect(counts).toEqual([
    [5, 5],
    [5, 10],
  ])
  expect(response.progress).toMatchObject({
    bytesSent: 0,
    bytesToSend: null,
    bytesReceived: 10,
    bytesToReceive: 10,
  })
})

test('framing does not count, in neither direction', async () => {
  const { session } = memoryServer(
    answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n'),
  )
  const response = await session.post(URL, { body: ['Hel', 'lo', '!'] })
  expect(response.progress).toMatchObject({ bytesSent: 6, bytesToSend: null })
  await response.text()
  expect(response.progress).toMatchObject({ bytesReceived: 5, bytesToReceive: 5 })
})

const BODIES = {
  text: 'Hello',
  bytes: new Uint8Array(5),
  long: new Uint8Array(3_000_000),
  source: ['He', 'llo'],
}

for (const [kind, body] of Object.entries(BODIES)) {
  test(`a callback sees the end of the request (${kind}) and of the response, and what lies between at most every 100 ms`, async () => {
    const { session } = memoryServer(answering(HELLO))
    const seen: Progress[] = []
    const headers = kind === 'source' ? { 'content-length': '5' } : {}
    await (await session.put(URL, { body, headers, onProgress: (progress) => seen.push(progress) })).text()
    const all = kind === 'long' ? 3_000_000 : 5
    expect(seen).toContainEqual({ bytesSent: all, bytesToSend: all, bytesReceived: 0, bytesToReceive: null })
    expect(seen.at(-1)).toEqual({ bytesSent: all, bytesToSend: all, bytesReceived: 5, bytesToReceive: 5 })
    expect(seen.length).toBeLessThanOrEqual(3)
  })
}

for (const read of ['bytes', 'chunks'] as const) {
  test(`a download read as ${read} is told of as time passes`, async () => {
    const { session, clock } = memoryServer(async (peer) => {
      await readRequest(peer)
      peer.writer.writeText('HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n')
      for (let count = 0; count < 6; count++) {
        await settle()
        clock.advance(50)
        peer.writer.writeText('0123456789')
      }
    })
    const seen: number[] = []
    const response = await session.get(URL, { onProgress: ({ bytesReceived }) => seen.push(bytesReceived) })
    if (read === 'bytes') await response.bytes()
    else for await (const _ of response);
    expect(seen).toEqual([0, 20, 40, 60])
  })
}

test('what the callback throws is what everything rejects with', async () => {
  const mine = new Error('mine')
  const { session, openCount } = memoryServer(async (peer) => {
    await readRequest(peer)
    peer.writer.writeText('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n')
    await settle()
    peer.writer.writeText('0123456789')
  })
  const throwing = (when: (progress: Progress) => boolean) => (progress: Progress) => {
    if (when(progress)) throw mine
  }
  const atSent = throwing(({ bytesSent }) => bytesSent > 0)
  await expect(session.post(URL, { body: 'x', onProgress: atSent })).rejects.toBe(mine)
  const atHead = throwing(({ bytesToReceive }) => bytesToReceive === 10)
  await expect(session.get(URL, { onProgress: atHead })).rejects.toBe(mine)
  const atEnd = throwing(({ bytesReceived }) => bytesReceived === 10)
  const response = await session.get(URL, { onProgress: atEnd })
  await expect(response.text()).rejects.toBe(mine)
  expect(openCount()).toBe(0)
})

test('a callback that is no function is refused', async () => {
  const { session } = memoryServer(() => {})
  await expect(session.get(URL, { onProgress: 1 as unknown as () => void })).rejects.toMatchObject({
    code: 'ERR_HTTP_INVALID_OPTION',
    message: expect.stringContaining('onProgress'),
  })
})
