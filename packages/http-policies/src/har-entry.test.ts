import { expect, test } from 'vitest'
import { harRequest, harResponse, harTimings } from './har-entry.ts'
import type { RecordedContent, RequestRecord, ResponseRecord, StepRecord } from './har-entry.ts'

const SECRETS = new Set(['authorization', 'cookie', 'set-cookie'])

function content(text: string): RecordedContent {
  const bytes = new TextEncoder().encode(text)
  return { byteCount: bytes.length, bytes }
}

function requestOf(parts: Partial<RequestRecord>): ReturnType<typeof harRequest> {
  const none = { method: 'GET', url: 'http://a.example/', fields: [], content: null, contentType: null }
  return harRequest({ ...none, bodyByteCount: null, ...parts }, SECRETS)
}

function responseOf(parts: Partial<ResponseRecord>, secrets = SECRETS): ReturnType<typeof harResponse> {
  const none = { status: 200, reasonPhrase: 'OK', httpVersion: '1.1', fields: [], content: content('') }
  return harResponse({ ...none, sentByteCount: null, ...parts }, secrets)
}

test('a request: query, fields, cookies without their values', () => {
  const fields = [
    ['Accept', '*/*'],
    ['authorization', 'Bearer x'],
    ['Cookie', 'a=1; b="2=3"; c'],
  ] as const
  expect(requestOf({ url: 'http://a.example/b?c=d%20e&f&c=g', fields })).toEqual({
    method: 'GET',
    url: 'http://a.example/b?c=d%20e&f&c=g',
    httpVersion: 'HTTP/1.1',
    cookies: ['a', 'b', 'c'].map((name) => ({ name, value: 'redacted' })),
    headers: [
      { name: 'Accept', value: '*/*' },
      { name: 'authorization', value: 'redacted' },
      { name: 'Cookie', value: 'redacted' },
    ],
    queryString: [
      { name: 'c', value: 'd e' },
      { name: 'f', value: '' },
      { name: 'c', value: 'g' },
    ],
    headersSize: -1,
    bodySize: 0,
  })
})

const POSTED: { name: string; type: string; body: RecordedContent; postData: unknown }[] = [
  { name: 'text', type: 'text/plain', body: content('é'), postData: { mimeType: 'text/plain', text: 'é' } },
  {
    name: 'a form',
    type: 'application/x-www-form-urlencoded;charset=UTF-8',
    body: content('a=b+c&d'),
    postData: {
      mimeType: 'application/x-www-form-urlencoded;charset=UTF-8',
      params: [
        { name: 'a', value: 'b c' },
        { name: 'd', value: '' },
      ],
    },
  },
  {
    name: 'octets',
    type: 'a/b',
    body: { byteCount: 1, bytes: Uint8Array.of(255) },
    postData: { mimeType: 'a/b', text: '', comment: 'not recorded: no text' },
  },
  {
    name: 'a stream',
    type: 'a/b',
    body: { byteCount: 0, bytes: null, why: 'it can be had only once' },
    postData: { mimeType: 'a/b', text: '', comment: 'not recorded: it can be had only once' },
  },
]
for (const { name, type, body, postData } of POSTED) {
  test(`content of a request: ${name}`, () => {
    const made = requestOf({
      method: 'POST',
      content: body,
      contentType: type,
      bodyByteCount: body.byteCount,
    })
    expect(made).toMatchObject({ postData, bodySize: body.byteCount })
    expect(made.headers).toEqual([{ name: 'Content-Type', value: type }])
  })
}

const CONTENTS: {
  name: string
  body: RecordedContent
  sent: number | null
  made: unknown
  bodySize: number
}[] = [
  { name: 'text', body: content('é'), sent: 2, made: { size: 2, text: 'é' }, bodySize: 2 },
  { name: 'nothing', body: content(''), sent: 0, made: { size: 0, text: '' }, bodySize: 0 },
  {
    name: 'coded',
    body: content('aaaaaaaa'),
    sent: 3,
    made: { size: 8, compression: 5, text: 'aaaaaaaa' },
    bodySize: 3,
  },
  {
    name: 'octets',
    body: { byteCount: 3, bytes: Uint8Array.of(0, 255, 10) },
    sent: 3,
    made: { size: 3, text: 'AP8K', encoding: 'base64' },
    bodySize: 3,
  },
  {
    name: 'too long',
    body: { byteCount: 9, bytes: null, why: 'more than 5 bytes' },
    sent: null,
    made: { size: 9, comment: 'not recorded: more than 5 bytes' },
    bodySize: -1,
  },
]
for (const { name, body, sent, made, bodySize } of CONTENTS) {
  test(`content of a response: ${name}`, () => {
    const response = responseOf({ content: body, sentByteCount: sent, fields: [['content-type', 'a/b']] })
    expect(response.content).toEqual({ mimeType: 'a/b', ...(made as object) })
    expect(response.bodySize).toBe(bodySize)
  })
}

test('a response: cookies with their attributes, where it leads', () => {
  const fields = [
    [
      'Set-Cookie',
      'a=1; Path=/b; Domain=.a.example; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Secure; HttpOnly; X=y',
    ],
    ['Set-Cookie', 'b; expires=never'],
    ['Location', '/c'],
  ] as const
  const response = responseOf({ status: 302, fields }, new Set())
  expect(response.redirectURL).toBe('/c')
  expect(response.cookies).toEqual([
    {
      name: 'a',
      value: '1',
      path: '/b',
      domain: '.a.example',
      expires: '1994-11-06T08:49:37.000Z',
      secure: true,
      httpOnly: true,
    },
    { name: 'b', value: '' },
  ])
  const redacted = responseOf({ fields })
  expect(JSON.stringify(redacted)).not.toContain('1;')
  expect(redacted.cookies[0]).toMatchObject({ name: 'a', value: 'redacted' })
})

const STEPS: StepRecord = {
  dnsMs: null,
  connectMs: null,
  proxyMs: null,
  tlsMs: null,
  sendMs: 1,
  waitMs: 20,
  bodyMs: 4,
}
const TIMES: { name: string; elapsed: number; steps: StepRecord | null; timings: object; time: number }[] = [
  {
    name: 'a new connection',
    elapsed: 100,
    steps: { ...STEPS, dnsMs: 5, connectMs: 10, tlsMs: 15 },
    timings: { blocked: 45, dns: 5, connect: 25, send: 1, wait: 20, receive: 4, ssl: 15 },
    time: 100,
  },
  {
    name: 'a kept one',
    elapsed: 25,
    steps: STEPS,
    timings: { blocked: 0, dns: -1, connect: -1, send: 1, wait: 20, receive: 4, ssl: -1 },
    time: 25,
  },
  {
    name: 'one that was opened for somebody else',
    elapsed: 25,
    steps: { ...STEPS, connectMs: 50, bodyMs: null },
    timings: { blocked: 0, dns: -1, connect: 50, send: 1, wait: 20, receive: 0, ssl: -1 },
    time: 71,
  },
  {
    name: 'a failure',
    elapsed: 7,
    steps: null,
    timings: { blocked: -1, dns: -1, connect: -1, send: 0, wait: 7, receive: 0, ssl: -1 },
    time: 7,
  },
]
for (const { name, elapsed, steps, timings, time } of TIMES) {
  test(`timings: ${name}; their sum is the time`, () => {
    const made = harTimings(elapsed, steps)
    expect(made).toEqual({ time, timings })
    const { ssl: _inConnect, ...parts } = made.timings
    expect(Object.values(parts).reduce((sum, ms) => sum + Math.max(ms, 0), 0)).toBe(time)
  })
}
