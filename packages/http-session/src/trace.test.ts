/** What is told of requests and connections, in which order and with which times; and that nobody pays who does not listen. */
import { channel } from 'node:diagnostics_channel'
import { expect, test } from 'vitest'
import { diagnosticsChannels } from './diagnostics.ts'
import type { TraceEvent } from './index.ts'
import { answering, HELLO, memoryServer, readRequest, settle } from './memory-server.test-support.ts'
import { Timeline } from './trace.ts'
import { uncaughtIn } from './uncaught.test-support.ts'

const URL = 'http://a.example/'
const typesOf = (events: TraceEvent[]): string[] => events.map(({ type }) => type)

test('the steps of a request, on a new connection and on a kept one', async () => {
  const events: TraceEvent[] = []
  const { session } = memoryServer(answering(HELLO), { onTrace: (event) => events.push(event) })
  await session.post(URL, { body: 'abc' }).text()
  expect(typesOf(events)).toEqual(['queued', 'connected', 'sent', 'firstByte', 'headers', 'body'])
  expect(events.find(({ type }) => type === 'sent')).toMatchObject({
    requestId: 1,
    method: 'POST',
    url: URL,
    attempts: 1,
    byteCount: 3,
  })
  expect(events.at(-1)).toMatchObject({ byteCount: 5 })
  events.length = 0
  await session.get(URL).text()
  expect(typesOf(events)).toEqual(['queued', 'reused', 'sent', 'firstByte', 'headers', 'body'])
  expect(events[0]).toMatchObject({ requestId: 2 })
  events.length = 0
  await session.close()
  await settle()
  expect(events).toEqual([
    { type: 'closed', at: expect.any(Number) as unknown, origin: 'http://a.example', exchangeCount: 2 },
  ])
})

test('a session that extends another hears of the end of the connections that it was told of', async () => {
  const heard: string[] = []
  const listener =
    (name: string) =>
    (event: TraceEvent): void => {
      const { type } = event
      if (type === 'connected') heard.push(`${name}: ${new globalThis.URL(event.url).origin} connected`)
      if (type === 'reused') heard.push(`${name}: reused`)
      if (type === 'closed') heard.push(`${name}: ${event.origin} closed after ${event.exchangeCount}`)
    }
  const { session } = memoryServer(answering(HELLO), { onTrace: listener('first') })
  const second = session.extend({ onTrace: listener('second') })
  const silent = session.extend({ headers: {} })
  await session.get(URL).text()
  await second.get(URL).text()
  await second.get('http://b.example/').text()
  await session.preconnect('http://c.example/', { count: 2 })
  await second.get('http://c.example/').text()
  await silent.get('http://d.example/').text()
  expect(heard.splice(0)).toEqual([
    'first: http://a.example connected',
    'second: reused',
    'second: http://b.example connected',
    'second: http://c.example connected',
    'first: http://d.example connected',
  ])
  await session.close()
  await settle()
  expect(heard.toSorted()).toEqual([
    'first: http://a.example closed after 2',
    'first: http://b.example closed after 1',
    'first: http://c.example closed after 0',
    'first: http://c.example closed after 1',
    'first: http://d.example closed after 1',
    'second: http://b.example closed after 1',
    'second: http://c.example closed after 1',
  ])
})

test('a session without a listener, and one that extends it with one', async () => {
  const events: TraceEvent[] = []
  const { session } = memoryServer(answering(HELLO))
  const second = session.extend({ onTrace: (event) => events.push(event) })
  await session.get(URL).text()
  await second.get('http://b.example/').text()
  await session.close()
  await settle()
  const closed = events.filter((event) => event.type === 'closed')
  expect(closed.map(({ origin }) => origin)).toEqual(['http://b.example'])
})

