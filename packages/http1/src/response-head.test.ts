import { expect, test } from 'vitest'
import { ResponseHeadDecoder } from './response-head.ts'
import {
  TestWindow,
  everySplit,
  octets,
  outcomeOf,
  sameForEverySplit,
  shownResponse,
} from './split.test-support.ts'
import type { Ending, Outcome } from './split.test-support.ts'
import type { Http1Limits } from './limits.ts'

function decoded(wire: string, ending: Ending = 'then nothing', limits?: Partial<Http1Limits>): Outcome {
  return sameForEverySplit(wire, (chunks) =>
    outcomeOf(new ResponseHeadDecoder(limits).decode, chunks, { show: shownResponse, ending }),
  )
}

const ACCEPTED = [
  { name: 'P1 HTTP/1.1', line: 'HTTP/1.1 200 OK', is: [1, 200, 'OK'] },
  { name: 'P1 HTTP/1.0', line: 'HTTP/1.0 200 OK', is: [0, 200, 'OK'] },
  { name: 'P1 a minor above 1 is read as 1.1', line: 'HTTP/1.9 200 OK', is: [1, 200, 'OK'] },
  { name: 'P3 one empty line before it', line: '\r\nHTTP/1.1 200 OK', is: [1, 200, 'OK'] },
  { name: 'P3 four empty lines before it', line: '\r\n\r\n\r\n\r\nHTTP/1.1 200 OK', is: [1, 200, 'OK'] },
  { name: 'P4 status 100', line: 'HTTP/1.1 100 Continue', is: [1, 100, 'Continue'] },
  { name: 'P4 status 999', line: 'HTTP/1.1 999 x', is: [1, 999, 'x'] },
  { name: 'P5 empty reason', line: 'HTTP/1.1 204 ', is: [1, 204, ''] },
  { name: 'P5 no reason and no space', line: 'HTTP/1.1 204', is: [1, 204, ''] },
  {
    name: 'P6 reason with HTAB, spaces and obs-text',
    line: 'HTTP/1.1 200 a\tb  c \x80\xe9\xff',
    is: [1, 200, 'a\tb  c \x80\xe9\xff'],
  },
]

for (const { name, line, is } of ACCEPTED) {
  test(`${name}: accepted`, () => {
    const [minorVersion, status, reasonPhrase] = is
    expect(decoded(`${line}\r\n\r\nrest`)).toEqual({
      value: { minorVersion, status, reasonPhrase, fields: [] },
      rest: 'rest',
    })
  })
}

