/** Compressed requests between a session and a server that decodes them by its own means. */
import * as zlib from 'node:zlib'
import { expect, test } from 'vitest'
import { compressBody } from './index.ts'
import { answeringBy, fieldOf, memoryServer, responseText, settle } from './memory-server.test-support.ts'
import { possibleCodings } from './request-coding.ts'
import { webCompression } from './web-compression.ts'
import { zlibCompression } from './zlib-compression.ts'

const URL = 'http://a.example/'
const TEXT = 'compress me, '.repeat(1000)

const DECODE: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: zlib.gunzipSync,
  deflate: zlib.inflateSync,
  br: zlib.brotliDecompressSync,
  // Not in the types of the oldest release.
  zstd: (bytes) =>
    (zlib as unknown as { zstdDecompressSync(coded: Buffer): Buffer }).zstdDecompressSync(bytes),
}

async function random(): Promise<Uint8Array> {
  await new Promise((resolve) => setImmediate(resolve))
  return crypto.getRandomValues(new Uint8Array(65_536))
}

interface Seen {
  readonly coding: string | undefined
  readonly type: string | undefined
  readonly isChunked: boolean
  readonly text: string
}

function seenOf(request: string): Seen {
  const at = request.indexOf('\n\n') + 2
  const coding = fieldOf(request, 'content-encoding')
  const content = Buffer.from(request.slice(at), 'latin1')
  return {
    coding,
    type: fieldOf(request, 'content-type'),
    isChunked: fieldOf(request, 'transfer-encoding') === 'chunked',
    text: (DECODE[coding ?? '']?.(content) ?? content).toString(),
  }
}

function server(
  options?: Parameters<typeof compressBody>[0],
  answer = (_request: string) => responseText(200),
) {
  const seen: Seen[] = []
  const script = answeringBy((request) => {
    seen.push(seenOf(request))
    return answer(request)
  })
  return { ...memoryServer(script, { middleware: [compressBody(options)] }), seen }
}

for (const coding of possibleCodings()) {
  test(`content is sent compressed, with its length and type: ${coding}`, async () => {
    const { session, seen } = server({ coding })
    await session.post(URL, { body: TEXT })
    expect(seen).toEqual([{ coding, type: 'text/plain;charset=UTF-8', isChunked: false, text: TEXT }])
  })
}

test('large content and content of unknown length is compressed as it is sent', async () => {
  const { session, seen } = server()
  const large = TEXT.repeat(30)
  await session.put(URL, { body: large, headers: { 'Content-Length': String(large.length) } })
  await session.put(URL, { body: () => [TEXT, TEXT] })
  await session.put(URL, {
    body: (async function* () {
      yield 'a'
      yield TEXT
    })(),
  })
  expect(seen.map(({ coding, isChunked }) => [coding, isChunked])).toEqual(
    Array.from({ length: 3 }, () => ['gzip', true]),
  )
  expect(seen.map(({ text }) => text)).toEqual([large, TEXT + TEXT, `a${TEXT}`])
})

test('a form keeps its type, boundary included', async () => {
  const { session, seen } = server()
  const form = new FormData()
  form.append('a', TEXT)
  await session.post(URL, { body: form })
  const boundary = /boundary=(.+)$/.exec(seen[0]?.type ?? '')?.[1] ?? 'none'
  expect(seen[0]).toMatchObject({ coding: 'gzip' })
  expect(seen[0]?.text.startsWith(`--${boundary}\r\n`)).toBe(true)
})

test('what is small, coded, or does not become shorter is sent as it is', async () => {
  const { session, seen } = server({ minBytes: 10 })
  await session.post(URL, { body: 'short' })
  await session.post(URL, { body: TEXT, headers: { 'Content-Encoding': 'x-own' } })
  await session.post(URL, { body: 'no shorter at all' })
  await session.get(URL)
  expect(seen.map(({ coding, text }) => [coding, text.length])).toEqual([
    [undefined, 5],
    ['x-own', TEXT.length],
    [undefined, 17],
    [undefined, 0],
  ])
})

test('a short body that can be had once is sent whole, compressed or not', async () => {
  const { session, seen } = server({ minBytes: 0 })
  const once = (text: string): AsyncGenerator<string> =>
    (async function* () {
      yield text
    })()
  await session.post(URL, { body: once('ab'), headers: { 'Content-Length': '2', 'Content-Type': 'text/x' } })
  await session.post(URL, { body: once(TEXT), headers: { 'Content-Length': String(TEXT.length) } })
  expect(seen).toEqual([
    { coding: undefined, type: 'text/x', isChunked: false, text: 'ab' },
    { coding: 'gzip', type: undefined, isChunked: false, text: TEXT },
  ])
})

test('a redirect sends it again', async () => {
  const { session, seen } = server(undefined, (request) =>
    request.includes('/b') ? responseText(200) : responseText(307, { Location: '/b' }),
  )
  await session.put(URL, { body: TEXT.repeat(30) })
  expect(seen.map(({ coding, text }) => [coding, text.length])).toEqual(
    Array.from({ length: 2 }, () => ['gzip', TEXT.length * 30]),
  )
})

