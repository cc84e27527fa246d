/** Requests that become one, over connections in memory, with a clock that moves only when told to. */
import { gzipSync } from 'node:zlib'
import type { ClientResponse } from '@x/http-session'
import type { Connection } from '@x/streams'
import { expect, test } from 'vitest'
import { coalesce } from './index.ts'
import type { CoalesceOptions } from './index.ts'
import { memoryServer, readRequest, responseText, settle } from './memory-server.test-support.ts'
import type { MemoryServer } from './memory-server.test-support.ts'

const URL = 'http://a.example/'
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'

interface Asked {
  readonly text: string
  send(text: string): Promise<void>
  /** Breaks the connection off. */
  end(): void
}

/** A server that answers when told to. */
function server(options: CoalesceOptions = {}): MemoryServer & { asked: Asked[] } {
  const asked: Asked[] = []
  const made = memoryServer(
    async (peer: Connection) => {
      for (let text = await readRequest(peer); text !== null; text = await readRequest(peer))
        asked.push({
          text,
          send: async (response) => {
            if (!peer.writer.isClosing) peer.writer.writeText(response, 'latin1')
            await settle()
          },
          end: () => peer.abort(new Error('gone')),
        })
    },
    { middleware: [coalesce(options)] },
  )
  return { ...made, asked }
}

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`
}

async function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(null, (error: unknown) => error)
}

async function readBySteps(response: ClientResponse): Promise<string> {
  let text = ''
  for await (const bytes of response) {
    text += new TextDecoder().decode(bytes)
    bytes.fill(0x2e)
    await settle()
  }
  return text
}

async function nothingLeft({ session, clock, openCount }: MemoryServer): Promise<void> {
  await session.close({ graceMs: 0 })
  await settle()
  clock.advance(60_000) // the server's end has time limits of its own
  expect(clock.timerCount).toBe(0)
  expect(openCount()).toBe(0)
}

test('requests that are the same are one exchange, and each caller has bytes of its own', async () => {
  const made = server()
  const all = [1, 2, 3].map(() => made.session.get(URL).bytes())
  await settle()
  expect(made.asked.length).toBe(1)
  await made.asked[0]!.send(responseText(200, { 'X-A': 'b' }, 'abc'))
  const bodies = await Promise.all(all)
  bodies[0]!.fill(0)
  expect(new TextDecoder().decode(bodies[1])).toBe('abc')
  bodies[1]!.fill(0)
  expect(new TextDecoder().decode(bodies[2])).toBe('abc')
  const later = made.session.get(URL)
  await settle()
  expect(made.asked.length).toBe(2)
  await made.asked[1]!.send(responseText(200))
  await later
  await nothingLeft(made)
})

test('status, fields, trailers and codings are the same for all', async () => {
  const made = server()
  const all = [1, 2].map(() => made.session.get(URL))
  await settle()
  const head =
    'HTTP/1.1 418 Teapot\r\nX-A: b\r\nContent-Encoding: unknown\r\nTransfer-Encoding: chunked\r\n\r\n'
  await made.asked[0]!.send(`${head}${chunk('abc')}0\r\nX-T: u\r\n\r\n`)
  for (const response of await Promise.all(all)) {
    const { status, reasonPhrase, contentCodings, url } = response
    expect([status, reasonPhrase, contentCodings, url]).toEqual([418, 'Teapot', ['unknown'], URL])
    expect(response.headers.get('x-a')).toBe('b')
    expect(await response.text()).toBe('abc')
    expect(response.trailers?.get('x-t')).toBe('u')
  }
})

test('HEAD, and statuses without content', async () => {
  const made = server()
  const all = [made.session.head(URL), made.session.head(URL), made.session.get(URL), made.session.get(URL)]
  await settle()
  expect(made.asked.length).toBe(2)
  for (const { text, send } of made.asked)
    await send(
      text.startsWith('HEAD')
        ? 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'
        : 'HTTP/1.1 304 Not Modified\r\n\r\n',
    )
  const responses = await Promise.all(all)
  expect(await Promise.all(responses.map((response) => response.text()))).toEqual(['', '', '', ''])
  expect(responses.map(({ status }) => status)).toEqual([200, 200, 304, 304])
})

test('what differs is asked for apart, but for ignored fields', async () => {
  const made = server({ ignoredFields: ['X-Request-Id'] })
  const options = [{ a: '1' }, { a: '2' }, { cookie: 'a' }, { a: '1', 'X-Request-ID': 'x' }]
  const all = options.map((headers) => made.session.get(URL, { headers }))
  all.push(made.session.post(URL), made.session.post(URL))
  await settle()
  expect(made.asked.length).toBe(5)
  for (const { send } of made.asked) await send(responseText(200))
  await Promise.all(all)
})

test('who wants content as it was sent does not share with who does not', async () => {
  const made = server()
  const headers = { 'Accept-Encoding': 'gzip' }
  const all = [{}, { contentDecoding: false as const }, {}, { contentDecoding: { maxRatio: 7 } }].map(
    (options) => made.session.get(URL, { headers, ...options }).bytes(),
  )
  await settle()
  expect(made.asked.length).toBe(3)
  const coded = gzipSync('text').toString('latin1')
  for (const { send } of made.asked) await send(responseText(200, { 'Content-Encoding': 'gzip' }, coded))
  const texts = (await Promise.all(all)).map((bytes) => Buffer.from(bytes).toString('latin1'))
  expect(texts).toEqual(['text', coded, 'text', 'text'])
})

test('the first caller reads while it comes, the others when it is whole', async () => {
  const made = server()
  const [first, second] = [made.session.get(URL), made.session.get(URL)]
  await settle()
  await made.asked[0]!.send(`${CHUNKED}${chunk('abc')}`)
  const reading = readBySteps(await first)
  await made.asked[0]!.send(chunk('def'))
  const third = made.session.get(URL)
  await made.asked[0]!.send('0\r\n\r\n')
  expect(await reading).toBe('abcdef')
  expect(await readBySteps(await second)).toBe('abcdef')
  expect(await third.text()).toBe('abcdef')
  expect(made.asked.length).toBe(1)
  await nothingLeft(made)
})

test('a first caller that does not read keeps nobody waiting', async () => {
  const made = server()
  const [first, second] = [made.session.get(URL), made.session.get(URL)]
  await settle()
  await made.asked[0]!.send(CHUNKED)
  const response = await first
  await made.asked[0]!.send(`${chunk('abc')}0\r\n\r\n`)
  expect(await second.text()).toBe('abc')
  expect(await response.text()).toBe('abc')
})

test('a first caller that gives its response up keeps it coming for the others, and ends it with the last', async () => {
  const made = server()
  const controller = new AbortController()
  const [first, second] = [made.session.get(URL), made.session.get(URL, { signal: controller.signal })]
  const outcome = outcomeOf(second)
  await settle()
  await made.asked[0]!.send(`${CHUNKED}${chunk('abc')}`)
  const left = await first
  left.discard()
  const third = made.session.get(URL, { signal: controller.signal })
  await made.asked[0]!.send(chunk('def'))
  expect(made.openCount()).toBe(1)
  expect(made.asked.length).toBe(1)
  const last = outcomeOf(third)
  controller.abort(new Error('enough'))
  expect(await outcome).toMatchObject({ message: 'enough' })
  expect(await last).toMatchObject({ message: 'enough' })
  await settle()
  expect(made.openCount()).toBe(0)
  await nothingLeft(made)
})

test('a first caller that gives up what it waits for hears of it at once', async () => {
  const made = server()
  const [first, second] = [made.session.get(URL), made.session.get(URL)]
  await settle()
  await made.asked[0]!.send(`${CHUNKED}${chunk('abc')}`)
  const left = await first
  const outcome = outcomeOf(left.text())
  await settle()
  left.discard()
  expect(await outcome).toMatchObject({ code: 'ERR_HTTP_BODY_INCOMPLETE' })
  await made.asked[0]!.send('0\r\n\r\n')
  expect(await second.text()).toBe('abc')
})

test('a response that the only caller gives up is given up', async () => {
  const made = server()
  const first = made.session.get(URL)
  await settle()
  await made.asked[0]!.send(`${CHUNKED}${chunk('abc')}`)
  const left = await first
  left.discard()
  await settle()
  expect(made.openCount()).toBe(0)
  const next = made.session.get(URL).text()
  await settle()
  await made.asked[1]!.send(responseText(200, {}, 'def'))
  expect(await next).toBe('def')
})

for (const where of ['head', 'content'] as const) {
  for (const end of ['abort', 'total'] as const) {
    test(`the first caller leaves before the ${where} (${end}): the next one asks again, for all others`, async () => {
      const made = server()
      const controller = new AbortController()
      const timeouts = { totalMs: 1000 }
      const first = outcomeOf(made.session.get(URL, { signal: controller.signal, timeouts }).text())
      await settle()
      made.clock.advance(500)
      const others = [1, 2].map(() => made.session.get(URL, { timeouts }).text())
      await settle()
      expect(made.asked.length).toBe(1)
      if (where === 'content') await made.asked[0]!.send(`${CHUNKED}${chunk('abc')}`)
      if (end === 'abort') controller.abort(new Error('enough'))
      else made.clock.advance(500)
      expect(await first).toMatchObject(
        end === 'abort' ? { message: 'enough' } : { code: 'ERR_HTTP_TIMEOUT_TOTAL' },
      )
      await settle()
      expect(made.asked.length).toBe(2)
      await made.asked[1]!.send(responseText(200, {}, 'done'))
      expect(await Promise.all(others)).toEqual(['done', 'done'])
      await nothingLeft(made)
    })
  }
}

test('another caller leaves alone', async () => {
  const made = server()
  const controller = new AbortController()
  const first = made.session.get(URL).text()
  const second = outcomeOf(made.session.get(URL, { signal: controller.signal }))
  await settle()
  controller.abort(new Error('enough'))
  expect(await second).toMatchObject({ message: 'enough' })
  await made.asked[0]!.send(responseText(200, {}, 'abc'))
  expect(await first).toBe('abc')
  await nothingLeft(made)
})

for (const where of ['head', 'content'] as const) {
  test(`an error before the ${where} is the error of all`, async () => {
    const made = server()
    const all = [1, 2, 3].map(() => outcomeOf(made.session.get(URL).text()))
    await settle()
    if (where === 'content') await made.asked[0]!.send(`${CHUNKED}${chunk('abc')}`)
    made.asked[0]!.end()
    const code = where === 'head' ? 'ERR_HTTP_PEER_CLOSED' : 'ERR_HTTP_BODY_INCOMPLETE'
    for (const error of await Promise.all(all)) expect(error).toMatchObject({ code })
    expect(made.asked.length).toBe(1)
    await nothingLeft(made)
  })
}

const ALONE: { name: string; head: string; pieces: string[]; options?: CoalesceOptions }[] = [
  { name: 'its length', head: 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n', pieces: ['abcdef'] },
  { name: 'too much of it', head: CHUNKED, pieces: [chunk('abc'), chunk('def'), '0\r\n\r\n'] },
  {
    name: 'its type',
    head: CHUNKED.replace('\r\n', '\r\nContent-Type: text/event-stream\r\n'),
    pieces: [chunk('abcdef'), '0\r\n\r\n'],
  },
]
for (const { name, head, pieces } of ALONE) {
  test(`the first caller has it alone by ${name}`, async () => {
    const made = server({ maxBodyBytes: 5 })
    const all = [1, 2, 3].map(() => made.session.get(URL))
    await settle()
    await made.asked[0]!.send(head)
    const reading = readBySteps(await all[0]!)
    for (const piece of pieces) await made.asked[0]!.send(piece)
    expect(await reading).toBe('abcdef')
    expect(made.asked.length).toBe(3)
    for (const { send } of made.asked.slice(1)) await send(head + pieces.join(''))
    for (const response of all.slice(1)) expect(await (await response).text()).toBe('abcdef')
    await nothingLeft(made)
  })
}

test('what takes too long is the first caller’s alone: at its next bytes, or when somebody else asks', async () => {
  const made = server({ maxCollectMs: 100 })
  const all = [1, 2].map(() => made.session.get(URL))
  await settle()
  await made.asked[0]!.send(`${CHUNKED}${chunk('abc')}`)
  made.clock.advance(101)
  await settle()
  expect(made.asked.length).toBe(1)
  all.push(made.session.get(URL))
  await settle()
  expect(made.asked.length).toBe(3)
  await made.asked[0]!.send(`${chunk('def')}0\r\n\r\n`)
  for (const { send } of made.asked.slice(1)) await send(responseText(200, {}, 'own'))
  expect(await Promise.all(all.map(async (one) => (await one).text()))).toEqual(['abcdef', 'own', 'own'])
  await nothingLeft(made)
})

test('the end of the session ends it for all', async () => {
  const made = server()
  const all = [1, 2, 3].map(() => outcomeOf(made.session.get(URL)))
  await settle()
  await made.session.close({ graceMs: 0 })
  for (const error of await Promise.all(all)) expect(error).toMatchObject({ code: 'ERR_HTTP_SESSION_CLOSED' })
  await nothingLeft(made)
})

const WRONG: { options: CoalesceOptions; name: string }[] = [
  { options: { maxBodyBytes: -1 }, name: 'maxBodyBytes' },
  { options: { maxCollectMs: NaN }, name: 'maxCollectMs' },
  { options: { ignoredFields: 'a' as never }, name: 'ignoredFields' },
  { options: { ignoredFields: [1 as never] }, name: 'ignoredFields' },
  { options: { key: 1 } as never, name: 'key' },
]
for (const { options, name } of WRONG) {
  test(`refused: ${JSON.stringify(options)}`, () => {
    expect(() => coalesce(options)).toThrow(
      expect.objectContaining({
        code: 'ERR_HTTP_INVALID_OPTION',
        message: expect.stringContaining(`option ${name}:`) as unknown,
      }),
    )
  })
}
