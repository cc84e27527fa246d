/** What reaches the wire, what is taken for an answer, and whether errors tell the truth. */
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { ClientSession } from './index.ts'
import type { ClientResponse, Connector, SessionOptions } from './index.ts'
import {
  answering,
  answeringOnce,
  HELLO,
  memoryServer,
  readRequest,
  settle,
} from './memory-server.test-support.ts'
import type { Script } from './memory-server.test-support.ts'
import { UrlParser } from './url.ts'

const URL = 'http://a.example/'

/** The head that goes out, and what the session says if none does. */
async function headOf(
  options: SessionOptions,
  url = URL,
  request: Parameters<ClientSession['request']>[2] = {},
): Promise<string> {
  let head = ''
  const { session } = memoryServer(async (peer) => {
    head = (await readRequest(peer)) ?? ''
    peer.writer.writeText(HELLO)
  }, options)
  await session.request('POST', url, { body: 'x', ...request })
  return head
}

function lines(head: string, name: string): string[] {
  return head.split('\n').filter((line) => line.toLowerCase().startsWith(`${name}:`))
}

// What goes out ---------------------------------------------------------------------------------------------------------

const FRAMING_FIELDS = [
  { name: 'P58 Transfer-Encoding', headers: { 'Transfer-Encoding': 'chunked' } },
  { name: 'P57 Content-Length', headers: { 'Content-Length': '0' } },
  { name: 'P54 Host', headers: { Host: 'b.example' } },
]

for (const { name, headers } of FRAMING_FIELDS) {
  test(`${name} among the session's fields is refused: it belongs to each request`, () => {
    expect(() => new ClientSession({ headers })).toThrow(
      expect.objectContaining({ code: 'ERR_HTTP_INVALID_HEADER' }),
    )
  })
}

test('P53 user information does not add to an Authorization among the session’s fields', async () => {
  const head = await headOf({ headers: { Authorization: 'Bearer x' } }, 'http://user:secret@a.example/')
  expect(lines(head, 'authorization')).toEqual(['Authorization: Bearer x'])
})

test('a Content-Type among the session’s fields is the only one', async () => {
  const head = await headOf({ headers: { 'Content-Type': 'text/csv' } })
  expect(lines(head, 'content-type')).toEqual(['Content-Type: text/csv'])
})

test('P35 Connection: close among the session’s fields spends the connection, as one of the request does', async () => {
  const { session, openCount } = memoryServer(answering(HELLO), { headers: { Connection: 'close' } })
  await (await session.get(URL)).text()
  await settle()
  expect(openCount()).toBe(0)
})

const NOT_BODIES: { name: string; body: unknown }[] = [
  { name: 'a Map', body: new Map([['a', 'b']]) },
  { name: 'Headers', body: new Headers({ a: 'b' }) },
  { name: 'an object', body: { a: 'b' } },
  { name: 'an array of numbers', body: [1, 2] },
]

for (const { name, body } of NOT_BODIES) {
  test(`a body that can be none, ${name}, is refused before anything is sent`, async () => {
    const { session, pairs } = memoryServer(async (peer) => {
      await readRequest(peer).catch(() => {})
      await peer.close()
    })
    expect(await errorOf(session.post(URL, { body: body as never }))).toMatchObject({
      code: 'ERR_HTTP_INVALID_BODY',
    })
    expect(pairs.length).toBe(0)
  })
}

test('headersMs begins with the request’s last byte: an upload may take longer', async () => {
  const { session, clock } = memoryServer(
    (peer, index) => (answering(HELLO)(peer, index) as Promise<void>).catch(() => {}),
    { timeouts: { headersMs: 1000 } },
  )
  async function* slow(): AsyncGenerator<string> {
    for (let second = 0; second < 5; second++) {
      clock.advance(900)
      await settle()
      yield 'x'
    }
  }
  expect(await (await session.post(URL, { body: slow() })).text()).toBe('Hello')
})

/** Gives one chunk, then hangs; knows whether it was told that nobody wants more. */
function hangingSource(): { source: AsyncIterable<string>; isReleased: () => boolean } {
  let given = false
  let released = false
  const iterator: AsyncIterator<string> = {
    next: () => {
      if (given) return new Promise(() => {})
      given = true
      return Promise.resolve({ done: false, value: 'x' })
    },
    return: () => {
      released = true
      return Promise.resolve({ done: true, value: undefined })
    },
  }
  return { source: { [Symbol.asyncIterator]: () => iterator }, isReleased: () => released }
}

test('a source that hangs is told when its request is aborted', async () => {
  const { source, isReleased } = hangingSource()
  const { session } = memoryServer((peer) => readRequest(peer).catch(() => {}))
  const controller = new AbortController()
  const request = session.post(URL, { body: source, signal: controller.signal })
  await settle()
  controller.abort('enough')
  await expect(request).rejects.toBe('enough')
  expect(isReleased()).toBe(true)
})

