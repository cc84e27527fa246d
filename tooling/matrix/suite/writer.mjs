// @x/stream-writer: the laws of writing, and writers over the platform's streams.
import { StreamWriter } from '@x/stream-writer'
import { encodeFloat64BE, encodeUint16BE, encodeUint64LE } from '@x/stream-writer/encoders'
import { pipeFrom, toWritableStream } from '@x/stream-writer/pipes'
import { writerTo } from '@x/stream-writer/sinks'
import { bytes, equal, holds, isPattern, pattern, rejection, text, thrown } from './expect.mjs'

/** Takes everything and keeps it; says that it is full when told to. */
class KeepingSink {
  /** @type {string[]} */
  taken = []
  bufferedByteCount = 0
  writer = new StreamWriter(this)

  /** @param {Uint8Array} chunk */
  writeOwned(chunk) {
    this.taken.push(String(text(chunk)))
    this.bufferedByteCount += chunk.length
  }

  writeEof() {
    this.taken.push('<eof>')
  }

  close() {
    this.taken.push('<close>')
    queueMicrotask(() => this.lose({ reason: 'closed' }))
  }

  /** @param {unknown} cause */
  abort(cause) {
    queueMicrotask(() => this.lose({ reason: 'aborted', cause }))
  }

  handOn() {
    this.bufferedByteCount = 0
    this.writer.resumeWriting()
    this.writer.writeBufferEmptied()
  }

  /** @param {import('@x/stream-writer').CloseReason} reason */
  lose(reason) {
    if (reason.reason === 'closed') this.bufferedByteCount = 0
    this.writer.connectionLost(reason)
  }
}

/** @type {import('./run-cases.mjs').Case[]} */
export const writerCases = [
  {
    feature: 'writer',
    name: 'what is written in one job leaves together, in order',
    async run() {
      const sink = new KeepingSink()
      const { writer } = sink
      const own = bytes('own ')
      writer.write(own)
      own.fill(0)
      writer.writeText('text ÄÖ ')
      writer.writeText('\xe9', 'latin1')
      equal(sink.taken, [])
      await writer.drain()
      equal([sink.taken.length, writer.acceptedByteCount], [1, 15])
      sink.handOn()
      await writer.flush()
      writer.writeText('end')
      writer.writeEof()
      await writer.close()
      equal(sink.taken.slice(1), ['end', '<eof>', '<close>'])
      equal(thrown(() => writer.writeText('late')).code, 'ERR_WRITER_CLOSED')
    },
  },
  {
    feature: 'writer',
    name: 'drain waits for room, flush for everything',
    async run() {
      const sink = new KeepingSink()
      const { writer } = sink
      writer.writeText('x')
      writer.push()
      writer.pauseWriting()
      /** @type {string[]} */
      const done = []
      const drained = writer.drain().then(() => done.push('drained'))
      const flushed = writer.flush().then(() => done.push('flushed'))
      await nextTask()
      equal(done, [])
      sink.handOn()
      await Promise.all([drained, flushed])
      equal(done.toSorted(), ['drained', 'flushed'])
    },
  },
  {
    feature: 'writer',
    name: 'an abort rejects what waits, with what is known of the bytes',
    async run() {
      const sink = new KeepingSink()
      const { writer } = sink
      writer.writeText('request')
      writer.push()
      writer.pauseWriting()
      const drained = writer.drain()
      const cause = new Error('enough')
      writer.abort(cause)
      const { code, reason, unsentByteCount, sent, ...error } = await rejection(drained)
      equal([code, reason, unsentByteCount, sent], ['ERR_WRITE_FAILED', 'aborted', 7, 'partial'])
      equal(error.acceptedByteCount, 7)
      equal((await writer.closed).cause === cause, true)
    },
  },
  {
    feature: 'writer',
    name: 'encoders',
    run() {
      equal(encodeUint16BE(258), Uint8Array.of(1, 2))
      equal(encodeUint64LE(2n ** 63n + 1n), Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 128))
      equal(encodeFloat64BE(Math.PI), Uint8Array.of(64, 9, 33, 251, 84, 68, 45, 24))
      holds(thrown(() => encodeUint16BE(65_536)) instanceof RangeError, 'out of range is an error')
    },
  },
  {
    feature: 'sinks',
    name: 'a writer over a WritableStream holds back and closes',
    async run() {
      /** @type {Uint8Array[]} */
      const taken = []
      let end = 'open'
      const writer = writerTo(
        new WritableStream({
          async write(chunk) {
            await nextTask()
            taken.push(chunk)
          },
          close: () => void (end = 'closed'),
        }),
      )
      for (let at = 0; at < 500_000; at += 50_000) {
        writer.write(pattern(500_000).subarray(at, at + 50_000))
        await writer.drain()
        holds(writer.bufferedByteCount <= 65_536, 'drain waits while there is too much')
      }
      await writer.close()
      const all = new Uint8Array(await new Blob(/** @type {BlobPart[]} */ (taken)).arrayBuffer())
      equal([all.length, end, isPattern(all)], [500_000, 'closed', true])
      equal(await writer.closed, { reason: 'closed' })
    },
  },
  {
    feature: 'sinks',
    name: 'a failing WritableStream fails the writer; pipes go through both ways',
    async run() {
      const cause = new Error('disk full')
      const failing = writerTo(new WritableStream({ write: () => Promise.reject(cause) }))
      failing.writeText('x')
      const failure = await rejection(failing.flush())
      equal([failure.code, failure.cause === cause], ['ERR_WRITE_FAILED', true])
      const { readable, writable } = new TransformStream()
      const echo = writerTo(writable)
      const piped = pipeFrom(echo, new Blob(['through ', 'a pipe']).stream()).then(() => echo.close())
      equal(await new Response(readable).text(), 'through a pipe')
      await piped
      const sink = new KeepingSink()
      await new Blob(['and back']).stream().pipeTo(toWritableStream(sink.writer))
      equal(sink.taken.join(''), 'and back<close>')
    },
  },
]

/** A task, not a microtask: everything that waits has had its turn. */
function nextTask() {
  return new Promise((resolve) => setTimeout(resolve, 0))
}
