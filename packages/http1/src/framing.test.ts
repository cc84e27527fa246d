import { expect, test } from 'vitest'
import { FieldSection } from './field-section.ts'
import { requestFraming, responseFraming } from './framing.ts'
import type { MessageFraming } from './framing.ts'
import type { Http1Error } from './errors.ts'
import { ResponseHeadDecoder } from './response-head.ts'
import type { ResponseHead } from './response-head.ts'
import { outcomeOf, sameForEverySplit } from './split.test-support.ts'

interface Exchange {
  readonly status?: number
  readonly method?: string
  readonly minorVersion?: 0 | 1
  readonly upgrade?: string
}

/** From the wire, under every split. */
function framingOf(lines: string, exchange: Exchange = {}): { value?: unknown; error?: unknown } {
  const { status = 200, method: requestMethod = 'GET', minorVersion = 1, upgrade: requestUpgrade } = exchange
  return sameForEverySplit(`HTTP/1.${minorVersion} ${status} x\r\n${lines}\r\n`, (chunks) => {
    const { value } = outcomeOf(new ResponseHeadDecoder().decode, chunks, { show: (decoded) => decoded })
    const head = value as ResponseHead
    try {
      return { value: responseFraming({ requestMethod, head, requestUpgrade }), rest: '' }
    } catch (error) {
      return { error: (error as Http1Error).toJSON(), rest: '' }
    }
  })
}

const CHUNKED = 'Transfer-Encoding: chunked\r\n'
const length = (byteCount: number): MessageFraming => ({ kind: 'content-length', byteCount })

const ACCEPTED: { name: string; lines: string; exchange?: Exchange; is: MessageFraming }[] = [
  {
    name: 'P14 HEAD with a length',
    lines: 'Content-Length: 5\r\n',
    exchange: { method: 'HEAD' },
    is: { kind: 'none' },
  },
  { name: 'P14 HEAD with chunked', lines: CHUNKED, exchange: { method: 'HEAD' }, is: { kind: 'none' } },
  { name: 'P14 HEAD with nothing', lines: '', exchange: { method: 'HEAD' }, is: { kind: 'none' } },
  {
    name: 'P14 a method in lower case is not HEAD',
    lines: '',
    exchange: { method: 'head' },
    is: { kind: 'close-delimited' },
  },
  { name: 'P14 100', lines: 'Content-Length: 5\r\n', exchange: { status: 100 }, is: { kind: 'none' } },
  { name: 'P14 199', lines: CHUNKED, exchange: { status: 199 }, is: { kind: 'none' } },
  { name: 'P14 204', lines: 'Content-Length: 5\r\n', exchange: { status: 204 }, is: { kind: 'none' } },
  { name: 'P14 205', lines: 'Content-Length: 5\r\n', exchange: { status: 205 }, is: { kind: 'none' } },
  { name: 'P14 304', lines: CHUNKED, exchange: { status: 304 }, is: { kind: 'none' } },
  { name: 'P15 zero', lines: 'Content-Length: 0\r\n', is: length(0) },
  { name: 'P15 leading zeros', lines: 'content-length: 0000000000000000000005\r\n', is: length(5) },
  { name: 'P15 2^53-1', lines: 'Content-Length: 9007199254740991\r\n', is: length(Number.MAX_SAFE_INTEGER) },
  { name: 'P15 HTTP/1.0', lines: 'Content-Length: 5\r\n', exchange: { minorVersion: 0 }, is: length(5) },
  { name: 'P16 equal lengths as a list', lines: 'Content-Length: 5, 5\r\n', is: length(5) },
  { name: 'P16 equal lengths as lines', lines: 'Content-Length: 5\r\ncontent-length: 5\r\n', is: length(5) },
  { name: 'P17 chunked', lines: CHUNKED, is: { kind: 'chunked' } },
  { name: 'P17 in any case', lines: 'TRANSFER-ENCODING: ChUnKeD\r\n', is: { kind: 'chunked' } },
  {
    name: 'P17 an empty member before it',
    lines: 'Transfer-Encoding: , chunked\r\n',
    is: { kind: 'chunked' },
  },
  { name: 'P21 neither', lines: '', is: { kind: 'close-delimited' } },
  {
    name: 'P31 2xx to CONNECT, framing ignored',
    lines: `Content-Length: x\r\n${CHUNKED}`,
    exchange: { method: 'CONNECT' },
    is: { kind: 'tunnel' },
  },
  {
    name: 'P31 299 to CONNECT',
    lines: '',
    exchange: { method: 'CONNECT', status: 299 },
    is: { kind: 'tunnel' },
  },
  {
    name: 'P31 101 asked for, framing ignored',
    lines: 'Connection: x, Upgrade\r\nUpgrade: WebSocket\r\nContent-Length: 5\r\n',
    exchange: { status: 101, upgrade: 'websocket' },
    is: { kind: 'tunnel' },
  },
  {
    name: 'P31 101 to one of several',
    lines: 'Connection: upgrade\r\nUpgrade: b/2\r\n',
    exchange: { status: 101, upgrade: 'a/1, b/2' },
    is: { kind: 'tunnel' },
  },
  {
    name: 'P32 407 to CONNECT',
    lines: 'Content-Length: 5\r\n',
    exchange: { method: 'CONNECT', status: 407 },
    is: length(5),
  },
  {
    name: 'P32 300 to CONNECT',
    lines: CHUNKED,
    exchange: { method: 'CONNECT', status: 300 },
    is: { kind: 'chunked' },
  },
]

