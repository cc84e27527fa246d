/** The reads that have a name: each a decoder of reads.ts, run by `DecoderRunner`. */
import { bytesOf, checkLimit, separatorList } from './arguments.ts'
import type { Separators } from './arguments.ts'
import type { Decoder } from './byte-window.ts'
import { textDecoder } from './bytes.ts'
import { DECODE_LIMIT, DecoderRunner } from './decoder-runner.ts'
import type { WindowDecoder } from './decoder-runner.ts'
import { lineDecoders } from './lines.ts'
import type { LineDecoder } from './lines.ts'
import type { LimitedReadOptions, LineOptions, ReadOptions } from './reader-options.ts'
import { ahead, chunk, dropped, exactly, into, rest, through } from './reads.ts'

const READ_ALL_LIMIT = 2 ** 28

/**
 * Awaitable reads over bytes that are fed from outside: by a protocol (`feed`, or `getBuffer` and `bufferUpdated`),
 * `feedEof`, `feedError`.
 *
 * One read at a time; a read that does not resolve takes nothing; how the bytes are cut into chunks never matters. Each
 * read rejects with `ReaderBusyError` while another one waits, with `StreamFailedError` once the stream has failed and
 * what had arrived was read, with `ReadTimeoutError` after `timeoutMs`, and with `signal.reason` when aborted.
 */
export class StreamReader extends DecoderRunner {
  readonly #lineDecoders = lineDecoders()
  /** The one for reads without options. */
  readonly #plainLine = this.#lineDecoders(textDecoder(), this.limit)

  /**
   * Reads what is there, at least one byte, at most `maxByteCount`; waits while nothing is.
   *
   * Not bounded by any limit: it takes only what is buffered.
   *
   * @param maxByteCount An integer >= 0, or Infinity. With 0 it resolves at once with an empty array.
   * @returns Bytes, owned by the caller; `null` at the end of the stream.
   */
  read(maxByteCount: number = Infinity, options?: ReadOptions): Promise<Uint8Array | null> {
    return this.run(() => chunk(maxByteCount), options)
  }

  /** Like `read`, without waiting: `undefined` where nothing has arrived. */
  tryRead(maxByteCount: number = Infinity): Uint8Array | null | undefined {
    return this.tryRun(chunk(maxByteCount))
  }

  /**
   * Reads what is there into `target`, which stays the caller's and is not touched before bytes are there.
   *
   * @returns How many bytes that were, at least one unless `target` is empty; `null` at the end of the stream.
   */
  readInto(target: Uint8Array, options?: ReadOptions): Promise<number | null> {
    return this.run(() => into(bytesOf('target', target)), options)
  }

  /**
   * Reads exactly `byteCount` bytes.
   *
   * @param byteCount An integer >= 0.
   * @returns `byteCount` bytes, owned by the caller.
   * @throws {IncompleteReadError} The stream ended first; `partial` has what arrived.
   *
   * Memory: holds up to `byteCount` bytes, even above the high-water mark and whatever the limit.
   */
  readExactly(byteCount: number, options?: ReadOptions): Promise<Uint8Array> {
    return this.run(() => exactly(byteCount), options)
  }

  /** Like `readExactly`, without waiting: `undefined` where fewer bytes are there. */
  tryReadExactly(byteCount: number): Uint8Array | undefined {
    return this.tryRun(exactly(byteCount))
  }

