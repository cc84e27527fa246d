/** Connections that leave HTTP behind: 101 (Switching Protocols), and 2xx to CONNECT. */
import { expect, test } from 'vitest'
import type { Connection } from '@x/streams'
import { answering, HELLO, memoryServer, readRequest, settle } from './memory-server.test-support.ts'

const URL = 'http://a.example/chat'
const OFFER = { connection: 'Upgrade', upgrade: 'chat/1, websocket' }
const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\n\r\n'

test('P31 101 to an offer hands reader and writer over, with early bytes in place, at every split', async () => {
  const wire = `${SWITCHED}early`
  for (let at = 0; at <= wire.length; at++) {
    const { session, pairs, peers, clock } = memoryServer(async (peer) => {
      await readRequest(peer)
      for (const piece of [wire.slice(0, at), wire.slice(at)]) {
        peer.writer.writeText(piece)
        await peer.writer.flush()
        await settle()
      }
    })
    const response = await session.get(URL, { headers: OFFER })
    expect([response.status, response.headers.get('upgrade'), response.trailers]).toEqual([
      101,
      'WebSocket',
      null,
    ])
    const stream = response.takeConnection<Connection>()
    expect(stream).toBe(pairs[0]?.client)
    expect(await stream.reader.readExactly(5)).toEqual(new TextEncoder().encode('early'))
    stream.writer.writeText('hello')
    expect(await peers[0]?.reader.readExactly(5)).toEqual(new TextEncoder().encode('hello'))
    expect(() => response.takeConnection()).toThrow(expect.objectContaining({ code: 'ERR_HTTP_NO_TUNNEL' }))
    // The session ends without it, and time passes without harm.
    await session.close()
    clock.advance(10_000_000)
    expect([stream.writer.isClosing, clock.timerCount]).toEqual([false, 0])
  }
})

test('P31 content framing in a 101 has no meaning', async () => {
  const { session } = memoryServer(
    answering(
      SWITCHED.replace('\r\n\r\n', '\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n'),
    ),
  )
  const { reader } = (await session.get(URL, { headers: OFFER })).takeConnection<Connection>()
  expect(await reader.readLine()).toBe('5')
})

const REFUSED_SWITCHES = {
  'not asked for': [{}, SWITCHED],
  'asked for without Connection: upgrade': [{ upgrade: 'websocket' }, SWITCHED],
  'without Upgrade': [OFFER, SWITCHED.replace('Upgrade: WebSocket\r\n', '')],
  'without Connection: upgrade': [OFFER, SWITCHED.replace('Connection: upgrade\r\n', '')],
  'to another protocol': [OFFER, SWITCHED.replace('WebSocket', 'h2c')],
} satisfies Record<string, [Record<string, string>, string]>

for (const [name, [headers, wire]] of Object.entries(REFUSED_SWITCHES)) {
  test(`P30 101 ${name} is refused, and the connection closed`, async () => {
    const { session, openCount } = memoryServer(answering(wire))
    await expect(session.get(URL, { headers })).rejects.toMatchObject({
      name: 'ProtocolError',
      code: 'ERR_HTTP_UNSOLICITED_RESPONSE',
    })
    expect(openCount()).toBe(0)
  })
}

test('P30 101 while the request is still being sent is refused', async () => {
  const { session, openCount } = memoryServer(async (peer) => {
    await peer.reader.readUntil('\r\n\r\n')
    peer.writer.writeText(SWITCHED)
  })
  const body = (async function* hanging() {
    yield 'x'
    await new Promise(() => {})
  })()
  await expect(session.post(URL, { headers: OFFER, body })).rejects.toMatchObject({
    code: 'ERR_HTTP_UNSOLICITED_RESPONSE',
  })
  expect(openCount()).toBe(0)
})

test('an offer that is not taken up is an ordinary exchange', async () => {
  const { session, pairs } = memoryServer(answering(HELLO))
  for (let count = 0; count < 2; count++) {
    const response = await session.get(URL, { headers: OFFER })
    expect(() => response.takeConnection()).toThrow(expect.objectContaining({ code: 'ERR_HTTP_NO_TUNNEL' }))
    expect(await response.text()).toBe('Hello')
  }
  expect(pairs.length).toBe(1)
})

