/** What `console.log` shows of decoders, heads and errors: plain data, no values of secret fields, no octets. */
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import * as http1 from './index.ts'
import {
  createBodyDecoder,
  DEFAULT_LIMITS,
  FieldSection,
  FramingError,
  IllegalEventError,
  IncompleteBodyError,
  IncompleteHeadError,
  InvalidArgumentError,
  InvalidMessageError,
  latin1Bytes,
  LimitError,
  NoHeadError,
  ParseError,
  RequestHeadDecoder,
  ResponseHeadDecoder,
  UnexpectedSwitchError,
  wholeWindow,
} from './index.ts'

const HEAD = 'HTTP/1.1 200 OK\r\nSet-Cookie: a=secret\r\nContent-Length: 3\r\n\r\n'
const STEP =
  '{ expectedByteCount: null, receivedByteCount: 0, dataStart: 0, dataEnd: 0, trailers: FieldSection [] }'

const OBJECTS: { name: string; make: () => unknown; text: string }[] = [
  {
    name: 'a head',
    make: () => new ResponseHeadDecoder().decode(wholeWindow(latin1Bytes(HEAD))),
    text: "{ minorVersion: 1, status: 200, reasonPhrase: 'OK', fields: FieldSection [ 'Set-Cookie: (hidden)', 'Content-Length: 3' ] }",
  },
  {
    name: 'fields to be sent',
    make: () => FieldSection.from({ authorization: 'Basic dTpw', 'x-a': 'b' }),
    text: "FieldSection [ 'authorization: (hidden)', 'x-a: b' ]",
  },
  {
    name: 'a decoder of response heads',
    make: () => new ResponseHeadDecoder(),
    text: `ResponseHeadDecoder { limits: ${oneLine(DEFAULT_LIMITS)}, decode: [Function: decode] }`,
  },
  {
    name: 'a decoder of request heads',
    make: () => new RequestHeadDecoder(),
    text: `RequestHeadDecoder { limits: ${oneLine(DEFAULT_LIMITS)}, decode: [Function: decode] }`,
  },
  {
    name: 'a decoder of chunks',
    make: () => createBodyDecoder({ kind: 'chunked' }),
    text: `ChunkedDecoder ${STEP}`,
  },
  {
    name: 'a decoder up to the close',
    make: () => createBodyDecoder({ kind: 'close-delimited' }),
    text: `CloseDelimitedDecoder ${STEP}`,
  },
  {
    name: 'a decoder of a length',
    make: () => createBodyDecoder({ kind: 'content-length', byteCount: 3 }),
    text: `LengthDecoder ${STEP.replace('null', '3')}`,
  },
]

function oneLine(value: unknown): string {
  return inspect(value).replaceAll(/\s+/g, ' ')
}

for (const { name, make, text } of OBJECTS) {
  test(`${name} is shown as its facts`, () => expect(oneLine(make())).toBe(text))
}

const ERRORS: { error: Error; line: string; fields: string[] }[] = [
  {
    error: new ParseError({ part: 'chunk line', reason: 'not a chunk size', offset: 3, excerpt: 'x' }),
    line: 'ParseError: malformed chunk line at octet 3: not a chunk size: "x"',
    fields: ['code', 'excerpt', 'offset', 'part', 'reason', 'side'],
  },
  {
    error: new LimitError({ limit: 'maxHeadBytes', value: 10, field: 'cookie' }),
    line: 'LimitError: more than maxHeadBytes = 10 allows, in field "cookie"',
    fields: ['code', 'field', 'limit', 'side', 'value'],
  },
  {
    error: new FramingError({ field: 'content-length', reason: 'not a length', value: '1\r\n' }),
    line: String.raw`FramingError: content-length: not a length: "1\x0d\x0a"`,
    fields: ['code', 'excerpt', 'field', 'reason', 'side'],
  },
  {
    error: new IncompleteBodyError({ received: 1, expected: 2 }),
    line: 'IncompleteBodyError: the peer closed after 1 of 2 octets of a body',
    fields: ['code', 'expected', 'received', 'side'],
  },
  {
    error: new IncompleteHeadError({ received: 1 }),
    line: 'IncompleteHeadError: the peer closed inside a head, after 1 octets',
    fields: ['code', 'received', 'side'],
  },
  {
    error: new NoHeadError(),
    line: 'NoHeadError: the peer closed before the first octet of a head',
    fields: ['code', 'side'],
  },
  {
    error: new InvalidMessageError({ part: 'field value', reason: 'not a string', field: 'a\r\nb' }),
    line: String.raw`InvalidMessageError: invalid field value of "a\x0d\x0ab": not a string`,
    fields: ['code', 'field', 'offset', 'part', 'reason', 'side'],
  },
  {
    error: new InvalidArgumentError({ argument: 'maxHeadBytes', reason: 'is not a limit' }),
    line: 'InvalidArgumentError: maxHeadBytes is not a limit',
    fields: ['argument', 'code', 'side'],
  },
  {
    error: new IllegalEventError({ phase: 'idle', event: 'finalHead' }),
    line: 'IllegalEventError: "finalHead" is not legal while idle',
    fields: ['code', 'event', 'phase', 'side'],
  },
]

for (const { error, line, fields } of ERRORS) {
  test(`an error: ${line}`, () => {
    const [first, second] = inspect(error).split('\n')
    expect(first).toBe(line)
    expect(second).toMatch(/^ {4}at /)
    expect(
      Object.keys(error)
        .filter((key) => key !== 'name')
        .toSorted(),
    ).toEqual(fields)
    for (const value of Object.values(error)) expect(['string', 'number', 'object']).toContain(typeof value)
  })
}

test('every error of this package is shown above', () => {
  const shown = new Set<unknown>(ERRORS.map(({ error }) => error.constructor)).add(UnexpectedSwitchError)
  const abstract = new Set<unknown>([http1.Http1Error, http1.LocalProtocolError, http1.RemoteProtocolError])
  for (const [name, value] of Object.entries(http1))
    if (/^[A-Z].*Error$/.test(name) && !abstract.has(value)) expect(shown.has(value), name).toBe(true)
})

test('a secret field that cannot be sent, or that came malformed, does not show its value', () => {
  const attempts = [
    () => FieldSection.from({ authorization: 'Bearer my secret\n' }),
    () => FieldSection.from({ 'bad name': 'my secret' }),
    () =>
      new RequestHeadDecoder().decode(
        wholeWindow(latin1Bytes('GET / HTTP/1.1\r\nauthorization: my secret\0\r\n\r\n')),
      ),
  ]
  for (const attempt of attempts) {
    let error: unknown
    try {
      attempt()
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(http1.Http1Error)
    expect(inspect(error)).not.toContain('my secret')
  }
})
