import { expect, test } from 'vitest'
import { takeBody } from './body-decoder.ts'
import { wholeWindow } from './byte-window.ts'
import { createBodyDecoder } from './create-body-decoder.ts'
import type { MessageFraming } from './framing.ts'
import { TestWindow, bodyOutcome, octets, sameForEverySplit } from './split.test-support.ts'
import type { Ending, Outcome } from './split.test-support.ts'

function decoded(framing: MessageFraming, wire: string, ending: Ending = 'then nothing'): Outcome {
  bodyOutcome(createBodyDecoder(framing), [octets(wire)], { ending })
  return sameForEverySplit(wire, (chunks) => bodyOutcome(createBodyDecoder(framing), chunks, { ending }))
}

const FIVE: MessageFraming = { kind: 'content-length', byteCount: 5 }
const TO_CLOSE: MessageFraming = { kind: 'close-delimited' }

test('Content-Length: takes so much and no more', () => {
  expect(decoded(FIVE, 'hello, next')).toEqual({ value: { content: 'hello', trailers: [] }, rest: ', next' })
})

for (const framing of [
  { kind: 'none' },
  { kind: 'tunnel' },
  { kind: 'content-length', byteCount: 0 },
] satisfies MessageFraming[]) {
  test(`${framing.kind}: ends at once and takes nothing`, () => {
    expect(decoded(framing, 'next')).toEqual({ value: { content: '', trailers: [] }, rest: 'next' })
  })
}

test('P21 a close-delimited body ends where the stream ends', () => {
  expect(decoded(TO_CLOSE, 'hello')).toMatchObject({ value: { soFar: 'hello' } })
  expect(decoded(TO_CLOSE, 'hello', 'then the stream ends')).toMatchObject({ value: { content: 'hello' } })
})

test('P22 the stream ends before the length', () => {
  expect(decoded(FIVE, 'hell', 'then the stream ends')).toMatchObject({
    value: { soFar: 'hell' },
    error: { code: 'ERR_HTTP1_INCOMPLETE_BODY', received: 4, expected: 5 },
  })
})

test('a bound on one piece of content', () => {
  const wire = { [FIVE.kind]: 'hello', chunked: '3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n', [TO_CLOSE.kind]: 'hello' }
  for (const framing of [FIVE, { kind: 'chunked' }, TO_CLOSE] satisfies MessageFraming[]) {
    const run = bodyOutcome(createBodyDecoder(framing), [octets(wire[framing.kind])], {
      ending: 'then the stream ends',
      maxByteCount: 2,
    })
    expect(run.value).toMatchObject({ content: 'hello' })
    const window = wholeWindow(octets(wire[framing.kind]))
    const decoder = createBodyDecoder(framing)
    expect(decoder.next(window, 2)).toBe('data')
    expect(decoder.dataEnd - decoder.dataStart).toBe(2)
    expect(decoder.receivedByteCount).toBe(2)
  }
})

test('expectedByteCount is known only from a length', () => {
  expect(createBodyDecoder(FIVE).expectedByteCount).toBe(5)
  expect(createBodyDecoder({ kind: 'none' }).expectedByteCount).toBe(0)
  expect(createBodyDecoder({ kind: 'chunked' }).expectedByteCount).toBeNull()
  expect(createBodyDecoder(TO_CLOSE).expectedByteCount).toBeNull()
})

test('takeBody copies a whole body of any framing in one call', () => {
  const chunked = '3\r\nhel\r\n1\r\nl\r\n1\r\no\r\n0\r\n\r\nnext'
  for (const [framing, wire] of [
    [FIVE, 'hellonext'],
    [{ kind: 'chunked' }, chunked],
    [{ kind: 'chunked' }, '5\r\nhello\r\n0\r\n\r\nnext'],
  ] satisfies [MessageFraming, string][]) {
    const window = wholeWindow(octets(wire))
    const { content, complete } = takeBody(createBodyDecoder(framing), window)
    expect(complete).toBe(true)
    expect(window.end - window.start).toBe('next'.length)
    window.bytes.fill(0)
    expect(content).toEqual(octets('hello'))
  }
})

test('takeBody takes what there is of a body and says that there is more', () => {
  const decoder = createBodyDecoder({ kind: 'content-length', byteCount: 6 })
  const window = new TestWindow()
  expect(takeBody(decoder, window)).toEqual({ content: new Uint8Array(0), complete: false })
  window.feed(octets('hello'))
  expect(takeBody(decoder, window)).toEqual({ content: octets('hello'), complete: false })
  window.feed(octets('!next'))
  expect(takeBody(decoder, window)).toEqual({ content: octets('!'), complete: true })
  expect(window.rest).toBe('next')
})

test('takeBody: the content is a copy, also where the window is over a Buffer', () => {
  const wire = Buffer.from('Hello, World!')
  const decoder = createBodyDecoder({ kind: 'content-length', byteCount: 13 })
  const { content } = takeBody(decoder, wholeWindow(wire))
  wire.fill(0)
  expect(new TextDecoder().decode(content)).toBe('Hello, World!')
  expect(content.constructor).toBe(Uint8Array)
})