for (const { name, lines, exchange, is } of ACCEPTED) {
  test(`${name}: ${is.kind}`, () => {
    expect(framingOf(lines, exchange).value).toEqual(is)
  })
}

const LENGTHS = [
  '',
  '+5',
  '-5',
  '0x5',
  '5 5',
  '5.0',
  '5e1',
  '1_0',
  '\xb2',
  '9007199254740992',
  '9'.repeat(400),
  '5;a',
  '"5"',
]
const SEVERAL = ['5, 6', '5, 05', '5,', ',5', '5,,5', ',']
const CODINGS = [
  ...[
    'chunked, gzip',
    'gzip',
    'gzip, chunked',
    'identity',
    'chunked, identity',
    'chunked, chunked',
    'chunked,',
  ],
  ...['"chunked"', "'chunked'", '', ',', 'chunked;a=b', 'xchunked', 'chunked x', '\xa0chunked'],
]

const REFUSED: { name: string; lines: string; exchange?: Exchange; field?: string }[] = [
  ...LENGTHS.map((value) => ({
    name: `P15 length ${JSON.stringify(value.slice(0, 20))}`,
    lines: `Content-Length: ${value}\r\n`,
  })),
  ...SEVERAL.map((value) => ({ name: `P16 lengths "${value}"`, lines: `Content-Length: ${value}\r\n` })),
  { name: 'P16 different lines', lines: 'Content-Length: 5\r\nContent-Length: 6\r\n' },
  { name: 'P16 an empty line', lines: 'Content-Length: 5\r\nContent-Length:\r\n' },
  ...['HEAD', 'GET'].map((method) => ({
    name: `P14 fields still validated: ${method}`,
    lines: 'Content-Length: x\r\n',
    exchange: { method, status: 204 },
  })),
  ...CODINGS.map((value) => ({
    name: `P18 ${JSON.stringify(value)}`,
    lines: `Transfer-Encoding: ${value}\r\n`,
    field: 'transfer-encoding',
  })),
  { name: 'P18 chunked on two lines', lines: CHUNKED + CHUNKED, field: 'transfer-encoding' },
  {
    name: 'P18 an empty line beside chunked',
    lines: `Transfer-Encoding:\r\n${CHUNKED}`,
    field: 'transfer-encoding',
  },
  { name: 'P19 both', lines: `Content-Length: 5\r\n${CHUNKED}`, field: 'transfer-encoding' },
  {
    name: 'P19 both, the other way round',
    lines: `${CHUNKED}Content-Length: 5\r\n`,
    field: 'transfer-encoding',
  },
  { name: 'P20 HTTP/1.0', lines: CHUNKED, exchange: { minorVersion: 0 }, field: 'transfer-encoding' },
  {
    name: 'P32 bad framing of a refused CONNECT',
    lines: 'Content-Length: x\r\n',
    exchange: { method: 'CONNECT', status: 403 },
  },
]

for (const { name, lines, exchange, field = 'content-length' } of REFUSED) {
  test(`${name}: refused`, () => {
    expect(framingOf(lines, exchange).error).toMatchObject({ code: 'ERR_HTTP1_FRAMING', field })
  })
}

const SWITCHES = [
  { name: 'without our Upgrade', lines: 'Connection: upgrade\r\nUpgrade: a\r\n', offered: undefined },
  { name: 'without Upgrade in it', lines: 'Connection: upgrade\r\n', offered: 'a' },
  { name: 'with an empty Upgrade', lines: 'Connection: upgrade\r\nUpgrade:\r\n', offered: 'a' },
  { name: 'without Connection: upgrade', lines: 'Connection: keep-alive\r\nUpgrade: a\r\n', offered: 'a' },
  { name: 'with another protocol', lines: 'Connection: upgrade\r\nUpgrade: b\r\n', offered: 'a' },
  { name: 'with one more protocol', lines: 'Connection: upgrade\r\nUpgrade: a, b\r\n', offered: 'a' },
]

for (const { name, lines, offered } of SWITCHES) {
  test(`P30 101 ${name}: refused`, () => {
    const exchange = offered === undefined ? { status: 101 } : { status: 101, upgrade: offered }
    expect(framingOf(lines, exchange).error).toMatchObject({
      code: 'ERR_HTTP1_UNEXPECTED_SWITCH',
      offered: offered ?? null,
    })
  })
}

const request = (fields: Record<string, string>, minorVersion: 0 | 1 = 1): MessageFraming =>
  requestFraming({ minorVersion, fields: FieldSection.from(fields) })

test('a request has no body unless a field says so', () => {
  expect(request({})).toEqual({ kind: 'none' })
  expect(request({ 'Content-Length': '5' })).toEqual(length(5))
  expect(request({ 'Transfer-Encoding': 'chunked' })).toEqual({ kind: 'chunked' })
})

test('P18 to P20 hold for requests', () => {
  expect(() => request({ 'Transfer-Encoding': 'gzip' })).toThrow('not just chunked')
  expect(() => request({ 'Transfer-Encoding': 'chunked', 'Content-Length': '5' })).toThrow('together')
  expect(() => request({ 'Transfer-Encoding': 'chunked' }, 0)).toThrow('HTTP/1.0')
})
