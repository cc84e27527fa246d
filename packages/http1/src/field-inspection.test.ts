/** What a log shows of field lines: names always, values unless they let others in. */
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { FieldSection } from './field-section.ts'

const SHOWN = [
  { name: 'no field', fields: [], shown: 'FieldSection []' },
  {
    name: 'case and order as sent',
    fields: [
      ['B', '1'],
      ['a', '2'],
      ['B', '3'],
    ],
    shown: "FieldSection [ 'B: 1', 'a: 2', 'B: 3' ]",
  },
  {
    name: 'a long value',
    fields: [['a', 'x'.repeat(101)]],
    shown: `FieldSection [ 'a: ${'x'.repeat(100)}…' ]`,
  },
] as const

for (const { name, fields, shown } of SHOWN) {
  test(`inspect shows ${name}`, () =>
    expect(inspect(FieldSection.from(fields), { breakLength: Infinity })).toBe(shown))
}

const HIDDEN = [
  ...['Authorization', 'Proxy-Authorization', 'Cookie', 'Set-Cookie', 'X-Api-Key', 'apikey', 'X-Auth-Token'],
  ...['X-CSRF-Token', 'X-Amz-Security-Token', 'Client-Secret', 'X-Password', 'Signature', 'X-Session-Id'],
]

for (const name of HIDDEN) {
  test(`inspect hides the value of ${name}`, () =>
    expect(inspect(FieldSection.from({ [name]: 'value-1' }))).toBe(`FieldSection [ '${name}: (hidden)' ]`))
}

for (const name of ['Host', 'Content-Type', 'ETag', 'WWW-Authenticate', 'Location', 'Keep-Alive']) {
  test(`inspect shows the value of ${name}`, () =>
    expect(inspect(FieldSection.from({ [name]: 'value-1' }))).toBe(`FieldSection [ '${name}: value-1' ]`))
}

test('the method that inspect asks for is no property of a section', () => {
  const section = FieldSection.from({ a: '1' })
  expect(Reflect.ownKeys(section)).toEqual([])
  expect(JSON.stringify(section)).toBe('{}')
})
