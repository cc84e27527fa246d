import { expect, test } from 'vitest'
import { EventStreamParser } from './event-stream-parser.ts'
import type { ServerSentEvent } from './event-stream-parser.ts'

const URL = 'http://a.example/events'
const LIMITS = { maxLineBytes: 1000, maxEventBytes: 1000 }

interface Row {
  readonly name: string
  readonly wire: string
  /** Type, data, last id. */
  readonly events: readonly (readonly [string, string, string])[]
  readonly retryMs?: number
  /** The last id that counts, where it is not that of the last event. */
  readonly lastEventId?: string
}

const ROWS: Row[] = [
  { name: 'one line of data', wire: 'data: a\n\n', events: [['message', 'a', '']] },
  {
    name: 'CRLF',
    wire: 'data: a\r\n\r\ndata: b\r\n\r\n',
    events: [
      ['message', 'a', ''],
      ['message', 'b', ''],
    ],
  },
  {
    name: 'CR',
    wire: 'data: a\r\rdata: b\r\r',
    events: [
      ['message', 'a', ''],
      ['message', 'b', ''],
    ],
  },
  {
    name: 'all line ends mixed',
    wire: 'data: a\r\ndata: b\rdata: c\n\r\n',
    events: [['message', 'a\nb\nc', '']],
  },
  {
    name: 'CR LF LF is two line ends',
    wire: 'data: a\r\n\ndata: b\n\r',
    events: [
      ['message', 'a', ''],
      ['message', 'b', ''],
    ],
  },
  { name: 'a byte order mark first', wire: '\ufeffdata: a\n\n', events: [['message', 'a', '']] },
  {
    name: 'a byte order mark later is part of a name',
    wire: 'data: a\n\ufeffdata: b\n\n',
    events: [['message', 'a', '']],
  },
  { name: 'a second byte order mark stays', wire: '\ufeff\ufeffdata: a\n\n', events: [] },
  {
    name: 'lines of data are joined',
    wire: 'data: a\ndata\ndata:\ndata: b\n\n',
    events: [['message', 'a\n\n\nb', '']],
  },
  {
    name: 'data without a colon',
    wire: 'data\n\ndata\ndata\n\n',
    events: [
      ['message', '', ''],
      ['message', '\n', ''],
    ],
  },
  {
    name: 'one space behind the colon is left out',
    wire: 'data:a\ndata:  b\ndata: \tc\n\n',
    events: [['message', 'a\n b\n\tc', '']],
  },
  { name: 'comments', wire: ': hello\n:\ndata: a\n: b\n\n:\n\n', events: [['message', 'a', '']] },
  { name: 'unknown fields, and names are case-sensitive', wire: 'Data: a\nfoo: b\n data: c\n\n', events: [] },
  {
    name: 'a type, for one event',
    wire: 'event: x\ndata: a\n\ndata: b\n\n',
    events: [
      ['x', 'a', ''],
      ['message', 'b', ''],
    ],
  },
  { name: 'a type without data', wire: 'event: x\n\ndata: b\n\n', events: [['message', 'b', '']] },
  {
    name: 'the last type counts; an empty one is none',
    wire: 'event: x\nevent\ndata: a\n\n',
    events: [['message', 'a', '']],
  },
  {
    name: 'an id stays',
    wire: 'id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n',
    events: [
      ['message', 'a', '1'],
      ['message', 'b', '1'],
      ['message', 'c', ''],
    ],
  },
  { name: 'an id without data counts', wire: 'id: 7\n\n', events: [], lastEventId: '7' },
  { name: 'an id with NUL does not', wire: 'id: 1\nid: 2\0\ndata: a\n\n', events: [['message', 'a', '1']] },
  {
    name: 'an id of an event that is cut off does not',
    wire: 'id: 1\ndata: a\n\nid: 2\ndata: b\n',
    events: [['message', 'a', '1']],
  },
  { name: 'retry', wire: 'retry: 0150\n', events: [], retryMs: 150 },
  {
    name: 'retry that is no number',
    wire: 'retry: 1\nretry: 2s\nretry: -3\nretry:\nretry: 1.5\n',
    events: [],
    retryMs: 1,
  },
  { name: 'the end cuts an event off', wire: 'data: a\n\ndata: b\n', events: [['message', 'a', '']] },
  { name: 'UTF-8', wire: 'event: é\ndata: €\ndata: 😀\n\n', events: [['é', '€\n😀', '']] },
  { name: 'empty lines alone', wire: '\n\r\n\r\r\n', events: [] },
]

