import { expect, test } from 'vitest'
import type { Http1Limits } from './limits.ts'
import { RequestHeadDecoder } from './request-head.ts'
import { TestWindow, octets, outcomeOf, sameForEverySplit, shownRequest } from './split.test-support.ts'
import type { Ending, Outcome } from './split.test-support.ts'

function decoded(wire: string, ending: Ending = 'then nothing', limits?: Partial<Http1Limits>): Outcome {
  return sameForEverySplit(wire, (chunks) =>
    outcomeOf(new RequestHeadDecoder(limits).decode, chunks, { show: shownRequest, ending }),
  )
}

const ACCEPTED = [
  { name: 'origin form', line: 'GET /a?b=|c[]{} HTTP/1.1', form: 'origin' },
  { name: 'absolute form', line: 'GET http://example.com:80/a HTTP/1.1', form: 'absolute' },
  { name: 'absolute form of another scheme', line: 'GET ftp://u@h/a HTTP/1.1', form: 'absolute' },
  { name: 'authority form', line: 'CONNECT example.com:443 HTTP/1.1', form: 'authority' },
  { name: 'authority form, IPv6', line: 'CONNECT [::1]:443 HTTP/1.1', form: 'authority' },
  { name: 'asterisk form', line: 'OPTIONS * HTTP/1.1', form: 'asterisk' },
  { name: 'a method of its own', line: "m!#$%&'*+-.^_`|~9 / HTTP/1.1", form: 'origin' },
  { name: 'P1 a minor above 1 is read as 1.1', line: 'GET / HTTP/1.2', form: 'origin' },
  { name: 'P3 four empty lines', line: '\r\n\r\n\r\n\r\nGET / HTTP/1.1', form: 'origin' },
]

for (const { name, line, form } of ACCEPTED) {
  test(`request line: ${name}`, () => {
    const [method, target] = line.trimStart().split(' ')
    expect(decoded(`${line}\r\nHost: h\r\n\r\nrest`)).toEqual({
      value: { method, target, targetForm: form, minorVersion: 1, fields: [['Host', 'h']] },
      rest: 'rest',
    })
  })
}

const REFUSED = [
  { name: 'no version', line: 'GET /', offset: 5 },
  { name: 'P2 HTTP/2.0', line: 'GET / HTTP/2.0', offset: 11 },
  { name: 'P2 lower case', line: 'GET / http/1.1', offset: 6 },
  { name: 'P2 two-digit minor', line: 'GET / HTTP/1.11', offset: 14 },
  { name: 'no minor', line: 'GET / HTTP/1.', offset: 13 },
  { name: 'version cut short', line: 'GET / HTT', offset: 9 },
  { name: 'space behind the version', line: 'GET / HTTP/1.1 ', offset: 14 },
  { name: 'P3 five empty lines', line: '\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1', offset: 9 },
  { name: 'P8 LF alone', line: 'GET / HTTP/1.1\nHost: h', offset: 14 },
  { name: 'space before the method', line: ' GET / HTTP/1.1', offset: 0 },
  { name: 'method not a token', line: 'G@T / HTTP/1.1', offset: 1 },
  { name: 'two spaces', line: 'GET  / HTTP/1.1', offset: 4 },
  { name: 'tab as separator', line: 'GET\t/ HTTP/1.1', offset: 3 },
  { name: 'space in the target', line: 'GET /a b HTTP/1.1', offset: 7 },
  { name: 'obs-text in the target', line: 'GET /\xe9 HTTP/1.1', offset: 5 },
  { name: 'fragment', line: 'GET /#a HTTP/1.1', offset: 5 },
  { name: 'relative path', line: 'GET a HTTP/1.1', offset: 4 },
  { name: 'asterisk with GET', line: 'GET * HTTP/1.1', offset: 4 },
  { name: 'authority with GET', line: 'GET example.com:443 HTTP/1.1', offset: 18 },
  { name: 'CONNECT without a port', line: 'CONNECT example.com HTTP/1.1', offset: 18 },
  { name: 'CONNECT without a host', line: 'CONNECT :443 HTTP/1.1', offset: 11 },
  { name: 'CONNECT to port 65536', line: 'CONNECT h:65536 HTTP/1.1', offset: 14 },
  { name: 'CONNECT with a path', line: 'CONNECT / HTTP/1.1', offset: 8 },
  { name: 'http with userinfo', line: 'GET http://u@h/ HTTP/1.1', offset: 14 },
  { name: 'http without a host', line: 'GET http:///a HTTP/1.1', offset: 12 },
  { name: 'TLS', line: '\x16\x03\x01', offset: 0 },
]

