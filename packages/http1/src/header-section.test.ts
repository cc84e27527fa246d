import { expect, test } from 'vitest'
import type { Http1Limits } from './limits.ts'
import { ResponseHeadDecoder } from './response-head.ts'
import { octets, outcomeOf, sameForEverySplit } from './split.test-support.ts'
import type { Outcome } from './split.test-support.ts'

const START = 'HTTP/1.1 200 OK\r\n'

function decoded(lines: string, limits?: Partial<Http1Limits>): Outcome {
  return sameForEverySplit(START + lines, (chunks) =>
    outcomeOf(new ResponseHeadDecoder(limits).decode, chunks, { show: (head) => head.fields.raw() }),
  )
}

const ACCEPTED: { name: string; lines: string; fields: [string, string][] }[] = [
  {
    name: 'P9 every token character',
    lines: "!#$%&'*+-.^_`|~09azAZ: v\r\n",
    fields: [["!#$%&'*+-.^_`|~09azAZ", 'v']],
  },
  {
    name: 'P9 names keep their case',
    lines: 'X-a: 1\r\nx-A: 2\r\n',
    fields: [
      ['X-a', '1'],
      ['x-A', '2'],
    ],
  },
  {
    name: 'P10 empty value',
    lines: 'A:\r\nB: \t \r\n',
    fields: [
      ['A', ''],
      ['B', ''],
    ],
  },
  { name: 'P10 no space behind the colon', lines: 'A:b\r\n', fields: [['A', 'b']] },
  { name: 'P10 SP and HTAB trimmed, kept inside', lines: 'A: \tb \t c\t \r\n', fields: [['A', 'b \t c']] },
  { name: 'P10 obs-text is latin1', lines: 'A: \x80\x9f\xe9\xff\r\n', fields: [['A', '\x80\x9f\xe9\xff']] },
  { name: 'P10 NBSP is not trimmed', lines: 'A: \xa0b\xa0\r\n', fields: [['A', '\xa0b\xa0']] },
  { name: 'P10 colons in a value', lines: 'A: :b:c\r\n', fields: [['A', ':b:c']] },
  { name: 'P11 a fold becomes one space', lines: 'A: b \r\n \t c\r\n', fields: [['A', 'b c']] },
  { name: 'P11 a fold right behind the colon', lines: 'A:\r\n b\r\n', fields: [['A', 'b']] },
  {
    name: 'P11 a fold at the end',
    lines: 'A: b\r\n \r\nC: d\r\n',
    fields: [
      ['A', 'b'],
      ['C', 'd'],
    ],
  },
  {
    name: 'P11 two folds',
    lines: 'A: b\r\n\tc\r\n d\r\nE: f\r\n',
    fields: [
      ['A', 'b c d'],
      ['E', 'f'],
    ],
  },
]

for (const { name, lines, fields } of ACCEPTED) {
  test(`${name}: accepted`, () => {
    expect(decoded(`${lines}\r\nrest`)).toEqual({ value: fields, rest: 'rest' })
  })
}

const REFUSED = [
  { name: 'P8 LF alone behind a value', lines: 'A: b\n\r\n', at: 4 },
  { name: 'P8 LF alone as the empty line', lines: 'A: b\r\n\n', at: 6 },
  { name: 'P8 CR not followed by LF in a value', lines: 'A: b\rc\r\n\r\n', at: 5 },
  { name: 'P8 CR CR LF behind a value', lines: 'A: b\r\r\n\r\n', at: 5 },
  { name: 'P8 CR CR LF as the empty line', lines: 'A: b\r\n\r\r\n', at: 7 },
  { name: 'P9 empty name', lines: ': b\r\n\r\n', at: 0 },
  { name: 'P9 space before the colon', lines: 'A : b\r\n\r\n', at: 1 },
  { name: 'P9 tab before the colon', lines: 'A\t: b\r\n\r\n', at: 1 },
  { name: 'P9 no colon', lines: 'A\r\n\r\n', at: 1 },
  { name: 'P9 NUL in a name', lines: 'A\0: b\r\n\r\n', at: 1 },
  { name: 'P9 non-ASCII in a name', lines: 'A\xe9: b\r\n\r\n', at: 1 },
  ...Array.from('"(),/;<=>?@[\\]{}', (separator) => ({
    name: `P9 ${separator} in a name`,
    lines: `A${separator}: b\r\n\r\n`,
    at: 1,
  })),
  { name: 'P10 NUL in a value', lines: 'A: b\0c\r\n\r\n', at: 4 },
  { name: 'P10 VT in a value', lines: 'A: b\vc\r\n\r\n', at: 4 },
  { name: 'P10 FF in a value', lines: 'A: b\fc\r\n\r\n', at: 4 },
  { name: 'P10 ESC in a value', lines: 'A: b\x1bc\r\n\r\n', at: 4 },
  { name: 'P10 DEL in a value', lines: 'A: b\x7fc\r\n\r\n', at: 4 },
  { name: 'P11 fold right after the status line', lines: ' A: b\r\n\r\n', at: 0 },
  { name: 'P11 tab right after the status line', lines: '\tA: b\r\n\r\n', at: 0 },
  { name: 'P11 fold in Content-Length', lines: 'Content-Length: 1\r\n 2\r\n\r\n', at: 19 },
  { name: 'P11 fold in transfer-encoding', lines: 'transfer-encoding:\r\n chunked\r\n\r\n', at: 20 },
  { name: 'P11 fold in CONNECTION', lines: 'CONNECTION: a,\r\n\tclose\r\n\r\n', at: 16 },
  { name: 'P11 NUL behind a fold', lines: 'A: b\r\n \0\r\n\r\n', at: 7 },
]

