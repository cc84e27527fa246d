/**
 * What a session accepts, refuses and repairs, one raw response after another. Refused: a typed error, nothing delivered as complete, the
 * connection closed. Retired: delivered, and the connection closed. Whole and octet by octet, the outcome is the same.
 */
import { expect, test } from 'vitest'
import { answering, answeringOnce, memoryServer, settle } from './memory-server.test-support.ts'

const URL = 'http://a.example/'
const PARSE = 'ERR_HTTP_PARSE'
const FRAMING = 'ERR_HTTP_BAD_FRAMING'
const LIMIT = 'ERR_HTTP_HEADERS_TOO_LARGE'
const INCOMPLETE = 'ERR_HTTP_BODY_INCOMPLETE'

interface Row {
  readonly name: string
  readonly wire: string
  readonly method?: string
  /** What the server does behind it. Default: nothing. */
  readonly after?: 'close'
}

const head = (lines: string): string => `HTTP/1.1 200 OK\r\n${lines}\r\n`
const five = (line: string): string => `HTTP/1.1 200 OK\r\n${line}\r\nContent-Length: 5\r\n\r\nhello`
const chunked = (body: string): string => `${head('Transfer-Encoding: chunked\r\n')}${body}`

// Delivered, and the connection goes on ----------------------------------------------------------------------------------

const KEPT: (Row & { readonly text?: string; readonly status?: number })[] = [
  { name: 'P1 a minor above 1', wire: 'HTTP/1.7 200 OK\r\nContent-Length: 5\r\n\r\nhello' },
  { name: 'P3 empty lines before the status line', wire: `\r\n\r\n\r\n\r\n${five('A: b')}` },
  { name: 'P4 status 999', wire: 'HTTP/1.1 999 x\r\nContent-Length: 5\r\n\r\nhello', status: 999 },
  { name: 'P5 no reason, no space', wire: 'HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello' },
  { name: 'P6 a reason in latin1', wire: 'HTTP/1.1 200 \xe4\t!\r\nContent-Length: 5\r\n\r\nhello' },
  { name: 'P10 a value in latin1', wire: five('A: \xe4\xa0') },
  { name: 'P11 a folded ordinary field', wire: five('A: b\r\n c') },
  { name: 'P14 HEAD', method: 'HEAD', wire: head('Content-Length: 5\r\n'), text: '' },
  {
    name: 'P14 204 with a length',
    wire: 'HTTP/1.1 204 x\r\nContent-Length: 5\r\n\r\n',
    status: 204,
    text: '',
  },
  {
    name: 'P14 205 with chunks announced',
    wire: 'HTTP/1.1 205 x\r\nTransfer-Encoding: chunked\r\n\r\n',
    status: 205,
    text: '',
  },
  {
    name: 'P14 304 with a length',
    wire: 'HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n',
    status: 304,
    text: '',
  },
  { name: 'P15 leading zeros', wire: `${head('Content-Length: 0005\r\n')}hello` },
  {
    name: 'P16 equal lengths, as list and lines',
    wire: `${head('Content-Length: 5, 5\r\nContent-Length: 5\r\n')}hello`,
  },
  {
    name: 'P17 CHUNKED behind an empty member',
    wire: `${head('Transfer-Encoding: , CHUNKED\r\n')}5\r\nhello\r\n0\r\n\r\n`,
  },
  {
    name: 'P23 sizes in hex of either case',
    wire: chunked('00a\r\n0123456789\r\nA\r\n9876543210\r\n0\r\n\r\n'),
    text: '01234567899876543210',
  },
  { name: 'P24 extensions', wire: chunked('5 ; a ; b = c ; d="e\\"f"\r\nhello\r\n0;last\r\n\r\n') },
  {
    name: 'P28 trailers',
    wire: chunked('5\r\nhello\r\n0\r\nContent-Length: 9\r\nConnection: close\r\n\r\n'),
  },
  { name: 'P29 unknown 1xx', wire: `HTTP/1.1 199 ?\r\nContent-Length: 3\r\n\r\n${five('A: b')}` },
  {
    name: 'P35 HTTP/1.0 with keep-alive',
    wire: 'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 5\r\n\r\nhello',
  },
]

// Delivered, and the connection closed -----------------------------------------------------------------------------------

