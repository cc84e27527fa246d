import { expect, test } from 'vitest'
import { isReplayable, makeRequest } from './request.ts'
import { sessionFields } from './request-fields.ts'
import type { RequestInit } from './request.ts'
import { UrlParser } from './url.ts'

const NO_FIELDS = sessionFields([])
const url = (text: string) => new UrlParser().parse(text)

function headOf(
  method: string,
  init: RequestInit = {},
  at = 'http://a.example/b',
  defaults = NO_FIELDS,
): string {
  return makeRequest(method, url(at), init, defaults).head
}

const HEADS: { name: string; method: string; init?: RequestInit; at?: string; head: string }[] = [
  { name: 'GET', method: 'GET', head: 'GET /b HTTP/1.1\r\nHost: a.example\r\n\r\n' },
  {
    name: 'P54 IPv6 and port',
    method: 'GET',
    at: 'http://[::1]:81/',
    head: 'GET / HTTP/1.1\r\nHost: [::1]:81\r\n\r\n',
  },
  {
    name: 'P54 a caller’s Host replaces ours',
    method: 'GET',
    init: { headers: { host: 'b.example' } },
    head: 'GET /b HTTP/1.1\r\nHost: b.example\r\n\r\n',
  },
  {
    name: 'P53 Basic from the URL, as UTF-8',
    method: 'GET',
    at: 'http://ä:b@a.example/',
    head: 'GET / HTTP/1.1\r\nHost: a.example\r\nAuthorization: Basic w6Q6Yg==\r\n\r\n',
  },
  {
    name: 'P53 a given Authorization wins',
    method: 'GET',
    at: 'http://a:b@a.example/',
    init: { headers: { authorization: 'Bearer t' } },
    head: 'GET / HTTP/1.1\r\nHost: a.example\r\nauthorization: Bearer t\r\n\r\n',
  },
  {
    name: 'P52 latin1 values',
    method: 'GET',
    init: { headers: { 'x-a': 'é' } },
    head: 'GET /b HTTP/1.1\r\nHost: a.example\r\nx-a: é\r\n\r\n',
  },
  {
    name: 'several values of a field',
    method: 'GET',
    init: { headers: { 'x-a': ['1', '2'] } },
    head: 'GET /b HTTP/1.1\r\nHost: a.example\r\nx-a: 1\r\nx-a: 2\r\n\r\n',
  },
  {
    name: 'P55 DELETE without body',
    method: 'DELETE',
    head: 'DELETE /b HTTP/1.1\r\nHost: a.example\r\n\r\n',
  },
  {
    name: 'P55 POST without body',
    method: 'POST',
    head: 'POST /b HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\n\r\n',
  },
  {
    name: 'P55 PUT with an empty body',
    method: 'PUT',
    init: { body: '' },
    head: 'PUT /b HTTP/1.1\r\nHost: a.example\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: 0\r\n\r\n',
  },
  {
    name: 'bytes',
    method: 'POST',
    init: { body: new Uint8Array(3) },
    head: 'POST /b HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\n',
  },
  {
    name: 'ArrayBuffer',
    method: 'POST',
    init: { body: new ArrayBuffer(4) },
    head: 'POST /b HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\n\r\n',
  },
  {
    name: 'text counts octets',
    method: 'POST',
    init: { body: 'ä' },
    head: 'POST /b HTTP/1.1\r\nHost: a.example\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: 2\r\n\r\n',
  },
  {
    name: 'form',
    method: 'POST',
    init: { body: new URLSearchParams({ a: 'b c' }) },
    head: 'POST /b HTTP/1.1\r\nHost: a.example\r\nContent-Type: application/x-www-form-urlencoded;charset=UTF-8\r\nContent-Length: 5\r\n\r\n',
  },
  {
    name: 'JSON',
    method: 'POST',
    init: { json: null },
    head: 'POST /b HTTP/1.1\r\nHost: a.example\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n',
  },
  {
    name: 'a given Content-Type wins',
    method: 'POST',
    init: { json: 1, headers: { 'content-type': 'a/b' } },
    head: 'POST /b HTTP/1.1\r\nHost: a.example\r\ncontent-type: a/b\r\nContent-Length: 1\r\n\r\n',
  },
  {
    name: 'P56 unknown length',
    method: 'POST',
    init: { body: [] },
    head: 'POST /b HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n',
  },
  {
    name: 'P57 declared length of a source',
    method: 'POST',
    init: { body: [], headers: { 'content-length': '7' } },
    head: 'POST /b HTTP/1.1\r\nHost: a.example\r\nContent-Length: 7\r\n\r\n',
  },
  {
    name: 'P57 declared length that is right',
    method: 'POST',
    init: { body: 'abc', headers: { 'content-length': '3' } },
    head: 'POST /b HTTP/1.1\r\nHost: a.example\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: 3\r\n\r\n',
  },
]

for (const { name, method, init, at, head } of HEADS) {
  test(`head: ${name}`, () => expect(headOf(method, init, at)).toBe(head))
}

