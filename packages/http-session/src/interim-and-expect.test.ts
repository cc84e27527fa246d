/** Responses before the final one, and requests that wait for them. */
import { expect, test } from 'vitest'
import type { InformationalResponse } from './index.ts'
import { HELLO, memoryServer, readRequest, settle } from './memory-server.test-support.ts'
import type { MemoryServer, Script } from './memory-server.test-support.ts'

const URL = 'http://a.example/b'
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'
const HINTS = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b.js>\r\n\r\n'
const EXPECT = { expect: '100-continue' }

/** Reads a head and says it to `heads`; then goes on with `script`. */
function atHead(heads: string[], script: Script): Script {
  return async (peer, index) => {
    for (;;) {
      let head = ''
      for (let line = await peer.reader.readLine(); line !== ''; line = await peer.reader.readLine()) {
        if (line === null) return
        head += `${line}\n`
      }
      heads.push(head)
      await script(peer, index)
    }
  }
}

async function bodyOf(server: MemoryServer, index: number): Promise<string> {
  return new TextDecoder().decode(await server.peers[index]!.reader.readExactly(5))
}

test('P29 every 1xx response goes to the callback, in order, and the final one to the caller', async () => {
  const { session } = memoryServer(async (peer) => {
    await readRequest(peer)
    for (const octet of `${CONTINUE}${HINTS}HTTP/1.1 199 \r\n\r\n${HELLO}`) {
      peer.writer.writeText(octet, 'latin1')
      await peer.writer.flush()
    }
  })
  const seen: InformationalResponse[] = []
  const response = await session.get(URL, { onInformational: (informational) => seen.push(informational) })
  expect(await response.text()).toBe('Hello')
  expect(seen.map(({ status, reasonPhrase }) => [status, reasonPhrase])).toEqual([
    [100, 'Continue'],
    [103, 'Early Hints'],
    [199, ''],
  ])
  expect(seen[1]?.headers.getAll('link')).toEqual(['</a.css>; rel=preload', '</b.js>'])
})

test('P29 more than 100 of them are refused', async () => {
  const { session, openCount } = memoryServer(async (peer) => {
    await readRequest(peer)
    peer.writer.writeText(CONTINUE.repeat(101) + HELLO, 'latin1')
  })
  await expect(session.get(URL)).rejects.toMatchObject({ code: 'ERR_HTTP_TOO_MANY_1XX' })
  expect(openCount()).toBe(0)
})

test('what the callback throws is what the request rejects with, and the connection is closed', async () => {
  const { session, openCount } = memoryServer(async (peer) => {
    await readRequest(peer)
    peer.writer.writeText(HINTS + HELLO, 'latin1')
  })
  const mine = new Error('mine')
  const onInformational = (): never => {
    throw mine
  }
  await expect(session.get(URL, { onInformational })).rejects.toBe(mine)
  expect(openCount()).toBe(0)
})

test('a callback that is no function is refused', async () => {
  const { session } = memoryServer(() => {})
  const onInformational = 'x' as unknown as () => void
  await expect(session.get(URL, { onInformational })).rejects.toMatchObject({
    code: 'ERR_HTTP_INVALID_OPTION',
    message: expect.stringContaining('onInformational'),
  })
})

const BODIES = {
  text: 'Hello',
  bytes: new TextEncoder().encode('Hello'),
  source: [new TextEncoder().encode('Hel'), 'lo'],
}

