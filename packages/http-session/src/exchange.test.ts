/** One request and its response, at every fragmentation of the response's bytes. */
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

const URL = 'http://a.example/b'

/** Writes `wire` in two pieces, cut at `at`, then ends the connection or leaves it open. */
function cutting(wire: string, at: number, after: 'close' | 'stay'): Script {
  return async (peer) => {
    await readRequest(peer)
    for (const piece of [wire.slice(0, at), wire.slice(at)]) {
      peer.writer.writeText(piece, 'latin1')
      await peer.writer.flush()
      await settle()
    }
    if (after === 'close') await peer.close()
  }
}

/** Octet by octet. */
function dripping(wire: string, after: 'close' | 'stay'): Script {
  return async (peer) => {
    await readRequest(peer)
    for (const octet of wire) {
      peer.writer.writeText(octet, 'latin1')
      await peer.writer.flush()
    }
    if (after === 'close') await peer.close()
  }
}

async function outcomeOf(script: Script, method = 'GET'): Promise<unknown> {
  const { session } = memoryServer(script)
  let outcome: unknown
  try {
    const response = await session.request(method, URL)
    outcome = { status: response.status, reason: response.reasonPhrase, text: await response.text() }
  } catch (error) {
    const { code, phase } = error as { code?: string; phase?: string }
    outcome = { code, phase }
  }
  session.abort()
  return outcome
}

const OK = { status: 200, reason: 'OK', text: 'Hello' }
const CASES: { name: string; method?: string; wire: string; after?: 'close' | 'stay'; outcome: object }[] = [
  { name: 'content-length', wire: HELLO, outcome: OK },
  { name: 'content-length, then close', wire: HELLO, after: 'close', outcome: OK },
  {
    name: 'no content',
    wire: 'HTTP/1.1 204 No Content\r\n\r\n',
    outcome: { status: 204, reason: 'No Content', text: '' },
  },
  {
    name: 'content-length 0',
    wire: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    outcome: { ...OK, text: '' },
  },
  {
    name: 'chunked',
    wire: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nHe\r\n3;x=y\r\nllo\r\n0\r\nX: y\r\n\r\n',
    outcome: OK,
  },
  { name: 'close-delimited', wire: 'HTTP/1.1 200 OK\r\n\r\nHello', after: 'close', outcome: OK },
  { name: 'HTTP/1.0', wire: 'HTTP/1.0 200 OK\r\nServer: x\r\n\r\nHello', after: 'close', outcome: OK },
  {
    name: 'HEAD',
    method: 'HEAD',
    wire: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n',
    outcome: { ...OK, text: '' },
  },
  {
    name: '1xx before it',
    wire: `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n${HELLO}`,
    outcome: OK,
  },
  {
    name: 'closed in the head',
    wire: 'HTTP/1.1 200 OK\r\nContent-',
    after: 'close',
    outcome: { code: 'ERR_HTTP_PEER_CLOSED', phase: 'headers' },
  },
  {
    name: 'closed in a content-length body',
    wire: 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nHello',
    after: 'close',
    outcome: { code: 'ERR_HTTP_BODY_INCOMPLETE', phase: 'body' },
  },
  {
    name: 'closed in a chunked body',
    wire: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n',
    after: 'close',
    outcome: { code: 'ERR_HTTP_BODY_INCOMPLETE', phase: 'body' },
  },
  {
    name: 'closed in the trailers',
    wire: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n0\r\nX: ',
    after: 'close',
    outcome: { code: 'ERR_HTTP_BODY_INCOMPLETE', phase: 'body' },
  },
  { name: 'not HTTP', wire: 'SSH-2.0-OpenSSH\r\n', outcome: { code: 'ERR_HTTP_PARSE', phase: 'headers' } },
  {
    name: 'bare LF',
    wire: 'HTTP/1.1 200 OK\nContent-Length: 0\n\n',
    outcome: { code: 'ERR_HTTP_PARSE', phase: 'headers' },
  },
  {
    name: 'two lengths',
    wire: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nHello!',
    outcome: { code: 'ERR_HTTP_BAD_FRAMING', phase: 'headers' },
  },
  {
    name: 'length and chunked',
    wire: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
    outcome: { code: 'ERR_HTTP_BAD_FRAMING', phase: 'headers' },
  },
  {
    name: 'switching unasked',
    wire: 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    outcome: { code: 'ERR_HTTP_UNSOLICITED_RESPONSE', phase: 'headers' },
  },
  {
    name: 'a chunk size that is none',
    wire: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
    outcome: { code: 'ERR_HTTP_PARSE' },
  },
]

