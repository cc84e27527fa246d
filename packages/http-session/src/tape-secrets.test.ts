import { expect, test } from 'vitest'
import { redactedFields, redactedUrl, secretFields } from './tape-secrets.ts'

const SECRET = [
  'Authorization',
  'Proxy-Authorization',
  'Cookie',
  'Set-Cookie',
  'X-API-Key',
  'api-key',
  'apikey',
  'X-Goog-Api-Key',
  'Ocp-Apim-Subscription-Key',
  'X-Functions-Key',
  'X-Auth-Token',
  'X-CSRFToken',
  'X-Amz-Security-Token',
  'Private-Token',
  'X-Vault-Token',
  'X-Client-Secret',
  'X-Password',
  'X-Session-Id',
  'Signature',
]
const PLAIN = [
  'Accept',
  'Content-Type',
  'ETag',
  'Idempotency-Key',
  'Sec-WebSocket-Key',
  'WWW-Authenticate',
  'X-Next-Page-Token',
  'X-Request-Id',
  'Access-Control-Allow-Origin',
  'Design',
]

test('fields: values of what is named like a secret are left out', () => {
  const secrets = secretFields(['X-Mine'])
  for (const name of [...SECRET, 'x-mine'])
    expect(redactedFields([[name, 'v']], secrets)).toEqual([[name, 'redacted']])
  for (const name of PLAIN) expect(redactedFields([[name, 'v']], secrets)).toEqual([[name, 'v']])
})

const URLS = [
  ['http://a.example/?access_token=v&x=1', 'http://a.example/?access_token=redacted&x=1'],
  ['/?x=1&apiKey=v#y', '/?x=1&apiKey=redacted#y'],
  ['/?api%5Fkey=v&key=v', '/?api%5Fkey=redacted&key=redacted'],
  [
    '/?X-Amz-Signature=v&X-Amz-Credential=v&X-Amz-Date=1',
    '/?X-Amz-Signature=redacted&X-Amz-Credential=redacted&X-Amz-Date=1',
  ],
  ['/?client_secret=v&password=v&sig=v', '/?client_secret=redacted&password=redacted&sig=redacted'],
  ['/cb#access_token=v&state=1', '/cb#access_token=redacted&state=1'],
  ['/?token=', '/?token=redacted'],
  ['/?pageToken=a&monkey=b&author=c&token', '/?pageToken=a&monkey=b&author=c&token'],
  ['/token=v?%zz=1', '/token=v?%zz=1'],
] as const

for (const [url, recorded] of URLS) {
  test(`a URL: ${url}`, () => {
    expect(redactedUrl(url)).toBe(recorded)
    expect(redactedUrl(recorded)).toBe(recorded)
  })
}

test('fields with URLs', () => {
  const fields = [
    ['Location', '/?token=v'],
    ['Link', '</?page=2&token=v>; rel="next", </?token=v>; rel=last'],
    ['X-Other', '/?token=v'],
  ] as const
  expect(redactedFields(fields, secretFields([]))).toEqual([
    ['Location', '/?token=redacted'],
    ['Link', '</?page=2&token=redacted>; rel="next", </?token=redacted>; rel=last'],
    ['X-Other', '/?token=v'],
  ])
})