function parse(
  chunks: readonly Uint8Array[],
  limits = LIMITS,
): { parser: EventStreamParser; events: ServerSentEvent[] } {
  const parser = new EventStreamParser(limits, '', URL)
  const events: ServerSentEvent[] = []
  for (const chunk of chunks) {
    const lent = chunk.slice()
    events.push(...parser.push(lent))
    lent.fill(0x78)
  }
  return { parser, events }
}

/** In one piece, at every position in two, and byte by byte. */
function* everySplit(wire: string): Generator<Uint8Array[]> {
  const bytes = new TextEncoder().encode(wire)
  yield [bytes]
  for (let at = 0; at <= bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)]
  yield [...bytes].map((byte) => Uint8Array.of(byte))
  yield [...bytes].flatMap((byte) => [Uint8Array.of(byte), new Uint8Array()])
}

for (const { name, wire, events, retryMs, lastEventId } of ROWS) {
  test(`events: ${name}`, () => {
    for (const chunks of everySplit(wire)) {
      const parsed = parse(chunks)
      const where = `chunks of ${chunks.map(({ length }) => length).join()}`
      const got = parsed.events.map(({ type, data, lastEventId: id }) => [type, data, id])
      expect(got, where).toEqual(events)
      expect(parsed.parser.retryMs, where).toBe(retryMs ?? null)
      expect(parsed.parser.lastEventId, where).toBe(lastEventId ?? events.at(-1)?.[2] ?? '')
    }
  })
}

test('octets that are no UTF-8 become U+FFFD, within their line', () => {
  const bytes = Uint8Array.of(
    0x64,
    0x61,
    0x74,
    0x61,
    0x3a,
    0xe2,
    0x82,
    0x0a,
    0x64,
    0x61,
    0x74,
    0x61,
    0x3a,
    0xff,
    0x0a,
    0x0a,
  )
  for (const chunks of [[bytes], [...bytes].map((byte) => Uint8Array.of(byte))])
    expect(parse(chunks).events.map(({ data }) => data)).toEqual(['\ufffd\n\ufffd'])
})

test('the id of the stream before is that of the first events', () => {
  const parser = new EventStreamParser(LIMITS, '5', URL)
  expect([...parser.push(new TextEncoder().encode('data: a\n\n'))]).toEqual([
    { type: 'message', data: 'a', lastEventId: '5' },
  ])
})

const TOO_LONG = [
  {
    name: 'a line',
    wire: 'data: a\n\ndata: 12345\n\n',
    limits: { maxLineBytes: 10, maxEventBytes: 99 },
    code: 'LINE_TOO_LONG',
  },
  {
    name: 'a line without an end',
    wire: 'data: a\n\n:2345678901',
    limits: { maxLineBytes: 10, maxEventBytes: 99 },
    code: 'LINE_TOO_LONG',
  },
  {
    name: 'an event',
    wire: 'data: a\n\ndata: b\ndata: c\n\n',
    limits: { maxLineBytes: 10, maxEventBytes: 13 },
    code: 'TOO_LARGE',
  },
]
for (const { name, wire, limits, code } of TOO_LONG) {
  test(`limits: ${name} that is too long is an error, behind the events before it`, () => {
    for (const chunks of everySplit(wire)) {
      const parser = new EventStreamParser(limits, '', URL)
      const got: string[] = []
      const run = (): void => {
        for (const chunk of chunks) for (const { data } of parser.push(chunk)) got.push(data)
      }
      expect(run).toThrow(expect.objectContaining({ code: `ERR_HTTP_EVENT_${code}`, url: URL }))
      expect(got).toEqual(['a'])
    }
  })
}

test('limits: what is just as long as allowed passes', () => {
  const limits = { maxLineBytes: 7, maxEventBytes: 14 }
  expect(parse([...everySplit('data: b\ndata: c\n\n')].at(-1)!, limits).events).toHaveLength(1)
})