for (const { name, method, wire, after = 'stay', outcome } of CASES) {
  test(`response: ${name}`, async () => {
    for (let at = 0; at <= wire.length; at++) {
      expect(await outcomeOf(cutting(wire, at, after), method), `cut at ${at}`).toMatchObject(outcome)
    }
    expect(await outcomeOf(dripping(wire, after), method), 'octet by octet').toMatchObject(outcome)
  })
}

test('response: closed before any byte names method, URL and phase', async () => {
  const { session } = memoryServer(answeringOnce(''))
  await expect(session.get(`${URL}?q=1`)).rejects.toMatchObject({
    name: 'ConnectionLostError',
    code: 'ERR_HTTP_PEER_CLOSED',
    method: 'GET',
    url: `${URL}?q=1`,
    phase: 'wait',
    sent: 'all',
    attempts: 1,
    message: expect.stringMatching(/^GET http:\/\/a\.example\/b\?q=1: wait: /),
  })
})

test('response: a connection that ends before the request was sent says that nothing was', async () => {
  const { session } = memoryServer((peer) => peer.close())
  await expect(session.get(URL)).rejects.toMatchObject({
    code: 'ERR_HTTP_PEER_CLOSED',
    phase: 'send',
    sent: 'none',
    retriable: 'safe',
  })
})

test('response: a reset is told as such', async () => {
  const { session, pairs } = memoryServer(async (peer) => {
    await readRequest(peer)
    pairs[0]?.clientToServer.reset()
  })
  await expect(session.get(URL)).rejects.toMatchObject({
    code: 'ERR_HTTP_RESET',
    phase: 'wait',
    sent: 'all',
    retriable: 'idempotent',
  })
})

test('response: a reset in a close-delimited body is not its end', async () => {
  const { session, pairs } = memoryServer(async (peer) => {
    await readRequest(peer)
    peer.writer.writeText('HTTP/1.1 200 OK\r\n\r\nHel')
    await peer.writer.flush()
    await settle()
    pairs[0]?.serverToClient.reset()
  })
  await expect((await session.get(URL)).text()).rejects.toMatchObject({
    code: 'ERR_HTTP_BODY_INCOMPLETE',
    received: 3,
    expected: null,
  })
})

