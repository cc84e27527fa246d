import { expect, test } from 'vitest'
import { directivesText, parseDirectives, secondsOf } from './cache-control.ts'
import { FreshnessReckoning } from './cache-freshness.ts'

const START = Date.parse('Mon, 01 Jun 2026 00:00:00 GMT')

interface Row {
  name: string
  status?: number
  request?: Record<string, string>
  headers: Record<string, string>
  delayMs?: number
  shared?: boolean
  /** Seconds between storing and asking. */
  after?: number
  asks?: Record<string, string>
  use: 'not stored' | 'now' | 'while revalidating' | 'after revalidation'
  because?: 'stale' | 'request'
  servesErrors?: boolean
  age?: number
  ttl?: number
}

const control = (value: string): Record<string, string> => ({ 'cache-control': value })
const LONG = control('max-age=100')

const ROWS: Row[] = [
  { name: 'fresh', headers: LONG, after: 99, use: 'now', age: 99, ttl: 1 },
  {
    name: 'stale without a validator',
    headers: LONG,
    after: 100,
    use: 'after revalidation',
    because: 'stale',
  },
  { name: 'no freshness and no validator', headers: {}, use: 'not stored' },
  {
    name: 'max-age=0 with a validator',
    headers: { ...control('max-age=0'), etag: '"a"' },
    use: 'after revalidation',
  },
  { name: 'Expires', headers: { expires: date(60), date: date(0) }, after: 59, use: 'now' },
  { name: 'Expires in the past', headers: { expires: '0', etag: '"a"' }, use: 'after revalidation' },
  { name: 'max-age before Expires', headers: { ...LONG, expires: date(-1) }, after: 50, use: 'now' },
  {
    name: 'a tenth of the age of what was last modified',
    headers: { 'last-modified': date(-1000), date: date(0) },
    after: 99,
    use: 'now',
  },
  { name: 'an age on arrival', headers: { ...LONG, age: '60' }, after: 39, use: 'now', age: 99 },
  {
    name: 'an age below zero, which is none',
    headers: { ...LONG, age: '-60' },
    use: 'now',
    age: 0,
    ttl: 100,
  },
  {
    name: 'an age of more digits than a number has',
    headers: { ...LONG, age: '9'.repeat(400) },
    use: 'not stored',
  },
  {
    name: 'seconds that are more than a number of 32 bits',
    headers: control(`max-age=${'9'.repeat(23)}`),
    after: 1000,
    use: 'now',
    ttl: 2 ** 31 - 1000,
  },
  {
    name: 'min-fresh of more seconds than that',
    headers: LONG,
    asks: control(`min-fresh=${'9'.repeat(23)}`),
    use: 'after revalidation',
  },
  { name: 'time on the way', headers: LONG, delayMs: 60_000, after: 40, use: 'after revalidation', age: 100 },
  { name: 'no-store', headers: control('no-store, max-age=100'), use: 'not stored' },
  { name: 'no-store of the request', request: control('no-store'), headers: LONG, use: 'not stored' },
  { name: 'private', headers: control('private, max-age=100'), use: 'now' },
  { name: 'private, shared', headers: control('private, max-age=100'), shared: true, use: 'not stored' },
  {
    name: 'authorized, shared',
    request: { authorization: 'x' },
    headers: LONG,
    shared: true,
    use: 'not stored',
  },
  { name: 's-maxage', headers: control('s-maxage=100'), use: 'not stored' },
  {
    name: 's-maxage, shared',
    headers: control('s-maxage=100, max-age=1'),
    shared: true,
    after: 50,
    use: 'now',
  },
  { name: 'another status', status: 500, headers: LONG, use: 'not stored' },
  { name: '404', status: 404, headers: LONG, use: 'now' },
  { name: 'a part', status: 206, headers: LONG, use: 'not stored' },
  // RFC 9111 section 5.2.2: directives of responses.
  { name: 'no-cache', headers: { ...control('no-cache'), etag: '"a"' }, use: 'after revalidation' },
  {
    name: 'no-cache, whatever the request says',
    headers: { ...control('no-cache, max-age=100, stale-while-revalidate=100'), etag: '"a"' },
    asks: control('max-stale'),
    use: 'after revalidation',
    servesErrors: false,
  },
  {
    name: 'must-revalidate while fresh',
    headers: control('must-revalidate, max-age=100'),
    after: 50,
    use: 'now',
  },
  {
    name: 'must-revalidate when stale',
    headers: {
      ...control('must-revalidate, max-age=1, stale-while-revalidate=100, stale-if-error=100'),
      etag: 'x',
    },
    after: 50,
    asks: control('max-stale'),
    use: 'after revalidation',
    servesErrors: false,
  },
  {
    name: 'immutable alone is not fresh',
    headers: { ...control('immutable'), etag: '"a"' },
    use: 'after revalidation',
  },
  {
    name: 'names and numbers in any form',
    headers: control('MAX-AGE = "100" , Public'),
    after: 50,
    use: 'now',
  },
  {
    name: 'a number that is none',
    headers: { ...control('max-age=x'), etag: '"a"' },
    use: 'after revalidation',
  },
  { name: 'the first of two', headers: control('max-age=100, max-age=1'), after: 50, use: 'now' },
  { name: 'a comma in quotes', headers: control('ext="a, no-store", max-age=100'), use: 'now' },
  {
    name: 'an open quote hides nothing',
    headers: control('ext="a, no-store, max-age=100'),
    use: 'not stored',
  },
  // RFC 9111 section 5.2.1: directives of requests.
  {
    name: 'asked for no-cache',
    headers: LONG,
    asks: control('no-cache'),
    use: 'after revalidation',
    because: 'request',
  },
  { name: 'asked by Pragma', headers: LONG, asks: { pragma: 'no-cache' }, use: 'after revalidation' },
  {
    name: 'asked for a lower age',
    headers: LONG,
    after: 11,
    asks: control('max-age=10'),
    use: 'after revalidation',
  },
  {
    name: 'asked for longer freshness',
    headers: LONG,
    after: 91,
    asks: control('min-fresh=10'),
    use: 'after revalidation',
  },
  { name: 'enough freshness', headers: LONG, after: 89, asks: control('min-fresh=10'), use: 'now' },
  {
    name: 'stale is good enough',
    headers: LONG,
    after: 105,
    asks: control('max-stale=10'),
    use: 'now',
    ttl: -5,
  },
  { name: 'too stale', headers: LONG, after: 111, asks: control('max-stale=10'), use: 'after revalidation' },
  { name: 'however stale', headers: LONG, after: 9999, asks: control('max-stale'), use: 'now' },
  // RFC 5861.
  {
    name: 'stale-while-revalidate',
    headers: control('max-age=100, stale-while-revalidate=50'),
    after: 149,
    use: 'while revalidating',
  },
  {
    name: 'behind stale-while-revalidate',
    headers: control('max-age=100, stale-while-revalidate=50'),
    after: 151,
    use: 'after revalidation',
  },
  {
    name: 'stale-if-error',
    headers: control('max-age=100, stale-if-error=50'),
    after: 149,
    use: 'after revalidation',
    servesErrors: true,
  },
  {
    name: 'behind stale-if-error',
    headers: control('max-age=100, stale-if-error=50'),
    after: 150,
    use: 'after revalidation',
    servesErrors: false,
  },
  {
    name: 'stale-if-error of the request',
    headers: LONG,
    after: 149,
    asks: control('stale-if-error=50'),
    use: 'after revalidation',
    servesErrors: true,
  },
]
for (const row of ROWS) {
  const { name, status = 200, request = {}, headers, delayMs = 0, shared = false, after = 0, asks = {} } = row
  test(`a response with ${name}: ${row.use}`, () => {
    let now = START
    const reckoning = new FreshnessReckoning({ shared, now: () => now })
    const freshness = reckoning.ofResponse(request, { status, headers, delayMs })
    if (row.use === 'not stored') return expect(freshness).toBe(null)
    if (freshness === null) throw new Error('not stored')
    now += after * 1000
    // As from a store that writes JSON.
    const verdict = reckoning.judge(JSON.parse(JSON.stringify(freshness)) as typeof freshness, asks)
    expect(verdict.use).toBe(row.use)
    if (row.because !== undefined) expect(verdict.because).toBe(row.because)
    if (row.servesErrors !== undefined) expect(verdict.servesErrors).toBe(row.servesErrors)
    if (row.age !== undefined) expect(verdict.ageSeconds).toBe(row.age)
    if (row.ttl !== undefined) expect(verdict.ttlSeconds).toBe(row.ttl)
    return undefined
  })
}

