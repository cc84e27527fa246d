import fc from 'fast-check'
import { assert, expect, test } from 'vitest'
import { WriteFailedError, WriterClosedError } from './index.ts'
import { jobs, KernelSink } from './kernel-sink.test-support.ts'

type Operation =
  | { do: 'write' | 'writeOwned' | 'writeText'; size: number }
  | { do: 'writeMany'; sizes: number[] }
  | { do: 'peerTakes'; size: number }
  | {
      do:
        | 'push'
        | 'drain'
        | 'flush'
        | 'turn'
        | 'writeEof'
        | 'close'
        | 'abort'
        | 'breaks'
        | 'peerEnds'
        | 'refuses'
    }

const size = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 500, max: 1500 }))
const often = (name: 'write' | 'writeOwned' | 'writeText'): fc.Arbitrary<Operation> =>
  fc.record({ do: fc.constant(name), size })
const ordinary: fc.Arbitrary<Operation> = fc.oneof(
  often('write'),
  often('writeOwned'),
  often('writeText'),
  fc.record({ do: fc.constant('writeMany' as const), sizes: fc.array(size, { maxLength: 4 }) }),
  fc.record({ do: fc.constant('peerTakes' as const), size: fc.integer({ min: 1, max: 3000 }) }),
  fc.record({ do: fc.constantFrom('push' as const, 'drain', 'flush', 'turn') }),
)
const ending: fc.Arbitrary<Operation> = fc.record({
  do: fc.constantFrom('writeEof' as const, 'close', 'abort', 'breaks', 'peerEnds', 'refuses'),
})
const operations = fc
  .tuple(
    fc.array(ordinary, { maxLength: 30 }),
    ending,
    fc.array(fc.oneof({ weight: 4, arbitrary: ordinary }, ending), { maxLength: 10 }),
  )
  .map(([before, end, after]) => [...before, end, ...after])

/** What a writer has to have done, kept beside the real one. */
class Model {
  readonly sink: KernelSink
  readonly accepted: number[] = []
  readonly waits: Promise<unknown>[] = []
  #next = 0

  constructor(options: ConstructorParameters<typeof KernelSink>[0]) {
    this.sink = new KernelSink(options)
  }

  async run(operation: Operation): Promise<void> {
    const { writer } = this.sink
    switch (operation.do) {
      case 'write':
        return this.#write([operation.size], ([data]) => {
          writer.write(data as Uint8Array)
          data?.fill(0)
        })
      case 'writeOwned':
        return this.#write([operation.size], ([data]) => writer.writeOwned(data as Uint8Array))
      case 'writeText':
        return this.#write([operation.size], ([data]) =>
          writer.writeText(String.fromCharCode(...(data as Uint8Array)), 'latin1'),
        )
      case 'writeMany':
        return this.#write(operation.sizes, (chunks) => writer.writeMany(chunks))
      case 'peerTakes':
        return this.sink.peerTakes(operation.size)
      case 'drain':
        return void this.waits.push(this.#expectCounts(writer.drain()))
      case 'flush':
        return this.#flush()
      case 'close':
        return void this.waits.push(this.#expectCounts(writer.close()))
      case 'turn':
        return jobs()
      case 'breaks':
        return this.sink.breaks(new Error('reset'))
      case 'refuses':
        this.sink.refusal = new Error('refused')
        return
      case 'peerEnds':
        return this.sink.peerEnds()
      case 'writeEof':
        // A sink that refuses throws here, too.
        if (this.sink.refusal === null) writer.writeEof()
        return
      case 'push':
      case 'abort':
        return writer[operation.do]()
      default:
        throw new Error(`unknown operation ${JSON.stringify(operation satisfies never)}`)
    }
  }

  #write(sizes: number[], write: (chunks: Uint8Array[]) => void): void {
    const chunks = sizes.map((length) => Uint8Array.from({ length }, () => this.#next++ % 251))
    const values = chunks.flatMap((chunk) => [...chunk])
    try {
      write(chunks)
      this.accepted.push(...values)
    } catch (error) {
      assert.instanceOf(error, WriterClosedError)
    }
  }

  /** A flush may resolve only where all that was written before has reached the kernel. */
  #flush(): void {
    const { length } = this.accepted
    const flushing = this.sink.writer.flush().then(() => assert.isAtLeast(this.sink.sent.length, length))
    this.waits.push(this.#expectCounts(flushing))
  }

  async #expectCounts(waiting: Promise<unknown>): Promise<void> {
    const error: unknown = await waiting.catch((reason: unknown) => reason)
    if (error === undefined) return
    assert.instanceOf(error, WriteFailedError)
    assert.isAtMost(error.unsentByteCount, error.acceptedByteCount)
  }

  check(): void {
    const { writer, sent } = this.sink
    assert.equal(writer.acceptedByteCount, this.accepted.length)
    assert.deepEqual(sent, this.accepted.slice(0, sent.length))
    assert.isAtLeast(writer.unsentByteCount, 0)
    assert.isAtMost(writer.unsentByteCount + writer.bufferedByteCount, this.accepted.length)
  }
}

test('what reaches the kernel is what was accepted, in order, nothing twice; the rest is counted; every wait ends', async () => {
  const sinks = fc.record({
    capacity: fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.constant(Infinity)),
    high: fc.integer({ min: 0, max: 2000 }),
    low: fc.constant(0),
    extras: fc.constantFrom('writev and latin1' as const, 'none'),
  })
  await fc.assert(
    fc.asyncProperty(sinks, operations, async (options, all) => {
      const model = new Model(options)
      for (const operation of all) {
        await model.run(operation)
        model.check()
      }
      const { writer, sent } = model.sink
      const closing = writer.close().then(
        () => 'all sent',
        () => 'bytes unsent',
      )
      // Where the kernel has no room at all only the grace ends the close.
      model.sink.peerTakes()
      await jobs()
      model.sink.peerTakes()
      void writer.close({ graceMs: 0 })
      model.sink.passes(0)
      await jobs()
      await Promise.all([...model.waits, writer.closed])
      model.check()
      expect(sent.length).toBe(model.accepted.length - writer.unsentByteCount)
      expect(await closing).toBe(writer.unsentByteCount === 0 ? 'all sent' : 'bytes unsent')
    }),
    { numRuns: 500 },
  )
})
