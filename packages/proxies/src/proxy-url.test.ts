import { expect, test } from 'vitest'
import { parseProxyUrl } from './proxy-url.ts'
import type { ProxyScheme } from './proxy-url.ts'

const ALL: readonly ProxyScheme[] = ['http', 'https', 'socks5', 'socks5h']

const READ: [text: string, host: string, port: number, shown: string, user?: string, password?: string][] = [
  ['http://proxy.example:3128', 'proxy.example', 3128, 'http://proxy.example:3128'],
  ['http://proxy.example', 'proxy.example', 80, 'http://proxy.example:80'],
  ['http://proxy.example:80/', 'proxy.example', 80, 'http://proxy.example:80'],
  ['HTTPS://Proxy.Example', 'proxy.example', 443, 'https://proxy.example:443'],
  ['https://proxy.example:80', 'proxy.example', 80, 'https://proxy.example:80'],
  ['socks5://proxy.example', 'proxy.example', 1080, 'socks5://proxy.example:1080'],
  ['socks5://Proxy.Example:80', 'proxy.example', 80, 'socks5://proxy.example:80'],
  ['socks5h://[2001:DB8::1]:9', '2001:db8::1', 9, 'socks5h://[2001:db8::1]:9'],
  ['http://[::1]:8080', '::1', 8080, 'http://[::1]:8080'],
  ['http://0x7f.1:1', '127.0.0.1', 1, 'http://127.0.0.1:1'],
  ['socks5://0x7f.1:1', '127.0.0.1', 1, 'socks5://127.0.0.1:1'],
  ['http://bücher.example', 'xn--bcher-kva.example', 80, 'http://xn--bcher-kva.example:80'],
  ['proxy.example:3128', 'proxy.example', 3128, 'http://proxy.example:3128'],
  ['localhost:3128', 'localhost', 3128, 'http://localhost:3128'],
  ['u:p@localhost:3128', 'localhost', 3128, 'http://localhost:3128', 'u', 'p'],
  ['http://u@a:1', 'a', 1, 'http://a:1', 'u', ''],
  ['http://:p@a:1', 'a', 1, 'http://a:1', '', 'p'],
  ['http://us%C3%A9r:p%40%3A%2F@a:1', 'a', 1, 'http://a:1', 'usér', 'p@:/'],
  ['socks5://us%C3%A9r:p%40%3A%2F@a:1', 'a', 1, 'socks5://a:1', 'usér', 'p@:/'],
  ['http://u:100%@a:1', 'a', 1, 'http://a:1', 'u', '100%'],
]

for (const [text, host, port, shown, user, password] of READ) {
  test(`the URL of a proxy: ${text}`, () => {
    const scheme = shown.slice(0, shown.indexOf(':'))
    const credentials = user === undefined ? null : { user, password }
    expect(parseProxyUrl('x', text, ALL)).toEqual({ scheme, host, port, credentials, shown })
  })
}

const REFUSED = [
  ['', 'is not a URL'],
  ['http://', 'is not a URL'],
  ['http://u:secret@', 'is not a URL'],
  ['http://u:secret@a:99999', 'is not a URL'],
  ['http://u:secret@a b', 'is not a URL'],
  ['socks5://u:secret@a b:1', 'is not a URL'],
  ['http://u:secret@a:0', 'must have a port'],
  ['http://u:sec/ret@a:1', 'is not a URL'],
  ['http://u:sec#ret@a', 'is not a URL'],
  ['http://u:secret@a/path', 'must have no path'],
  ['http://u:secret@a/?q', 'must have no path'],
  ['http://u:secret@a#f', 'must have no path'],
  ['ftp://u:secret@a', 'must be a URL with one of the schemes'],
  ['socks://u:secret@a', 'must be a URL with one of the schemes'],
  ['socks4://u:secret@a', 'must be a URL with one of the schemes'],
  ['socks5h2://u:secret@a', 'must be a URL with one of the schemes'],
  [7, 'must be a string'],
  [undefined, 'must be a string'],
] as const

for (const [text, why] of REFUSED) {
  test(`no URL of a proxy: ${text}; the error does not show it`, () => {
    expect(() => parseProxyUrl('HTTP_PROXY', text, ALL)).toThrow(TypeError)
    expect(() => parseProxyUrl('HTTP_PROXY', text, ALL)).toThrow(`HTTP_PROXY ${why}`)
    expect(() => parseProxyUrl('HTTP_PROXY', text, ALL)).not.toThrow(/sec|ret|cause/)
  })
}
