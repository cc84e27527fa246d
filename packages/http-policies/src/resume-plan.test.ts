import { expect, test } from 'vitest'
import { judgePart, mayResume, representationOf } from './resume-plan.ts'
import type { HeadFacts, Representation } from './resume-plan.ts'

type Fields = Readonly<Record<string, string>>

function head(status: number, fields: Fields, contentCodings: readonly string[] = []): HeadFacts {
  return { status, headers: new Map(Object.entries(fields)), contentCodings }
}

const TAG = { etag: '"a"' }
const MODIFIED = 'Mon, 23 Nov 2026 00:00:00 GMT'
const DATED = { 'last-modified': MODIFIED, date: 'Mon, 23 Nov 2026 00:01:00 GMT' }

const FIRST: { name: string; head: HeadFacts; validator: string | null; byteCount?: number }[] = [
  { name: 'a strong tag', head: head(200, TAG), validator: '"a"' },
  { name: 'the length', head: head(200, { ...TAG, 'content-length': '7' }), validator: '"a"', byteCount: 7 },
  { name: 'a length twice is none', head: head(200, { ...TAG, 'content-length': '7, 7' }), validator: '"a"' },
  { name: 'an empty tag', head: head(200, { etag: '""' }), validator: '""' },
  { name: 'a weak tag', head: head(200, { etag: 'W/"a"' }), validator: null },
  { name: 'a weak tag beside a date', head: head(200, { ...DATED, etag: 'W/"a"' }), validator: null },
  { name: 'no tag as written', head: head(200, { etag: 'a' }), validator: null },
  { name: 'two tags', head: head(200, { etag: '"a", "b"' }), validator: null },
  { name: 'a date a minute old', head: head(200, DATED), validator: MODIFIED },
  {
    name: 'a date of the last minute',
    head: head(200, { ...DATED, date: 'Mon, 23 Nov 2026 00:00:59 GMT' }),
    validator: null,
  },
  { name: 'a date alone', head: head(200, { 'last-modified': MODIFIED }), validator: null },
  {
    name: 'a date as nobody writes it',
    head: head(200, { ...DATED, 'last-modified': 'now' }),
    validator: null,
  },
  { name: 'no validator', head: head(200, {}), validator: null },
  { name: 'a part', head: head(206, TAG), validator: null },
  { name: 'another status', head: head(203, TAG), validator: null },
  { name: 'bytes', head: head(200, { ...TAG, 'accept-ranges': 'bytes' }), validator: '"a"' },
  { name: 'no ranges', head: head(200, { ...TAG, 'accept-ranges': 'None' }), validator: null },
  {
    name: 'a coding that is undone',
    head: head(200, { ...TAG, 'content-encoding': 'gzip' }),
    validator: null,
  },
  {
    name: 'a coding that is left',
    head: head(200, { ...TAG, 'content-encoding': 'GZIP' }, ['gzip']),
    validator: '"a"',
  },
  {
    name: 'a coding below one that is left',
    head: head(200, { ...TAG, 'content-encoding': 'x, gzip' }, ['x']),
    validator: null,
  },
  { name: 'identity', head: head(200, { ...TAG, 'content-encoding': 'identity' }), validator: '"a"' },
]
for (const { name, head: facts, validator, byteCount = null } of FIRST) {
  test(`what can be asked for again: ${name}`, () => {
    const found = representationOf(facts)
    expect(found?.validator ?? null).toBe(validator)
    if (found !== null) expect(found.byteCount).toBe(byteCount)
  })
}

const ALL: Representation = { validator: '"a"', validatorField: 'etag', byteCount: 10, contentCodings: [] }
const DATED_ALL: Representation = { ...ALL, validator: MODIFIED, validatorField: 'last-modified' }
const UNKNOWN: Representation = { ...ALL, byteCount: null }

function part(range: string | null, fields: Fields = TAG): HeadFacts {
  return head(206, range === null ? fields : { ...fields, 'content-range': range })
}