test('P37 a connection whose upload was cut short by the response is not used again, bytes in its buffer or not', async () => {
  const { session, pairs } = memoryServer(
    async (peer, index) => {
      if (index > 0) {
        await answering(HELLO)(peer, index)
        return
      }
      await peer.reader.readUntil('\r\n\r\n')
      pairs[0]?.clientToServer.stall() // reads no more
      peer.writer.writeText('HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n')
    },
    {},
    { clientToServer: { capacityBytes: 1000 } },
  )
  const refused = await session.post(URL, { body: new Uint8Array(5_000_000) })
  expect(refused.status).toBe(413)
  const next = session.get(URL)
  next.catch(() => {})
  await settle()
  session.abort()
  expect((await next).status).toBe(200)
  expect(pairs.length).toBe(2)
})

test('P37 a connection that was retired with a request half sent is freed at once, not after a grace', async () => {
  const slots: Script = async (peer, index) => {
    if (index > 0) {
      await answering(HELLO)(peer, index)
      return
    }
    await peer.reader.readUntil('\r\n\r\n')
    server.pairs[0]?.clientToServer.stall()
    peer.writer.writeText('HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  }
  const server = memoryServer(
    slots,
    { maxConnectionsPerOrigin: 1 },
    { clientToServer: { capacityBytes: 1000 } },
  )
  await (await server.session.post(URL, { body: new Uint8Array(5_000_000) })).text()
  const next = server.session.get(URL)
  next.catch(() => {})
  await settle()
  server.session.abort()
  expect((await next).status).toBe(200)
})

// What comes back -------------------------------------------------------------------------------------------------------

test('P33 bytes that came before the first request of a connection was sent are never its answer', async () => {
  const { connector } = memoryServer((peer) => peer.writer.writeText(HELLO.replace('Hello', 'Smug!')))
  const eager: Connector = async (target, options) => {
    const stream = await connector(target, options)
    await settle() // such as the handshake of a proxy, or of TLS
    return stream
  }
  const { session } = memoryServer(() => {}, { connector: eager })
  await expect(session.get(URL).then((response) => response.text())).rejects.toMatchObject({
    code: 'ERR_HTTP_UNSOLICITED_RESPONSE',
  })
})

test('P37 a source that throws when the response of an error has begun does not take that away', async () => {
  let fail = (): void => {}
  async function* failing(): AsyncGenerator<string> {
    yield 'x'
    await new Promise<void>((resolve) => (fail = resolve))
    throw new Error('too late to matter')
  }
  const { session, peers } = memoryServer(async (peer) => {
    await peer.reader.readUntil('\r\n\r\n')
    peer.writer.writeText(HELLO.replace('200 OK', '413 Content Too Large').slice(0, -3))
  })
  const response = await session.post(URL, { body: failing() })
  const text = response.text()
  text.catch(() => {})
  await settle()
  fail()
  await settle()
  peers[0]?.writer.writeText('llo')
  expect(await text).toBe('Hello')
})

test('a chunked body that turns bad gives the same head, chunks and error however it is cut', async () => {
  const wire = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\nxyz\r\n'
  const outcomes = new Set<string>()
  for (let at = 1; at <= wire.length; at++) {
    const { session } = memoryServer(async (peer) => {
      await readRequest(peer)
      for (const piece of [wire.slice(0, at), wire.slice(at)]) {
        peer.writer.writeText(piece, 'latin1')
        await peer.writer.flush()
        await settle()
      }
    })
    let outcome = ''
    try {
      const response = await session.get(URL)
      outcome += `${response.status} `
      for await (const chunk of response) outcome += Buffer.from(chunk).toString()
    } catch (error) {
      const { code, phase } = error as { code: string; phase: string }
      outcome += ` ${code} in ${phase}`
    }
    outcomes.add(outcome)
  }
  expect([...outcomes]).toEqual(['200 Hello ERR_HTTP_PARSE in body'])
})

test('trailers are null before the end of the body, and where there can be none', async () => {
  const { session } = memoryServer(
    answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n', HELLO),
  )
  const unfinished = await session.get(URL)
  const counted = await session.get(URL)
  expect([unfinished.trailers, counted.trailers]).toEqual([null, null])
})

// What errors tell ------------------------------------------------------------------------------------------------------

async function errorOf(promise: Promise<unknown>): Promise<Record<string, unknown>> {
  return promise.then(
    () => ({ nothing: 'was wrong' }),
    (error: Record<string, unknown>) => error,
  )
}

const UNPARSABLE = [
  'http://user:secret@a b/',
  'http://user:se#secret@a.example/',
  'http://user:se/secret@a.example/',
  'http://user:se?secret@a.example/',
]

for (const url of UNPARSABLE) {
  test(`a URL that cannot be parsed shows its password nowhere, not in the cause either: ${url}`, () => {
    let error: unknown
    try {
      new UrlParser().parse(url)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ code: 'ERR_HTTP_INVALID_URL' })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('secret')
  })
}

const AFTER_THE_HEAD: { name: string; wire: string; read: (response: ClientResponse) => Promise<unknown> }[] =
  [
    { name: 'a body that is not JSON', wire: HELLO, read: (response) => response.json() },
    { name: 'a body that is too large', wire: HELLO, read: (response) => response.text() },
    { name: 'a body that is cut short', wire: HELLO.slice(0, -1), read: (response) => response.text() },
  ]

for (const { name, wire, read } of AFTER_THE_HEAD) {
  const phase = name.endsWith('JSON') ? 'decode' : 'body'
  test(`an error of ${name} says phase ${phase}, and that the request was sent`, async () => {
    const maxBodyBytes = name.endsWith('too large') ? 4 : 100
    const { session } = memoryServer(answeringOnce(wire), { maxBodyBytes })
    expect(await errorOf(read(await session.get(URL)))).toMatchObject({ phase, sent: 'all' })
  })
}

test('a time limit that passes while the response is awaited says that the request was sent', async () => {
  const { session, clock } = memoryServer(readRequest, { timeouts: { totalMs: 500 } })
  const failed = errorOf(session.post(URL, { body: 'x' }))
  await settle()
  clock.advance(500)
  expect(await failed).toMatchObject({ code: 'ERR_HTTP_TIMEOUT_TOTAL', phase: 'wait', sent: 'all' })
})

test('a time limit that passes while connecting says so', async () => {
  const { session, clock } = memoryServer(() => {}, {
    connector: () => new Promise(() => {}),
    timeouts: { totalMs: 500 },
  })
  const failed = errorOf(session.get(URL))
  await settle()
  clock.advance(500)
  expect(await failed).toMatchObject({ code: 'ERR_HTTP_TIMEOUT_TOTAL', phase: 'connect', sent: 'none' })
})

test('headersMs does not pass while a second connection is being opened', async () => {
  let dialCount = 0
  const { connector } = memoryServer(async (peer) => {
    await readRequest(peer)
    peer.writer.writeText(HELLO)
    await readRequest(peer)
    return peer.close()
  })
  const { session, clock } = memoryServer(() => {}, {
    connector: (target, options) => (dialCount++ === 0 ? connector(target, options) : new Promise(() => {})),
    timeouts: { headersMs: 500, totalMs: 9000 },
  })
  await (await session.get(URL)).text()
  const failed = errorOf(session.get(URL))
  await settle()
  clock.advance(9000)
  expect(await failed).toMatchObject({ code: 'ERR_HTTP_TIMEOUT_TOTAL' })
})

test('a connection that was lost before anything was written: nothing was sent, so the request may be sent again', async () => {
  const { connector, pairs } = memoryServer(() => {})
  const { session } = memoryServer(() => {}, {
    connector: async (target, options) => {
      const stream = await connector(target, options)
      pairs[0]?.clientToServer.reset()
      return stream
    },
  })
  expect(await errorOf(session.post(URL, { body: 'x' }))).toMatchObject({ sent: 'none', retriable: 'safe' })
})

const UPLOADS = [
  { name: 'of bytes', makeBody: () => new Uint8Array(5_000_000) },
  { name: 'of a source', makeBody: chunks },
]

for (const { name, makeBody } of UPLOADS) {
  test(`a connection that is reset in the middle of a long upload ${name}: phase send, partly sent`, async () => {
    const { session } = memoryServer(
      (peer) => peer.reader.readExactly(100_000),
      {},
      { clientToServer: { resetAfterBytes: 200_000 } },
    )
    expect(await errorOf(session.post(URL, { body: makeBody() }))).toMatchObject({
      code: 'ERR_HTTP_RESET',
      phase: 'send',
      sent: 'partial',
    })
  })
}

async function* chunks(): AsyncGenerator<Uint8Array> {
  for (let count = 0; count < 500; count++) yield new Uint8Array(10_000)
}

test('P22 a body that is cut off by a reset tells how much of it had arrived', async () => {
  const { session, pairs } = memoryServer(async (peer) => {
    await readRequest(peer)
    peer.writer.writeText(`HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n${'x'.repeat(600)}`)
    await peer.writer.flush()
    await settle()
    pairs[0]?.serverToClient.reset()
  })
  expect(await errorOf((await session.get(URL)).bytes())).toMatchObject({
    code: 'ERR_HTTP_BODY_INCOMPLETE',
    received: 600,
    expected: 1000,
  })
})

test('an address that the connector blocks is told as such', async () => {
  const blocked = Object.assign(new Error('blocked'), { code: 'ERR_TRANSPORT_ADDRESS_BLOCKED' })
  const { session } = memoryServer(() => {}, { connector: () => Promise.reject(blocked) })
  expect(await errorOf(session.get(URL))).toMatchObject({
    code: 'ERR_HTTP_ADDRESS_BLOCKED',
    phase: 'connect',
  })
})
