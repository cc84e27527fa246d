/** Does a decoder that remembers its search mix up readers, reads or bytes? */
import { expect, test } from 'vitest'
import { bytes, delimited, sequence } from './decoders.ts'
import { ascii, feed, lend, readerOf, text } from './feeding.test-support.ts'
import { StreamReader } from './index.ts'

test('one delimited on two readers searches each from its beginning', () => {
  const item = delimited(';')
  const [a, b] = [new StreamReader(), new StreamReader()]
  feed(a, 'aaaaaaaa')
  expect(a.tryDecode(item)).toBeUndefined()
  feed(b, 'x;yyyyyyyyyyyy')
  expect(text(b.tryDecode(item))).toBe('x')
  feed(a, ';')
  expect(text(a.tryDecode(item))).toBe('aaaaaaaa')
})

test('bytes that are put back are searched', () => {
  const item = delimited(';')
  const reader = readerOf('abc')
  expect(reader.tryDecode(item)).toBeUndefined()
  expect(text(reader.tryReadExactly(2))).toBe('ab')
  reader.unread(ascii('x;'))
  expect(text(reader.tryDecode(item))).toBe('x')
})

test('behind other decoders it searches where they end, wherever that is today', () => {
  const two = sequence(bytes(3), delimited(';'))
  const reader = new StreamReader()
  for (const character of 'a;cd') {
    lend(reader, character)
    expect(reader.tryDecode(two)).toBeUndefined()
  }
  lend(reader, ';')
  expect(reader.tryDecode(two)).toEqual([ascii('a;c'), ascii('d')])
})
