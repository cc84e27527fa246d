/** Whose are the arrays that go in and come out? */
import { expect, test } from 'vitest'
import { ascii, feed, lend, readerOf, text } from './feeding.test-support.ts'
import { StreamReader } from './index.ts'
import type { ByteWindow } from './index.ts'

const READS: Record<string, (reader: StreamReader) => Promise<Uint8Array | null>> = {
  read: (reader) => reader.read(),
  'read(3)': (reader) => reader.read(3),
  'read(0)': (reader) => reader.read(0),
  'readExactly(4)': (reader) => reader.readExactly(4),
  'readExactly(6)': (reader) => reader.readExactly(6),
  'readExactly(0)': (reader) => reader.readExactly(0),
  readUntil: (reader) => reader.readUntil('d'),
  peek: (reader) => reader.peek(6),
  readAll: (reader) => reader.readAll(),
  'decode, take': (reader) => reader.decode((window) => window.take(4)),
  'decode, takeLast': (reader) => reader.decode((window) => window.takeLast(window.byteCount)),
  iteration: async (reader) => (await reader[Symbol.asyncIterator]().next()).value as Uint8Array,
}

/** Takes the memory away, as sending it to a worker does. */
function transfer(bytes: Uint8Array): void {
  structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] })
}

for (const [name, read] of Object.entries(READS)) {
  for (const [way, give] of Object.entries({ fed: feed, lent: lend })) {
    test(`${name}, ${way}: what is returned may be changed and transferred`, async () => {
      const reader = new StreamReader()
      give(reader, 'abcdef')
      give(reader, 'ghi')
      reader.feedEof()
      const bytes = (await read(reader))!
      expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype)
      const rest = 'abcdefghi'.slice(name === 'peek' ? 0 : bytes.length)
      bytes.fill(0)
      transfer(bytes)
      expect(text(await reader.readAll())).toBe(rest)
      const other = new StreamReader()
      give(other, 'still works')
      expect(text(await other.readExactly(0))).toBe('')
      expect(text(other.tryRead())).toBe('still works')
    })
  }
}

test('chunks of one big array are not given away with it', async () => {
  const slab = ascii('one two three')
  const reader = new StreamReader()
  for (const [from, to] of [
    [0, 4],
    [4, 8],
    [8, 13],
  ] as const) {
    reader.feed(slab.subarray(from, to))
    const bytes = (await reader.read())!
    expect(bytes.buffer).not.toBe(slab.buffer)
    transfer(bytes)
  }
})

test('a chunk that is a whole array is given away without a copy', async () => {
  const chunk = ascii('whole')
  const reader = new StreamReader()
  reader.feed(chunk)
  expect((await reader.read())?.buffer).toBe(chunk.buffer)
})

test('a small rest does not hold a large array', async () => {
  const reader = new StreamReader()
  reader.feed(new Uint8Array(100_000))
  await reader.readExactly(99_900)
  expect((await reader.readExactly(100)).buffer.byteLength).toBe(100)
})

test('arrays of 65 to 4096 bytes share memory among themselves only: each may be changed, kept, transferred', () => {
  const reader = new StreamReader()
  const content = Uint8Array.from({ length: 20_000 }, (_, index) => index % 251)
  for (const give of [feed, lend]) {
    give(reader, content)
    let at = 0
    for (let round = 0; at < content.length; round++) {
      const byteCount = Math.min([100, 4, 300, 4096, 65][round % 5]!, content.length - at)
      const bytes = reader.tryReadExactly(byteCount)!
      expect(Buffer.compare(bytes, content.subarray(at, at + byteCount))).toBe(0)
      at += byteCount
      bytes.fill(0xdd)
      if (round % 3 === 0) transfer(bytes)
    }
    expect(reader.bufferedByteCount).toBe(0)
  }
})

test('what a decoder took and changed before it asked for more is whole when it is asked again', () => {
  const reader = new StreamReader()
  const spoilsTwoHundred = (window: ByteWindow): string | undefined => {
    const first = window.take(100)
    const content = text(first)!
    first.fill(0)
    return window.byteCount < 100 ? undefined : content + text(window.take(100))!
  }
  feed(reader, 'a'.repeat(150))
  for (let i = 0; i < 3; i++) expect(reader.tryDecode(spoilsTwoHundred)).toBeUndefined()
  feed(reader, 'b'.repeat(150))
  expect(reader.tryDecode(spoilsTwoHundred)).toBe('a'.repeat(150) + 'b'.repeat(50))
  reader.unread(ascii('c'.repeat(100)))
  expect(reader.tryDecode(spoilsTwoHundred)).toBe('c'.repeat(100) + 'b'.repeat(100))
})

test('a Buffer from the pool becomes a plain array of its own', async () => {
  const reader = new StreamReader()
  reader.feed(Buffer.from('pooled'))
  const bytes = (await reader.read())!
  expect(Buffer.isBuffer(bytes)).toBe(false)
  expect(bytes.buffer.byteLength).toBe(6)
})

test('any view of bytes can be fed, also of another realm', async () => {
  const reader = new StreamReader()
  reader.feed(new DataView(ascii('..view..').buffer, 2, 4) as unknown as Uint8Array)
  class Foreign extends Uint8Array {}
  reader.feed(Foreign.from(ascii(' foreign')))
  expect(text(reader.tryRead())).toBe('view foreign')
})

test('unread copies', () => {
  const reader = readerOf('c')
  const bytes = ascii('ab')
  reader.unread(bytes)
  bytes.fill(0)
  expect(text(reader.tryRead())).toBe('abc')
})

test('readInto touches its target only when bytes are there, and only as much as it says', async () => {
  const reader = new StreamReader()
  const target = new Uint8Array(4).fill(9)
  const reading = reader.readInto(target.subarray(1))
  expect(target).toEqual(Uint8Array.of(9, 9, 9, 9))
  feed(reader, '12')
  expect(await reading).toBe(2)
  expect(target).toEqual(Uint8Array.of(9, 49, 50, 9))
})

test("a partial is the catcher's", async () => {
  const reader = readerOf('abc')
  reader.feedEof()
  const error = (await reader.readExactly(5).catch((e: unknown) => e)) as { partial: Uint8Array }
  reader.unread(error.partial)
  transfer(error.partial)
  expect(text(await reader.readExactly(3))).toBe('abc')
})
