import { expect, test } from 'vitest'
import { eventSource } from './event-source.ts'
import type { EventStream, EventSourceOptions } from './event-source.ts'
import { fieldOf, memoryServer, readRequest, settle } from './memory-server.test-support.ts'
import type { MemoryServer, Script } from './memory-server.test-support.ts'

const URL = 'http://a.example/events'
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream;charset=utf-8\r\nConnection: close\r\n\r\n'

/** One entry for each connection: what is written behind the head; `null` at its end keeps it open. */
function streams(requests: string[], ...contents: (string | readonly [string, null])[]): Script {
  return async (peer, index) => {
    const request = await readRequest(peer)
    if (request === null) return
    requests.push(request)
    const content = contents[index] ?? 'HTTP/1.1 204 X\r\nConnection: close\r\n\r\n'
    const text = typeof content === 'string' ? content : content[0]
    peer.writer.writeText(text.startsWith('HTTP') ? text : HEAD + text, 'latin1')
    if (typeof content === 'string') await peer.close()
  }
}

interface World extends MemoryServer {
  readonly source: EventStream
  readonly got: string[]
  readonly requests: string[]
  readonly outcome: { value?: unknown }
}

/** Reads all events at once, as they come. */
function world(options: EventSourceOptions, ...contents: Parameters<typeof streams>[1][]): World {
  const requests: string[] = []
  const server = memoryServer(streams(requests, ...contents))
  const source = eventSource(server.session, URL, { clock: server.clock, random: () => 0, ...options })
  const got: string[] = []
  const outcome: { value?: unknown } = {}
  const read = async (): Promise<string> => {
    for await (const { type, data, lastEventId } of source) got.push(`${type} ${data} ${lastEventId}`)
    return 'ended'
  }
  read().then(
    (value) => (outcome.value = value),
    (error: unknown) => (outcome.value = error),
  )
  return { ...server, source, got, requests, outcome }
}

test('events come, the stream is asked for again with the last id after the wait, and ends with 204', async () => {
  const { got, requests, clock, outcome, source } = world({}, 'id: 1\ndata: a\n\n', 'retry: 150\ndata: b\n\n')
  await settle()
  expect(got).toEqual(['message a 1'])
  clock.advance(2999)
  await settle()
  expect(requests).toHaveLength(1)
  clock.advance(1)
  await settle()
  expect(got).toEqual(['message a 1', 'message b 1'])
  clock.advance(150)
  await settle()
  expect(outcome.value).toBe('ended')
  expect(requests.map((request) => fieldOf(request, 'last-event-id'))).toEqual([undefined, '1', '1'])
  expect(fieldOf(requests[0]!, 'accept')).toBe('text/event-stream')
  expect(fieldOf(requests[0]!, 'cache-control')).toBe('no-store')
  expect(source.lastEventId).toBe('1')
  expect(clock.timerCount).toBe(0)
})

test('the caller’s fields, method, body and beginning', async () => {
  const { requests } = world({
    method: 'POST',
    request: { json: { a: 1 }, headers: { accept: 'a/b', 'X-C': ['d', 'e'] } },
    lastEventId: 'é7',
  })
  await settle()
  expect(requests[0]).toMatch(/^POST \/events HTTP/)
  expect(requests[0]).toMatch(/\{"a":1\}$/)
  expect(fieldOf(requests[0]!, 'accept')).toBe('a/b')
  expect(requests[0]).toMatch(/X-C: d\nX-C: e\n/)
  expect(fieldOf(requests[0]!, 'last-event-id')).toBe('\xc3\xa97')
})

test('a field that the caller leaves out is left out', async () => {
  const { requests } = world({
    request: { headers: { 'Cache-Control': undefined, 'User-Agent': undefined, 'Last-Event-ID': 'mine' } },
    lastEventId: '7',
  })
  await settle()
  expect([fieldOf(requests[0]!, 'cache-control'), fieldOf(requests[0]!, 'user-agent')]).toEqual([
    undefined,
    undefined,
  ])
  expect(requests[0]?.match(/Last-Event-ID: .*/gi)).toEqual(['Last-Event-ID: 7'])
})

