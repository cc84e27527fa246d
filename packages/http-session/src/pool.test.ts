/** Which connection a request gets, and what becomes of it afterwards. */
import { expect, test } from 'vitest'
import type { ClientSession } from './index.ts'
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

async function text(session: ClientSession, url = URL): Promise<string> {
  return (await session.get(url)).text()
}

/** Answers when told to. */
function answeringLater(): { script: Script; answerAll: () => void; waitingCount: () => number } {
  let answers: (() => void)[] = []
  return {
    script: async (peer) => {
      while ((await readRequest(peer)) !== null) answers.push(() => peer.writer.writeText(HELLO))
    },
    answerAll() {
      for (const answer of answers) answer()
      answers = []
    },
    waitingCount: () => answers.length,
  }
}

test('a connection serves one request after the other', async () => {
  const { session, pairs } = memoryServer(answering(HELLO))
  for (let count = 0; count < 10; count++) expect(await text(session)).toBe('Hello')
  expect(pairs.length).toBe(1)
})

test('requests at the same time get connections of their own, and the last one given back is the first one taken', async () => {
  const later = answeringLater()
  const { session, pairs, peers } = memoryServer(later.script)
  const first = [text(session), text(session), text(session)]
  await settle()
  expect(pairs.length).toBe(3)
  later.answerAll()
  expect(await Promise.all(first)).toEqual(['Hello', 'Hello', 'Hello'])
  const next = text(session)
  await settle()
  expect(peers.map(({ reader }) => reader.atEof)).toEqual([false, false, false])
  later.answerAll()
  await next
  expect(pairs.length).toBe(3)
})

test('above maxConnectionsPerOrigin requests wait in their order', async () => {
  const later = answeringLater()
  const { session, pairs } = memoryServer(later.script, { maxConnectionsPerOrigin: 2 })
  const order: number[] = []
  const all = [0, 1, 2, 3, 4].map(async (index) => {
    await text(session)
    order.push(index)
  })
  while (order.length < 5) {
    await settle()
    expect(later.waitingCount()).toBeLessThanOrEqual(2)
    later.answerAll()
  }
  await Promise.all(all)
  expect(order).toEqual([0, 1, 2, 3, 4])
  expect(pairs.length).toBe(2)
})

test('above maxConnections an idle connection of another origin gives way', async () => {
  const { session, openCount, pairs } = memoryServer(answering(HELLO), { maxConnections: 1 })
  expect(await text(session, 'http://a.example/')).toBe('Hello')
  expect(await text(session, 'http://b.example/')).toBe('Hello')
  await settle()
  expect(pairs.length).toBe(2)
  expect(openCount()).toBe(1)
})

test('above maxConnections without an idle one a request waits for any origin to be done', async () => {
  const later = answeringLater()
  const { session, pairs } = memoryServer(later.script, { maxConnections: 1 })
  const first = text(session, 'http://a.example/')
  const second = text(session, 'http://b.example/')
  await settle()
  expect(pairs.length).toBe(1)
  later.answerAll()
  await first
  await settle()
  later.answerAll()
  expect(await second).toBe('Hello')
})

test('a full queue refuses', async () => {
  const { session } = memoryServer(answeringLater().script, {
    maxConnectionsPerOrigin: 1,
    maxQueuedRequests: 1,
  })
  const waiting = [text(session), text(session)]
  await expect(text(session)).rejects.toMatchObject({
    code: 'ERR_HTTP_QUEUE_FULL',
    phase: 'queue',
    sent: 'none',
    retriable: 'safe',
    limit: 1,
  })
  session.abort(new Error('end'))
  await Promise.allSettled(waiting)
})

const RETIRING = [
  {
    name: 'P35 Connection: close',
    response: 'HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 5\r\n\r\nHello',
  },
  { name: 'P35 HTTP/1.0', response: 'HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nHello' },
  {
    name: 'P36 Keep-Alive: max=0',
    response: 'HTTP/1.1 200 OK\r\nKeep-Alive: max=0\r\nContent-Length: 5\r\n\r\nHello',
  },
  { name: 'P33 a lone CRLF behind it', response: `${HELLO}\r\n` },
  { name: 'P33 another response behind it', response: `${HELLO}${HELLO.replace('Hello', 'Smug!')}` },
]

for (const { name, response } of RETIRING) {
  test(`delivered, then never used again: ${name}`, async () => {
    const { session, pairs, openCount } = memoryServer(answering(response))
    expect(await text(session)).toBe('Hello')
    expect(await text(session)).toBe('Hello')
    await settle()
    expect(pairs.length).toBe(2)
    expect(openCount()).toBe(0)
  })
}

