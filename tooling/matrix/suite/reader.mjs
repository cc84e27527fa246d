// @x/stream-reader: the laws of reading, and readers over what the platform has.
import { StreamReader, StreamReaderError } from '@x/stream-reader'
import { cString, float64BE, lengthPrefixed, record, uint16BE, uint64LE } from '@x/stream-reader/decoders'
import { readerFrom, toReadableStream } from '@x/stream-reader/sources'
import { bytes, equal, everySplit, holds, isPattern, pattern, rejection, text } from './expect.mjs'

/** @typedef {import('./run-cases.mjs').Case} Case */

const MESSAGE = bytes('erste Zeile: ÄÖ\r\nsecond\n\0\x05\0abcEND!rest')

/** @type {Case[]} */
export const readerCases = [
  {
    feature: 'reader',
    name: 'the same bytes in any pieces give the same values',
    async run() {
      for (const chunks of everySplit(MESSAGE)) {
        const reader = new StreamReader()
        const values = readMessage(reader)
        for (const chunk of chunks) reader.feed(chunk)
        reader.feedEof()
        equal(await values, ['erste Zeile: ÄÖ', 'second', 5, '\0abcEND!', 'rest', null, true])
      }
    },
  },
  {
    feature: 'reader',
    name: 'bytes that arrive in place are the same as bytes that are fed',
    async run() {
      for (const chunks of everySplit(MESSAGE)) {
        const reader = new StreamReader()
        const values = readMessage(reader)
        for (const chunk of chunks) {
          const lent = reader.getBuffer()
          lent.set(chunk)
          reader.bufferUpdated(chunk.length)
        }
        reader.feedEof()
        equal((await values)[4], 'rest')
      }
    },
  },
  {
    feature: 'reader',
    name: 'a read that does not resolve takes nothing',
    async run() {
      const reader = new StreamReader()
      reader.feed(bytes('abc'))
      const controller = new AbortController()
      const aborted = reader.readExactly(10, { signal: controller.signal })
      equal((await rejection(reader.readLine())).code, 'ERR_READER_BUSY')
      const reason = new Error('enough')
      controller.abort(reason)
      holds((await rejection(aborted)) === reason, 'an aborted read rejects with the reason itself')
      equal((await rejection(reader.readExactly(10, { timeoutMs: 1 }))).code, 'ERR_READ_TIMEOUT')
      equal((await rejection(reader.readUntil('!', { limit: 2 }))).code, 'ERR_LIMIT_EXCEEDED')
      equal(text(await reader.readExactly(3)), 'abc')
    },
  },
  {
    feature: 'reader',
    name: 'what has arrived comes before the end and before a failure',
    async run() {
      const ended = new StreamReader()
      ended.feed(bytes('abc'))
      ended.feedEof()
      const incomplete = await rejection(ended.readExactly(4))
      equal([incomplete.code, text(incomplete.partial)], ['ERR_INCOMPLETE_READ', 'abc'])
      holds(StreamReaderError.is(incomplete), 'StreamReaderError.is')
      const failed = new StreamReader()
      const cause = new Error('wire cut')
      failed.feed(bytes('abc'))
      failed.feedError(cause)
      equal(text(await failed.read()), 'abc')
      const failure = await rejection(failed.read())
      equal([failure.code, failure.cause === cause], ['ERR_STREAM_FAILED', true])
    },
  },
  {
    feature: 'reader',
    name: 'the source is paused above the high-water mark and resumed for a read that needs more',
    async run() {
      const reader = new StreamReader({ highWaterMark: 10 })
      /** @type {string[]} */
      const calls = []
      reader.setFlowControl({
        pauseReading: () => calls.push('pause'),
        resumeReading: () => calls.push('resume'),
      })
      reader.feed(pattern(11))
      const reading = reader.readExactly(20)
      reader.feed(pattern(20).subarray(11))
      holds(isPattern(await reading), 'the bytes are whole')
      equal(calls, ['pause', 'resume'])
    },
  },
  {
    feature: 'reader',
    name: 'decoders give the same values in any pieces',
    async run() {
      const entry = record({
        id: uint16BE,
        name: lengthPrefixed(uint16BE),
        unit: cString(),
        at: float64BE,
        big: uint64LE,
      })
      const wire = Uint8Array.of(
        1,
        2,
        0,
        2,
        104,
        105,
        109,
        0,
        64,
        9,
        33,
        251,
        84,
        68,
        45,
        24,
        1,
        0,
        0,
        0,
        0,
        0,
        0,
        128,
      )
      for (const chunks of everySplit(wire)) {
        const reader = new StreamReader()
        const reading = reader.decode(entry)
        for (const chunk of chunks) reader.feed(chunk)
        const { name, ...rest } = await reading
        equal([text(name), rest], ['hi', { id: 258, unit: 'm', at: Math.PI, big: 2n ** 63n + 1n }])
      }
    },
  },
  {
    feature: 'sources',
    name: 'readers over a ReadableStream, a byte stream, a Blob and iterables',
    async run() {
      const chunks = ['two li', 'nes\nand ', 'more'].map(bytes)
      const sources = {
        stream: streamOf(chunks),
        'byte stream': byteStreamOf(chunks),
        blob: new Blob(['two lines\nand more']),
        array: chunks,
        generator: generatorOf(chunks),
      }
      for (const [name, source] of Object.entries(sources)) {
        const reader = readerFrom(source)
        equal(await reader.readLine(), 'two lines', name)
        equal(text(await reader.readAll()), 'and more', name)
      }
    },
  },
  {
    feature: 'sources',
    name: 'a reader lets its stream go, and is a stream itself',
    async run() {
      const stream = streamOf(['one\ntw', 'o', '\nthree'].map(bytes))
      const reader = readerFrom(stream)
      equal(await reader.readLine(), 'one')
      const taken = text(await reader.detach())
      // Not by a Response: that wants a stream which nobody has read from.
      equal(`${taken}${text(await readerFrom(stream).readAll())}`, 'two\nthree')
      const whole = readerFrom(pattern(100_000))
      await whole.skip(1)
      const copied = new Uint8Array(await new Response(toReadableStream(whole)).arrayBuffer())
      equal(copied.length, 99_999)
      holds(isPattern(copied, 1), 'the bytes are whole')
    },
  },
]

/** @param {StreamReader} reader */
async function readMessage(reader) {
  const values = [await reader.readLine(), await reader.readLine()]
  /** @type {unknown[]} */
  const others = [await reader.decode(uint16BE)]
  others.push(
    text(await reader.readUntil('END!')),
    await reader.readLine(),
    await reader.read(),
    reader.atEof,
  )
  return [...values, ...others]
}

/** @param {readonly Uint8Array[]} chunks */
function streamOf(chunks) {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })
}

/** @param {readonly Uint8Array<ArrayBuffer>[]} chunks */
function byteStreamOf(chunks) {
  return new ReadableStream({
    type: 'bytes',
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk.slice())
      controller.close()
    },
  })
}

/** @param {readonly Uint8Array[]} chunks */
async function* generatorOf(chunks) {
  yield* chunks
}
