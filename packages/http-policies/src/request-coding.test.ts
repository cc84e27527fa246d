import { expect, test } from 'vitest'
import { isWorthCoding, possibleCodings, refusesCoding } from './request-coding.ts'

const WORTH = [
  { name: 'no content', hasBody: false, byteCount: null, is: false },
  { name: 'below the least', byteCount: 99, is: false },
  { name: 'at the least', byteCount: 100, is: true },
  { name: 'of unknown length', byteCount: null, is: true },
  { name: 'of no type', contentType: null, is: true },
  { name: 'coded already', fields: ['content-encoding'], is: false },
  { name: 'a part', fields: ['content-range'], is: false },
  { name: 'with a digest', fields: ['repr-digest'], is: false },
  { name: 'JSON', contentType: 'application/json; charset=utf-8', is: true },
  { name: 'a picture', contentType: 'Image/PNG', is: false },
  { name: 'a picture that is text', contentType: 'image/svg+xml', is: true },
  { name: 'an archive', contentType: 'application/zip', is: false },
  { name: 'a form', contentType: 'multipart/form-data; boundary=video/', is: true },
]
for (const { name, hasBody = true, byteCount = 100, contentType = 'text/plain', fields = [], is } of WORTH) {
  test(`content is ${is ? '' : 'not '}coded: ${name}`, () => {
    const hasField = (field: string): boolean => fields.includes(field)
    expect(isWorthCoding({ hasBody, byteCount, contentType, hasField }, 100)).toBe(is)
  })
}

const REFUSALS = [
  { name: 'another status', status: 400, accept: 'identity', is: false },
  { name: 'no word about codings', accept: undefined, is: false },
  { name: 'none accepted', accept: '', is: true },
  { name: 'identity alone', accept: 'identity', is: true },
  { name: 'this one', accept: 'deflate, GZIP', is: false },
  { name: 'this one by its old name', accept: 'x-gzip', is: false },
  { name: 'this one, weighted', accept: 'gzip ; q=0.1', is: false },
  { name: 'this one excluded', accept: 'gzip;q=0, *', is: true },
  { name: 'any', accept: 'br, *;q=0.5', is: false },
  { name: 'no other', accept: 'br, *;q=0.000', is: true },
]
for (const { name, status = 415, accept, is } of REFUSALS) {
  test(`a refusal of the coding: ${name}`, () => expect(refusesCoding(status, accept, 'gzip')).toBe(is))
}

test('codings that a runtime can apply', () => {
  expect(possibleCodings({})).toEqual([])
  expect(possibleCodings({ CompressionStream: 1 })).toEqual(['gzip', 'deflate'])
  expect(possibleCodings({ process: { versions: { node: '20.0.0' } } })).toEqual(['gzip', 'deflate', 'br'])
  expect(possibleCodings({ process: { versions: { node: '24.0.0', zstd: '1.5' } } })).toContain('zstd')
})