for (const { name, line, offset } of REFUSED) {
  test(`request line: ${name}: refused`, () => {
    const { error } = decoded(`${line}\r\nHost: h\r\n\r\n`)
    expect(error).toMatchObject({ code: 'ERR_HTTP1_PARSE', part: 'request line', offset })
  })
}

const HOSTS = [
  { name: 'a name', fields: 'Host: example.com\r\n' },
  { name: 'a port', fields: 'host: example.com:8080\r\n' },
  { name: 'IPv6', fields: 'Host: [::1]:80\r\n' },
  { name: 'empty', fields: 'Host:\r\n' },
]

for (const { name, fields } of HOSTS) {
  test(`Host: ${name}`, () => {
    expect(decoded(`GET / HTTP/1.1\r\n${fields}\r\n`).error).toBeUndefined()
  })
}

const BAD_HOSTS = [
  { name: 'missing in 1.1', fields: '' },
  { name: 'twice', fields: 'Host: a\r\nhost: a\r\n' },
  { name: 'with a path', fields: 'Host: a/b\r\n' },
  { name: 'with userinfo', fields: 'Host: u@a\r\n' },
  { name: 'with a space', fields: 'Host: a b\r\n' },
  { name: 'a list', fields: 'Host: a, b\r\n' },
  { name: 'junk as port', fields: 'Host: a:b\r\n' },
]

for (const { name, fields } of BAD_HOSTS) {
  test(`Host: ${name}: refused`, () => {
    const { error } = decoded(`GET / HTTP/1.1\r\n${fields}\r\n`)
    expect(error).toMatchObject({ code: 'ERR_HTTP1_FRAMING', field: 'host' })
  })
}

test('Host: not needed in HTTP/1.0, but still not twice', () => {
  expect(decoded('GET / HTTP/1.0\r\n\r\n').value).toMatchObject({ minorVersion: 0 })
  expect(decoded('GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n').error).toMatchObject({
    reason: 'more than one',
  })
})

test('P13 a request line above its limit', () => {
  const { error } = decoded('GET /aaaaaaaaaaaaaaaaaaaaaaaa', 'then nothing', { maxLineBytes: 20 })
  expect(error).toMatchObject({ limit: 'maxLineBytes', value: 20, field: null })
})

test('P22 the stream ends inside a request head, and before it', () => {
  const cut = decoded('GET / HTTP/1.1\r\nHost: h\r\n', 'then the stream ends')
  expect(cut.error).toMatchObject({ code: 'ERR_HTTP1_INCOMPLETE_HEAD', received: 25 })
  const none = outcomeOf(new RequestHeadDecoder().decode, [], {
    show: shownRequest,
    ending: 'then the stream ends',
  })
  expect(none.error).toMatchObject({ code: 'ERR_HTTP1_NO_HEAD' })
})

test('one decoder takes requests one after the other, and goes on after reset', () => {
  const decoder = new RequestHeadDecoder()
  const window = new TestWindow()
  window.feed(
    octets('GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\nGET /3 HTTP/1.1\r\n\r\n'),
  )
  expect(decoder.decode(window)?.target).toBe('/1')
  expect(decoder.decode(window)?.target).toBe('/2')
  expect(() => decoder.decode(window)).toThrow('host: missing')
  decoder.reset()
  const next = new TestWindow()
  next.feed(octets('GET /4 HTTP/1.1\r\nHost: h\r\n\r\n'))
  expect(decoder.decode(next)?.target).toBe('/4')
})
