/** Does the reader do what a string with a list of rules would do, whatever is done to it in any order? */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ascii, CountingSource, feed, lend, ManualTimer, settle, text } from './feeding.test-support.ts'
import { StreamReader } from './index.ts'
import type { ByteWindow, ReadOptions } from './index.ts'
import { ReaderModel } from './model.test-support.ts'
import type { ModelRead, ModelResult } from './model.test-support.ts'

type Step =
  | { do: 'feed' | 'lend'; content: string }
  | { do: 'unread'; content: string }
  | { do: 'lend late' }
  | { do: 'start' | 'try'; read: ModelRead }
  | { do: 'abort' | 'time out' | 'eof' | 'error' }

const pieces = fc
  .array(fc.constantFrom('\n', '\r\n', '\r', 'a', 'b', '1', '2', '7', 'abcdefgh'), { maxLength: 6 })
  .map((parts) => parts.join(''))
const limits = fc.integer({ min: 1, max: 9 })
const reads: fc.Arbitrary<ModelRead> = fc.oneof(
  fc.record({
    read: fc.constantFrom('read', 'readInto', 'readExactly', 'peek', 'skip'),
    byteCount: fc.nat(9),
  }),
  fc.record({
    read: fc.constant('readUntil'),
    separator: fc.constantFrom('\n', '\r\n', 'ab'),
    limit: limits,
  }),
  fc.record({ read: fc.constantFrom('readLine', 'readAll', 'decode'), limit: limits }),
)
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('feed', 'lend'), content: pieces }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unread'), content: pieces }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('abort', 'time out', 'lend late') }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('start', 'try'), read: reads }) },
)
const scripts = fc
  .tuple(
    fc.array(steps, { maxLength: 40 }),
    fc.array(fc.constantFrom('eof', 'error'), { maxLength: 2 }),
    fc.array(steps),
  )
  .map(([before, endings, after]): Step[] => [
    ...before,
    ...endings.map((ending) => ({ do: ending }) as const),
    ...after,
  ])

function frame(window: ByteWindow): Uint8Array | undefined {
  if (window.byteCount === 0) return undefined
  const digit = window.bytes[window.start]! - 48
  const needed = 1 + (digit >= 0 && digit <= 9 ? digit : 3)
  return window.byteCount >= needed ? window.take(needed) : undefined
}

function start(reader: StreamReader, read: ModelRead, options: ReadOptions): Promise<unknown> {
  switch (read.read) {
    case 'readUntil':
      return reader.readUntil(read.separator, { ...options, limit: read.limit })
    case 'readLine':
      return reader.readLine({ ...options, limit: read.limit })
    case 'readAll':
      return reader.readAll({ ...options, limit: read.limit })
    case 'decode':
      return reader.decode(frame, { ...options, limit: read.limit })
    case 'readInto':
      return reader.readInto(new Uint8Array(read.byteCount), options)
    case 'read':
    case 'readExactly':
    case 'peek':
    case 'skip':
      return reader[read.read](read.byteCount, options)
  }
}

/** The try-reads; `undefined` where the read has none. */
function tryNow(reader: StreamReader, read: ModelRead): (() => unknown) | undefined {
  if (read.read === 'read') return () => reader.tryRead(read.byteCount)
  if (read.read === 'readExactly') return () => reader.tryReadExactly(read.byteCount)
  if (read.read === 'readLine') return () => reader.tryReadLine({ limit: read.limit })
  if (read.read === 'decode') return () => reader.tryDecode(frame, { limit: read.limit })
  return undefined
}

const asText = (value: unknown): unknown => (value instanceof Uint8Array ? text(value) : value)
const asResult = (call: () => unknown): ModelResult | undefined => {
  try {
    const value = call()
    return value === undefined ? undefined : { value: asText(value) }
  } catch (error) {
    return { error: (error as { code: string }).code }
  }
}

/** One reader, its model, and the read that waits on both. */
class Pair {
  readonly model = new ReaderModel()
  readonly #source = new CountingSource()
  readonly #timer = new ManualTimer()
  readonly #reader = new StreamReader({ limit: 4, setTimer: this.#timer.setTimer })
  #controller = new AbortController()
  #waiting: ModelRead | null = null
  #result: ModelResult | undefined
  #late: { lent: Uint8Array } | null = null

  constructor() {
    this.#reader.setFlowControl(this.#source)
  }

