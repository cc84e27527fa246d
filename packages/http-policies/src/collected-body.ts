/** A body on its way to the caller, of which a copy is kept. */
import type { ClientResponse } from '@x/http-session'

export interface CollectOptions {
  /** Longer content is not kept. */
  readonly maxByteCount: number
  /** Called behind the last byte, before the caller is told of the end; not for content that is too long, failed or was left. */
  readonly onWhole: (content: Uint8Array) => Promise<void>
}

/** The content of `response`, which is discarded where it is left before it was begun, too. */
export function collected(response: ClientResponse, options: CollectOptions): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => new CollectedBody(response, options) }
}

class CollectedBody implements AsyncIterator<Uint8Array, undefined> {
  readonly #response: ClientResponse
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #options: CollectOptions
  /** `null`: it is too long. */
  #copy: Uint8Array[] | null = []
  #byteCount = 0

  constructor(response: ClientResponse, options: CollectOptions) {
    this.#response = response
    this.#chunks = response[Symbol.asyncIterator]()
    this.#options = options
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const step = await this.#chunks.next()
    if (step.done !== true) {
      this.#keep(step.value)
      return step
    }
    if (this.#copy !== null) await this.#options.onWhole(joined(this.#copy, this.#byteCount))
    this.#copy = null
    return { done: true, value: undefined }
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#copy = null
    this.#response.discard()
    return Promise.resolve({ done: true, value: undefined })
  }

  #keep(chunk: Uint8Array): void {
    this.#byteCount += chunk.length
    if (this.#byteCount > this.#options.maxByteCount) this.#copy = null
    // A copy: the chunk is the caller's.
    this.#copy?.push(chunk.slice())
  }
}

function joined(chunks: readonly Uint8Array[], byteCount: number): Uint8Array {
  const all = new Uint8Array(byteCount)
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}