test('head: a request’s fields replace the session’s of that name', () => {
  const defaults = sessionFields({ Accept: '*/*', 'User-Agent': 'u' })
  expect(headOf('GET', { headers: { accept: 'text/html' } }, undefined, defaults)).toBe(
    'GET /b HTTP/1.1\r\nHost: a.example\r\nUser-Agent: u\r\naccept: text/html\r\n\r\n',
  )
})

const REFUSED: { name: string; method?: string; init?: RequestInit; code: string }[] = [
  { name: 'P51 empty method', method: '', code: 'ERR_HTTP_INVALID_METHOD' },
  { name: 'P51 method with a space', method: 'GET /', code: 'ERR_HTTP_INVALID_METHOD' },
  { name: 'P51 method with CRLF', method: 'GET\r\nX: y', code: 'ERR_HTTP_INVALID_METHOD' },
  { name: 'CONNECT', method: 'CONNECT', code: 'ERR_HTTP_INVALID_METHOD' },
  { name: 'P51 CRLF in a value', init: { headers: { a: 'b\r\nc: d' } }, code: 'ERR_HTTP_INVALID_HEADER' },
  { name: 'P51 NUL in a value', init: { headers: { a: '\0' } }, code: 'ERR_HTTP_INVALID_HEADER' },
  { name: 'P51 a wide character in a value', init: { headers: { a: 'č' } }, code: 'ERR_HTTP_INVALID_HEADER' },
  {
    name: 'P51 a wide character whose low octet is LF',
    init: { headers: { a: '\u010a' } },
    code: 'ERR_HTTP_INVALID_HEADER',
  },
  { name: 'P51 a space in a name', init: { headers: { 'a b': 'c' } }, code: 'ERR_HTTP_INVALID_HEADER' },
  { name: 'P51 an empty name', init: { headers: { '': 'c' } }, code: 'ERR_HTTP_INVALID_HEADER' },
  {
    name: 'P54 two Hosts',
    init: {
      headers: [
        ['host', 'a'],
        ['Host', 'b'],
      ],
    },
    code: 'ERR_HTTP_INVALID_HEADER',
  },
  {
    name: 'P58 Transfer-Encoding',
    init: { headers: { 'transfer-encoding': 'chunked' } },
    code: 'ERR_HTTP_INVALID_HEADER',
  },
  {
    name: 'P57 declared length too short',
    init: { body: 'abc', headers: { 'content-length': '2' } },
    code: 'ERR_HTTP_INVALID_HEADER',
  },
  {
    name: 'P57 declared length too long',
    init: { body: 'abc', headers: { 'content-length': '4' } },
    code: 'ERR_HTTP_INVALID_HEADER',
  },
  {
    name: 'P57 declared length without body',
    init: { headers: { 'content-length': '4' } },
    code: 'ERR_HTTP_INVALID_HEADER',
  },
  {
    name: 'P57 declared length twice',
    init: { body: 'abc', headers: { 'content-length': ['3', '3'] } },
    code: 'ERR_HTTP_INVALID_HEADER',
  },
  {
    name: 'P57 junk as length',
    init: { body: 'abc', headers: { 'content-length': '+3' } },
    code: 'ERR_HTTP_INVALID_HEADER',
  },
  { name: 'body and json', init: { body: 'a', json: 1 }, code: 'ERR_HTTP_INVALID_BODY' },
  { name: 'json without a form', init: { json: () => 1 }, code: 'ERR_HTTP_INVALID_BODY' },
  { name: 'json in a circle', init: { json: circle() }, code: 'ERR_HTTP_INVALID_BODY' },
  { name: 'an array of numbers as body', init: { body: [1] as never }, code: 'ERR_HTTP_INVALID_BODY' },
  { name: 'a number as body', init: { body: 5 as never }, code: 'ERR_HTTP_INVALID_BODY' },
]

for (const { name, method = 'POST', init = {}, code } of REFUSED) {
  test(`refused: ${name}`, () =>
    expect(() => headOf(method, init)).toThrow(expect.objectContaining({ code })))
}

test('refused: the error names the field and not its value', () => {
  expect(() => headOf('GET', { headers: { authorization: 'secret\n' } })).toThrow(/authorization/)
  expect(() => headOf('GET', { headers: { authorization: 'secret\n' } })).not.toThrow(/secret/)
})

test('a request is frozen and tells no user information', () => {
  const request = makeRequest('GET', url('http://a:b@a.example/c#d'), {}, NO_FIELDS)
  expect(Object.isFrozen(request)).toBe(true)
  expect(request.url).toBe('http://a.example/c')
})

test('replayable: an idempotent method and a body that can be had again', () => {
  const replayable = (method: string, init: RequestInit = {}) =>
    isReplayable(makeRequest(method, url('http://a.example/'), init, NO_FIELDS))
  expect(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'].every((method) => replayable(method))).toBe(
    true,
  )
  expect(['POST', 'PATCH', 'LOCK', 'get'].some((method) => replayable(method))).toBe(false)
  expect(replayable('PUT', { body: 'again' })).toBe(true)
  expect(replayable('PUT', { body: ['once'] })).toBe(false)
})

function circle(): object {
  const value: { self?: object } = {}
  value.self = value
  return value
}