for (const [kind, body] of Object.entries(BODIES)) {
  const headers = { ...EXPECT, 'content-length': '5' }

  test(`P59 content (${kind}) waits for 100, and for nothing else`, async () => {
    const heads: string[] = []
    const server = memoryServer(
      atHead(heads, async (peer) => {
        peer.writer.writeText(HINTS)
        await settle()
        expect(peer.reader.bufferedByteCount).toBe(0)
        peer.writer.writeText(CONTINUE)
        expect(await bodyOf(server, 0)).toBe('Hello')
        peer.writer.writeText(HELLO)
      }),
    )
    for (let count = 0; count < 2; count++) {
      expect(await (await server.session.put(URL, { body, headers })).text()).toBe('Hello')
    }
    expect(heads[1]).toMatch(/^expect: 100-continue$/m)
    expect(server.pairs.length).toBe(1)
  })

  test(`P59 content (${kind}) is sent unasked when the time is over`, async () => {
    const server = memoryServer(
      atHead([], async (peer) => {
        await settle()
        server.clock.advance(999)
        await settle()
        expect(peer.reader.bufferedByteCount).toBe(0)
        server.clock.advance(1)
        expect(await bodyOf(server, 0)).toBe('Hello')
        // Late, and of no harm.
        peer.writer.writeText(CONTINUE + HELLO)
      }),
    )
    expect(await (await server.session.put(URL, { body, headers })).text()).toBe('Hello')
    expect(server.openCount()).toBe(1)
  })

  test(`P59 a final answer before the content (${kind}) was asked for: it is not sent, and the connection is not used again`, async () => {
    const server = memoryServer(
      atHead([], (peer) => {
        peer.writer.writeText('HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n')
      }),
    )
    const response = await server.session.post(URL, { body, headers })
    expect(response.status).toBe(413)
    await settle()
    server.clock.advance(2000)
    await settle()
    expect(server.peers[0]?.reader.bufferedByteCount).toBe(0)
    expect(server.openCount()).toBe(0)
  })

  test(`P59 after 417 the request (${kind}) is repeated without the expectation, on a new connection`, async () => {
    const heads: string[] = []
    const server = memoryServer(
      atHead(heads, async (peer, index) => {
        if (index === 0)
          peer.writer.writeText('HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno')
        else {
          expect(await bodyOf(server, index)).toBe('Hello')
          peer.writer.writeText(HELLO)
        }
      }),
    )
    const response = await server.session.post(URL, { body, headers })
    expect([response.status, await response.text()]).toEqual([200, 'Hello'])
    expect(heads.map((head) => /^expect:/im.test(head))).toEqual([true, false])
    expect(heads[1]).toBe(heads[0]?.replace('expect: 100-continue\n', ''))
  })
}

test('P59 417 behind content that can be had only once is the caller’s', async () => {
  const server = memoryServer(
    atHead([], async (peer) => {
      peer.writer.writeText(CONTINUE)
      await bodyOf(server, 0)
      peer.writer.writeText('HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n')
    }),
  )
  async function* once(): AsyncGenerator<string> {
    yield 'Hello'
  }
  const headers = { ...EXPECT, 'content-length': '5' }
  expect((await server.session.post(URL, { body: once(), headers })).status).toBe(417)
  expect(server.pairs.length).toBe(1)
})

test('P59 an expectation without content is refused before anything is sent', async () => {
  const { session, pairs } = memoryServer(() => {})
  await expect(session.get(URL, { headers: EXPECT })).rejects.toMatchObject({
    code: 'ERR_HTTP_INVALID_HEADER',
  })
  expect(pairs.length).toBe(0)
})

test('P59 an abort while 100 is awaited closes the connection and begins no content', async () => {
  const server = memoryServer(atHead([], () => {}))
  let begun = false
  function* source(): Generator<string> {
    begun = true
    yield 'x'
  }
  const reason = new Error('enough')
  const controller = new AbortController()
  const response = server.session.put(URL, { body: source(), headers: EXPECT, signal: controller.signal })
  response.catch(() => {})
  await settle()
  controller.abort(reason)
  await expect(response).rejects.toBe(reason)
  server.clock.advance(2000)
  await settle()
  expect([begun, server.openCount(), server.clock.timerCount]).toEqual([false, 0, 0])
})

test('P59 headersMs begins behind the content, totalMs before it', async () => {
  const server = memoryServer(atHead([], () => {}))
  const timeouts = { continueMs: 5000, headersMs: 100, totalMs: 3000 }
  const response = server.session.put(URL, { body: 'x', headers: EXPECT, timeouts })
  response.catch(() => {})
  await settle()
  server.clock.advance(2999)
  await settle()
  server.clock.advance(1)
  await expect(response).rejects.toMatchObject({
    code: 'ERR_HTTP_TIMEOUT_TOTAL',
    phase: 'send',
    sent: 'partial',
  })
})

test('P59 the peer that closes while 100 is awaited', async () => {
  const { session } = memoryServer(atHead([], (peer) => peer.close()))
  await expect(session.put(URL, { body: 'x', headers: EXPECT })).rejects.toMatchObject({
    code: 'ERR_HTTP_PEER_CLOSED',
    sent: 'partial',
  })
})
