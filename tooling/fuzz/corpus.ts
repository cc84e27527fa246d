/** Messages that are valid or nearly so, one character for one octet: what mutations begin with. */
import { deflateSync, gzipSync } from 'node:zlib'

/** A response, with the method of the request that it answers. */
export interface Seed {
  readonly method: string
  readonly wire: string
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const GZIP = latin1(gzipSync('hello, hello, hello, hello'))
const DEFLATE = latin1(deflateSync('hello, hello, hello, hello'))
const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\nearly'
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`

const TO_GET = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil',
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n',
  '\r\n\r\nHTTP/1.1 200 \r\nContent-Length: 00005\r\nX: \xe4\xf6 \t y \r\n\r\nhello',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: , Chunked\r\n\r\n5;a=b; c = "d\\"e" ;f\r\nhello\r\n003\r\nabc\r\n0;x\r\nX-Sum: 1\r\nY: 2\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nA\r\n0123456789\r\na\r\n9876543210\r\n0\r\n\r\nrest',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end',
  'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5, max=3\r\nContent-Length: 2\r\n\r\nok',
  'HTTP/1.0 200 OK\r\nServer: SimpleHTTP/0.6\r\nContent-type: text/html\r\n\r\n<p>x</p>',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  'HTTP/1.1 102 P\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 5\r\n\r\n',
  'HTTP/1.1 205 Reset\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\tc\r\nx: d\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 1\r\n\r\n.',
  'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 3\r\n\r\nno!',
  'HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 4\r\n\r\ngone',
  'HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n',
  `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${GZIP.length}\r\n\r\n${GZIP}`,
  `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n${chunk(GZIP.slice(0, 9))}${chunk(GZIP.slice(9))}0\r\n\r\n`,
  `HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n${DEFLATE}`,
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 300\r\n\r\n${'abc'.repeat(100)}`,
  `HTTP/1.1 200 OK\r\n${Array.from({ length: 20 }, (_, index) => `X-${index}: ${'v'.repeat(index)}\r\n`).join('')}\r\n`,
  SWITCH,
]

/** Responses, for the codec and for a session. */
export const RESPONSES: readonly Seed[] = [
  ...TO_GET.map((wire) => ({ method: 'GET', wire })),
  { method: 'HEAD', wire: 'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n' },
  { method: 'HEAD', wire: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n' },
  { method: 'POST', wire: 'HTTP/1.1 201 Created\r\nLocation: /1\r\nContent-Length: 0\r\n\r\n' },
]

/** Requests, for the codec; with what a server would read next behind them. */
export const REQUESTS: readonly string[] = [
  'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n',
  'GET /a?b=c HTTP/1.1\r\nHost: a.example:8080\r\nAccept: */*\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n',
  '\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabcGET',
  'PUT http://a.example/x HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: v\r\n\r\n',
  'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n\x16\x03\x01',
  'OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\n\r\n',
  'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade, close\r\n\r\n',
]
