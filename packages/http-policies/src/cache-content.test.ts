/** What callers get of content that passes through the cache, and what becomes of it where something is wrong. */
import { gzipSync } from 'node:zlib'
import { ConnectError } from '@x/http-session'
import type { RequestOptions, SessionOptions } from '@x/http-session'
import { expect, test } from 'vitest'
import { cache } from './cache.ts'
import type { CacheOptions } from './cache.ts'
import { answeringBy, memoryServer, readRequest, responseText, settle } from './memory-server.test-support.ts'
import type { MemoryServer } from './memory-server.test-support.ts'
import { uncaughtIn } from './uncaught.test-support.ts'

const URL = 'http://a.example/x'
const FRESH = { 'Cache-Control': 'max-age=100' }

interface World extends MemoryServer {
  /** What a GET comes to: body and `Cache-Status`. */
  get(url?: string, options?: RequestOptions): Promise<[string, string | undefined]>
  /** How many requests the server has seen. */
  seenCount(): number
}

function world(answer: (request: string) => string, options: CacheOptions = {}): World {
  let count = 0
  const script = answeringBy((request) => {
    count += 1
    return answer(request)
  })
  const server = memoryServer(script, { middleware: [cache(options)] })
  return {
    ...server,
    seenCount: () => count,
    async get(url = URL, requestOptions = {}) {
      const response = await server.session.get(url, requestOptions)
      return [await response.text(), response.headers.get('cache-status')]
    },
  }
}

test('coded content that is stored decoded is not for those who want it as it was sent', async () => {
  const coded = gzipSync('text').toString('latin1')
  const { session, get, seenCount } = world((request) =>
    request.includes('/coded')
      ? responseText(200, { ...FRESH, 'Content-Encoding': 'gzip' }, coded)
      : responseText(200, { ...FRESH, 'Content-Encoding': 'identity' }, 'text'),
  )
  const url = 'http://a.example/coded'
  expect((await get(url))[0]).toBe('text')
  const asSent = { contentDecoding: false } as const
  for (let round = 0; round < 2; round++) {
    const response = await session.get(url, asSent)
    expect(response.contentCodings).toEqual(['gzip'])
    expect(Buffer.from(await response.bytes()).toString('latin1')).toBe(coded)
    expect(response.headers.get('cache-status')).toBe(undefined)
  }
  expect((await get(url))[1]).toMatch(/hit/)
  await get()
  expect((await get(URL, asSent))[1]).toMatch(/hit/)
  expect(seenCount()).toBe(4)
})

test('what is wrong with small content is told where the caller reads it', async () => {
  const ROWS: [name: string, answer: string, code: string, options: SessionOptions][] = [
    ['coding', responseText(200, { ...FRESH, 'Content-Encoding': 'gzip' }, 'no gzip'), 'DECODE', {}],
    [
      'decoding limit',
      responseText(200, { ...FRESH, 'Content-Encoding': 'gzip' }, gzipSync('text').toString('latin1')),
      'DECOMPRESSION_LIMIT',
      { contentDecoding: { maxDecodedBytes: 3 } },
    ],
    ['length', responseText(200, FRESH, 'text'), 'BODY_TOO_LARGE', { maxBodyBytes: 3 }],
    [
      'end',
      `HTTP/1.1 200 X\r\nCache-Control: max-age=9\r\nContent-Length: 9\r\n\r\ntext`,
      'BODY_INCOMPLETE',
      {},
    ],
  ]
  for (const [name, answer, code, options] of ROWS) {
    const server = memoryServer(
      async (peer) => {
        await readRequest(peer)
        peer.writer.writeText(answer, 'latin1')
        await peer.close()
      },
      { ...options, middleware: [cache()] },
    )
    const response = await server.session.get(URL)
    expect(response.status, name).toBe(200)
    await expect(response.bytes(), name).rejects.toMatchObject({ code: `ERR_HTTP_${code}` })
    await server.session.close()
    expect(server.openCount(), name).toBe(0)
  }
})

test('content above maxBodyBytes is there for those who read it bit by bit', async () => {
  const middleware = [cache()]
  const { session } = memoryServer(
    answeringBy(() => responseText(200, FRESH, 'text')),
    { middleware, maxBodyBytes: 3 },
  )
  for (let round = 0; round < 2; round++) {
    let text = ''
    for await (const chunk of await session.get(URL)) text += Buffer.from(chunk).toString()
    expect(text).toBe('text')
  }
})

test('what onStoreError throws is nobody’s error, and fails no request', async () => {
  const mine = new Error('mine')
  const fail = (): Promise<never> => Promise.reject(new Error('down'))
  const { session, get, seenCount } = world(() => responseText(200, FRESH, 'text'), {
    store: { get: fail, set: fail, delete: fail },
    onStoreError: () => {
      throw mine
    },
  })
  const uncaught = await uncaughtIn(async () => {
    expect((await get())[0]).toBe('text')
    expect((await session.delete(URL)).status).toBe(200)
    await settle()
  })
  // Of get, of get and so set behind the answer, of delete.
  expect(uncaught).toEqual([mine, mine, mine])
  expect(seenCount()).toBe(2)
})

test('what a store gives that is no response is told, and the request goes on without it', async () => {
  for (const given of [
    'text',
    5,
    {},
    [null],
    [{ credentials: null }],
    [{ credentials: null, varies: {}, headers: [] }],
  ]) {
    const errors: unknown[] = []
    const { get, seenCount } = world(() => responseText(200, FRESH, 'text'), {
      store: {
        get: () => Promise.resolve(given as never),
        set: () => Promise.resolve(),
        delete: () => Promise.resolve(),
      },
      onStoreError: (error) => errors.push(error),
    })
    expect((await get())[0], JSON.stringify(given)).toBe('text')
    expect(seenCount()).toBe(1)
    expect(errors.length, JSON.stringify(given)).toBeGreaterThan(0)
  }
})

test('an unsafe request of which nobody knows how it ended gives up what is stored of its URL', async () => {
  let mode: 'up' | 'unreachable' = 'up'
  let count = 0
  const server = memoryServer(
    answeringBy((request) =>
      request.startsWith('GET') ? responseText(200, FRESH, `text ${count++}`) : null,
    ),
    {
      middleware: [
        cache(),
        (request, next) =>
          mode === 'unreachable'
            ? Promise.reject(new ConnectError(request.facts('connect', 'safe'), new Error('refused')))
            : next(request),
      ],
    },
  )
  const text = (): Promise<string> => server.session.get(URL).text()
  expect(await text()).toBe('text 0')
  mode = 'unreachable'
  await expect(server.session.delete(URL)).rejects.toMatchObject({ sent: 'none' })
  mode = 'up'
  expect(await text()).toBe('text 0')
  await expect(server.session.delete(URL)).rejects.toMatchObject({ sent: 'all' })
  expect(await text()).toBe('text 1')
})