const REFUSED = [
  { name: 'P2 HTTP/2.0', wire: 'HTTP/2.0 200 OK\r\n\r\n', offset: 5 },
  { name: 'P2 HTTP/0.9', wire: 'HTTP/0.9 200 OK\r\n\r\n', offset: 5 },
  { name: 'P2 lower case', wire: 'http/1.1 200 OK\r\n\r\n', offset: 0 },
  { name: 'P2 another protocol, before its line ends', wire: 'ICY 200 OK', offset: 0 },
  { name: 'P2 SSH', wire: 'SSH-2.0-OpenSSH_9.6\r\n', offset: 0 },
  { name: 'P2 a line too short', wire: 'HTTP\r\n\r\n', offset: 4 },
  { name: 'P2 two-digit minor', wire: 'HTTP/1.10 200 OK\r\n\r\n', offset: 8 },
  { name: 'P2 two-digit major', wire: 'HTTP/11.1 200 OK\r\n\r\n', offset: 6 },
  { name: 'P2 no minor', wire: 'HTTP/1. 200 OK\r\n\r\n', offset: 7 },
  { name: 'P2 text before the line', wire: 'x HTTP/1.1 200 OK\r\n\r\n', offset: 0 },
  { name: 'P3 five empty lines', wire: '\r\n\r\n\r\n\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', offset: 9 },
  { name: 'P3 an empty line ended by LF', wire: '\nHTTP/1.1 200 OK\r\n\r\n', offset: 0 },
  { name: 'P3 CR CR LF before the line', wire: '\r\r\nHTTP/1.1 200 OK\r\n\r\n', offset: 1 },
  { name: 'P4 000', wire: 'HTTP/1.1 000 x\r\n\r\n', offset: 9 },
  { name: 'P4 099', wire: 'HTTP/1.1 099 x\r\n\r\n', offset: 9 },
  { name: 'P4 two digits', wire: 'HTTP/1.1 20 x\r\n\r\n', offset: 11 },
  { name: 'P4 two digits and the end', wire: 'HTTP/1.1 20\r\n\r\n', offset: 11 },
  { name: 'P4 four digits', wire: 'HTTP/1.1 2000 x\r\n\r\n', offset: 12 },
  { name: 'P4 plus sign', wire: 'HTTP/1.1 +20 x\r\n\r\n', offset: 9 },
  { name: 'P4 minus sign', wire: 'HTTP/1.1 -20 x\r\n\r\n', offset: 9 },
  { name: 'P4 letters', wire: 'HTTP/1.1 2x0 x\r\n\r\n', offset: 10 },
  { name: 'P4 no status', wire: 'HTTP/1.1\r\n\r\n', offset: 8 },
  { name: 'P4 no status behind the space', wire: 'HTTP/1.1 \r\n\r\n', offset: 9 },
  { name: 'P6 NUL in the reason', wire: 'HTTP/1.1 200 O\0K\r\n\r\n', offset: 14 },
  { name: 'P6 DEL in the reason', wire: 'HTTP/1.1 200 O\x7fK\r\n\r\n', offset: 14 },
  { name: 'P6 VT in the reason', wire: 'HTTP/1.1 200 O\vK\r\n\r\n', offset: 14 },
  { name: 'P6 bare CR in the reason', wire: 'HTTP/1.1 200 O\rK\r\n\r\n', offset: 15 },
  { name: 'P7 two spaces before the status', wire: 'HTTP/1.1  200 OK\r\n\r\n', offset: 9 },
  { name: 'P7 two spaces behind the status', wire: 'HTTP/1.1 200  OK\r\n\r\n', offset: 13 },
  { name: 'P7 tab before the status', wire: 'HTTP/1.1\t200 OK\r\n\r\n', offset: 8 },
  { name: 'P7 tab behind the status', wire: 'HTTP/1.1 200\tOK\r\n\r\n', offset: 12 },
  { name: 'P7 space and tab behind the status', wire: 'HTTP/1.1 200 \tOK\r\n\r\n', offset: 13 },
  { name: 'P7 space before HTTP/', wire: ' HTTP/1.1 200 OK\r\n\r\n', offset: 0 },
  { name: 'P8 line ended by LF', wire: 'HTTP/1.1 200 OK\n\n', offset: 15 },
  { name: 'P8 CR CR LF', wire: 'HTTP/1.1 200 OK\r\r\n\r\n', offset: 16 },
]

for (const { name, wire, offset } of REFUSED) {
  test(`${name}: refused`, () => {
    const { error, rest } = decoded(wire)
    expect(error).toMatchObject({ code: 'ERR_HTTP1_PARSE', part: 'status line', offset })
    expect(rest).toBe(wire)
  })
}

test('P13 a status line above its limit', () => {
  const limits = { maxLineBytes: 17 }
  expect(decoded('HTTP/1.1 200 OK\r\n\r\n', 'then nothing', limits).error).toBeUndefined()
  expect(decoded('HTTP/1.1 200 OK!\r\n\r\n', 'then nothing', limits).error).toMatchObject({
    code: 'ERR_HTTP1_LIMIT',
    limit: 'maxLineBytes',
    value: 17,
    field: null,
  })
})

