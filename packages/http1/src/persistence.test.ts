import { expect, test } from 'vitest'
import { FieldSection } from './field-section.ts'
import type { MessageFraming } from './framing.ts'
import { persistence } from './persistence.ts'
import type { Persistence } from './persistence.ts'

const NONE: MessageFraming = { kind: 'none' }

function after(fields: [string, string][], minorVersion: 0 | 1 = 1, framing = NONE): Persistence {
  return persistence({ minorVersion, fields: FieldSection.from(fields) }, framing)
}

const ROWS: { name: string; fields: [string, string][]; minorVersion?: 0 | 1; reusable: boolean }[] = [
  { name: 'HTTP/1.1', fields: [], reusable: true },
  { name: 'close', fields: [['Connection', 'close']], reusable: false },
  { name: 'close in any case', fields: [['connection', 'ClOsE']], reusable: false },
  { name: 'close in a list', fields: [['Connection', 'a ,\tclose , b']], reusable: false },
  {
    name: 'close on another line',
    fields: [
      ['Connection', 'a'],
      ['Connection', 'close'],
    ],
    reusable: false,
  },
  { name: 'close beside keep-alive', fields: [['Connection', 'keep-alive, close']], reusable: false },
  { name: 'something like close', fields: [['Connection', 'closed, xclose, close-not']], reusable: true },
  { name: 'HTTP/1.0', fields: [], minorVersion: 0, reusable: false },
  { name: 'HTTP/1.0 with another option', fields: [['Connection', 'a']], minorVersion: 0, reusable: false },
  {
    name: 'HTTP/1.0 with keep-alive',
    fields: [['Connection', 'Keep-Alive']],
    minorVersion: 0,
    reusable: true,
  },
  {
    name: 'HTTP/1.0 with both',
    fields: [['Connection', 'keep-alive, close']],
    minorVersion: 0,
    reusable: false,
  },
]

for (const { name, fields, minorVersion, reusable } of ROWS) {
  test(`P35 ${name}: ${reusable ? 'reusable' : 'retire'}`, () => {
    expect(after(fields, minorVersion)).toEqual({ reusable })
  })
}

test('P35 nothing follows what ends with the connection', () => {
  expect(after([], 1, { kind: 'close-delimited' }).reusable).toBe(false)
  expect(after([], 1, { kind: 'tunnel' }).reusable).toBe(false)
  expect(after([], 1, { kind: 'chunked' }).reusable).toBe(true)
  expect(after([], 1, { kind: 'content-length', byteCount: 5 }).reusable).toBe(true)
})

const HINTS: { value: string; is: Persistence }[] = [
  { value: 'timeout=5, max=100', is: { reusable: true, timeoutMs: 5000, max: 100 } },
  { value: 'MAX = 7,Timeout\t=\t1', is: { reusable: true, timeoutMs: 1000, max: 7 } },
  { value: 'timeout=5', is: { reusable: true, timeoutMs: 5000 } },
  { value: 'timeout=x, max=-1, other=3, max', is: { reusable: true } },
  { value: 'timeout=99999999999999999999', is: { reusable: true } },
  { value: '', is: { reusable: true } },
  { value: 'max=0', is: { reusable: false, max: 0 } },
  { value: 'timeout=0', is: { reusable: false, timeoutMs: 0 } },
]

for (const { value, is } of HINTS) {
  test(`P36 Keep-Alive: ${value}`, () => {
    expect(after([['Keep-Alive', value]])).toEqual(is)
  })
}

test('P36 hints mean nothing beside close', () => {
  expect(
    after([
      ['Keep-Alive', 'timeout=5'],
      ['Connection', 'close'],
    ]),
  ).toEqual({ reusable: false })
})
