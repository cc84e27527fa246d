import { FieldSection } from '@x/http1'
import { expect, test } from 'vitest'
import { contentDecodings, formatOf, knownCodings } from './content-coding.ts'
import type { ContentCoding } from './content-coding.ts'

const ALL: readonly ContentCoding[] = ['gzip', 'deflate', 'br', 'zstd']

const FIELDS: {
  name: string
  field: string[]
  undo: string[]
  left: string[]
  status?: number
  known?: ContentCoding[]
}[] = [
  { name: 'P39 none', field: [], undo: [], left: [] },
  ...ALL.map((coding) => ({ name: `P39 ${coding}`, field: [coding], undo: [coding], left: [] })),
  { name: 'P39 x-gzip', field: ['x-gzip'], undo: ['gzip'], left: [] },
  { name: 'P39 any case', field: ['GZip, X-GZIP, Br'], undo: ['br', 'gzip', 'gzip'], left: [] },
  {
    name: 'P39 a stack is undone from its end',
    field: ['gzip, br, deflate'],
    undo: ['deflate', 'br', 'gzip'],
    left: [],
  },
  { name: 'P39 on several lines', field: ['gzip', 'br'], undo: ['br', 'gzip'], left: [] },
  { name: 'P39 identity says nothing', field: ['identity, gzip,Identity'], undo: ['gzip'], left: [] },
  { name: 'P39 nor do empty members', field: [',gzip ,\t, ,'], undo: ['gzip'], left: [] },
  { name: 'P39 empty', field: [''], undo: [], left: [] },
  { name: 'P40 unknown', field: ['compress'], undo: [], left: ['compress'] },
  { name: 'P40 below an unknown one', field: ['gzip, foo'], undo: [], left: ['gzip', 'foo'] },
  { name: 'P40 above an unknown one', field: ['br, foo, gzip'], undo: ['gzip'], left: ['br', 'foo'] },
  { name: 'P40 with parameters', field: ['gzip;q=1'], undo: [], left: ['gzip;q=1'] },
  { name: 'P40 quoted', field: ['"gzip"'], undo: [], left: ['"gzip"'] },
  { name: 'P40 two names in one', field: ['gzip br'], undo: [], left: ['gzip br'] },
  { name: 'P40 a space that is none of HTTP', field: ['gzip\xa0'], undo: [], left: ['gzip\xa0'] },
  {
    name: 'P40 a name of every object',
    field: ['constructor, __proto__'],
    undo: [],
    left: ['constructor', '__proto__'],
  },
  { name: 'P40 not known to this runtime', field: ['zstd'], undo: [], left: ['zstd'], known: ['gzip'] },
  { name: 'P40 none is to be undone', field: ['gzip, br'], undo: [], left: ['gzip', 'br'], known: [] },
  { name: 'a range of coded content', field: ['gzip'], undo: [], left: ['gzip'], status: 206 },
  { name: 'a range of content', field: [], undo: [], left: [], status: 206 },
]

for (const { name, field, undo, left, status = 200, known = ALL } of FIELDS) {
  test(`content codings: ${name}`, () => {
    const fields = FieldSection.from(field.map((value) => ['Content-Encoding', value] as const))
    expect(contentDecodings(fields, status, known)).toEqual({ undo, left })
  })
}

test('content codings: a long run of blanks costs no more than its length', () => {
  const fields = FieldSection.from([['Content-Encoding', `a${' '.repeat(2_000_000)}b`]])
  const begun = performance.now()
  contentDecodings(fields, 200, ALL)
  expect(performance.now() - begun).toBeLessThan(1000)
})

const RUNTIMES = [
  {
    name: 'Node 20',
    runtime: { process: { versions: { node: '20.0.0' } } },
    known: ['gzip', 'deflate', 'br'],
  },
  { name: 'Node 24', runtime: { process: { versions: { node: '24.0.0', zstd: '1.5.7' } } }, known: ALL },
  {
    name: 'Bun',
    runtime: {
      process: { versions: { node: '26.3.0', bun: '1.4.5', zstd: 'x' } },
      DecompressionStream: Object,
    },
    known: ['gzip', 'deflate', 'br'],
  },
  {
    name: 'Deno',
    runtime: { process: { versions: { node: '26.3.0', deno: '2.9.6', brotli: '1.2.0' } } },
    known: ['gzip', 'deflate'],
  },
  {
    name: 'Node 22',
    runtime: { process: { versions: { node: '22.23.3', brotli: '1.2.0', zstd: '1.5.7' } } },
    known: ['gzip', 'deflate', 'br'],
  },
  { name: 'a browser', runtime: { DecompressionStream: Object }, known: ['gzip', 'deflate'] },
  {
    name: 'a browser with a stand-in for process',
    runtime: { process: {}, DecompressionStream: Object },
    known: ['gzip', 'deflate'],
  },
  { name: 'nothing', runtime: {}, known: [] },
]

for (const { name, runtime, known } of RUNTIMES) {
  test(`P39 codings known to ${name}`, () => {
    expect(knownCodings(runtime)).toEqual(known)
  })
}

const HEADS = [
  { head: [0x78, 0x9c], format: 'zlib' },
  { head: [0x78, 0x01], format: 'zlib' },
  { head: [0x18, 0x19], format: 'zlib' },
  { head: [0x78], format: 'zlib' },
  { head: [0x78, 0x9d], format: 'deflate-raw' },
  { head: [0x88, 0x1c], format: 'deflate-raw' },
  { head: [0x03, 0x00], format: 'deflate-raw' },
  { head: [0x03], format: 'deflate-raw' },
  { head: [0x4b, 0x4c], format: 'deflate-raw' },
]

for (const { head, format } of HEADS) {
  test(`P39 deflate that begins with ${head.map((octet) => octet.toString(16)).join(' ')} is ${format}`, () => {
    expect(formatOf('deflate', Uint8Array.from(head))).toBe(format)
  })
}

test('the format of other codings is their own', () => {
  for (const coding of ['gzip', 'br', 'zstd'] as const)
    expect(formatOf(coding, Uint8Array.of(0x78, 0x9c))).toBe(coding)
})