test('P35 HTTP/1.0 with keep-alive is used again', async () => {
  const { session, pairs } = memoryServer(
    answering('HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nHello'),
  )
  await text(session)
  await text(session)
  expect(pairs.length).toBe(1)
})

test('a request with Connection: close spends its connection', async () => {
  const { session, openCount } = memoryServer(answering(HELLO))
  await (await session.get(URL, { headers: { connection: 'close' } })).text()
  await settle()
  expect(openCount()).toBe(0)
})

test('P34 bytes on an idle connection destroy it and are never an answer', async () => {
  const { session, pairs, peers } = memoryServer(answering(HELLO))
  expect(await text(session)).toBe('Hello')
  peers[0]?.writer.writeText(HELLO.replace('Hello', 'Smug!'))
  await settle()
  expect(await text(session)).toBe('Hello')
  expect(pairs.length).toBe(2)
  expect(pairs[0]?.client.writer.isClosing).toBe(true)
})

test('P34 bytes that come in the turn in which a rested connection is chosen destroy it; the request goes to another one', async () => {
  const { session, pairs, peers, clock } = memoryServer(answering(HELLO))
  expect(await text(session)).toBe('Hello')
  clock.advance(1)
  peers[0]?.writer.writeText(HELLO.replace('Hello', 'Smug!'))
  expect(await text(session)).toBe('Hello')
  expect(pairs.length).toBe(2)
  expect(pairs[0]?.client.writer.isClosing).toBe(true)
})

test('an abort in the turn in which a rested connection is chosen leaves the connection as it was', async () => {
  const { session, pairs, clock } = memoryServer(answering(HELLO))
  await text(session)
  clock.advance(1)
  const controller = new AbortController()
  const response = session.get(URL, { signal: controller.signal })
  controller.abort(new Error('enough'))
  await expect(response).rejects.toThrow('enough')
  expect(await text(session)).toBe('Hello')
  expect([pairs.length, pairs[0]?.client.writer.isClosing]).toEqual([1, false])
})

for (const [name, takesIt] of [
  ['takes the rest of the request late is used again', true],
  ['does not take the rest of the request is given up after a second', false],
] as const) {
  test(`a connection whose peer answers first and ${name}`, async () => {
    const { session, pairs, peers, clock, openCount } = memoryServer(
      answering(HELLO),
      {},
      { clientToServer: { capacityBytes: 500 } },
    )
    await text(session)
    pairs[0]?.clientToServer.stall()
    const response = session.post(URL, { body: 'x'.repeat(1000) })
    await settle()
    peers[0]?.writer.writeText(HELLO)
    expect(await (await response).text()).toBe('Hello')
    expect(pairs[0]?.client.writer.bufferedByteCount).toBeGreaterThan(0)
    if (takesIt) pairs[0]?.clientToServer.flow()
    await settle()
    clock.advance(1000)
    await settle()
    expect([openCount(), pairs.length]).toEqual([takesIt ? 1 : 0, 1])
  })
}

const HEAD_ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'

