import { expect, test } from 'vitest'
import { noProxyMatcher } from './no-proxy.ts'

/** The list, hosts that it means, hosts that it does not; each with a port where it has one, else 443. */
const ROWS: [list: string, meant: string[], notMeant: string[]][] = [
  // curl(1), --noproxy
  [
    'local.com',
    ['local.com', 'local.com:80', 'www.local.com', 'a.b.local.com'],
    ['www.notlocal.com', 'local.com.org'],
  ],
  [
    '192.168.0.0/16',
    ['192.168.0.1', '192.168.255.255'],
    ['192.169.0.1', '192.168.0.1.example', '::ffff:c0a8:1'],
  ],
  ['*', ['a.example', '10.0.0.1', '::1', 'localhost'], []],
  ['', [], ['a.example', '10.0.0.1', '::1', 'localhost', '127.0.0.1']],
  ['example.com,::1,localhost', ['example.com', '::1', 'localhost'], ['127.0.0.1', '::2']],
  // curl's lib/noproxy.c
  ['.example.com', ['example.com', 'www.example.com'], ['notexample.com']],
  ['example.com.', ['example.com', 'www.example.com', 'example.com.'], []],
  ['example.com', ['example.com.', 'EXAMPLE.com', 'wWw.Example.COM.'], ['com', 'xample.com', 'example.comm']],
  ['EXAMPLE.COM', ['example.com', 'www.example.com'], []],
  ['127.0.0.1', ['127.0.0.1'], ['127.0.0.2', '1.127.0.0.1.example', '::ffff:7f00:1']],
  ['0.0.1', [], ['127.0.0.1', '0.0.0.1']],
  ['.0.0.1', [], ['127.0.0.1']],
  ['10.0.0.0/8,172.16.0.0/12', ['10.255.0.1', '172.31.0.1'], ['11.0.0.1', '172.32.0.1']],
  ['10.1.2.3/8', ['10.9.9.9'], ['11.1.2.3']],
  ['10.0.0.1/32', ['10.0.0.1'], ['10.0.0.2']],
  ['10.0.0.0/31', ['10.0.0.0', '10.0.0.1'], ['10.0.0.2']],
  ['10.0.0.0/33', [], ['10.0.0.0', '10.0.0.1']],
  ['2001:db8::/32', ['2001:db8::1', '2001:db8:ffff::'], ['2001:db9::1', '32.1.13.184']],
  ['2001:db8::/33', ['2001:db8:7fff::1'], ['2001:db8:8000::1']],
  ['2001:db8::/129', [], ['2001:db8::']],
  ['2001:DB8:0:0::1', ['2001:db8::1'], ['2001:db8::2']],
  ['a.example, b.example ,c.example', ['a.example', 'b.example', 'c.example'], ['d.example']],
  [',,a.example,,b.example,', ['a.example', 'b.example'], ['c.example']],
  ['localhost', ['localhost', 'my.localhost'], ['localhost.example', '127.0.0.1']],
  // Beyond curl
  ['0.0.0.0/0', ['1.2.3.4', '255.0.0.1'], ['::1', 'a.example']],
  ['::/0', ['::1', 'ffff::'], ['1.2.3.4', 'a.example']],
  ['a.example b.example\tc.example', ['a.example', 'b.example', 'c.example'], ['d.example']],
  ['a.example,*', ['b.example', '1.2.3.4'], []],
  ['*.example.com', ['example.com', 'www.example.com'], ['notexample.com']],
  ['example.com:8443', ['example.com:8443', 'www.example.com:8443'], ['example.com', 'example.com:80']],
  ['.example.com:80', ['www.example.com:80'], ['www.example.com:81']],
  ['127.0.0.1:8080', ['127.0.0.1:8080'], ['127.0.0.1', '127.0.0.1:80']],
  ['[::1]:8080', ['::1:8080'], ['::1', '::2:8080']],
  ['[::1]', ['::1', '::1:80'], ['::2']],
  // Nothing that could be meant
  ['.', [], ['a.example', '1.2.3.4', '']],
  ['*.', [], ['a.example', '']],
  ['a.*', [], ['a.example', 'a.b']],
  ['exa*ple.com', [], ['example.com']],
  ['a.example/8', [], ['a.example']],
  ['http://a.example', [], ['a.example']],
  ['a.example:', [], ['a.example', 'a.example:80']],
  ['a.example:x', [], ['a.example']],
  ['10.0.0.0/', [], ['10.0.0.0']],
  ['10.0.0.0/x', [], ['10.0.0.0']],
]

for (const [list, meant, notMeant] of ROWS) {
  test(`NO_PROXY=${list}`, () => {
    const isMeant = noProxyMatcher(list)
    const question = (text: string) => {
      const [, host = text, port] = /^([^:]*|::\d):(\d{2,4})$/.exec(text) ?? []
      return { host, port: Number(port ?? 443) }
    }
    expect(meant.filter((host) => !isMeant(question(host)))).toEqual([])
    expect(notMeant.filter((host) => isMeant(question(host)))).toEqual([])
  })
}
