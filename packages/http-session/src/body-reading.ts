/** Somebody here reads the content of a request, in place of a connection. */
import { tell } from './body-source.ts'
import type { BodySource } from './body-source.ts'
import { ChunkEncoder } from './chunk-encoder.ts'

const DONE = { done: true, value: undefined } as const

/** An iterator that can be ended at any moment, also while its source hangs; a generator cannot. */
export class BodyReading implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #open: () => BodySource | Promise<BodySource>
  readonly #onEnd: (reading: BodyReading) => void
  readonly #encoder = new ChunkEncoder()
  #source: BodySource | null = null
  #isOver = false
  /** Those that wait come one after the other. */
  #queue: Promise<unknown> = Promise.resolve()
  #giveUp: ((reason: unknown) => void) | null = null

  /** @param onEnd Called once, when nothing is to be read or released any more. */
  constructor(open: () => BodySource | Promise<BodySource>, onEnd: (reading: BodyReading) => void) {
    this.#open = open
    this.#onEnd = onEnd
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** The next piece, of at least one byte. */
  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const pull = (): Promise<IteratorResult<Uint8Array, undefined>> =>
      new Promise((resolve, reject) => {
        if (this.#isOver) return resolve(DONE)
        this.#giveUp = reject
        this.#pull().then(resolve, reject)
      })
    const step = this.#queue.then(pull)
    this.#queue = step.catch(() => {})
    return step
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.release(undefined)
    return Promise.resolve(DONE)
  }

  /** Nobody wants more: the source is told, and a `next` that waits rejects with `reason`. */
  release(reason: unknown): void {
    if (this.#isOver) return
    const source = this.#source
    this.#end()
    this.#giveUp?.(reason)
    if (source !== null) tell(() => source.release(reason))
  }

  async #pull(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      const source = (this.#source ??= await this.#open())
      for (;;) {
        if (this.#isOver) return this.#released(source)
        const { done, value } = await source.next()
        if (done === true) this.#end()
        const bytes = done === true ? this.#encoder.end() : this.#encoded(source, value)
        if (bytes !== null && bytes.length > 0) return { done: false, value: bytes }
        if (done === true) return DONE
      }
    } catch (error) {
      this.#end()
      throw error
    }
  }

  /** @throws {UsageError} It is neither text nor bytes: the source is told. */
  #encoded(source: BodySource, value: unknown): Uint8Array {
    try {
      return this.#encoder.encode(value)
    } catch (error) {
      tell(() => source.release(error))
      throw error
    }
  }

  /** It was opened for nobody. */
  #released(source: BodySource): IteratorResult<Uint8Array, undefined> {
    tell(() => source.release(undefined))
    return DONE
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#onEnd(this)
  }
}
