import { expect, test } from 'vitest'
import { proxyFromEnvironment } from './environment.ts'
import type { Environment } from './environment.ts'

const HTTP = { host: 'a.example', port: 80, secure: false }
const HTTPS = { host: 'a.example', port: 443, secure: true }

const [A, B, C] = ['http://a:1', 'http://b:2', 'socks5h://c:3']

const ROWS: [name: string, env: Environment, http: string | null, https: string | null][] = [
  ['nothing', {}, null, null],
  ['each for its kind', { http_proxy: A, https_proxy: B }, A, B],
  ['upper case', { HTTP_PROXY: A, HTTPS_PROXY: B }, A, B],
  ['lower case before upper case', { http_proxy: A, HTTP_PROXY: B, https_proxy: A, HTTPS_PROXY: B }, A, A],
  ['one kind alone', { HTTPS_PROXY: B }, null, B],
  ['ALL_PROXY for what has none', { http_proxy: A, ALL_PROXY: C }, A, C],
  ['all_proxy before ALL_PROXY', { all_proxy: B, ALL_PROXY: C }, B, B],
  ['the kind before all_proxy, whatever the case', { HTTP_PROXY: A, all_proxy: C }, A, C],
  ['empty is not set', { http_proxy: '', HTTP_PROXY: A, https_proxy: ' ', ALL_PROXY: C }, A, C],
  ['without a scheme it is http', { http_proxy: 'a:1', ALL_PROXY: 'u:p@b:2' }, A, 'http://u:p@b:2'],
  ['credentials stay', { https_proxy: 'https://u:p%40@b:2' }, null, 'https://u:p%40@b:2'],
  ['CGI: HTTP_PROXY is a field of the request', { HTTP_PROXY: A, REQUEST_METHOD: 'GET' }, null, null],
  ['CGI: http_proxy counts', { HTTP_PROXY: A, http_proxy: B, REQUEST_METHOD: 'GET' }, B, null],
  ['CGI: all others count', { HTTP_PROXY: A, HTTPS_PROXY: B, ALL_PROXY: C, REQUEST_METHOD: '' }, C, B],
  ['NO_PROXY', { ALL_PROXY: C, NO_PROXY: 'x,a.example' }, null, null],
  ['no_proxy before NO_PROXY', { ALL_PROXY: C, no_proxy: 'x', NO_PROXY: 'a.example' }, C, C],
  ['NO_PROXY with a port', { ALL_PROXY: C, NO_PROXY: 'a.example:443' }, C, null],
  ['NO_PROXY=*', { ALL_PROXY: C, NO_PROXY: '*' }, null, null],
]

for (const [name, env, http, https] of ROWS) {
  test(`environment: ${name}`, () => {
    const choose = proxyFromEnvironment(env)
    expect([choose(HTTP), choose(HTTPS)]).toEqual([http, https])
  })
}

const WRONG: [Environment, string][] = [
  [{ http_proxy: 'ftp://u:secret@a' }, 'http_proxy'],
  [{ HTTP_PROXY: 'http://u:secret@' }, 'HTTP_PROXY'],
  [{ https_proxy: 'socks4://u:secret@a:1' }, 'https_proxy'],
  [{ ALL_PROXY: 'u:secret@a b' }, 'ALL_PROXY'],
]

for (const [env, name] of WRONG) {
  test(`environment: ${name} that is no proxy is refused by its name, not shown`, () => {
    expect(() => proxyFromEnvironment(env)).toThrow(new RegExp(`^${name} (is|must)`))
    expect(() => proxyFromEnvironment(env)).not.toThrow('secret')
  })
}

test('environment: what does not count may be anything', () => {
  const env = { http_proxy: A, https_proxy: B, all_proxy: 'nonsense://', HTTP_PROXY: '::', NO_PROXY: '://,,' }
  expect(proxyFromEnvironment(env)(HTTP)).toBe(A)
})

test("environment: the process's own by default, read once", () => {
  const before = process.env['https_proxy']
  process.env['https_proxy'] = A
  try {
    const choose = proxyFromEnvironment()
    process.env['https_proxy'] = B
    expect(choose(HTTPS)).toBe(A)
  } finally {
    if (before === undefined) delete process.env['https_proxy']
    else process.env['https_proxy'] = before
  }
})

test('environment: where variables are found in any case, as on Windows, a CGI program is safe all the same', () => {
  const windows = new Proxy<Record<string, string>>(
    { HTTP_PROXY: A, REQUEST_METHOD: 'GET' },
    {
      get: (target, name) => target[String(name).toUpperCase()],
    },
  )
  expect(windows['http_proxy']).toBe(A)
  expect(proxyFromEnvironment(windows)(HTTP)).toBe(null)
})
