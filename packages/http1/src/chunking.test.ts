// Chunking never matters, and costs nothing: whatever the pieces, the same values, errors and leftovers, and each
// octet is looked at about once.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Decoder } from './byte-window.ts'
import { createBodyDecoder } from './create-body-decoder.ts'
import type { MessageFraming } from './framing.ts'
import { RequestHeadDecoder } from './request-head.ts'
import { ResponseHeadDecoder } from './response-head.ts'
import {
  TestWindow,
  bodyOutcome,
  octets,
  outcomeOf,
  shownRequest,
  shownResponse,
} from './split.test-support.ts'
import type { Outcome } from './split.test-support.ts'

/** Octets that are nearly HTTP, and where to cut them. */
function cutWire(pieces: readonly string[]): fc.Arbitrary<{ wire: string; chunks: Uint8Array[] }> {
  const wires = fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((parts) => parts.join(''))
  return fc.tuple(wires, fc.array(fc.nat(), { maxLength: 12 })).map(([wire, cuts]) => {
    const places = [...new Set(cuts.map((cut) => cut % (wire.length + 1)))].toSorted((a, b) => a - b)
    const bounds = [0, ...places, wire.length]
    const bytes = octets(wire)
    return { wire, chunks: bounds.slice(1).map((end, index) => bytes.subarray(bounds[index], end)) }
  })
}

const TOKENS = [
  '\r\n',
  '\r\n\r\n',
  '\r',
  '\n',
  ' ',
  '\t',
  ':',
  ',',
  'A',
  'Content-Length',
  ': 5',
  '\0',
  '\xe9',
  '"',
  ';',
  '=',
  '\\',
]
const LIMITS = {
  maxHeadBytes: 60,
  maxFieldCount: 3,
  maxLineBytes: 24,
  maxTrailerBytes: 30,
  maxTrailerCount: 2,
  maxChunkLineBytes: 9,
  maxChunkExtensionBytes: 12,
  maxInterimResponses: 1,
}

const RUNS: { name: string; pieces: string[]; run: (chunks: readonly Uint8Array[]) => Outcome }[] = [
  {
    name: 'response heads',
    pieces: [
      ...TOKENS,
      'HTTP/1.',
      '1 200 OK\r\n',
      'HTTP/1.1 204 x\r\n',
      'HTTP/1.1 200\r\nA: b\r\n',
      ' folded',
    ],
    run: (chunks) =>
      outcomeOf(new ResponseHeadDecoder(LIMITS).decode, chunks, {
        show: shownResponse,
        ending: 'then the stream ends',
      }),
  },
  {
    name: 'request heads',
    pieces: [
      ...TOKENS,
      'GET / HTTP/1.1\r\n',
      'GET ',
      '/',
      ' HTTP/1.0',
      'Host: h\r\n',
      'CONNECT h:1 HTTP/1.1\r\n',
    ],
    run: (chunks) =>
      outcomeOf(new RequestHeadDecoder(LIMITS).decode, chunks, {
        show: shownRequest,
        ending: 'then the stream ends',
      }),
  },
  {
    name: 'chunked bodies',
    pieces: [
      ...TOKENS,
      '0\r\n',
      '1\r\nx\r\n',
      '5;a=b\r\nhello\r\n',
      '3\r\n',
      'abc',
      '0\r\n\r\n',
      'A: b\r\n',
      'a',
      '7',
    ],
    run: (chunks) =>
      bodyOutcome(createBodyDecoder({ kind: 'chunked' }, { ...LIMITS }), chunks, {
        ending: 'then the stream ends',
      }),
  },
]

for (const { name, pieces, run } of RUNS) {
  test(`chunking never matters: ${name}`, () => {
    fc.assert(
      fc.property(cutWire(pieces), ({ wire, chunks }) => {
        expect(run(chunks)).toEqual(run([octets(wire)]))
      }),
      { numRuns: 1000 },
    )
  })
}

/** Octets read by index while the wire comes one octet at a time, all but the last. */
function octetsLookedAt(wire: Uint8Array, decode: Decoder<unknown>): number {
  let count = 0
  const counted = new Proxy(wire, {
    get(target, key) {
      if (typeof key === 'string' && /^[0-9]+$/.test(key)) count += 1
      return Reflect.get(target, key, target) as unknown
    },
  })
  const window = new TestWindow()
  window.bytes = counted
  for (window.end = 1; window.end < wire.length; window.end += 1) expect(decode(window)).toBeUndefined()
  return count
}

const body = (framing: MessageFraming): Decoder<unknown> => {
  const decoder = createBodyDecoder(framing)
  return (window) => decoder.next(window)
}

const LONG = 'x'.repeat(10_000)
const DRIPS: { name: string; wire: string; decode: () => Decoder<unknown> }[] = [
  {
    name: 'a long reason phrase',
    wire: `HTTP/1.1 200 ${LONG}\r\n\r\n`,
    decode: () => new ResponseHeadDecoder().decode,
  },
  {
    name: 'a long field value',
    wire: `HTTP/1.1 200 OK\r\nA: ${LONG}\r\n\r\n`,
    decode: () => new ResponseHeadDecoder().decode,
  },
  {
    name: 'a long field name',
    wire: `HTTP/1.1 200 OK\r\n${LONG}: a\r\n\r\n`,
    decode: () => new ResponseHeadDecoder().decode,
  },
  {
    name: 'many fields',
    wire: `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(250)}\r\n`,
    decode: () => new ResponseHeadDecoder().decode,
  },
  { name: 'a long extension', wire: `0;${LONG}\r\n\r\n`, decode: () => body({ kind: 'chunked' }) },
  {
    name: 'long trailers',
    wire: `0\r\nA: ${LONG}\r\nB: ${LONG}\r\n\r\n`,
    decode: () => body({ kind: 'chunked' }),
  },
]

for (const { name, wire, decode } of DRIPS) {
  test(`dripped input is linear: ${name}`, () => {
    const count = octetsLookedAt(octets(wire), decode())
    // Each call may look again at the octet where the last one stopped, and at the seven of `HTTP/1.` while
    // the status line is not complete.
    expect(count).toBeLessThanOrEqual(10 * wire.length)
    expect(count).toBeGreaterThanOrEqual(wire.length - 2)
  })
}
