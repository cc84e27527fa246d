import { expect, test } from 'vitest'
import { createBodyDecoder } from './create-body-decoder.ts'
import { resolveLimits } from './limits.ts'
import type { Http1Limits } from './limits.ts'
import { bodyOutcome, octets, sameForEverySplit } from './split.test-support.ts'
import type { Ending, Outcome } from './split.test-support.ts'

function decoded(wire: string, ending: Ending = 'then nothing', limits?: Partial<Http1Limits>): Outcome {
  return sameForEverySplit(wire, (chunks) =>
    bodyOutcome(createBodyDecoder({ kind: 'chunked' }, resolveLimits(limits)), chunks, { ending }),
  )
}

const ACCEPTED = [
  {
    name: 'P23 lower and upper case',
    wire: 'a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n',
    content: '0123456789'.repeat(2),
  },
  { name: 'P23 several digits', wire: `1a\r\n${'x'.repeat(26)}\r\n0\r\n\r\n`, content: 'x'.repeat(26) },
  {
    name: 'P23 leading zeros, 64 digits',
    wire: `${'5'.padStart(64, '0')}\r\nhello\r\n${'0'.repeat(64)}\r\n\r\n`,
    content: 'hello',
  },
  { name: 'P23 no content', wire: '0\r\n\r\n', content: '' },
  { name: 'P24 a name', wire: '5;a\r\nhello\r\n0;b\r\n\r\n', content: 'hello' },
  { name: 'P24 a token', wire: '5;a=b;c=d;e\r\nhello\r\n0\r\n\r\n', content: 'hello' },
  { name: 'P24 a quoted string', wire: '5;a="q \\"\\\\;\xe9\t"\r\nhello\r\n0\r\n\r\n', content: 'hello' },
  {
    name: 'P24 BWS around ; and =',
    wire: '5 \t; \ta \t= \tb ; c = "d" ;e\r\nhello\r\n0\r\n\r\n',
    content: 'hello',
  },
  { name: 'P27 data that looks like framing', wire: '6\r\n\r\n0\r\n\r\r\n0\r\n\r\n', content: '\r\n0\r\n\r' },
]

for (const { name, wire, content } of ACCEPTED) {
  test(`${name}: accepted`, () => {
    expect(decoded(`${wire}next`)).toEqual({ value: { content, trailers: [] }, rest: 'next' })
  })
}

const REFUSED = [
  { name: 'P23 empty size', wire: '\r\nhello', offset: 0 },
  { name: 'P23 empty size before an extension', wire: ';a\r\nhello', offset: 0 },
  { name: 'P23 negative', wire: '-5\r\nhello', offset: 0 },
  { name: 'P23 0x', wire: '0x5\r\nhello', offset: 1 },
  { name: 'P23 underscore', wire: '1_0\r\n', offset: 1 },
  { name: 'P23 not hexadecimal', wire: '5g\r\n', offset: 1 },
  { name: 'P23 2^53', wire: '20000000000000\r\n', offset: 13 },
  { name: 'P23 65 digits', wire: `${'5'.padStart(65, '0')}\r\nhello`, offset: 64 },
  { name: 'P8 LF alone behind the size', wire: '5\nhello', offset: 1 },
  { name: 'P8 CR alone behind the size', wire: '5\rhello', offset: 2 },
  { name: 'P8 CR CR LF behind the size', wire: '5\r\r\nhello', offset: 2 },
  { name: 'P8 LF alone behind an extension', wire: '5;a\nhello', offset: 3 },
  { name: 'P8 LF alone behind the data', wire: '1\r\nh\n0\r\n\r\n', offset: 4 },
  { name: 'P8 CR alone behind the data', wire: '1\r\nh\r0\r\n\r\n', offset: 5 },
  { name: 'P25 ; without a name', wire: '5;\r\n', offset: 2 },
  { name: 'P25 ; ; without a name', wire: '5;a;;b\r\n', offset: 4 },
  { name: 'P25 = without a value', wire: '5;a=\r\n', offset: 4 },
  { name: 'P25 = without a name', wire: '5;=a\r\n', offset: 2 },
  { name: 'P25 NUL in an extension', wire: '5;a\0\r\n', offset: 3 },
  { name: 'P25 NUL in quotes', wire: '5;a="\0"\r\n', offset: 5 },
  { name: 'P25 NUL behind a backslash', wire: '5;a="\\\0"\r\n', offset: 6 },
  { name: 'P25 an unclosed quote', wire: '5;a="b\r\n', offset: 6 },
  { name: 'P25 text behind a quote', wire: '5;a="b"c\r\n', offset: 7 },
  { name: 'P25 space after the size', wire: '5 \r\n', offset: 2 },
  { name: 'P25 tab and text after the size', wire: '5\ta\r\n', offset: 2 },
  { name: 'P25 space after an extension', wire: '5;a \r\n', offset: 4 },
  { name: 'P25 space before the size', wire: ' 5\r\n', offset: 0 },
  { name: 'P27 longer data', wire: '5\r\nhello!\r\n0\r\n\r\n', offset: 8 },
  { name: 'P27 shorter data', wire: '5\r\nhel\r\n0\r\n\r\n', offset: 8 },
  { name: 'P27 no CRLF between chunks', wire: '1\r\nh1\r\ni\r\n', offset: 4 },
]

