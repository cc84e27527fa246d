import { expect, test } from 'vitest'
import { wholeWindow } from './byte-window.ts'
import { latin1Bytes } from './bytes.ts'
import { CHUNK_END, encodeChunkHeader, encodeLastChunk } from './encode-chunk.ts'
import { encodeRequestHead, encodeResponseHead } from './encode-head.ts'
import { FieldSection } from './field-section.ts'
import { isFieldValue, isTarget, isToken } from './grammar.ts'
import { RequestHeadDecoder } from './request-head.ts'
import { ResponseHeadDecoder } from './response-head.ts'

test('a request head, from pairs, a record and a section', () => {
  const head = 'GET /a HTTP/1.1\r\nHost: h\r\nX: \r\n\r\n'
  const record = { Host: 'h', X: '' }
  for (const fields of [
    record,
    Object.entries(record),
    FieldSection.from(record),
    new Map(Object.entries(record)),
  ]) {
    expect(encodeRequestHead({ method: 'GET', target: '/a', fields })).toBe(head)
  }
})

test('HTTP/1.0 on request', () => {
  expect(encodeRequestHead({ method: 'GET', target: '/', fields: [], minorVersion: 0 })).toBe(
    'GET / HTTP/1.0\r\n\r\n',
  )
  expect(encodeResponseHead({ status: 200, fields: [], minorVersion: 0 })).toBe('HTTP/1.0 200 \r\n\r\n')
})

test('a response head', () => {
  expect(encodeResponseHead({ status: 404, reasonPhrase: 'Not Found', fields: { A: ['b', 'c'] } })).toBe(
    'HTTP/1.1 404 Not Found\r\nA: b\r\nA: c\r\n\r\n',
  )
})

test('P52 latin1 values go out as latin1 octets, and come back', () => {
  const value = '\x80\x9f\xe9\xff'
  const request = latin1Bytes(
    encodeRequestHead({ method: 'GET', target: '/', fields: { Host: 'h', a: value } }),
  )
  expect([...request.subarray(-8, -4)]).toEqual([0x80, 0x9f, 0xe9, 0xff])
  expect(new RequestHeadDecoder().decode(wholeWindow(request))?.fields.get('a')).toBe(value)
  const response = latin1Bytes(encodeResponseHead({ status: 200, reasonPhrase: value, fields: { a: value } }))
  const head = new ResponseHeadDecoder().decode(wholeWindow(response))
  expect([head?.reasonPhrase, head?.fields.get('a')]).toEqual([value, value])
})

const BAD_METHODS = ['', 'G T', 'GET\r\n', 'G\0', 'G:', '\xe9', '\u0141', undefined, 5]
const BAD_TARGETS = ['', '/ ', '/\r\n', '/\t', '/\0', '/\x7f', '/#a', '/\xe9', '/\u0120', undefined]

for (const method of BAD_METHODS) {
  test(`P51 method ${JSON.stringify(method)}: refused`, () => {
    expect(() => encodeRequestHead({ method: method as string, target: '/', fields: [] })).toThrow(
      expect.objectContaining({ code: 'ERR_HTTP1_INVALID_MESSAGE', part: 'method' }),
    )
  })
}

for (const target of BAD_TARGETS) {
  test(`P51 target ${JSON.stringify(target)}: refused`, () => {
    expect(() => encodeRequestHead({ method: 'GET', target: target as string, fields: [] })).toThrow(
      expect.objectContaining({
        part: 'target',
        offset: Math.max((target?.length ?? 1) - 1, 0) - (target === '/\r\n' || target === '/#a' ? 1 : 0),
      }),
    )
  })
}

test('P51 fields given with the head are checked, in every form', () => {
  for (const fields of [{ a: '\n' }, [['a', '\n']] as [string, string][], new Map([['a', '\n']])]) {
    expect(() => encodeRequestHead({ method: 'GET', target: '/', fields })).toThrow('U+000A at index 0')
    expect(() => encodeResponseHead({ status: 200, fields })).toThrow('U+000A at index 0')
  }
})

test('P51 status and reason phrase', () => {
  for (const status of [99, 1000, 200.5, Number.NaN, '200' as unknown as number]) {
    expect(() => encodeResponseHead({ status, fields: [] })).toThrow(
      expect.objectContaining({ part: 'status' }),
    )
  }
  for (const reasonPhrase of ['a\r\nb', '\0', '\u0100', ' a', '\ta']) {
    expect(() => encodeResponseHead({ status: 200, reasonPhrase, fields: [] })).toThrow(
      expect.objectContaining({ part: 'reason phrase' }),
    )
  }
})

test('P51 a minor version that is none cannot put text on the wire', () => {
  const minorVersion = '1\r\nx: y' as unknown as 1
  expect(encodeRequestHead({ method: 'GET', target: '/', fields: [], minorVersion })).toBe(
    'GET / HTTP/1.1\r\n\r\n',
  )
})

test('a chunk', () => {
  expect(`${encodeChunkHeader(26)}${'x'.repeat(26)}${CHUNK_END}`).toBe(`1a\r\n${'x'.repeat(26)}\r\n`)
  for (const byteCount of [0, -1, 1.5, Number.NaN, 2 ** 53]) {
    expect(() => encodeChunkHeader(byteCount)).toThrow(
      expect.objectContaining({ code: 'ERR_HTTP1_INVALID_ARGUMENT', argument: 'byteCount' }),
    )
  }
})

test('the last chunk, with and without trailers', () => {
  expect(encodeLastChunk()).toBe('0\r\n\r\n')
  expect(encodeLastChunk([])).toBe('0\r\n\r\n')
  expect(encodeLastChunk({ 'X-Sum': '1' })).toBe('0\r\nX-Sum: 1\r\n\r\n')
})

for (const name of [
  'Content-Length',
  'transfer-encoding',
  'Host',
  'Authorization',
  'Set-Cookie',
  'Trailer',
]) {
  test(`${name} is not sent as a trailer`, () => {
    expect(() => encodeLastChunk({ [name]: 'x' })).toThrow(expect.objectContaining({ part: 'trailer field' }))
  })
}

test('P51 the checks agree with a slow reading of the grammar, for every character', () => {
  for (let code = 0; code < 0x180; code += 1) {
    const text = String.fromCharCode(code)
    expect(isToken(text), `token U+${code}`).toBe(/^[!#$%&'*+.^_`|~0-9A-Za-z-]$/.test(text))
    expect(isFieldValue(text), `value U+${code}`).toBe(
      code === 9 || (code >= 32 && code !== 127 && code < 256),
    )
    expect(isTarget(text), `target U+${code}`).toBe(code > 32 && code < 127 && text !== '#')
  }
  expect([isToken(''), isFieldValue(''), isTarget('')]).toEqual([false, true, false])
})