test('a server that refuses the coding gets the request as it was, and nothing compressed any more', async () => {
  const { session, seen } = server(undefined, (request) =>
    /content-encoding: gzip/i.test(request)
      ? responseText(415, { 'Accept-Encoding': 'identity' })
      : responseText(200),
  )
  expect((await session.post(URL, { body: TEXT })).status).toBe(200)
  expect((await session.post(URL, { body: TEXT })).status).toBe(200)
  await session.post('http://b.example/', { body: TEXT })
  expect(seen.map(({ coding }) => coding)).toEqual(['gzip', undefined, undefined, 'gzip', undefined])
  expect(seen.every(({ text }) => text === TEXT)).toBe(true)
})

test('a 415 is the caller’s where it is about the type, or where the body is spent', async () => {
  for (const [accept, body] of [
    ['gzip', (): string => TEXT],
    [null, (): string => TEXT],
    [
      'identity',
      async function* (): AsyncGenerator<string> {
        yield TEXT
      },
    ],
  ] as const) {
    const fields = accept === null ? {} : { 'Accept-Encoding': accept }
    const { session, seen } = server(undefined, () => responseText(415, fields))
    expect((await session.post(URL, { body: body() })).status).toBe(415)
    expect(seen.length).toBe(1)
  }
})

test('a source that fails is told as any other, and an abort leaves it', async () => {
  const { session } = server()
  const cause = new Error('disk')
  const failing = async function* (): AsyncGenerator<string> {
    yield TEXT
    throw cause
  }
  await expect(session.post(URL, { body: failing() })).rejects.toMatchObject({
    code: 'ERR_HTTP_REQUEST_BODY_SOURCE',
    cause,
  })
  let leave = (): void => {}
  const left = new Promise<void>((resolve) => (leave = resolve))
  const controller = new AbortController()
  const endless = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield await random()
    } finally {
      leave()
    }
  }
  const outcome = session
    .post(URL, { body: endless(), signal: controller.signal })
    .catch((error: unknown) => error)
  await settle()
  controller.abort('enough')
  expect(await outcome).toBe('enough')
  await left
})

for (const [name, compress] of [
  ['node:zlib', zlibCompression],
  ['CompressionStream', webCompression],
] as const) {
  test(`${name}: the same content comes out, failures come through, and leaving early leaves the source`, async () => {
    const pieces = async function* (): AsyncGenerator<Uint8Array> {
      for (let piece = 0; piece < 50; piece++) yield new TextEncoder().encode(TEXT)
    }
    const coded: Uint8Array[] = []
    for await (const chunk of compress('gzip', pieces())) coded.push(chunk)
    expect(zlib.gunzipSync(Buffer.concat(coded)).toString()).toBe(TEXT.repeat(50))
    const cause = new Error('disk')
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield* pieces()
      throw cause
    }
    const reading = (async () => {
      for await (const chunk of compress('deflate', failing())) expect(chunk.length).toBeGreaterThan(0)
    })()
    await expect(reading).rejects.toBe(cause)
    let leave = (): void => {}
    const left = new Promise<void>((resolve) => (leave = resolve))
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield await random()
      } finally {
        leave()
      }
    }
    for await (const chunk of compress('gzip', endless())) if (chunk.length > 0) break
    await left
  })
}

for (const [option, value] of [
  ['coding', 'lzma'],
  ['minBytes', -1],
  ['level', 9],
] as const) {
  test(`compressBody refuses a wrong ${option}`, () => {
    expect(() => compressBody({ [option]: value })).toThrow(new RegExp(`^option ${option}:`))
  })
}

test('a source that hangs does not keep the request from its end', async () => {
  const { session } = memoryServer(
    answeringBy(() => responseText(200)),
    { middleware: [compressBody()] },
  )
  const control = new AbortController()
  async function* body(): AsyncGenerator<string> {
    yield 'text'
    control.abort('stop')
    await new Promise(() => {})
  }
  const options = { signal: control.signal, body: body(), headers: { 'Content-Length': '5000' } }
  await expect(session.post(URL, options)).rejects.toBe('stop')
})

const WRONG_LENGTHS = [
  { declared: 5000, given: 4000, says: '4000 of the declared 5000 bytes' },
  { declared: 5000, given: 6000, says: 'more than the declared 5000 bytes' },
  { declared: 500_000, given: 400_000, says: '400000 of the declared 500000 bytes' },
  { declared: 500_000, given: 500_001, says: 'more than the declared 500000 bytes' },
]
for (const { declared, given, says } of WRONG_LENGTHS) {
  test(`a source of another length than declared fails the request: ${given} for ${declared}`, async () => {
    const { session } = memoryServer(
      answeringBy(() => responseText(200)),
      { middleware: [compressBody()] },
    )
    async function* body(): AsyncGenerator<string> {
      yield await Promise.resolve('x'.repeat(given))
    }
    const options = { body: body(), headers: { 'Content-Length': String(declared) } }
    await expect(session.post(URL, options)).rejects.toMatchObject({
      code: 'ERR_HTTP_REQUEST_BODY_SOURCE',
      message: expect.stringContaining(says) as unknown,
    })
  })
}
