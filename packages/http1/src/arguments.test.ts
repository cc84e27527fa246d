/** Nonsense is refused by an error that names the argument, when the thing is made. */
import { expect, test } from 'vitest'
import {
  createBodyDecoder,
  DEFAULT_LIMITS,
  encodeChunkHeader,
  encodeLastChunk,
  encodeRequestHead,
  encodeResponseHead,
  FieldSection,
  latin1Bytes,
  RequestHeadDecoder,
  resolveLimits,
  ResponseHeadDecoder,
  wholeWindow,
} from './index.ts'

const any = (value: unknown): never => value as never

const TAKERS_OF_LIMITS: { name: string; make: (limits: never) => unknown }[] = [
  { name: 'resolveLimits', make: (limits) => resolveLimits(limits) },
  { name: 'RequestHeadDecoder', make: (limits) => new RequestHeadDecoder(limits) },
  { name: 'ResponseHeadDecoder', make: (limits) => new ResponseHeadDecoder(limits) },
  { name: 'createBodyDecoder', make: (limits) => createBodyDecoder({ kind: 'chunked' }, limits) },
]

for (const { name, make } of TAKERS_OF_LIMITS) {
  for (const limits of [null, 5, 'many']) {
    test(`${name} refuses ${String(limits)} for limits`, () => {
      expect(() => make(any(limits))).toThrow('limits must be an object')
    })
  }
  test(`${name} refuses a limit that there is none of`, () => {
    for (const limit of ['nonsenseOption', 'maxHeaderBytes', 'toString'])
      expect(() => make(any({ [limit]: 1 }))).toThrow(
        expect.objectContaining({ code: 'ERR_HTTP1_INVALID_ARGUMENT', argument: limit }),
      )
  })
  for (const limit of Object.keys(DEFAULT_LIMITS)) {
    test(`${name} refuses nonsense as ${limit}`, () => {
      for (const value of [-1, 0.5, Number.NaN, '5', null, {}, -Infinity])
        expect(() => make(any({ [limit]: value })), JSON.stringify(value)).toThrow(
          expect.objectContaining({ code: 'ERR_HTTP1_INVALID_ARGUMENT', argument: limit }),
        )
    })
  }
}

test('limits that are not all given are the default ones, never none', () => {
  const decoder = createBodyDecoder({ kind: 'chunked' }, { maxTrailerBytes: 100 })
  const line = latin1Bytes(`5;${'x'.repeat(20_000)}`)
  expect(() => decoder.next(wholeWindow(line))).toThrow(
    expect.objectContaining({ limit: 'maxChunkLineBytes' }),
  )
})

const FRAMINGS: { framing: unknown; argument: string }[] = [
  { framing: { kind: 'nonsense' }, argument: 'framing.kind' },
  { framing: {}, argument: 'framing.kind' },
  ...[-1, 0.5, Number.NaN, Infinity, '5', null, undefined].map((byteCount) => ({
    framing: { kind: 'content-length', byteCount },
    argument: 'framing.byteCount',
  })),
]

for (const { framing, argument } of FRAMINGS) {
  test(`no body decoder for ${Object.values(framing as object)
    .map(String)
    .join(' ')}`, () => {
    expect(() => createBodyDecoder(any(framing))).toThrow(
      expect.objectContaining({ code: 'ERR_HTTP1_INVALID_ARGUMENT', argument }),
    )
  })
}

const TAKERS_OF_FIELDS: { name: string; make: (fields: never) => unknown }[] = [
  { name: 'FieldSection.from', make: (fields) => FieldSection.from(fields) },
  { name: 'concat', make: (fields) => FieldSection.from({}).concat(fields) },
  { name: 'encodeRequestHead', make: (fields) => encodeRequestHead({ method: 'GET', target: '/', fields }) },
  { name: 'encodeResponseHead', make: (fields) => encodeResponseHead({ status: 200, fields }) },
  { name: 'encodeLastChunk', make: (fields) => encodeLastChunk(fields) },
]

for (const { name, make } of TAKERS_OF_FIELDS) {
  test(`${name} refuses fields that are none`, () => {
    for (const fields of [null, 5, 'a: b', true])
      expect(() => make(any(fields)), String(fields)).toThrow(
        expect.objectContaining({ code: 'ERR_HTTP1_INVALID_ARGUMENT', argument: 'fields' }),
      )
    for (const value of [5, null, undefined, {}, [5]])
      expect(() => make(any({ 'x-a': value })), JSON.stringify(value)).toThrow(
        expect.objectContaining({ code: 'ERR_HTTP1_INVALID_MESSAGE', field: 'x-a' }),
      )
  })
}

test('a chunk is of 1 octet or more', () => {
  for (const byteCount of [0, -1, 0.5, Number.NaN, Infinity, '5', null])
    expect(() => encodeChunkHeader(any(byteCount))).toThrow(
      expect.objectContaining({ argument: 'byteCount' }),
    )
})
