import { expect, test } from 'vitest'
import {
  FramingError,
  Http1Error,
  IncompleteBodyError,
  InvalidMessageError,
  LimitError,
  NoHeadError,
  isHttp1Error,
} from './errors.ts'
import { DEFAULT_LIMITS, resolveLimits } from './limits.ts'

test('toJSON has code, message and plain fields, and no stack', () => {
  const error = new LimitError({ limit: 'maxHeadBytes', value: 5, field: null })
  expect(JSON.parse(JSON.stringify(error))).toEqual({
    name: 'LimitError',
    code: 'ERR_HTTP1_LIMIT',
    side: 'remote',
    message: 'more than maxHeadBytes = 5 allows',
    limit: 'maxHeadBytes',
    value: 5,
    field: null,
  })
})

test('errors are known by their brand, across copies of the package', () => {
  expect(isHttp1Error(new NoHeadError())).toBe(true)
  expect(new NoHeadError()).toBeInstanceOf(Http1Error)
  const foreign = Object.defineProperty(new Error('x'), Symbol.for('@x/http1:Http1Error'), { value: true })
  expect(isHttp1Error(foreign)).toBe(true)
  expect(isHttp1Error(new Error('x'))).toBe(false)
  expect(isHttp1Error({ code: 'ERR_HTTP1_PARSE' })).toBe(false)
})

test('what a peer or a caller put into an error is escaped and short', () => {
  const framing = new FramingError({
    field: 'content-length',
    reason: 'x',
    value: '\x1b[31m\u2028"\\'.padEnd(1e6, 'a'),
  })
  expect(framing.excerpt).toBe(`\\x1b[31m\\u2028\\x22\\x5c${'a'.repeat(24)}`)
  const invalid = new InvalidMessageError({ part: 'field name', reason: 'x', field: 'a\r\nb' })
  expect(invalid.field).toBe(String.raw`a\x0d\x0ab`)
})

test('P22 the message says how much came of how much', () => {
  expect(new IncompleteBodyError({ received: 3, expected: 5 }).message).toContain('3 of 5')
  expect(new IncompleteBodyError({ received: 3, expected: null }).message).toContain(
    '3 octets of a chunked body',
  )
})

test('P13 the default limits, and limits of the caller', () => {
  expect(resolveLimits()).toEqual(DEFAULT_LIMITS)
  expect(resolveLimits({ maxHeadBytes: 0, maxLineBytes: Infinity })).toMatchObject({
    maxHeadBytes: 0,
    maxLineBytes: Infinity,
    maxFieldCount: 256,
  })
  for (const maxFieldCount of [-1, 1.5, Number.NaN, '5' as unknown as number]) {
    expect(() => resolveLimits({ maxFieldCount })).toThrow('maxFieldCount must be an integer')
  }
})