for (const { name, wire, offset } of REFUSED) {
  test(`${name}: refused`, () => {
    expect(decoded(wire).error).toMatchObject({ code: 'ERR_HTTP1_PARSE', offset })
  })
}

test('an offset counts from the first octet of the body, whatever was consumed', () => {
  expect(decoded('3\r\nabc\r\n3\r\ndef\r\nx').error).toMatchObject({ offset: 16, part: 'chunk line' })
  expect(decoded('3\r\nabc\r\n0\r\nA: b\r\nC d\r\n').error).toMatchObject({
    offset: 18,
    part: 'trailer section',
  })
})

const limitOf = (wire: string, limits: Partial<Http1Limits>): unknown =>
  decoded(wire, 'then nothing', limits).error

test('P26 a chunk line above its limit', () => {
  const limits = { maxChunkLineBytes: 8 }
  expect(decoded('1;abcd\r\nx\r\n0\r\n\r\n', 'then nothing', limits).value).toMatchObject({ content: 'x' })
  expect(limitOf('1;abcde\r\nx\r\n0\r\n\r\n', limits)).toMatchObject({ limit: 'maxChunkLineBytes', value: 8 })
})

test('P26 the extensions of a message above their limit', () => {
  const limits = { maxChunkExtensionBytes: 8 }
  expect(decoded('1;abc\r\nx\r\n0;abc\r\n\r\n', 'then nothing', limits).value).toMatchObject({ content: 'x' })
  expect(limitOf('1;abc\r\nx\r\n1;abcd\r\ny\r\n', limits)).toMatchObject({
    limit: 'maxChunkExtensionBytes',
    value: 8,
  })
})

test('P26 the defaults: 16 KiB a line, 64 KiB of extensions', () => {
  const run = (wire: string): Outcome => bodyOutcome(createBodyDecoder({ kind: 'chunked' }), [octets(wire)])
  const line = (byteCount: number): string => `1;${'a'.repeat(byteCount - 4)}\r\n`
  expect(run(`${line(16_384)}x\r\n0\r\n\r\n`).value).toMatchObject({ content: 'x' })
  expect(run(line(16_385)).error).toMatchObject({ limit: 'maxChunkLineBytes', value: 16_384 })
  expect(run(`${line(8195)}x\r\n`.repeat(8)).error).toBeUndefined()
  expect(run(`${line(8195)}x\r\n`.repeat(9)).error).toMatchObject({ limit: 'maxChunkExtensionBytes' })
})

test('P28 trailers are kept apart, validated as fields, in wire order', () => {
  expect(
    decoded('1\r\nx\r\n0\r\nX-Sum: 1\r\nx-sum: 2\r\nContent-Length: 9\r\nE: f\r\n g\r\n\r\nnext'),
  ).toEqual({
    value: {
      content: 'x',
      trailers: [
        ['X-Sum', '1'],
        ['x-sum', '2'],
        ['Content-Length', '9'],
        ['E', 'f g'],
      ],
    },
    rest: 'next',
  })
})

const BAD_TRAILERS = ['A : b', ': b', 'A', ' A: b', 'A: b\0', 'A: b\nC: d', 'A: b\r\r']

for (const line of BAD_TRAILERS) {
  test(`P28 trailer ${JSON.stringify(line)}: refused`, () => {
    expect(decoded(`0\r\n${line}\r\n\r\n`).error).toMatchObject({
      code: 'ERR_HTTP1_PARSE',
      part: 'trailer section',
    })
  })
}

test('P8 the empty line behind the last chunk ended by LF: refused', () => {
  expect(decoded('0\r\n\n').error).toMatchObject({ code: 'ERR_HTTP1_PARSE', offset: 3 })
})

test('P13 trailers have limits of their own', () => {
  const trailers = (limits: Partial<Http1Limits>): unknown => limitOf('0\r\nA: b\r\nC: d\r\n\r\n', limits)
  expect(trailers({ maxTrailerCount: 1 })).toMatchObject({ limit: 'maxTrailerCount', value: 1, field: 'C' })
  expect(trailers({ maxTrailerBytes: 13 })).toMatchObject({
    limit: 'maxTrailerBytes',
    value: 13,
    field: null,
  })
  expect(trailers({ maxLineBytes: 5 })).toMatchObject({ limit: 'maxLineBytes', value: 5, field: 'A' })
  expect(
    trailers({ maxTrailerBytes: 14, maxTrailerCount: 2, maxHeadBytes: 1, maxFieldCount: 0 }),
  ).toBeUndefined()
})

const CUT = [
  '',
  '5',
  '5\r',
  '5\r\n',
  '5\r\nhel',
  '5\r\nhello',
  '5\r\nhello\r',
  '5\r\nhello\r\n',
  '5\r\nhello\r\n0',
  '0\r\n',
  '0\r\n\r',
  '0\r\nA: b\r\n',
]

for (const wire of CUT) {
  test(`P22 the stream ends early: ${JSON.stringify(wire)}`, () => {
    const received = /hel(lo)?/.exec(wire)?.[0].length ?? 0
    expect(decoded(wire, 'then the stream ends').error).toMatchObject({
      code: 'ERR_HTTP1_INCOMPLETE_BODY',
      received,
      expected: null,
    })
  })
}