test('a stream that breaks off is asked for again; what came before is there', async () => {
  const broken =
    'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 99\r\n\r\nid: 4\ndata: a\n\ndata: b'
  const { got, requests, clock } = world({ retryMs: 110 }, broken, ['data: c\n\n', null])
  await settle()
  clock.advance(110)
  await settle()
  expect(got).toEqual(['message a 4', 'message c 4'])
  expect(fieldOf(requests[1]!, 'last-event-id')).toBe('4')
})

test('failures in a row: longer and longer waits, then the error; a stream in between begins anew', async () => {
  const nothing = 'HTTP/1.1 2'
  const { requests, clock, outcome, got } = world(
    { retryMs: 100, maxRetryMs: 300, maxFailures: 2 },
    nothing,
    nothing,
    'data: a\n\n',
    nothing,
    nothing,
    nothing,
  )
  for (const wait of [200, 300, 100, 200, 300]) {
    await settle()
    const before = requests.length
    clock.advance(wait - 1)
    await settle()
    expect(requests).toHaveLength(before)
    clock.advance(1)
  }
  await settle()
  expect(got).toEqual(['message a '])
  expect(outcome.value).toMatchObject({ code: 'ERR_HTTP_PEER_CLOSED', url: URL })
  expect(requests).toHaveLength(6)
})

test('a server that says retry: 0 and ends is not asked more often than every 100 ms', async () => {
  const { requests, clock, got } = world({}, 'retry: 0\ndata: a\n\n', 'retry: 0\n\n', 'retry: 0\n\n', [
    '',
    null,
  ])
  for (let count = 1; count < 4; count++) {
    await settle()
    clock.advance(99)
    await settle()
    expect(requests).toHaveLength(count)
    clock.advance(1)
  }
  await settle()
  expect(requests).toHaveLength(4)
  expect(got).toEqual(['message a '])
})

test('streams that break off before an event are failures in a row; an event ends the row', async () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 99\r\n\r\n: hello\n\n'
  const { requests, clock, outcome, got } = world(
    { retryMs: 100, maxFailures: 2 },
    head,
    head,
    `${head}data: a\n\n`,
    head,
    head,
    head,
  )
  for (const wait of [200, 400, 100, 200, 400]) {
    await settle()
    const before = requests.length
    clock.advance(wait - 1)
    await settle()
    expect(requests).toHaveLength(before)
    clock.advance(1)
  }
  await settle()
  expect(got).toEqual(['message a '])
  expect(outcome.value).toMatchObject({ code: 'ERR_HTTP_BODY_INCOMPLETE' })
  expect(requests).toHaveLength(6)
})

test('silence for bodyIdleMs is no failure', async () => {
  const { requests, clock, outcome } = world(
    { retryMs: 100, maxFailures: 0, request: { timeouts: { bodyIdleMs: 500 } } },
    ['', null],
    ['', null],
    ['', null],
  )
  for (let count = 1; count < 4; count++) {
    await settle()
    expect(requests).toHaveLength(count)
    clock.advance(500)
    await settle()
    clock.advance(100)
  }
  expect(outcome.value).toBe(undefined)
})

const REFUSED = [
  {
    name: 'another status',
    head: 'HTTP/1.1 503 X\r\nContent-Type: text/event-stream',
    code: 'STATUS',
    status: 503,
  },
  {
    name: 'a status that only looks good',
    head: 'HTTP/1.1 201 X\r\nContent-Type: text/event-stream',
    code: 'STATUS',
    status: 201,
  },
  { name: 'another type', head: 'HTTP/1.1 200 X\r\nContent-Type: text/html', code: 'TYPE', status: 200 },
  {
    name: 'a longer type',
    head: 'HTTP/1.1 200 X\r\nContent-Type: text/event-streams',
    code: 'TYPE',
    status: 200,
  },
  { name: 'no type', head: 'HTTP/1.1 200 X', code: 'TYPE', status: 200 },
]
for (const { name, head, code, status } of REFUSED) {
  test(`no stream: ${name} is an error, and nothing is asked for again`, async () => {
    const { outcome, clock, openCount } = world({}, [
      `${head}\r\nContent-Length: 100000\r\n\r\ndata: a\n\n`,
      null,
    ])
    await settle()
    expect(outcome.value).toMatchObject({ code: `ERR_HTTP_EVENT_${code}`, url: URL, status })
    await settle()
    expect([clock.timerCount, openCount()]).toEqual([0, 0])
  })
}