for (const { name, lines, at } of REFUSED) {
  test(`${name}: refused`, () => {
    const { error, rest } = decoded(lines)
    const offset = START.length + at
    expect(error).toMatchObject({ code: 'ERR_HTTP1_PARSE', part: 'header section', offset })
    expect(rest).toBe(START + lines)
  })
}

test('P10 a value that is refused is not in the error', () => {
  const { error } = decoded('Set-Cookie: sid=secret\0\r\n\r\n')
  expect(JSON.stringify(error)).not.toContain('secret')
  expect(error).toMatchObject({ excerpt: String.raw`Set-Cookie: ...\x00` })
})

const HEAD_BYTES = START.length + 'A: b\r\n\r\n'.length

const LIMITS = [
  {
    name: 'head octets, in a value',
    lines: 'A: bc\r\n\r\n',
    limits: { maxHeadBytes: HEAD_BYTES },
    field: null,
  },
  {
    name: 'head octets, in a long value',
    lines: 'Abc: defghijk\r\n\r\n',
    limits: { maxHeadBytes: HEAD_BYTES },
    field: 'Abc',
  },
  {
    name: 'head octets, in a name',
    lines: 'A: b\r\nCdefgh: i\r\n\r\n',
    limits: { maxHeadBytes: HEAD_BYTES },
    field: 'Cd',
  },
  { name: 'fields', lines: 'A: b\r\nC: d\r\nEf: g\r\n\r\n', limits: { maxFieldCount: 2 }, field: 'Ef' },
  {
    name: 'line octets, in a value',
    lines: 'A: b\r\nCookie: dddddddd\r\n\r\n',
    limits: { maxLineBytes: 17 },
    field: 'Cookie',
  },
  {
    name: 'line octets, in a folded line',
    lines: `A: b\r\n ${'c'.repeat(20)}\r\n\r\n`,
    limits: { maxLineBytes: 17 },
    field: 'A',
  },
  {
    name: 'line octets, in a name',
    lines: `${'n'.repeat(20)}: b\r\n\r\n`,
    limits: { maxLineBytes: 17 },
    field: 'n'.repeat(17),
  },
]

for (const { name, lines, limits, field } of LIMITS) {
  test(`P13 limit: ${name}`, () => {
    const [[limit, value]] = Object.entries(limits) as [[string, number]]
    const { error } = decoded(lines, limits)
    expect(error).toMatchObject({ code: 'ERR_HTTP1_LIMIT', limit, value, field })
    expect((error as Error).message).toContain(`${limit} = ${value}`)
  })
}

test('P13 just within every limit', () => {
  const limits = { maxHeadBytes: HEAD_BYTES, maxFieldCount: 1, maxLineBytes: START.length }
  expect(decoded('A: b\r\n\r\n', limits).value).toEqual([['A', 'b']])
})

const whole = (lines: string): Outcome =>
  outcomeOf(new ResponseHeadDecoder().decode, [octets(START + lines)], { show: (head) => head.fields.size })

test('P13 the defaults: 64 KiB, 256 fields, 16 KiB a line', () => {
  expect(whole(`${'A: b\r\n'.repeat(256)}\r\n`).value).toBe(256)
  expect(whole(`${'A: b\r\n'.repeat(257)}\r\n`).error).toMatchObject({ limit: 'maxFieldCount', value: 256 })
  expect(whole(`A: ${'b'.repeat(16_384 - 5)}\r\n\r\n`).value).toBe(1)
  expect(whole(`A: ${'b'.repeat(16_384 - 4)}\r\n\r\n`).error).toMatchObject({
    limit: 'maxLineBytes',
    value: 16_384,
  })
  const line = `A: ${'b'.repeat(995)}\r\n`
  expect(whole(`${line.repeat(65)}\r\n`).value).toBe(65)
  expect(whole(`${line.repeat(66)}\r\n`).error).toMatchObject({ limit: 'maxHeadBytes', value: 65_536 })
})
