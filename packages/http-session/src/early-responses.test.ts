/** Responses that begin before the request was sent whole: both go on where the server says success, and nothing is lost. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { ClientSession } from './index.ts'
import { memoryServer, settle } from './memory-server.test-support.ts'

const URL = 'http://a.example/'
const BEGUN = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nBegun\r\n'
const ENDED = '5\r\nEnded\r\n0\r\n\r\n'
const REFUSED = 'HTTP/1.1 413 Content Too Large\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nBegun\r\n'

/** Gives one piece for each call of `give`. */
function valve(): {
  body: AsyncIterable<string>
  give: (piece: string | Error | null) => void
  told: () => boolean
} {
  const pieces: (string | Error | null)[] = []
  let wake = (): void => {}
  let told = false
  async function* body(): AsyncGenerator<string> {
    try {
      for (;;) {
        while (pieces.length === 0) await new Promise<void>((resolve) => (wake = resolve))
        const piece = pieces.shift()
        if (piece === null || piece === undefined) return
        if (piece instanceof Error) throw piece
        yield piece
      }
    } finally {
      told = true
    }
  }
  const give = (piece: string | Error | null): void => {
    pieces.push(piece)
    wake()
  }
  return { body: body(), give, told: () => told }
}

test('P37 an upload goes on behind the head of a response of success, and both arrive whole', async () => {
  let received = ''
  const { session, openCount } = memoryServer(async ({ reader, writer }) => {
    await reader.readUntil('\r\n\r\n')
    writer.writeText(BEGUN)
    received = new TextDecoder().decode(await reader.readUntil('\r\n0\r\n\r\n'))
    writer.writeText(ENDED)
  })
  const { body, give } = valve()
  const response = await session.post(URL, { body })
  const text = response.text()
  for (const piece of ['one', 'two', null]) {
    give(piece)
    await settle()
  }
  expect(await text).toBe('BegunEnded')
  expect(received).toBe('3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n')
  expect(openCount(), 'the connection is not used again').toBe(0)
})

test('P37 a response that ends first ends the upload: its source is told, its connection closed', async () => {
  const { session, peers, openCount } = memoryServer(async ({ reader, writer }) => {
    await reader.readUntil('\r\n\r\n')
    writer.writeText(BEGUN)
  })
  const { body, give, told } = valve()
  const text = (await session.post(URL, { body })).text()
  give('one')
  await settle()
  expect(told()).toBe(false)
  peers[0]?.writer.writeText(ENDED)
  expect(await text).toBe('BegunEnded')
  give('two')
  await settle()
  expect([told(), openCount()]).toEqual([true, 0])
})

test('P37 behind the head of an error nothing more is sent, while its content still comes', async () => {
  let behind = ''
  const { session, peers } = memoryServer(async ({ reader, writer }) => {
    await reader.readUntil('\r\n\r\n')
    writer.writeText(REFUSED)
    behind = new TextDecoder().decode(await reader.readAll())
  })
  const { body, give, told } = valve()
  const text = (await session.post(URL, { body })).text()
  give('one')
  await settle()
  expect(told()).toBe(true)
  peers[0]?.writer.writeText(ENDED)
  expect(await text).toBe('BegunEnded')
  await settle()
  expect(behind).toBe('')
})

test('a source that fails behind the head fails the response: the request can never be whole', async () => {
  const { session, openCount } = memoryServer(async ({ reader, writer }) => {
    await reader.readUntil('\r\n\r\n')
    writer.writeText(BEGUN)
  })
  const { body, give } = valve()
  const text = (await session.post(URL, { body })).text()
  give(new Error('no more'))
  await expect(text).rejects.toMatchObject({ code: 'ERR_HTTP_REQUEST_BODY_SOURCE', phase: 'body' })
  await settle()
  expect(openCount()).toBe(0)
})

for (const [name, end] of [
  ['an abort', (controller: AbortController) => controller.abort('enough')],
  ['a discarded response', (_controller: AbortController, discard: () => void) => discard()],
] as const) {
  test(`P60 ${name} behind the head ends the upload, too: its source is told`, async () => {
    const { session, openCount } = memoryServer(async ({ reader, writer }) => {
      await reader.readUntil('\r\n\r\n')
      writer.writeText(BEGUN)
    })
    const { body, give, told } = valve()
    const controller = new AbortController()
    const response = await session.post(URL, { body, signal: controller.signal })
    give('one')
    await settle()
    end(controller, () => response.discard())
    give('two')
    for (let turn = 0; turn < 5; turn++) await settle()
    expect([told(), openCount()]).toEqual([true, 0])
  })
}

test('each piece that the peer takes is a sign of life: bodyIdleMs begins anew', async () => {
  const { session, clock } = memoryServer(
    async ({ reader, writer }) => {
      await reader.readUntil('\r\n\r\n')
      writer.writeText(BEGUN)
      await reader.readAll()
    },
    { timeouts: { bodyIdleMs: 500 } },
  )
  const { body, give } = valve()
  const text = (await session.post(URL, { body })).text()
  text.catch(() => {})
  for (let round = 0; round < 3; round++) {
    clock.advance(400)
    give('piece')
    await settle()
  }
  let isOver = false
  text.catch(() => (isOver = true))
  clock.advance(499)
  await settle()
  expect(isOver).toBe(false)
  clock.advance(1)
  await expect(text).rejects.toMatchObject({ code: 'ERR_HTTP_TIMEOUT_BODY_IDLE' })
})

test('a server of Node’s that answers first and counts later gets every octet', async () => {
  const server = createServer((request, response) => {
    let count = 0
    response.writeHead(200).write('count ')
    request.on('data', (chunk: Buffer) => (count += chunk.length))
    request.on('end', () => response.end(String(count)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const session = new ClientSession()
  try {
    const { port } = server.address() as AddressInfo
    const response = session.post(`http://127.0.0.1:${port}/`, { body: new Uint8Array(20_000_000) })
    expect(await response.text()).toBe('count 20000000')
  } finally {
    await session.close()
    server.close()
    server.closeAllConnections()
  }
})
