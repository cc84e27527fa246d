import { FieldSection } from '@x/http1'
import type { FieldsInit } from '@x/http1'
import { expect, test } from 'vitest'
import { authorityOf, connectRequest, proxyFields, refusalOf } from './connect-request.ts'

const AUTHORITIES: [host: string, port: number, authority: string | null][] = [
  ['a.example', 443, 'a.example:443'],
  ['a.example', 80, 'a.example:80'],
  ['127.0.0.1', 1, '127.0.0.1:1'],
  ['::1', 65_535, '[::1]:65535'],
  ['xn--bcher-kva.example', 443, 'xn--bcher-kva.example:443'],
  ['a_b.example', 443, 'a_b.example:443'],
  ['', 443, null],
  ['a.example', 0, null],
  ['a.example', 65_536, null],
  ['a.example', 1.5, null],
  ['a.example', Number.NaN, null],
  ['a.example', -1, null],
  ['a b', 443, null],
  ['a\r\nX: y', 443, null],
  ['a.example/x', 443, null],
  ['user@a.example', 443, null],
  ['a.example#', 443, null],
  ['bücher.example', 443, null],
  ['日本', 443, null],
  ['fe80::1%eth0', 443, null],
  ['a.example:80', 443, null],
  ['[::1]', 443, null],
]

for (const [host, port, authority] of AUTHORITIES) {
  test(`CONNECT ${JSON.stringify(host)} ${port}`, () => {
    expect(authorityOf({ host, port, secure: true })).toBe(authority)
  })
}

test('the request: Host first, credentials, further fields', () => {
  const fields = proxyFields({ user: 'usér', password: 'p:w' }, { 'X-A': ['1', '2'], 'user-agent': 'x' })
  const basic = `Basic ${Buffer.from('usér:p:w').toString('base64')}`
  expect(connectRequest('[::1]:443', fields)).toBe(
    `CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\nProxy-Authorization: ${basic}\r\nX-A: 1\r\nX-A: 2\r\nuser-agent: x\r\n\r\n`,
  )
  expect(connectRequest('a:1', proxyFields(null, []))).toBe('CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n')
})

const FIELDS: [name: string, fields: FieldsInit, why: string][] = [
  ['Host', { Host: 'x' }, 'must not have the field "host"'],
  ['Content-Length', { 'content-length': '0' }, 'must not have the field "content-length"'],
  ['Transfer-Encoding', { 'Transfer-Encoding': 'chunked' }, 'must not have the field "transfer-encoding"'],
  ['Connection', { connection: 'close' }, 'must not have the field "connection"'],
  ['credentials twice', { 'Proxy-Authorization': 'Bearer x' }, 'either in "proxy" or as the field'],
  ['a name that is none', { 'a b': 'x' }, 'not a token'],
  ['a value with a line break', { a: 'x\r\nHost: y' }, 'cannot be sent'],
]

for (const [name, fields, why] of FIELDS) {
  test(`fields for the proxy, refused: ${name}`, () => {
    expect(() => proxyFields({ user: 'u', password: 'p' }, fields)).toThrow(why)
  })
}

test('fields for the proxy: credentials of another kind', () => {
  const fields = proxyFields(null, { 'Proxy-Authorization': 'Bearer x' })
  expect(fields.toString()).toBe('Proxy-Authorization: Bearer x\r\n')
})

for (const [user, password] of [
  ['u:secret', 'p'],
  ['u\nsecret', 'p'],
  ['u', 'secret\u007F'],
  ['u', 'secret\0'],
] as const) {
  test(`credentials that cannot be sent are refused and not shown: ${JSON.stringify([user, password])}`, () => {
    expect(() => proxyFields({ user, password }, [])).toThrow('the credentials in "proxy" cannot be sent')
    expect(() => proxyFields({ user, password }, [])).not.toThrow('secret')
  })
}

const ANSWERS: [status: number, fields: FieldsInit, code: string | null, why?: string][] = [
  [200, [], null],
  [204, { 'content-length': '5' }, null],
  [299, { 'transfer-encoding': 'chunked' }, null],
  [101, { upgrade: 'x' }, 'ERR_PROXY_STATUS', 'answered 101'],
  [300, [], 'ERR_PROXY_STATUS', 'answered 300'],
  [302, { location: 'http://evil.example/' }, 'ERR_PROXY_STATUS', 'answered 302'],
  [403, [], 'ERR_PROXY_STATUS', 'answered 403'],
  [502, [], 'ERR_PROXY_STATUS', 'answered 502'],
  [999, [], 'ERR_PROXY_STATUS', 'answered 999'],
  [401, [], 'ERR_PROXY_AUTH', 'answered 401: it wants credentials, or others'],
  [407, [], 'ERR_PROXY_AUTH', 'answered 407: it wants credentials, or others'],
  [
    407,
    [
      ['Proxy-Authenticate', 'Negotiate'],
      ['Proxy-Authenticate', 'Basic realm="a, b"'],
    ],
    'ERR_PROXY_AUTH',
    'it wants credentials, or others (Negotiate, Basic)',
  ],
]

for (const [status, fields, code, why] of ANSWERS) {
  test(`P31 P32 an answer to CONNECT of ${status}: ${code ?? 'a tunnel'}`, () => {
    const head = { status, minorVersion: 1, reasonPhrase: '', fields: FieldSection.from(fields) } as const
    const refusal = refusalOf(head)
    expect(refusal?.code ?? null).toBe(code)
    if (refusal !== null) {
      expect(refusal).toMatchObject({ status })
      expect(refusal.why).toContain(why)
    }
  })
}