const PARTS: { name: string; head: HeadFacts; all?: Representation; at?: number; verdict: string }[] = [
  { name: 'the rest', head: part('bytes 3-9/10'), verdict: 'rest' },
  { name: 'the unit in another case', head: part('BYTES 3-9/10'), verdict: 'rest' },
  { name: 'all of it', head: part('bytes 0-9/10'), at: 0, verdict: 'rest' },
  { name: 'the length is not told again', head: part('bytes 3-9/*'), verdict: 'rest' },
  { name: 'the length is told now', head: part('bytes 3-9/10'), all: UNKNOWN, verdict: 'rest' },
  { name: 'the length is never told', head: part('bytes 3-9/*'), all: UNKNOWN, verdict: 'range' },
  { name: 'all anew', head: head(200, TAG), verdict: 'changed' },
  { name: 'another tag', head: part('bytes 3-9/10', { etag: '"b"' }), verdict: 'changed' },
  { name: 'a weak tag', head: part('bytes 3-9/10', { etag: 'W/"a"' }), verdict: 'changed' },
  { name: 'no tag', head: part('bytes 3-9/10', {}), verdict: 'changed' },
  { name: 'the date', head: part('bytes 3-9/10', DATED), all: DATED_ALL, verdict: 'rest' },
  { name: 'no date', head: part('bytes 3-9/10', {}), all: DATED_ALL, verdict: 'rest' },
  {
    name: 'another date',
    head: part('bytes 3-9/10', { 'last-modified': DATED.date }),
    all: DATED_ALL,
    verdict: 'changed',
  },
  { name: 'another length', head: part('bytes 3-10/11'), verdict: 'changed' },
  {
    name: 'coded',
    head: head(206, { ...TAG, 'content-range': 'bytes 3-9/10' }, ['gzip']),
    verdict: 'changed',
  },
  {
    name: 'coded otherwise',
    head: head(206, { ...TAG, 'content-range': 'bytes 3-9/10' }, ['br']),
    all: { ...ALL, contentCodings: ['gzip'] },
    verdict: 'changed',
  },
  {
    name: 'the coding is not told again',
    head: part('bytes 3-9/10'),
    all: { ...ALL, contentCodings: ['gzip'] },
    verdict: 'rest',
  },
  { name: 'an earlier beginning', head: part('bytes 2-9/10'), verdict: 'range' },
  { name: 'a later beginning', head: part('bytes 4-9/10'), verdict: 'range' },
  { name: 'an earlier end', head: part('bytes 3-8/10'), verdict: 'range' },
  { name: 'a later end', head: part('bytes 3-10/10'), verdict: 'range' },
  { name: 'an end before the beginning', head: part('bytes 10-9/10'), at: 10, verdict: 'range' },
  { name: 'several parts', head: part(null), verdict: 'range' },
  { name: 'another unit', head: part('lines 3-9/10'), verdict: 'range' },
  { name: 'two ranges', head: part('bytes 3-9/10, bytes 3-9/10'), verdict: 'range' },
  { name: 'a number that is too long', head: part('bytes 3-9/1000000000000000000'), verdict: 'range' },
]
for (const { name, head: facts, all = ALL, at = 3, verdict } of PARTS) {
  test(`what is sent then: ${name}`, () => {
    const judged = judgePart(facts, all, at)
    expect(judged.kind).toBe(verdict)
    if (judged.kind === 'rest') expect(judged.end).toBe(10)
  })
}

test('only a GET of all of it can be resumed', () => {
  const get = { method: 'GET', hasBody: false, headers: new Map<string, string>() }
  expect(mayResume(get)).toBe(true)
  expect(mayResume({ ...get, method: 'HEAD' })).toBe(false)
  expect(mayResume({ ...get, hasBody: true })).toBe(false)
  expect(mayResume({ ...get, headers: new Map([['range', 'bytes=1-']]) })).toBe(false)
})