test('P13 a control character at the limit is the same error for every split', () => {
  const limits = { maxLineBytes: 17 }
  expect(decoded('HTTP/1.1 200 OKKK\0', 'then nothing', limits).error).toMatchObject({
    code: 'ERR_HTTP1_LIMIT',
  })
  expect(decoded('HTTP/1.1 200 OKK\0', 'then nothing', limits).error).toMatchObject({
    code: 'ERR_HTTP1_PARSE',
  })
})

for (const maxHeadBytes of [0, 1, 2, 5, 18]) {
  test(`P13 a head limit of ${maxHeadBytes} octets ends every head`, () => {
    for (const wire of ['HTTP/1.1 200 OK\r\n\r\n', '\r\n\r\nHTTP/1.1 200 OK\r\n\r\n']) {
      const { error } = decoded(wire, 'then nothing', { maxHeadBytes })
      expect(error).toMatchObject({ limit: 'maxHeadBytes', value: maxHeadBytes })
    }
  })
}

const CUT = [
  'H',
  'HTTP/1.1 200',
  '\r',
  '\r\n',
  'HTTP/1.1 200 OK\r',
  'HTTP/1.1 200 OK\r\n',
  'HTTP/1.1 200 OK\r\nA: b\r\n\r',
]

for (const wire of CUT) {
  test(`P22 the stream ends inside the head: ${JSON.stringify(wire)}`, () => {
    const { error, rest } = decoded(wire, 'then the stream ends')
    expect(error).toMatchObject({ code: 'ERR_HTTP1_INCOMPLETE_HEAD', received: wire.length })
    expect(rest).toBe(wire)
  })
}

test('P22 the stream ends before the head', () => {
  const run = outcomeOf(new ResponseHeadDecoder().decode, [], {
    show: shownResponse,
    ending: 'then the stream ends',
  })
  expect(run.error).toMatchObject({ code: 'ERR_HTTP1_NO_HEAD', side: 'remote' })
})

test('P29 interim responses, then the final one, by one decoder', () => {
  const wire =
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 199\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'
  for (const chunks of everySplit(octets(wire))) {
    const { decode } = new ResponseHeadDecoder()
    const window = new TestWindow()
    const heads: unknown[] = []
    for (const chunk of chunks) {
      window.feed(chunk)
      for (let head = decode(window); head !== undefined; head = decode(window)) {
        heads.push([head.status, ...head.fields])
      }
    }
    expect(heads).toEqual([[100], [103, ['Link', '</a>']], [199], [200]])
  }
})

test('P29 more than 100 interim responses in a row', () => {
  const window = new TestWindow()
  const decoder = new ResponseHeadDecoder()
  const round = (count: number): void => {
    for (let index = 0; index < count; index += 1) decoder.decode(window)
  }
  window.feed(
    octets(
      'HTTP/1.1 102 x\r\n\r\n'.repeat(100) + 'HTTP/1.1 200 x\r\n\r\n' + 'HTTP/1.1 102 x\r\n\r\n'.repeat(101),
    ),
  )
  round(201)
  expect(() => decoder.decode(window)).toThrow(
    expect.objectContaining({ limit: 'maxInterimResponses', value: 100 }),
  )
})

test('reset makes a failed decoder usable', () => {
  const decoder = new ResponseHeadDecoder()
  const bad = new TestWindow()
  bad.feed(octets('HTTP/1.1 200 OK\r\nA: b\r\nbad\r\n'))
  expect(() => decoder.decode(bad)).toThrow('malformed header section')
  decoder.reset()
  const good = new TestWindow()
  good.feed(octets('HTTP/1.1 204\r\nC: d\r\n\r\n'))
  expect(decoder.decode(good)?.fields.raw()).toEqual([['C', 'd']])
})

test('an excerpt is escaped and shows the line up to the octet that is wrong', () => {
  const { error } = decoded('HTTP/1.1 200 "\xe9\x00')
  expect(error).toMatchObject({ excerpt: String.raw`HTTP/1.1 200 \x22\xe9\x00` })
})