test('P14 P33 content behind the answer to HEAD, in a packet of its own, is never the next answer', async () => {
  const { session, pairs, peers, clock } = memoryServer(answering(HEAD_ANSWER))
  await session.head(URL)
  const next = session.get(URL)
  next.catch(() => {})
  await settle()
  expect(pairs.length).toBe(1) // it waits a moment for the connection
  peers[0]?.writer.writeText('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
  await settle()
  clock.advance(5)
  await settle()
  expect(pairs.length).toBe(2)
  session.abort()
})

test('P14 a connection that stays silent behind the answer to HEAD is used again, a moment later', async () => {
  const { session, pairs, clock } = memoryServer(answering(HEAD_ANSWER, HELLO))
  await session.head(URL)
  const next = text(session)
  await settle()
  clock.advance(5)
  expect([await next, pairs.length]).toEqual(['Hello', 1])
})

for (const [name, end] of [
  ['behind the answer to HEAD', 'HEAD'],
  ['while the last of its request waits', 'POST'],
] as const) {
  test(`a connection that is lost ${name}: whoever has waited for it gets another one`, async () => {
    const { session, pairs, peers, clock } = memoryServer(
      (peer, index) => answering(end === 'HEAD' && index === 0 ? HEAD_ANSWER : HELLO)(peer, index),
      {},
      { clientToServer: { capacityBytes: 500 } },
    )
    if (end === 'POST') {
      await text(session)
      pairs[0]?.clientToServer.stall()
    }
    const first = end === 'HEAD' ? session.head(URL) : session.post(URL, { body: 'x'.repeat(1000) })
    await settle()
    if (end === 'POST') peers[0]?.writer.writeText(HELLO)
    await (await first).text()
    const next = text(session)
    await settle()
    peers[0]?.abort()
    await settle()
    clock.advance(5)
    expect(await next).toBe('Hello')
  })
}

test('P36 Keep-Alive: max is honoured, also where later responses do not repeat it', async () => {
  const { session, pairs } = memoryServer(
    answering(HELLO.replace('\r\n\r\n', '\r\nKeep-Alive: timeout=60, max=2\r\n\r\n'), HELLO, HELLO),
  )
  for (let count = 0; count < 6; count++) expect(await text(session)).toBe('Hello')
  expect(pairs.length).toBe(2)
})

test('a connection that the peer ends while idle is not used again', async () => {
  const { session, pairs } = memoryServer(answeringOnce(HELLO))
  expect(await text(session)).toBe('Hello')
  await settle()
  expect(await text(session)).toBe('Hello')
  expect(pairs.length).toBe(2)
})

/** Answers one request on the first connection and ends it at the second one, without a byte; answers everything on the others. */
const staleOnce: Script = async (peer, index) => {
  if (index > 0) return answering(HELLO)(peer, index)
  await readRequest(peer)
  peer.writer.writeText(HELLO)
  await readRequest(peer)
  return peer.close()
}

test('P38 an idempotent request on a kept connection that dies is sent once more, on a new one', async () => {
  const { session, pairs } = memoryServer(staleOnce)
  await text(session)
  expect(await text(session)).toBe('Hello')
  expect(pairs.length).toBe(2)
})

test('P38 a request that must not be sent twice is not', async () => {
  const { session } = memoryServer(staleOnce)
  await text(session)
  await expect(session.post(URL, { body: 'x' })).rejects.toMatchObject({
    code: 'ERR_HTTP_STALE_CONNECTION',
    attempts: 1,
    sent: 'all',
  })
})

test('P38 the second try is the last one', async () => {
  const { session } = memoryServer(async (peer, index) => {
    await readRequest(peer)
    if (index === 0) {
      peer.writer.writeText(HELLO)
      await readRequest(peer)
    }
    await peer.close()
  })
  await text(session)
  await expect(text(session)).rejects.toMatchObject({ code: 'ERR_HTTP_PEER_CLOSED', attempts: 2 })
})

test('an idle connection is closed after idleTimeoutMs, or a second before the server’s own limit', async () => {
  const hinted = HELLO.replace('\r\n\r\n', '\r\nKeep-Alive: timeout=5\r\n\r\n')
  for (const { response, idleMs } of [
    { response: HELLO, idleMs: 20_000 },
    { response: hinted, idleMs: 4000 },
  ]) {
    const { session, clock, openCount } = memoryServer(answering(response), { idleTimeoutMs: 20_000 })
    await text(session)
    clock.advance(idleMs - 1)
    await settle()
    expect(openCount()).toBe(1)
    clock.advance(1)
    await settle()
    expect(openCount()).toBe(0)
  }
})

test('an abort while a request waits takes it out of the queue; the others go on', async () => {
  const later = answeringLater()
  const { session } = memoryServer(later.script, { maxConnectionsPerOrigin: 1 })
  const controller = new AbortController()
  const first = text(session)
  const second = session.get(URL, { signal: controller.signal })
  const third = text(session)
  await settle()
  controller.abort(new Error('not any more'))
  await expect(second).rejects.toThrow('not any more')
  for (const answered of [first, third]) {
    later.answerAll()
    expect(await answered).toBe('Hello')
    await settle()
  }
})

test('an abort while connecting ends the dial that nobody waits for', async () => {
  let dialSignal: AbortSignal | undefined
  const { session } = memoryServer(() => {}, {
    connector: (_target, { signal }) =>
      new Promise((_resolve, reject) => {
        dialSignal = signal
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
  })
  const controller = new AbortController()
  const request = session.get(URL, { signal: controller.signal })
  await settle()
  controller.abort(new Error('not any more'))
  await expect(request).rejects.toThrow('not any more')
  expect(dialSignal?.aborted).toBe(true)
})

test('a connector that throws, and one that makes no sense, reject the request', async () => {
  for (const connector of [() => Promise.reject(new Error('no way')), () => Promise.resolve({} as never)]) {
    const { session } = memoryServer(() => {}, { connector })
    await expect(text(session)).rejects.toMatchObject({
      code: 'ERR_HTTP_CONNECT_FAILED',
      phase: 'connect',
      method: 'GET',
      url: URL,
    })
  }
})