  /**
   * Reads through a separator, or the one of several that ends first; the separator is part of what is returned.
   *
   * @param separator Text (as UTF-8) or bytes, not empty.
   * @throws {IncompleteReadError} The stream ended first; `partial` has what arrived.
   * @throws {LimitExceededError} More than `limit` bytes (default: the reader's) lie before the separator; nothing is
   *   consumed, and `consumed` bytes may be read without losing the separator.
   */
  readUntil(separator: Separators, options?: LimitedReadOptions): Promise<Uint8Array> {
    return this.run(() => through(separatorList(separator), this.#limitOf(options)), options)
  }

  /**
   * Reads a line of text; its LF or CRLF is dropped. The last line may end with the stream.
   *
   * @returns The line; `null` when nothing is left.
   * @throws {LimitExceededError} The line is longer than `limit` bytes (default: the reader's). Nothing is consumed. If
   *   the next read is for a line it drops this one and returns the one behind it, however the bytes arrive.
   *
   * Memory: lines that are read one after the other may be slices of one text of up to 64 KiB.
   */
  readLine(options?: LineOptions): Promise<string | null> {
    return this.run(() => this.#lineDecoder(options), options)
  }

  /** Like `readLine`, without waiting: `undefined` where no whole line is there. */
  tryReadLine(options?: LineOptions): string | null | undefined {
    return this.tryRun(this.#lineDecoder(options))
  }

  /**
   * Reads everything up to the end of the stream.
   *
   * @throws {LimitExceededError} More than `limit` bytes (default 256 MiB) have arrived; nothing is consumed.
   */
  readAll(options?: LimitedReadOptions): Promise<Uint8Array> {
    return this.run(() => rest, options, options?.limit ?? READ_ALL_LIMIT)
  }

  /**
   * The next `byteCount` bytes, or what is left where the stream ends first, without consuming them. The array is the
   * caller's.
   */
  peek(byteCount: number, options?: ReadOptions): Promise<Uint8Array> {
    return this.run(() => ahead(byteCount), options)
  }

  /**
   * Drops `byteCount` bytes as they arrive, holding none of them.
   *
   * @throws {IncompleteReadError} The stream ended first; `partial` is empty.
   *
   * Abort: rejects with `signal.reason`; bytes that were dropped by then are gone.
   */
  async skip(byteCount: number, options?: ReadOptions): Promise<void> {
    await this.run(() => dropped(byteCount), options)
  }

  /**
   * Lines up to the end of the stream. Leaving the loop leaves the rest readable. After a line that is too long `next()`
   * goes on with the one behind it.
   */
  lines(options?: LineOptions): AsyncIterableIterator<string> {
    // A decoder of its own: by it the iteration knows its wait from those of others.
    return this.#iterate(this.#lineDecoder(options ?? {}), options)
  }

  /**
   * What `decoder` finds, again and again, up to the end of the stream. Leaving the loop leaves the rest readable.
   *
   * @throws {IncompleteReadError} The stream ended inside a frame.
   */
  frames<T>(decoder: Decoder<T>, options?: LimitedReadOptions): AsyncIterableIterator<T> {
    return this.#iterate(
      (window) => (this.atEof ? null : decoder(window)),
      options,
      options?.limit ?? DECODE_LIMIT,
    )
  }

  /** Chunks as they arrive, each the caller's, up to the end of the stream. Leaving the loop leaves the rest readable. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    return this.#iterate(chunk(Infinity))
  }

  /** Ends with the stream: `null` from the decoder. By hand: an async generator costs three times as much an item. */
  #iterate<T>(
    decoder: WindowDecoder<T | null>,
    options?: ReadOptions,
    limit?: number,
  ): AsyncIterableIterator<T> {
    let done = false
    const finish = (): IteratorResult<T> => {
      done = true
      this.stop(decoder)
      return { done } as IteratorResult<T>
    }
    const wait = async (): Promise<IteratorResult<T>> => {
      try {
        const value = done ? null : await this.run(() => decoder, options, limit)
        // A value that was taken is delivered even if the loop was left meanwhile.
        return value === null ? finish() : { value, done: false }
      } catch (error) {
        if (done) return finish()
        throw error
      }
    }
    return {
      next: () => {
        // Most values are there already: no async function for those.
        try {
          const value = done || options?.signal?.aborted ? undefined : this.tryRun(decoder, limit)
          // In this order: engines know results of that shape, and await them in less time.
          if (value !== undefined && value !== null) return Promise.resolve({ value, done: false })
          done ||= value === null
          return wait()
        } catch (error) {
          return Promise.reject(error)
        }
      },
      return: async () => finish(),
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }

  #limitOf(options?: LimitedReadOptions): number {
    return checkLimit('limit', options?.limit ?? this.limit)
  }

  #lineDecoder(options?: LineOptions): LineDecoder {
    if (!options) return this.#plainLine
    return this.#lineDecoders(textDecoder(options.encoding), this.#limitOf(options))
  }
}