test('redirects and stale connections', async () => {
  const events: TraceEvent[] = []
  const moved = 'HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n'
  const { session } = memoryServer(
    async (peer, index) => {
      await readRequest(peer)
      peer.writer.writeText(index === 0 ? moved : HELLO, 'latin1')
      await readRequest(peer)
      await peer.close()
    },
    { onTrace: (event) => events.push(event) },
  )
  await session.get(URL).text()
  const told = events.filter(({ type }) => type !== 'closed')
  expect(typesOf(told)).toEqual([
    ...['queued', 'connected', 'sent', 'firstByte', 'headers', 'body', 'redirect'],
    ...['queued', 'reused', 'sent', 'retry'],
    ...['queued', 'connected', 'sent', 'firstByte', 'headers', 'body'],
  ])
  expect(told.find(({ type }) => type === 'redirect')).toMatchObject({ status: 302, location: `${URL}b` })
  expect(new Set(told.map((event) => ('requestId' in event ? event.requestId : 0)))).toEqual(new Set([1]))
})

test('through middlewares the same steps are told, and requests that they send again', async () => {
  const events: TraceEvent[] = []
  const moved = 'HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n'
  const { session } = memoryServer(answering(moved, HELLO, HELLO), {
    onTrace: (event) => events.push(event),
    middleware: [
      async (request, next) => {
        const response = await next(request)
        if (!request.url.endsWith('b')) return response
        response.discard()
        return next(request)
      },
    ],
  })
  await session.get(URL).text()
  const steps = typesOf(events).filter((type) => /retry|redirect|headers/.test(type))
  expect(steps).toEqual(['headers', 'redirect', 'headers', 'retry', 'headers'])
})

test('a request that fails says why', async () => {
  const events: TraceEvent[] = []
  const { session } = memoryServer(
    async (peer) => {
      await readRequest(peer)
      await peer.close()
    },
    { onTrace: (event) => events.push(event) },
  )
  const error: unknown = await session.get(URL).catch((thrown: unknown) => thrown)
  expect(events.filter(({ type }) => type === 'failed')).toMatchObject([{ error }])
})

test('timings of a response', async () => {
  const server = memoryServer(async (peer) => {
    await readRequest(peer)
    server.clock.advance(30)
    peer.writer.writeText('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na', 'latin1')
    await settle()
    server.clock.advance(12)
    peer.writer.writeText('b', 'latin1')
  })
  const response = await server.session.get(URL)
  expect(response.timings).toMatchObject({ reused: false, waitMs: 30, bodyMs: null, totalMs: null })
  await response.text()
  expect(response.timings).toEqual({
    reused: false,
    queueMs: 0,
    dnsMs: null,
    connectMs: 0,
    proxyMs: null,
    tlsMs: null,
    sendMs: 0,
    waitMs: 30,
    bodyMs: 12,
    totalMs: 42,
  })
})

test('the steps of a dial take from their beginning to that of the next', () => {
  const timeline = new Timeline(100)
  timeline.dial = { startedAt: 101, dnsAt: 102, connectAt: 104, proxyAt: null, tlsAt: 109, connectedAt: 117 }
  timeline.sendingAt = 120
  timeline.sentAt = 125
  timeline.headersAt = 135
  expect(timeline.timings()).toEqual({
    reused: false,
    queueMs: 20,
    dnsMs: 2,
    connectMs: 5,
    proxyMs: null,
    tlsMs: 8,
    sendMs: 5,
    waitMs: 10,
    bodyMs: null,
    totalMs: null,
  })
})

test('what a listener throws harms no request', async () => {
  const error = new Error('of the listener')
  const uncaught = await uncaughtIn(async () => {
    const { session } = memoryServer(answering(HELLO), {
      onTrace: () => {
        throw error
      },
    })
    expect(await session.get(URL).text()).toBe('Hello')
  })
  expect(new Set(uncaught)).toEqual(new Set([error]))
})

test('diagnostics channels: nothing is traced before somebody subscribes', async () => {
  const messages: unknown[] = []
  const { session } = memoryServer(answering(HELLO), { onTrace: diagnosticsChannels })
  await session.get(URL).text()
  const listen = (message: unknown): void => void messages.push(message)
  const headers = channel('http-session:headers')
  headers.subscribe(listen)
  await session.get(URL).text()
  headers.unsubscribe(listen)
  await session.get(URL).text()
  expect(messages).toMatchObject([{ type: 'headers', status: 200, requestId: 1, url: URL }])
})