const RETIRED: (Row & { readonly text?: string })[] = [
  { name: 'P1 HTTP/1.0', wire: 'HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello' },
  { name: 'P21 to the close', wire: `${head('')}hello`, after: 'close' },
  { name: 'P33 another response behind it', wire: five('A: b') + five('B: c') },
  { name: 'P33 a lone CRLF behind it', wire: `${five('A: b')}\r\n` },
  { name: 'P33 bytes behind the last chunk', wire: chunked('5\r\nhello\r\n0\r\n\r\n0\r\n\r\n') },
  { name: 'P33 content of a HEAD response', method: 'HEAD', wire: five('A: b'), text: '' },
  { name: 'P33 content of a 304', wire: 'HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\nhello', text: '' },
  { name: 'P35 close among others, in capitals', wire: five('Connection: x, CLOSE') },
  { name: 'P35 close on a second line', wire: five('Connection: keep-alive\r\nConnection: close') },
  { name: 'P36 nothing left of max', wire: five('Keep-Alive: max=0') },
]

// Refused ------------------------------------------------------------------------------------------------------------------

const REFUSED: (Row & { readonly code: string; readonly status?: number })[] = [
  { name: 'P2 HTTP/2.0', wire: 'HTTP/2.0 200 OK\r\n\r\n', code: PARSE },
  { name: 'P2 lower case', wire: 'http/1.1 200 OK\r\n\r\n', code: PARSE },
  { name: 'P2 another protocol', wire: 'ICY 200 OK\r\n\r\n', code: PARSE },
  { name: 'P2 two digits', wire: 'HTTP/1.10 200 OK\r\n\r\n', code: PARSE },
  { name: 'P2 text before the line', wire: 'x\r\nHTTP/1.1 200 OK\r\n\r\n', code: PARSE },
  { name: 'P3 five empty lines', wire: `${'\r\n'.repeat(5)}${five('A: b')}`, code: PARSE },
  { name: 'P4 four digits', wire: 'HTTP/1.1 2000 OK\r\n\r\n', code: PARSE },
  { name: 'P4 099', wire: 'HTTP/1.1 099 OK\r\n\r\n', code: PARSE },
  { name: 'P6 NUL in the reason', wire: 'HTTP/1.1 200 O\0K\r\n\r\n', code: PARSE },
  { name: 'P7 two spaces', wire: 'HTTP/1.1  200 OK\r\n\r\n', code: PARSE },
  { name: 'P8 LF alone in the head', wire: 'HTTP/1.1 200 OK\nContent-Length: 0\n\n', code: PARSE },
  { name: 'P8 LF alone behind a size', wire: chunked('5\nhello\r\n0\r\n\r\n'), code: PARSE, status: 200 },
  { name: 'P8 LF alone in the trailers', wire: chunked('0\r\nA: b\n\r\n'), code: PARSE, status: 200 },
  { name: 'P9 a space before the colon', wire: five('A : b'), code: PARSE },
  { name: 'P9 an empty name', wire: five(': b'), code: PARSE },
  { name: 'P10 NUL in a value', wire: five('A: b\0c'), code: PARSE },
  { name: 'P10 CR in a value', wire: five('A: b\rc'), code: PARSE },
  { name: 'P11 a folded length', wire: head('Content-Length:\r\n 5\r\n'), code: PARSE },
  { name: 'P11 a fold behind the status line', wire: head(' A: b\r\n'), code: PARSE },
  { name: 'P13 head', wire: head(`A: ${'b'.repeat(16_000)}\r\n`.repeat(5)), code: LIMIT },
  { name: 'P13 fields', wire: head('A: b\r\n'.repeat(257)), code: LIMIT },
  { name: 'P13 line', wire: head(`A: ${'b'.repeat(17_000)}\r\n`), code: LIMIT },
  { name: 'P13 trailers', wire: chunked(`0\r\n${'A: b\r\n'.repeat(257)}\r\n`), code: LIMIT, status: 200 },
  {
    name: 'P14 204 with a length that is none',
    wire: 'HTTP/1.1 204 x\r\nContent-Length: -\r\n\r\n',
    code: FRAMING,
  },
  { name: 'P15 a length with a sign', wire: head('Content-Length: +5\r\n'), code: FRAMING },
  { name: 'P15 a length above 2^53-1', wire: head('Content-Length: 9007199254740992\r\n'), code: FRAMING },
  { name: 'P16 different lengths', wire: head('Content-Length: 5\r\nContent-Length: 05\r\n'), code: FRAMING },
  { name: 'P18 gzip behind chunked', wire: head('Transfer-Encoding: chunked, gzip\r\n'), code: FRAMING },
  {
    name: 'P18 chunked twice',
    wire: head('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n'),
    code: FRAMING,
  },
  {
    name: 'P19 a length and chunks',
    wire: head('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'),
    code: FRAMING,
  },
  {
    name: 'P20 chunks in HTTP/1.0',
    wire: 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    code: FRAMING,
  },
  {
    name: 'P22 the end inside the head',
    wire: 'HTTP/1.1 200 OK\r\nA: b\r\n',
    after: 'close',
    code: 'ERR_HTTP_PEER_CLOSED',
  },
  {
    name: 'P22 the end before the length',
    wire: `${head('Content-Length: 5\r\n')}hell`,
    after: 'close',
    code: INCOMPLETE,
    status: 200,
  },
  {
    name: 'P22 the end before the last chunk',
    wire: chunked('5\r\nhello\r\n'),
    after: 'close',
    code: INCOMPLETE,
    status: 200,
  },
  {
    name: 'P22 the end inside the trailers',
    wire: chunked('5\r\nhello\r\n0\r\nA: b\r\n'),
    after: 'close',
    code: INCOMPLETE,
    status: 200,
  },
  { name: 'P23 a size with 0x', wire: chunked('0x5\r\nhello\r\n0\r\n\r\n'), code: PARSE, status: 200 },
  { name: 'P23 a size that overflows', wire: chunked('fffffffffffffffff\r\n'), code: PARSE, status: 200 },
  {
    name: 'P25 an extension without a name',
    wire: chunked('5;\r\nhello\r\n0\r\n\r\n'),
    code: PARSE,
    status: 200,
  },
  {
    name: 'P25 a quote that is not closed',
    wire: chunked('5;a="b\r\nhello\r\n0\r\n\r\n'),
    code: PARSE,
    status: 200,
  },
  {
    name: 'P26 a chunk line',
    wire: chunked(`5;${'a'.repeat(17_000)}\r\nhello\r\n0\r\n\r\n`),
    code: LIMIT,
    status: 200,
  },
  {
    name: 'P27 more data than its size',
    wire: chunked('5\r\nhello!\r\n0\r\n\r\n'),
    code: PARSE,
    status: 200,
  },
  { name: 'P27 less data than its size', wire: chunked('6\r\nhello\r\n0\r\n\r\n'), code: PARSE, status: 200 },
  { name: 'P28 a trailer that is no field', wire: chunked('0\r\nnothing\r\n\r\n'), code: PARSE, status: 200 },
  {
    name: 'P29 more than 100 interim responses',
    wire: 'HTTP/1.1 103 x\r\n\r\n'.repeat(101),
    code: 'ERR_HTTP_TOO_MANY_1XX',
  },
  {
    name: 'P30 101 that was not asked for',
    wire: head('').replace('200 OK', '101 x\r\nUpgrade: x\r\nConnection: upgrade'),
    code: 'ERR_HTTP_UNSOLICITED_RESPONSE',
  },
]