  async step(step: Step): Promise<void> {
    const { model } = this
    if (step.do === 'feed' || step.do === 'lend') this.#arrive(step)
    else if (step.do === 'lend late') this.#late ??= { lent: this.#reader.getBuffer() }
    else if (step.do === 'start') this.#start(step.read)
    else if (step.do === 'try') this.#try(step.read)
    else if (step.do === 'unread') {
      const unread = (): void => this.#reader.unread(ascii(step.content))
      if (this.#waiting === null) {
        unread()
        model.unread(step.content)
      } else expect(unread).toThrow('waiting')
    } else if (step.do === 'abort') this.#end(() => this.#controller.abort({ code: 'ABORT' }), 'ABORT')
    else if (step.do === 'time out') this.#end(() => this.#timer.fire(), 'ERR_READ_TIMEOUT')
    else {
      if (step.do === 'eof') this.#reader.feedEof()
      else this.#reader.feedError('reset')
      model.failed ||= step.do === 'error'
      model.ended = !model.failed
    }
    await this.#compare(step)
  }

  #arrive(step: { do: 'feed' | 'lend'; content: string }): void {
    const { content } = step
    const give = (): void => {
      // An array that was lent some steps ago is filled now, as a kernel does; what was fed meanwhile must not suffer.
      if (step.do === 'lend' && this.#late !== null && content.length <= this.#late.lent.length) {
        this.#late.lent.set(ascii(content))
        this.#reader.bufferUpdated(content.length)
        this.#late = null
      } else if (step.do === 'lend' && this.#late === null) lend(this.#reader, content)
      else feed(this.#reader, content)
    }
    if (!this.model.ended || content === '') give()
    else expect(give).toThrow('stream ended before')
    if (!this.model.ended && !this.model.failed) this.model.buffered += content
    if (this.model.ended) this.#late = null
  }

  #start(read: ModelRead): void {
    const controller = new AbortController()
    const wasBusy = this.#waiting !== null
    const reading = start(this.#reader, read, { signal: controller.signal, timeoutMs: 1000 })
    if (wasBusy)
      return void reading.catch((error: unknown) => expect(error).toMatchObject({ code: 'ERR_READER_BUSY' }))
    this.#controller = controller
    this.#waiting = { ...read }
    this.#result = undefined
    reading.then(
      (value) => (this.#result = { value: asText(value) }),
      (error: { code: string }) => (this.#result = { error: error.code }),
    )
  }

  #try(read: ModelRead): void {
    const call = tryNow(this.#reader, read)
    if (call === undefined) return
    const expected = this.#waiting === null ? this.model.attempt({ ...read }) : { error: 'ERR_READER_BUSY' }
    expect(asResult(call)).toEqual(expected)
  }

  /** Ends the wait of the read, if one waits; it must have waited. */
  #end(end: () => void, code: string): void {
    if (this.#waiting === null) return
    expect(this.#result).toBeUndefined()
    end()
    this.#waiting = null
    this.#expected = { error: code }
  }

  #expected: ModelResult | undefined

  async #compare(step: Step): Promise<void> {
    let expected = this.#expected
    this.#expected = undefined
    if (this.#waiting !== null) {
      expected = this.model.attempt(this.#waiting)
      if (expected !== undefined) this.#waiting = null
    }
    await settle()
    const where = JSON.stringify(step)
    if (expected !== undefined || this.#waiting !== null) expect(this.#result, where).toEqual(expected)
    expect(this.#reader.bufferedByteCount, where).toBe(this.model.buffered.length)
    expect(this.#reader.isReading, where).toBe(this.#waiting !== null)
    expect(this.#reader.atEof, where).toBe(this.model.ended && this.model.buffered === '')
    this.#compareFlow()
  }

  /** Marks 8 and 4, strictly in turn. */
  #compareFlow(): void {
    const { calls } = this.#source
    expect(calls.every((call, index) => call === (index % 2 === 0 ? 'pause' : 'resume'))).toBe(true)
    const isPaused = calls.at(-1) === 'pause'
    expect(this.#reader.isPaused).toBe(isPaused)
    const wants = this.#waiting !== null || this.model.buffered.length <= 4
    if (wants) expect(isPaused).toBe(false)
    else if (this.model.buffered.length > 8) expect(isPaused).toBe(true)
  }
}

test('random operations in random order do what the model does', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, async (script) => {
      const pair = new Pair()
      for (const step of script) await pair.step(step)
    }),
    { numRuns: 2000 },
  )
}, 120_000)
