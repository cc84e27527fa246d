import { expect, test } from 'vitest'
import { EMPTY_FIELDS, FieldSection } from './field-section.ts'
import type { FieldsInit } from './field-section.ts'
import { ResponseHeadDecoder } from './response-head.ts'
import { wholeWindow } from './byte-window.ts'
import { octets } from './split.test-support.ts'

const PAIRS: [string, string][] = [
  ['Date', 'today'],
  ['Accept', 'a'],
  ['Set-Cookie', 'a=1, b'],
  ['accept', 'b'],
  ['set-cookie', 'c=2'],
  ['Empty', ''],
]

const wire = `HTTP/1.1 200 OK\r\n${PAIRS.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`

const SECTIONS: { name: string; fields: FieldSection }[] = [
  { name: 'decoded', fields: new ResponseHeadDecoder().decode(wholeWindow(octets(wire)))!.fields },
  { name: 'made of pairs', fields: FieldSection.from(PAIRS) },
]

for (const { name, fields } of SECTIONS) {
  test(`P12 get joins in order, whatever the case: ${name}`, () => {
    expect(fields.get('ACCEPT')).toBe('a, b')
    expect(fields.get('date')).toBe('today')
    expect(fields.get('Empty')).toBe('')
    expect(fields.get('dat')).toBeUndefined()
    expect(fields.get('')).toBeUndefined()
    expect(fields.get('d'.repeat(36))).toBeUndefined()
  })

  test(`P12 getAll and getSetCookie keep the lines apart: ${name}`, () => {
    expect(fields.getAll('Accept')).toEqual(['a', 'b'])
    expect(fields.getAll('none')).toEqual([])
    expect(fields.getSetCookie()).toEqual(['a=1, b', 'c=2'])
  })

  test(`P12 wire order and case: ${name}`, () => {
    expect(fields.raw()).toEqual(PAIRS)
    expect([...fields]).toEqual(PAIRS)
    expect(fields.size).toBe(6)
    expect(fields.has('aCCept')).toBe(true)
    expect(fields.has('none')).toBe(false)
  })

  test(`P12 toHeaders keeps Set-Cookie apart: ${name}`, () => {
    const headers = fields.toHeaders()
    expect(headers.get('accept')).toBe('a, b')
    expect(headers.getSetCookie()).toEqual(['a=1, b', 'c=2'])
  })

  test(`toString is what is sent: ${name}`, () => {
    expect(`HTTP/1.1 200 OK\r\n${fields.toString()}\r\n`).toBe(wire)
  })

  test(`concat leaves both as they were: ${name}`, () => {
    expect(fields.concat({ x: 'y' }).raw()).toEqual([...PAIRS, ['x', 'y']])
    expect(fields.size).toBe(6)
  })
}

test('names that differ in bit 5 only, and are no letters, are different', () => {
  const fields = FieldSection.from([['a^b', '1']])
  expect(fields.get('a~b')).toBeUndefined()
  expect(fields.get('A^B')).toBe('1')
})

test('from a record, with several values of one name', () => {
  expect(FieldSection.from({ a: 'b', c: ['d', 'e'] }).raw()).toEqual([
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'e'],
  ])
})

test('from a Map, Headers, a generator, another section', () => {
  const pairs = function* (): Generator<[string, string]> {
    yield ['a', 'b']
  }
  for (const init of [
    new Map([['a', 'b']]),
    new Headers({ a: 'b' }),
    pairs(),
    FieldSection.from({ a: 'b' }),
  ]) {
    expect(FieldSection.from(init).raw()).toEqual([['a', 'b']])
  }
})

test('an empty section', () => {
  expect(EMPTY_FIELDS.size).toBe(0)
  expect([...EMPTY_FIELDS]).toEqual([])
  expect(EMPTY_FIELDS.toString()).toBe('')
  expect(EMPTY_FIELDS.get('a')).toBeUndefined()
})

test('values are trimmed of SP and HTAB', () => {
  expect(FieldSection.from({ a: ' \tb\t ', c: ' \xa0' }).toString()).toBe('a: b\r\nc: \xa0\r\n')
})

test('a folded value is sent unfolded', () => {
  const head = new ResponseHeadDecoder().decode(wholeWindow(octets('HTTP/1.1 200\r\nA: b\r\n c\r\n\r\n')))
  expect(head?.fields.toString()).toBe('A: b c\r\n')
})

const REFUSED: { name: string; init: unknown; part: string; offset?: number }[] = [
  { name: 'empty name', init: { '': 'b' }, part: 'field name' },
  { name: 'CR LF in a name', init: { 'a\r\nb': 'c' }, part: 'field name' },
  { name: 'space in a name', init: { 'a b': 'c' }, part: 'field name' },
  { name: 'colon in a name', init: { 'a:': 'c' }, part: 'field name' },
  { name: 'latin1 in a name', init: { é: 'c' }, part: 'field name' },
  { name: 'wide name', init: { '\u0141': 'c' }, part: 'field name' },
  { name: 'CR in a value', init: { a: 'b\rc' }, part: 'field value', offset: 1 },
  { name: 'LF at the end of a value', init: { a: 'b\n' }, part: 'field value', offset: 1 },
  { name: 'NUL in a value', init: { a: '\0' }, part: 'field value', offset: 0 },
  { name: 'DEL in a value', init: { a: 'b\x7f' }, part: 'field value', offset: 1 },
  { name: 'U+0100 in a value', init: { a: '\u0100' }, part: 'field value', offset: 0 },
  { name: 'U+010A, which would be cut to LF', init: { a: 'b\u010a' }, part: 'field value', offset: 1 },
  { name: 'U+560D, which would be cut to CR', init: { a: '\u560d' }, part: 'field value', offset: 0 },
  { name: 'a number as value', init: { a: 5 }, part: 'field value' },
  { name: 'undefined as value', init: [['a', undefined]], part: 'field value' },
  { name: 'a number as name', init: [[5, 'a']], part: 'field name' },
]

for (const { name, init, part, offset = -1 } of REFUSED) {
  test(`P51 ${name}: refused`, () => {
    expect(() => FieldSection.from(init as FieldsInit)).toThrow(
      expect.objectContaining({ code: 'ERR_HTTP1_INVALID_MESSAGE', part, offset, side: 'local' }),
    )
  })
}

test('P51 the value itself is not in the error', () => {
  expect(() => FieldSection.from({ authorization: 'secret\n' })).toThrow(/^(?!.*secret).*authorization/)
})
