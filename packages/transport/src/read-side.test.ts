import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BufferedProtocol, Protocol } from './protocol.ts'
import { ReadSide } from './read-side.ts'
import { BufferedRecorder, bytes, Recorder } from './test-peers.test-support.ts'

/** A read side under direct control: nothing deferred runs before `run`. */
function reading(protocol: Protocol | BufferedProtocol) {
  const deferred: (() => void)[] = []
  const failures: unknown[] = []
  let ends = 0
  const scratch = new Uint8Array(64)
  const reader = new ReadSide(protocol, {
    bytesEnded: () => ends++,
    protocolFailed: (error) => failures.push(error),
    settings: { scheduler: { soon: (callback) => deferred.push(callback) }, scratch },
  })
  /** As Node does: into the buffer that was lent before, which is then asked for again; what was borrowed is spoilt. */
  let lent: Uint8Array = scratch
  const arrive = (text: string): void => {
    lent.set(bytes(text))
    reader.arrived(text.length, lent)
    if (lent === scratch) scratch.fill(0xdb)
    lent = reader.lend()
  }
  const run = (): void => {
    while (deferred.length > 0) deferred.shift()?.()
  }
  return { reader, scratch, failures, arrive, run, ends: () => ends }
}

test('a plain protocol owns what it gets: the scratch buffer is not seen again', () => {
  const chunks: Uint8Array[] = []
  const { arrive } = reading({ dataReceived: (data) => chunks.push(data) })
  arrive('one')
  arrive('two')
  expect(chunks).toEqual([bytes('one'), bytes('two')])
  expect(new Set(chunks.map(({ buffer }) => buffer)).size, 'memory of their own').toBe(2)
  expect(chunks[0]?.buffer.byteLength).toBe(3)
})

test('B33 a buffered protocol: the first read is copied, all others land in what it lent', () => {
  const protocol = new BufferedRecorder()
  const { arrive } = reading(protocol)
  for (const text of ['one', 'two', 'six']) arrive(text)
  expect(protocol.record.text).toBe('onetwosix')
  expect(protocol.lent.map(({ used }) => used)).toEqual([3, 3, 3, 0])
})

const BUFFER_SIZES = [1, 2, 4, 100]
for (const size of BUFFER_SIZES) {
  test(`B34 an owned chunk through lent buffers of ${size}`, () => {
    const protocol = new BufferedRecorder(() => new Uint8Array(size))
    reading(protocol).reader.arrivedOwned(bytes('12345'))
    expect(protocol.record.text).toBe('12345')
  })
}

test('B33 B34 an empty buffer, or none, is an error', () => {
  for (const lent of [new Uint8Array(0), undefined as never]) {
    const { reader, failures } = reading({ getBuffer: () => lent, bufferUpdated() {} })
    reader.arrivedOwned(bytes('x'))
    expect(reader.lend(), 'Node needs a buffer all the same').toBeInstanceOf(Uint8Array)
    expect(failures).toHaveLength(2)
  }
})

test('a protocol with both ways takes owned chunks without a copy', () => {
  const chunks: Uint8Array[] = []
  const protocol: BufferedProtocol = {
    getBuffer: () => new Uint8Array(8),
    bufferUpdated() {},
    dataReceived: (data) => chunks.push(data),
  }
  const chunk = bytes('owned')
  reading(protocol).reader.arrivedOwned(chunk)
  expect(chunks[0]).toBe(chunk)
})

test('B35 the kind of protocol changes while a buffer is lent: no byte is lost', () => {
  const first = new BufferedRecorder()
  const second = new BufferedRecorder()
  const third = new Recorder()
  const { reader, arrive } = reading(first)
  arrive('a')
  reader.protocol = second
  arrive('b') // in the memory that the first one lent
  arrive('c')
  reader.protocol = third
  arrive('d')
  arrive('e')
  expect([first.record.text, second.record.text, third.text]).toEqual(['a', 'bc', 'de'])
})

test('paused: bytes and end wait, and come deferred, in order', () => {
  const protocol = new Recorder()
  const { reader, arrive, run, ends } = reading(protocol)
  reader.pause()
  arrive('a')
  reader.arrivedOwned(bytes('b'))
  reader.peerEnded()
  run()
  expect([protocol.text, reader.heldByteCount]).toEqual(['', 2])
  reader.resume()
  expect(protocol.text).toBe('')
  arrive('c')
  run()
  expect([protocol.text, ends()]).toEqual(['abc', 1])
})

test('a pause in the middle of a chunk keeps the rest for later', () => {
  const protocol = new BufferedRecorder(() => new Uint8Array(2))
  const { reader, run } = reading(protocol)
  protocol.bufferUpdated = (byteCount) => {
    BufferedRecorder.prototype.bufferUpdated.call(protocol, byteCount)
    reader.pause()
  }
  reader.arrivedOwned(bytes('12345'))
  reader.arrivedOwned(bytes('6'))
  expect(protocol.record.text).toBe('12')
  for (const text of ['1234', '12345', '123456']) {
    reader.resume()
    run()
    expect(protocol.record.text).toBe(text)
  }
})

test('stopped: everything is thrown away, what was held too', () => {
  const protocol = new Recorder()
  const { reader, arrive, run, ends } = reading(protocol)
  reader.pause()
  arrive('a')
  reader.stop()
  reader.resume()
  arrive('b')
  reader.peerEnded()
  run()
  expect([protocol.calls, ends()]).toEqual([[], 0])
})

test('B07 a callback that throws is reported, from every way in', () => {
  const thrown = new Error('no')
  const fail = (): never => {
    throw thrown
  }
  const plain = reading({ dataReceived: fail })
  plain.arrive('x')
  plain.reader.arrivedOwned(bytes('x'))
  const lending = reading({ getBuffer: fail, bufferUpdated() {} })
  lending.reader.lend()
  const updated = reading({ getBuffer: () => new Uint8Array(9), bufferUpdated: fail })
  updated.arrive('x')
  updated.arrive('x')
  expect([plain.failures, lending.failures, updated.failures]).toEqual([
    [thrown, thrown],
    [thrown],
    [thrown, thrown],
  ])
})

test('any mixture of ways, kinds, pauses and swaps: every byte once, in order', () => {
  const step = fc.record({
    text: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 8 }),
    way: fc.constantFrom('borrowed', 'owned'),
    next: fc.constantFrom('nothing', 'pause', 'resume', 'run', 'swap to plain', 'swap to buffered'),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.integer({ min: 8, max: 12 }), (steps, bufferBytes) => {
      let seen = ''
      const make = (kind: string): Protocol | BufferedProtocol => {
        const record = (data: Uint8Array): void => {
          seen += Buffer.from(data).toString('latin1')
        }
        let buffer = new Uint8Array(0)
        if (kind === 'plain') return { dataReceived: record }
        return {
          getBuffer: () => (buffer = new Uint8Array(bufferBytes)),
          bufferUpdated: (byteCount) => record(buffer.subarray(0, byteCount)),
        }
      }
      const { reader, arrive, run } = reading(make('buffered'))
      for (const { text, way, next } of steps) {
        if (way === 'borrowed') arrive(text)
        else reader.arrivedOwned(bytes(text))
        if (next === 'pause') reader.pause()
        else if (next === 'resume') reader.resume()
        else if (next === 'run') run()
        else if (next !== 'nothing') reader.protocol = make(next === 'swap to plain' ? 'plain' : 'buffered')
      }
      reader.resume()
      run()
      expect(seen).toBe(steps.map(({ text }) => text).join(''))
    }),
  )
})
