/** What asyncio's StreamReader does for `readuntil` (rows A27-A41), here or as stated otherwise. */
import { expect, test } from 'vitest'
import { ascii, everySplit, feed, feedAll, isPending, readerOf, text } from './feeding.test-support.ts'
import { IncompleteReadError, StreamReader } from './index.ts'
import type { LimitExceededError } from './index.ts'

for (const [name, separator] of [
  ['nothing', ''],
  ['a list with nothing in it', ['']],
  ['an empty list', []],
  ['an empty array', new Uint8Array(0)],
] as const) {
  test(`A27 ${name} is no separator`, async () => {
    const reader = readerOf('data')
    await expect(reader.readUntil(separator)).rejects.toThrow(RangeError)
    await expect(reader.readUntil(separator)).rejects.toThrow('separator.length must be an integer from 1')
    expect(reader.bufferedByteCount).toBe(4)
  })
}

const ROWS = [
  {
    row: 'A28 a long separator over chunks',
    chunks: ['QWEaa', 'XYaa', 'a'],
    separator: 'aaa',
    read: 'QWEaaXYaaa',
  },
  { row: 'A29 a separator byte by byte', chunks: ['XXX', 'a', 'a', 'a'], separator: 'aaa', read: 'XXXaaa' },
  { row: 'A30 a false beginning', chunks: ['QWEaa', 'XYa', 'aa'], separator: 'aaa', read: 'QWEaaXYaaa' },
  {
    row: 'A37 of several the one that ends first, even if it is longer',
    chunks: ['ABCDEFG'],
    separator: ['DEF', 'BCDE'],
    read: 'ABCDE',
    rest: 'FG',
  },
  {
    row: 'A38 of several that end together the shortest',
    chunks: ['xxabyy'],
    separator: ['ab', 'b'],
    read: 'xxab',
    rest: 'yy',
  },
  {
    row: 'A39 fewer bytes than the longest separator',
    chunks: ['data', 'Z', 'Aaaa'],
    separator: ['A', 'long sep'],
    read: 'dataZA',
    rest: 'aaa',
  },
  {
    row: 'A40 CRLF and LF, cut between',
    chunks: ['ab\r', '\ncd\n'],
    separator: ['\r\n', '\n'],
    read: 'ab\r\n',
    rest: 'cd\n',
  },
]

for (const { row, chunks, separator, read, rest = '' } of ROWS) {
  test(row, async () => {
    const reader = new StreamReader()
    const reading = reader.readUntil(separator)
    for (const chunk of chunks) feed(reader, chunk)
    expect(text(await reading)).toBe(read)
    expect(text(reader.tryRead()) ?? '').toBe(rest)
  })

  test(`${row}: in every split`, async () => {
    for (const pieces of everySplit(ascii(chunks.join('')))) {
      const reader = new StreamReader()
      const reading = reader.readUntil(separator)
      feedAll(reader, pieces)
      const where = pieces.map((piece) => piece.length).join()
      expect(text(await reading), where).toBe(read)
      expect(reader.bufferedByteCount, where).toBe(rest.length)
    }
  })
}

test('A31 the end comes inside the separator', async () => {
  const reader = readerOf('some dataAA')
  reader.feedEof()
  const error: unknown = await reader.readUntil('AAA').catch((e: unknown) => e)
  expect(error).toBeInstanceOf(IncompleteReadError)
  expect(error).toMatchObject({ expected: null, partial: ascii('some dataAA') })
  expect(reader.bufferedByteCount).toBe(0)
})

test('A32 the separator comes with the end', async () => {
  const reader = new StreamReader()
  const reading = reader.readUntil('\n')
  feed(reader, 'abc\n')
  reader.feedEof()
  expect(text(await reading)).toBe('abc\n')
})

test('A33, A34 over the limit without and with the separator: how much lies before it', async () => {
  const reader = readerOf('some dataAA', { limit: 3 })
  const fields = { limit: 3, consumed: 'some dataAA'.length + 1 - 'AAA'.length }
  await expect(reader.readUntil('AAA')).rejects.toMatchObject(fields)
  feed(reader, 'A')
  await expect(reader.readUntil('AAA')).rejects.toMatchObject({ limit: 3, consumed: 'some data'.length })
  expect(reader.bufferedByteCount).toBe('some dataAAA'.length)
})

test('A35 reading on after an overrun', async () => {
  const reader = readerOf('abcdefgh\nrest', { limit: 4 })
  const error = (await reader.readUntil('\n').catch((e: unknown) => e)) as LimitExceededError
  expect(error.consumed).toBe(8)
  expect(text(await reader.readExactly(error.consumed + 1))).toBe('abcdefgh\n')
  expect(text(reader.tryRead())).toBe('rest')
})

test('A36 at exactly the limit it waits on', async () => {
  const reader = readerOf('abc', { limit: 3 })
  const reading = reader.readUntil('\n')
  expect(await isPending(reading)).toBe(true)
  feed(reader, 'd')
  await expect(reading).rejects.toMatchObject({ consumed: 4 })
})

test('A38 the limit counts up to the shortest', async () => {
  await expect(readerOf('xxabyy', { limit: 2 }).readUntil(['ab', 'b'])).rejects.toMatchObject({ consumed: 3 })
})

test('A39 the limit does not depend on chunks where separators differ in length (asyncio: it does)', async () => {
  for (const pieces of everySplit(ascii('12long sep!'))) {
    const reader = new StreamReader({ limit: 3 })
    const reading = reader.readUntil(['A', 'long sep'])
    feedAll(reader, pieces)
    expect(text(await reading)).toBe('12long sep')
  }
})

for (const separator of [
  new DataView(ascii('..aaa..').buffer, 2, 3),
  Buffer.from('..aaa..').subarray(2, 5),
  ascii('..aaa..').subarray(2, 5),
]) {
  test(`A41 a separator may be any view of bytes: ${separator.constructor.name}`, async () => {
    expect(text(await readerOf('xxaaay').readUntil(separator))).toBe('xxaaa')
  })
}

test('A41 the separator is copied: it may change while the read waits', async () => {
  const reader = new StreamReader()
  const separator = ascii('\n')
  const reading = reader.readUntil(separator)
  separator[0] = 0x61
  feed(reader, 'ba\n')
  expect(text(await reading)).toBe('ba\n')
})