test('a tunnel that nobody takes: discarded, aborted, forgotten', async () => {
  const { session, openCount, clock } = memoryServer(answering(SWITCHED))
  const discarded = await session.get(URL, { headers: OFFER })
  expect(await discarded.bytes()).toEqual(new Uint8Array(0))
  discarded.discard()
  expect(() => discarded.takeConnection()).toThrow('the response was discarded')
  expect(openCount()).toBe(0)

  const controller = new AbortController()
  const aborted = await session.get(URL, { headers: OFFER, signal: controller.signal })
  controller.abort(new Error('enough'))
  expect(() => aborted.takeConnection()).toThrow('enough')
  expect(openCount()).toBe(0)

  const forgotten = await session.get(URL, { headers: OFFER, timeouts: { bodyIdleMs: 1000 } })
  expect(openCount()).toBe(1)
  clock.advance(1000)
  await settle()
  expect(() => forgotten.takeConnection()).toThrow(
    expect.objectContaining({ code: 'ERR_HTTP_TIMEOUT_BODY_IDLE' }),
  )
  expect([openCount(), clock.timerCount]).toEqual([0, 0])
})

const PROXY = 'http://user:p%40ss@proxy.example:3128/ignored?so'

test('P31 2xx to CONNECT hands the connection over, whatever its fields say', async () => {
  const heads: (string | null)[] = []
  const { session, peers } = memoryServer(async (peer) => {
    heads.push(await readRequest(peer))
    peer.writer.writeText(
      'HTTP/1.1 299 Open\r\nContent-Length: 1000\r\nTransfer-Encoding: chunked\r\n\r\n220 mail\r\n',
    )
  })
  const response = await session.connect(PROXY, 'a.example:25', { headers: { 'x-trace': '1' } })
  expect(response.url).toBe('a.example:25')
  const { reader, writer } = response.takeConnection<Connection>()
  expect(await reader.readLine()).toBe('220 mail')
  writer.writeText('EHLO\r\n')
  expect(await peers[0]?.reader.readLine()).toBe('EHLO')
  const lines = heads[0]?.split('\n') ?? []
  expect(lines.slice(0, 2)).toEqual(['CONNECT a.example:25 HTTP/1.1', 'Host: a.example:25'])
  expect(lines).toContain('x-trace: 1')
  expect(lines).toContain(`Proxy-Authorization: Basic ${btoa('user:p@ss')}`)
  expect(heads[0]).not.toMatch(/^(?:authorization|content-length|transfer-encoding):/im)
})

test('P32 another answer to CONNECT is an ordinary response, and the connection goes on', async () => {
  const answer = 'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno'
  const { session, pairs } = memoryServer(
    answering(answer, 'HTTP/1.1 301 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n'),
  )
  const response = await session.connect(PROXY, '[::1]:443')
  expect([response.status, await response.text()]).toEqual([407, 'no'])
  expect(() => response.takeConnection()).toThrow('no connection to hand over')
  expect((await session.connect(PROXY, '[::1]:443')).status).toBe(301)
  expect(pairs.length).toBe(1)
})

for (const authority of [
  '',
  'a.example',
  'a.example:',
  'a:70000',
  'user@a:1',
  'a b:1',
  'a:1\r\nX: y',
  'http://a:1',
  '::1:1',
]) {
  test(`an authority of ${JSON.stringify(authority)} is refused, nothing is sent`, async () => {
    const { session, pairs } = memoryServer(() => {})
    await expect(session.connect(PROXY, authority)).rejects.toMatchObject({ code: 'ERR_HTTP_INVALID_URL' })
    expect(pairs.length).toBe(0)
  })
}

test('CONNECT as a method of a request is refused; a body with connect too', async () => {
  const { session } = memoryServer(() => {})
  await expect(session.request('CONNECT', URL)).rejects.toMatchObject({ code: 'ERR_HTTP_INVALID_METHOD' })
  await expect(session.connect(PROXY, 'a:1', { body: 'x' } as object)).rejects.toMatchObject({
    code: 'ERR_HTTP_INVALID_OPTION',
  })
})
