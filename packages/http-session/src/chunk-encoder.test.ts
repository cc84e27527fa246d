import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { ChunkEncoder } from './chunk-encoder.ts'

function encoded(chunks: unknown[]): string {
  const encoder = new ChunkEncoder()
  const all = chunks.map((chunk) => encoder.encode(chunk))
  return Buffer.concat([...all, encoder.end() ?? new Uint8Array(0)]).toString('hex')
}

const hex = (text: string): string => Buffer.from(text).toString('hex')

test('text is the same bytes wherever it is cut, in the middle of a character too', () => {
  const text = 'aä€😀\ud83d😀\ude00z\ud83d'
  for (let from = 0; from <= text.length; from++) {
    for (let to = from; to <= text.length; to++) {
      const chunks = [text.slice(0, from), text.slice(from, to), text.slice(to)]
      expect(encoded(chunks), `cut at ${from} and ${to}`).toBe(hex(text))
    }
  }
})

const CHUNKS: { name: string; chunks: unknown[]; hex: string }[] = [
  { name: 'nothing', chunks: [], hex: '' },
  { name: 'empty ones', chunks: ['', new Uint8Array(0), ''], hex: '' },
  { name: 'bytes as they are', chunks: [new Uint8Array([0, 255])], hex: '00ff' },
  { name: 'a Buffer', chunks: [Buffer.from('a')], hex: '61' },
  { name: 'half a character before bytes', chunks: ['\ud83d', Buffer.from('a')], hex: 'efbfbd61' },
  {
    name: 'half a character before no bytes',
    chunks: ['\ud83d', Buffer.from(''), '\ude00'],
    hex: 'efbfbdefbfbd',
  },
  {
    name: 'bytes of another realm',
    chunks: [runInNewContext('new Uint8Array([1, 2]).subarray(1)')],
    hex: '02',
  },
]

for (const row of CHUNKS) test(`chunks: ${row.name}`, () => expect(encoded(row.chunks)).toBe(row.hex))

const NOT_CHUNKS = [
  null,
  undefined,
  1,
  true,
  {},
  ['a'],
  new ArrayBuffer(1),
  new Uint16Array(1),
  new DataView(new ArrayBuffer(1)),
]

for (const chunk of NOT_CHUNKS) {
  test(`chunks: ${Object.prototype.toString.call(chunk)} is refused`, () => {
    expect(() => encoded([chunk])).toThrow(expect.objectContaining({ code: 'ERR_HTTP_INVALID_BODY' }))
  })
}