interface Outcome {
  readonly status: number | null
  readonly text: string | null
  readonly code: string | null
  /** Connections that stand when everything has come. */
  readonly open: number
}

async function outcomeOf({ wire, method = 'GET', after }: Row, maxChunkBytes: number): Promise<Outcome> {
  const script = after === 'close' ? answeringOnce(wire) : answering(wire)
  const { session, openCount } = memoryServer(script, {}, { serverToClient: { maxChunkBytes } })
  let status = null
  let text = null
  let code = null
  try {
    const response = await session.request(method, URL)
    status = response.status
    text = await response.text()
  } catch (error) {
    code = String((error as { code?: unknown }).code)
  }
  await settle()
  const open = openCount()
  session.abort()
  return { status, text, code, open }
}

async function expectEachWay(row: Row, expected: Outcome): Promise<void> {
  expect(await outcomeOf(row, 65_536), 'whole').toEqual(expected)
  expect(await outcomeOf(row, 1), 'octet by octet').toEqual(expected)
}

for (const { status = 200, text = 'hello', ...row } of KEPT) {
  test(`${row.name}: delivered, and the connection is kept`, () =>
    expectEachWay(row, { status, text, code: null, open: 1 }))
}

for (const { text = 'hello', ...row } of RETIRED) {
  test(`${row.name}: delivered, and the connection is retired`, () =>
    expectEachWay(row, { status: row.wire.includes(' 304 ') ? 304 : 200, text, code: null, open: 0 }))
}

for (const { code, status = null, ...row } of REFUSED) {
  test(`${row.name}: refused, and the connection is closed`, () =>
    expectEachWay(row, { status, text: null, code, open: 0 }))
}