test('what is kept to reckon with has neither cookies nor credentials', () => {
  const reckoning = new FreshnessReckoning({ shared: false, now: () => START })
  const request = { authorization: 'secret', cookie: 'secret' }
  const headers = { ...LONG, 'set-cookie': 'secret', vary: 'Cookie' }
  const freshness = reckoning.ofResponse(request, { status: 200, headers, delayMs: 0 })
  expect(freshness).not.toBe(null)
  expect(JSON.stringify(freshness)).not.toContain('secret')
})

test('directives are read as the grammar has them', () => {
  const text = ' No-Cache="a, b" ,, max-age=5,x="\\"", MAX-AGE=6 , y'
  expect([...parseDirectives(text)]).toEqual([
    ['no-cache', 'a, b'],
    ['max-age', '5'],
    ['x', '\\"'],
    ['y', ''],
  ])
  expect(directivesText(parseDirectives(text))).toBe('no-cache, max-age=5, x, y')
  expect(secondsOf(parseDirectives('a=1, b=-1, c'), 'a')).toBe(1)
  expect(secondsOf(parseDirectives('a=1, b=-1, c'), 'b')).toBe(0)
  expect(secondsOf(parseDirectives('a=1, b=-1, c'), 'd')).toBe(null)
})

function date(seconds: number): string {
  return new Date(START + seconds * 1000).toUTCString()
}
