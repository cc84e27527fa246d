/** Content as a reader of `@x/stream-reader`, and as lines: the only file here that imports it. */
import type { LineOptions, StreamReaderOptions } from '@x/stream-reader'
import { readerFrom } from '@x/stream-reader/sources'
import type { SourceReader } from '@x/stream-reader/sources'
import type { Content } from './response-body.ts'

/** What `ClientResponse.reader` gives: a `StreamReader` that feeds itself from the body. */
export type BodyReader = SourceReader
/** The reader's own options: limit and water marks. */
export type BodyReaderOptions = StreamReaderOptions
/** The options of a reader's `lines`. */
export type BodyLineOptions = LineOptions

/** A reader over the content. It begins to read at once; its end before the content's discards the rest. */
export function bodyReader(content: Content, options?: BodyReaderOptions): BodyReader {
  return readerFrom(
    chunksOf(content, () => content.read()),
    options,
  )
}

/**
 * The lines of content.
 *
 * @param charset As `TextDecoder` knows it, where the caller has not said an encoding. A byte order mark is dropped then.
 * @throws {RangeError} An option is out of its range; the content is discarded.
 */
export function bodyLines(
  content: Content,
  charset: string,
  options?: BodyLineOptions,
): AsyncIterableIterator<string, undefined> {
  const isText = options?.encoding === undefined
  const isUtf8 = !isText || charset === 'utf-8'
  const read = isUtf8 ? () => content.read() : inUtf8(content, new TextDecoder(charset))
  const reader = readerFrom(chunksOf(content, read))
  try {
    return new BodyLines(reader, reader.lines(options), isText && isUtf8 ? '\ufeff' : '')
  } catch (error) {
    void reader.cancel()
    throw error
  }
}

/** By hand: an async generator that waits for content hears only after that that nobody wants it. */
function chunksOf(content: Content, read: () => Promise<Uint8Array | null>): AsyncIterable<Uint8Array> {
  const iterator: AsyncIterator<Uint8Array, undefined> = {
    async next() {
      const value = await read()
      return value === null ? { done: true, value: undefined } : { done: false, value }
    },
    return() {
      content.discard()
      return Promise.resolve({ done: true, value: undefined })
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}

/** Text of another charset in that of the reader. */
function inUtf8(content: Content, decoder: TextDecoder): () => Promise<Uint8Array | null> {
  const encoder = new TextEncoder()
  let ended = false
  return async () => {
    for (;;) {
      if (ended) return null
      const chunk = await content.read()
      ended = chunk === null
      const text = decoder.decode(chunk ?? undefined, { stream: !ended })
      if (text !== '') return encoder.encode(text)
    }
  }
}

/** Whoever leaves the loop, or is thrown out of it by an error, cannot come back: then the rest is discarded. */
class BodyLines implements AsyncIterableIterator<string> {
  readonly #reader: SourceReader
  readonly #lines: AsyncIterableIterator<string>
  #mark: string

  /** @param mark A byte order mark to drop, or nothing. */
  constructor(reader: SourceReader, lines: AsyncIterableIterator<string>, mark: string) {
    this.#reader = reader
    this.#lines = lines
    this.#mark = mark
  }

  async next(): Promise<IteratorResult<string, undefined>> {
    try {
      const result = await this.#lines.next()
      if (this.#mark !== '' && result.done !== true) {
        if (result.value.startsWith(this.#mark)) result.value = result.value.slice(1)
        this.#mark = ''
      }
      return result
    } catch (error) {
      await this.return()
      throw ownFailure(error)
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#lines.return?.()
    await this.#reader.cancel()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

/** The content's own failure, which the reader gives as a cause. */
function ownFailure(error: unknown): unknown {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown }
  return code === 'ERR_STREAM_FAILED' ? cause : error
}