test('limits end the stream', async () => {
  const { outcome, got, openCount } = world({ maxLineBytes: 10 }, ['data: a\n\ndata: 12345678', null])
  await settle()
  expect(got).toEqual(['message a '])
  expect(outcome.value).toMatchObject({ code: 'ERR_HTTP_EVENT_LINE_TOO_LONG' })
  expect(openCount()).toBe(0)
})

for (const when of ['before', 'reading', 'waiting'] as const) {
  test(`abort while ${when}: throws the reason, and leaves nothing behind`, async () => {
    const controller = new AbortController()
    if (when === 'before') controller.abort('mine')
    const { outcome, clock, openCount } = world(
      { signal: controller.signal },
      when === 'waiting' ? 'data: a\n\n' : ['data: a\n\n', null],
    )
    await settle()
    controller.abort('mine')
    await settle()
    expect(outcome.value).toBe('mine')
    expect([clock.timerCount, openCount()]).toEqual([0, 0])
  })

  test(`return while ${when}: whoever waits is told of the end`, async () => {
    const { source, outcome, clock, openCount } = world(
      {},
      when === 'waiting' ? 'data: a\n\n' : ['data: a\n\n', null],
    )
    if (when !== 'before') await settle()
    expect(await source.return()).toEqual({ done: true, value: undefined })
    await settle()
    expect(outcome.value).toBe('ended')
    // A connection that was being opened is the session's, for the next request.
    if (when !== 'before') expect([clock.timerCount, openCount()]).toEqual([0, 0])
    expect(await source.next()).toEqual({ done: true, value: undefined })
  })
}

test('to leave the loop closes the connection', async () => {
  const { session, openCount, clock } = memoryServer(streams([], ['data: a\n\ndata: b\n\n', null]))
  for await (const { data } of eventSource(session, URL, { clock })) {
    expect(data).toBe('a')
    break
  }
  await settle()
  expect(openCount()).toBe(0)
})

test('onOpen sees each head; what it throws ends the stream', async () => {
  const statuses: number[] = []
  const first = world(
    { retryMs: 0, onOpen: ({ status }) => void statuses.push(status) },
    'data: a\n\n',
    'data: b\n\n',
  )
  await settle()
  first.clock.advance(100)
  await settle()
  expect(statuses).toEqual([200, 200])
  const mine = new Error('mine')
  const onOpen = (): never => {
    throw mine
  }
  const second = world({ onOpen }, ['data: a\n\n', null])
  await settle()
  expect(second.outcome.value).toBe(mine)
  expect(second.openCount()).toBe(0)
})

test('a session that is closed, and options that are wrong', async () => {
  const { session } = memoryServer(() => {})
  await session.close({ graceMs: 0 })
  await expect(eventSource(session, URL).next()).rejects.toMatchObject({ code: 'ERR_HTTP_SESSION_CLOSED' })
  for (const options of [
    { retry: 1 },
    { retryMs: -1 },
    { maxLineBytes: 0 },
    { lastEventId: 'a\n' },
    { random: 1 },
  ])
    expect(() => eventSource(session, URL, options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_HTTP_INVALID_OPTION' }),
    )
})

test('an id of any length is sent back', async () => {
  const ids: (string | undefined)[] = []
  const id = 'é'.repeat(200_000)
  const { session, clock } = memoryServer(() => {}, {
    middleware: [
      (request) => {
        ids.push(request.headers.get('last-event-id'))
        const stream = { status: 200, headers: { 'Content-Type': 'text/event-stream' } }
        const body = `retry: 0\nid: ${id}\ndata: text\n\n`
        return Promise.resolve(request.respond(ids.length > 1 ? { status: 204 } : { ...stream, body }))
      },
    ],
  })
  const source = eventSource(session, URL, { clock })
  expect((await source.next()).value?.lastEventId).toBe(id)
  const end = source.next()
  await settle()
  clock.advance(100)
  expect(await end).toEqual({ done: true, value: undefined })
  expect(ids).toEqual([undefined, Buffer.from(id).toString('latin1')])
})