test('response: too large a head names the limit', async () => {
  const { session } = memoryServer(answering(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100)}\r\n\r\n`), {
    limits: { maxHeadBytes: 64 },
  })
  await expect(session.get(URL)).rejects.toMatchObject({
    code: 'ERR_HTTP_HEADERS_TOO_LARGE',
    message: expect.stringContaining('maxHeadBytes'),
  })
})

test('response: 1xx without end are refused', async () => {
  const { session } = memoryServer(answering('HTTP/1.1 100 Continue\r\n\r\n'.repeat(101)))
  await expect(session.get(URL)).rejects.toMatchObject({ code: 'ERR_HTTP_TOO_MANY_1XX' })
})

const READS: { name: string; read: (response: ClientResponse) => Promise<unknown>; value: unknown }[] = [
  {
    name: 'bytes',
    read: (response) => response.bytes(),
    value: new Uint8Array([123, 34, 97, 34, 58, 49, 125]),
  },
  { name: 'text', read: (response) => response.text(), value: '{"a":1}' },
  { name: 'json', read: (response) => response.json(), value: { a: 1 } },
  { name: 'for await', read: chunksOf, value: '{"a":1}' },
]

for (const { name, read, value } of READS) {
  test(`body: ${name}, and only once`, async () => {
    const { session } = memoryServer(answering('HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{"a":1}'))
    const response = await session.get(URL)
    expect(response.bodyUsed).toBe(false)
    expect(await read(response)).toEqual(value)
    expect(response.bodyUsed).toBe(true)
    for (const again of READS)
      await expect(again.read(response)).rejects.toMatchObject({ code: 'ERR_HTTP_BODY_USED' })
    await session.close()
  })
}

test('body: text follows the charset and drops a byte order mark', async () => {
  const texts = [
    ['text/plain; charset=iso-8859-1', '\xe4', 'ä'],
    ['text/plain; charset="utf-8"', '\xc3\xa4', 'ä'],
    ['text/plain', '\xef\xbb\xbfa', 'a'],
    ['text/plain; charset=unheard-of', '\xc3\xa4', 'ä'],
  ]
  const { session } = memoryServer(
    answering(
      ...texts.map(
        ([type, wire]) =>
          `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${wire?.length}\r\n\r\n${wire}`,
      ),
    ),
  )
  for (const [, , text] of texts) expect(await (await session.get(URL)).text()).toBe(text)
})

test('body: what is not JSON says so', async () => {
  const { session } = memoryServer(answering(HELLO))
  await expect((await session.get(URL)).json()).rejects.toMatchObject({
    code: 'ERR_HTTP_DECODE',
    cause: expect.any(SyntaxError),
  })
})

test('body: more than maxBodyBytes is refused, announced or not', async () => {
  for (const wire of [
    HELLO,
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n0\r\n\r\n',
  ]) {
    const { session } = memoryServer(answering(wire), { maxBodyBytes: 4 })
    await expect((await session.get(URL)).text()).rejects.toMatchObject({
      code: 'ERR_HTTP_BODY_TOO_LARGE',
      message: expect.stringContaining('maxBodyBytes = 4'),
    })
  }
})

test('body: trailers are there at the end', async () => {
  const { session } = memoryServer(
    answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n0\r\nX-Sum: 7\r\n\r\n'),
  )
  const response = await session.get(URL)
  expect(await response.text()).toBe('Hello')
  expect(response.trailers?.get('x-sum')).toBe('7')
})

test('body: a failure is told again, and what came before it is delivered', async () => {
  const { session } = memoryServer(answeringOnce('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHello'))
  const chunks: string[] = []
  const response = await session.get(URL)
  await expect(
    (async () => {
      for await (const chunk of response) chunks.push(Buffer.from(chunk).toString())
    })(),
  ).rejects.toMatchObject({ code: 'ERR_HTTP_BODY_INCOMPLETE', received: 5, expected: 9 })
  expect(chunks.join('')).toBe('Hello')
})

async function chunksOf(response: ClientResponse): Promise<string> {
  let text = ''
  for await (const chunk of response) text += Buffer.from(chunk).toString()
  return text
}

test('P56 content of unknown length to a server of HTTP/1.0 is refused, before anything is sent', async () => {
  const old = HELLO.replace('1.1', '1.0').replace('\r\n\r\n', '\r\nConnection: keep-alive\r\n\r\n')
  const { session, pairs } = memoryServer(answering(old, old, HELLO))
  const post = (headers: Record<string, string> = {}): Promise<ClientResponse> =>
    session.post(URL, { body: ['He', 'llo'], headers })
  // Nobody knows yet.
  await (await post()).text()
  await expect(post()).rejects.toMatchObject({
    code: 'ERR_HTTP_INVALID_BODY',
    message: expect.stringContaining('HTTP/1.0'),
  })
  await (await post({ 'content-length': '5' })).text()
  await expect(post()).rejects.toMatchObject({ code: 'ERR_HTTP_INVALID_BODY' })
  // A server that speaks HTTP/1.1 after all.
  await (await session.get(URL)).text()
  expect(await (await post()).text()).toBe('Hello')
  expect(pairs.length).toBe(1)
})
