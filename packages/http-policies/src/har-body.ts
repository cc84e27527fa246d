/** A body on its way to the caller, of which a record is kept: all of it within a limit, else how long it was. */
import type { ClientResponse } from '@x/http-session'
import type { RecordedContent } from './har-entry.ts'

/** Keeps bytes up to a limit, and counts all. */
export class ContentRecord {
  readonly #maxByteCount: number
  #kept: Uint8Array[] | null = []
  #byteCount = 0

  constructor(maxByteCount: number) {
    this.#maxByteCount = maxByteCount
  }

  /** Whether nothing more will be kept. */
  get isFull(): boolean {
    return this.#kept === null
  }

  add(chunk: Uint8Array): void {
    this.#byteCount += chunk.length
    if (this.#byteCount > this.#maxByteCount) this.#kept = null
    // A copy: the chunk is the caller's.
    this.#kept?.push(chunk.slice())
  }

  /** @param why Why it is not whole; `null`: it is. */
  end(why: string | null): RecordedContent {
    const byteCount = this.#byteCount
    if (this.#kept === null) return { byteCount, bytes: null, why: `more than ${this.#maxByteCount} bytes` }
    if (why !== null) return { byteCount, bytes: null, why }
    const bytes = new Uint8Array(byteCount)
    let at = 0
    for (const chunk of this.#kept) {
      bytes.set(chunk, at)
      at += chunk.length
    }
    return { byteCount, bytes }
  }
}

/**
 * The content of `response`.
 *
 * @param onEnd Called once, with the record, before the caller is told of the end, of a failure, or has left.
 */
export function recordedBody(
  response: ClientResponse,
  record: ContentRecord,
  onEnd: (content: RecordedContent) => void,
): AsyncIterable<Uint8Array> {
  const chunks = response[Symbol.asyncIterator]()
  let isOver = false
  const end = (why: string | null): void => {
    if (!isOver) onEnd(record.end(why))
    isOver = true
  }
  // By hand: an async generator that waits for content hears only after that that nobody wants it.
  const iterator: AsyncIterator<Uint8Array, undefined> = {
    async next() {
      try {
        const step = await chunks.next()
        if (step.done === true) {
          end(null)
          return { done: true, value: undefined }
        }
        record.add(step.value)
        return step
      } catch (error) {
        end(error instanceof Error ? error.message : 'it has failed')
        throw error
      }
    },
    return() {
      end('it was not read to its end')
      response.discard()
      return Promise.resolve({ done: true, value: undefined })
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}
