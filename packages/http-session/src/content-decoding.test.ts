/** Coded responses through a session: every coding, in every cut, by every read. */
import { expect, test } from 'vitest'
import {
  bytes,
  chunked,
  codedResponse,
  CODINGS,
  encoded,
  failure,
  get,
  HAS_BR,
  HAS_ZSTD,
  HELLO,
  inPieces,
  READS,
  URL,
} from './coded-content.test-support.ts'
import { answering, memoryServer } from './memory-server.test-support.ts'

for (const { format, coding } of CODINGS) {
  const content = encoded(format, HELLO)

  test(`P39 ${coding} (${format}) is undone in every cut and by every read`, async () => {
    const wire = codedResponse(coding, content)
    for (const { name, read } of READS) {
      for (let at = wire.length - content.length; at <= wire.length; at++) {
        const response = await get(inPieces(wire.slice(0, at), wire.slice(at)))
        expect(await read(response), `${name}, cut at ${at}`).toBe(HELLO)
      }
      const response = await get(chunked(coding, content))
      expect(await read(response), `${name}, chunked`).toBe(HELLO)
      expect(response.trailers?.get('x-sum')).toBe('7')
    }
  })

  test(`P39 ${coding} (${format}), octet by octet`, async () => {
    const wire = codedResponse(coding, content)
    for (const { name, read } of READS) {
      const head = wire.slice(0, wire.length - content.length)
      const octets = wire.slice(wire.length - content.length)
      expect(await read(await get(inPieces(head, ...octets.split('')))), name).toBe(HELLO)
    }
  })

  test(`P41 ${coding} (${format}) that is truncated, or followed by something else`, async () => {
    const wrongs = [bytes(content, [88]), bytes([88, 88, 88], content)]
    for (let length = 1; length < content.length; length++) wrongs.push(content.slice(0, length))
    for (const wrong of wrongs) {
      for (const wire of [codedResponse(coding, wrong), chunked(coding, wrong)]) {
        for (const { name, read } of READS) {
          const error = await read(await get(wire)).catch(failure)
          expect(error, `${name}, ${wrong.length} octets`).toMatchObject({
            name: 'BodyError',
            code: 'ERR_HTTP_DECODE',
            phase: 'decode',
            retriable: 'no',
            cause: expect.any(Error),
            message: expect.stringContaining(`: decode: the body is not ${coding}: `),
          })
        }
      }
    }
  }, 20_000)
}

const STACKS = ['gzip, br', 'br, gzip, deflate', 'GZIP, identity, X-Gzip', 'gzip, gzip, gzip, gzip, gzip']

for (const stack of STACKS.filter((field) => HAS_BR || !field.includes('br'))) {
  test(`P39 stacked: ${stack}`, async () => {
    const formats = { gzip: 'gzip', 'x-gzip': 'gzip', br: 'br', deflate: 'zlib' } as const
    let content = bytes(HELLO)
    for (const name of stack.toLowerCase().split(', '))
      if (name !== 'identity') content = encoded(formats[name as 'gzip'], content)
    const wire = codedResponse(stack, content)
    for (const { name, read } of READS) {
      for (let at = wire.length - content.length; at <= wire.length; at += 3) {
        const response = await get(inPieces(wire.slice(0, at), wire.slice(at)))
        expect(await read(response), `${name}, cut at ${at}`).toBe(HELLO)
      }
      expect(await read(await get(chunked(stack, content))), `${name}, chunked`).toBe(HELLO)
    }
  })
}

test('P39 long content is undone in steps, whatever its size', async () => {
  const lines = Array.from({ length: 30_000 }, (_, line) => `${line} ${(line * 7919) % 10_007}\n`).join('')
  for (const { format, coding } of CODINGS) {
    const content = encoded(format, lines)
    expect(content.length).toBeGreaterThan(65_536)
    for (const { name, read } of READS) {
      const response = await get(codedResponse(coding, content))
      expect((await read(response)) === lines, `${coding}, ${name}`).toBe(true)
    }
  }
})

test('P39 several gzip members, with padding behind them', async () => {
  const content = bytes(encoded('gzip', 'a'), encoded('gzip', ''), encoded('gzip', 'b'), [0, 0, 0])
  expect(await (await get(codedResponse('gzip', content))).text()).toBe('ab')
  expect(await (await get(chunked('gzip', content))).text()).toBe('ab')
})

test('P40 P44 what is not known is delivered as it came, with its fields', async () => {
  const content = encoded('gzip', HELLO)
  const cases = [
    { field: 'foo', left: ['foo'], delivered: content },
    { field: 'gzip, foo', left: ['gzip', 'foo'], delivered: content },
    { field: 'foo, gzip', left: ['foo'], delivered: bytes(HELLO) },
    ...(HAS_ZSTD ? [] : [{ field: 'zstd', left: ['zstd'], delivered: content }]),
  ]
  for (const { field, left, delivered } of cases) {
    const response = await get(codedResponse(field, content))
    expect(response.contentCodings).toEqual(left)
    expect(response.headers.get('content-encoding')).toBe(field)
    expect(await response.bytes()).toEqual(delivered)
  }
})

test('P44 the fields stay as they were sent', async () => {
  const content = encoded('gzip', HELLO)
  const response = await get(codedResponse('gzip', content))
  expect(await response.text()).toBe(HELLO)
  expect(response.contentCodings).toEqual([])
  expect(response.headers.raw()).toEqual([
    ['Content-Encoding', 'gzip'],
    ['Content-Length', String(content.length)],
  ])
})

const EMPTY_BODIES = [
  { name: 'HEAD', method: 'HEAD', wire: 'HTTP/1.1 200 OK\r\nContent-Length: 40\r\n' },
  { name: '204', wire: 'HTTP/1.1 204 No Content\r\n' },
  { name: '304', wire: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 40\r\n' },
  { name: 'Content-Length: 0', wire: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n' },
  { name: 'chunked', wire: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n', rest: '0\r\n\r\n' },
]

for (const { name, method = 'GET', wire, rest = '' } of EMPTY_BODIES) {
  test(`P42 a coding on an empty body: ${name}`, async () => {
    for (const field of ['gzip', 'deflate', 'br, gzip', 'gzip, gzip, gzip, gzip, gzip, gzip']) {
      for (const { read } of READS) {
        const { session } = memoryServer(answering(`${wire}Content-Encoding: ${field}\r\n\r\n${rest}`))
        expect(await read(await session.request(method, URL))).toBe('')
      }
    }
  })
}

test('P42 nothing within a coding is no error either', async () => {
  for (const { format, coding } of CODINGS) {
    for (const { read } of READS) {
      expect(await read(await get(codedResponse(coding, encoded(format, ''))))).toBe('')
      expect(await read(await get(chunked(`gzip, ${coding}`, encoded(format, ''))))).toBe('')
    }
  }
})
