import { expect, test } from 'vitest'
import { UrlParser } from './url.ts'

const URLS = [
  {
    name: 'plain',
    url: 'http://a.example/b?c=d',
    origin: 'http://a.example',
    host: 'a.example',
    port: 80,
    target: '/b?c=d',
  },
  {
    name: 'no path',
    url: 'http://a.example',
    origin: 'http://a.example',
    host: 'a.example',
    port: 80,
    target: '/',
  },
  {
    name: 'https',
    url: 'https://a.example/',
    origin: 'https://a.example',
    host: 'a.example',
    port: 443,
    target: '/',
  },
  {
    name: 'default port is dropped',
    url: 'http://a.example:80/',
    origin: 'http://a.example',
    host: 'a.example',
    port: 80,
    target: '/',
  },
  {
    name: 'P54 other port',
    url: 'http://a.example:81/',
    origin: 'http://a.example:81',
    host: 'a.example:81',
    port: 81,
    target: '/',
  },
  {
    name: 'P54 IPv6',
    url: 'http://[::1]:8080/x',
    origin: 'http://[::1]:8080',
    host: '[::1]:8080',
    port: 8080,
    target: '/x',
  },
  {
    name: 'P53 fragment is not sent',
    url: 'http://a.example/b#c',
    origin: 'http://a.example',
    host: 'a.example',
    port: 80,
    target: '/b',
  },
  {
    name: 'P53 not escaped twice',
    url: 'http://a.example/%20?%C3%A4',
    origin: 'http://a.example',
    host: 'a.example',
    port: 80,
    target: '/%20?%C3%A4',
  },
  {
    name: 'P53 spaces and non-ASCII',
    url: 'http://a.example/ä b?ö',
    origin: 'http://a.example',
    host: 'a.example',
    port: 80,
    target: '/%C3%A4%20b?%C3%B6',
  },
  {
    name: 'P53 tabs and line breaks',
    url: 'http://a.example/b\r\n\tc',
    origin: 'http://a.example',
    host: 'a.example',
    port: 80,
    target: '/bc',
  },
  {
    name: 'quote in a query',
    url: "http://a.example/?'",
    origin: 'http://a.example',
    host: 'a.example',
    port: 80,
    target: '/?%27',
  },
  {
    name: 'dot segments',
    url: 'http://a.example/a/../b/./c',
    origin: 'http://a.example',
    host: 'a.example',
    port: 80,
    target: '/b/c',
  },
  {
    name: 'escaped dot segments',
    url: 'http://a.example/a/%2e%2e/b',
    origin: 'http://a.example',
    host: 'a.example',
    port: 80,
    target: '/b',
  },
  {
    name: 'upper case host',
    url: 'HTTP://A.Example/B',
    origin: 'http://a.example',
    host: 'a.example',
    port: 80,
    target: '/B',
  },
  {
    name: 'a path that is not the origin',
    url: 'http://a.example\\b',
    origin: 'http://a.example',
    host: 'a.example',
    port: 80,
    target: '/b',
  },
]

for (const { name, url, origin, host, port, target } of URLS) {
  test(`parse: ${name}`, () => {
    const parser = new UrlParser()
    const fresh = parser.parse(url)
    // The second look goes the short way where there is one; a URL object says the same.
    for (const parsed of [fresh, parser.parse(url), parser.parse(new URL(url).href)]) {
      expect(parsed).toEqual({
        origin: expect.objectContaining({ href: origin, host, port }),
        target,
        userInfo: null,
      })
    }
  })
}

test('parse: the same origin is the same object', () => {
  const parser = new UrlParser()
  expect(parser.parse('http://a.example/b').origin).toBe(parser.parse('http://a.example/c').origin)
  expect(parser.parse('http://a.example/b').origin).not.toBe(parser.parse('https://a.example/b').origin)
})

test('parse: IPv6 is connected to without brackets', () => {
  expect(new UrlParser().parse('http://[::1]/').origin.hostname).toBe('::1')
})

test('P53 user information is decoded and is part of neither target nor host', () => {
  const { origin, target, userInfo } = new UrlParser().parse('http://us%C3%A4r:p%40ss@a.example/b')
  expect({ host: origin.host, href: origin.href, target, userInfo }).toEqual({
    host: 'a.example',
    href: 'http://a.example',
    target: '/b',
    userInfo: 'usär:p@ss',
  })
})

test('P53 user information is seen on the short way, too', () => {
  const parser = new UrlParser()
  parser.parse('http://a.example/b')
  expect(parser.parse('http://u:p@a.example/b').userInfo).toBe('u:p')
})

for (const url of [
  '',
  '/relative',
  'a.example/b',
  'http://',
  'http://a b/',
  'ftp://a.example/',
  'file:///etc/passwd',
  'http://a.example:99999/',
]) {
  test(`parse refuses "${url}"`, () => {
    expect(() => new UrlParser().parse(url)).toThrow(
      expect.objectContaining({ code: 'ERR_HTTP_INVALID_URL' }),
    )
  })
}

test('a URL that cannot be parsed does not show its password', () => {
  const parsing = () => new UrlParser().parse('http://user:secret@a b/')
  expect(parsing).toThrow(/not an absolute URL/)
  expect(parsing).not.toThrow(/secret/)
})

test('very many origins do not grow the cache without bound, nor change what is parsed', () => {
  const parser = new UrlParser()
  for (let index = 0; index < 2500; index++) {
    expect(parser.parse(`http://h${index}.example/`).origin.host).toBe(`h${index}.example`)
  }
  expect(parser.parse('http://h0.example/').origin.host).toBe('h0.example')
})
