import { expect, test } from 'vitest'
import { createMemoryStore } from './cache.ts'
import type { StoredResponse } from './cache.ts'
import { confirms, isFor, keptLines, updatedLines, variesOf, withResponse } from './cache-entries.ts'
import { Invalidations } from './cache-invalidations.ts'

function stored(changes: Partial<StoredResponse> = {}): StoredResponse {
  const body = new Uint8Array(100)
  return {
    status: 200,
    reasonPhrase: '',
    headers: [],
    body,
    varies: {},
    credentials: null,
    freshness: {},
    ...changes,
  }
}

test('a store in memory forgets what was used least recently', async () => {
  const store = createMemoryStore({ maxEntries: 2 })
  await store.set('a', [stored()])
  await store.set('b', [stored()])
  await store.get('a')
  await store.set('c', [stored()])
  expect(await store.get('b')).toBe(undefined)
  expect((await store.get('a'))?.length).toBe(1)
  await store.delete('a')
  expect(await store.get('a')).toBe(undefined)
})

test('a store in memory holds no more than its bytes, whatever is set again or is too large', async () => {
  const store = createMemoryStore({ maxBytes: 250 })
  for (let round = 0; round < 5; round++) await store.set('a', [stored()])
  await store.set('b', [stored()])
  expect([await store.get('a'), await store.get('b')].map((found) => found?.length)).toEqual([1, 1])
  await store.set('c', [stored({ headers: [['name', 'value']] })])
  const found = [await store.get('a'), await store.get('b'), await store.get('c')]
  expect(found.map((responses) => responses?.length)).toEqual([undefined, 1, 1])
  await store.set('c', [stored({ body: new Uint8Array(251) })])
  expect(await store.get('c')).toBe(undefined)
})

for (const [option, value] of [
  ['maxBytes', -1],
  ['maxEntries', 1.5],
  ['ttl', 1],
] as const)
  test(`createMemoryStore refuses a wrong ${option}`, () =>
    expect(() => createMemoryStore({ [option]: value })).toThrow(new RegExp(`^option ${option}:`)))

test('Vary and credentials choose', () => {
  const german = { headers: { 'accept-language': 'de' }, credentials: null }
  const english = { headers: { 'accept-language': 'en' }, credentials: null }
  const silent = { headers: {}, credentials: null }
  const varies = variesOf('Accept-Language, X', german)
  expect(varies).toEqual({ 'accept-language': 'de', x: null })
  expect(variesOf('a, *', german)).toBe(null)
  const one = stored({ varies: varies ?? {} })
  expect([german, english, silent].map((request) => isFor(one, request))).toEqual([true, false, false])
  expect(isFor(one, { ...german, credentials: 'x' })).toBe(false)
  expect(isFor(stored(), { headers: {}, credentials: 'x' })).toBe(false)
})

test('a new response replaces those for the same requests; the number of others is bounded', () => {
  let all: readonly StoredResponse[] = []
  for (let n = 0; n < 20; n++) {
    const request = { headers: { a: String(n % 10) }, credentials: null }
    all = withResponse(all, stored({ varies: { a: String(n % 10) } }), request)
  }
  expect(all.map(({ varies }) => varies['a'])).toEqual(['9', '8', '7', '6', '5', '4', '3', '2'])
})

test('fields of the connection and cookies are not kept', () => {
  const lines = keptLines([
    ['Connection', 'close, X-Hop'],
    ['x-hop', '1'],
    ['Set-Cookie', 'a=1'],
    ['Transfer-Encoding', 'chunked'],
    ['Date', 'now'],
    ['Link', 'a'],
    ['Link', 'b'],
  ])
  expect(lines).toEqual([
    ['Date', 'now'],
    ['Link', 'a'],
    ['Link', 'b'],
  ])
})

test('a 304 replaces the fields that it has, but those of the content', () => {
  const before = stored({
    headers: [
      ['ETag', '"a"'],
      ['Age', '9'],
      ['Content-Length', '5'],
      ['X', '1'],
    ],
  })
  expect(
    updatedLines(before, [
      ['etag', 'W/"a"'],
      ['Content-Length', '0'],
      ['Y', '2'],
      ['Y', '3'],
    ]),
  ).toEqual([
    ['Content-Length', '5'],
    ['X', '1'],
    ['etag', 'W/"a"'],
    ['Y', '2'],
    ['Y', '3'],
  ])
  expect(confirms(before, { etag: 'W/"a"' })).toBe(true)
  expect(confirms(before, { etag: '"b"' })).toBe(false)
  expect(confirms(before, {})).toBe(true)
})

test('what was given up is known, and what of it was forgotten counts as given up', () => {
  const invalidations = new Invalidations()
  const before = invalidations.mark()
  invalidations.record('a')
  const after = invalidations.mark()
  expect([invalidations.hasSince('a', before), invalidations.hasSince('b', before)]).toEqual([true, false])
  expect(invalidations.hasSince('a', after)).toBe(false)
  for (let n = 0; n < 1000; n++) invalidations.record(`x${n}`)
  expect(invalidations.hasSince('b', before)).toBe(true)
  expect(invalidations.hasSince('b', after)).toBe(false)
  expect(invalidations.hasSince('b', invalidations.mark())).toBe(false)
})
