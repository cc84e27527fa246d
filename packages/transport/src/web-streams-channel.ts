import type { Channel, ChannelEvents } from './channel.ts'
import { NO_ADDRESSES } from './no-addresses.ts'
import type { TransportInfo } from './transport.ts'

/** The two halves of a socket as the Web Streams standard has them; by shape, for each platform has types of its own for them. */
export interface WebStreamPair {
  readonly readable: { getReader(): WebStreamReader }
  readonly writable: { getWriter(): WebStreamWriter }
  /** Closes what is below the streams; sockets of other runtimes have it. Called in place of giving the streams up, and before that. */
  close?(): unknown
}

/** What is used of a `ReadableStreamDefaultReader` of bytes. */
export interface WebStreamReader {
  readonly closed: Promise<unknown>
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>
  cancel(reason?: unknown): Promise<void>
}

/** What is used of a `WritableStreamDefaultWriter` of bytes. */
export interface WebStreamWriter {
  readonly closed: Promise<unknown>
  readonly ready: Promise<unknown>
  write(chunk: Uint8Array): Promise<void>
  close(): Promise<void>
  abort(reason?: unknown): Promise<void>
}

/** A pair of Web streams as a channel. Reads one chunk ahead at most. */
export class WebStreamsChannel implements Channel {
  readonly canWriteEof: boolean = true
  readonly #reader: WebStreamReader
  readonly #writer: WebStreamWriter
  readonly #streams: WebStreamPair
  #events: ChannelEvents | null = null
  #bufferedByteCount = 0
  #bytesRead = 0
  #bytesWritten = 0
  #reading: 'flowing' | 'paused' | 'ended' = 'flowing'
  #pulling = false
  #closed = false

  constructor(streams: WebStreamPair) {
    this.#streams = streams
    this.#reader = streams.readable.getReader()
    this.#writer = streams.writable.getWriter()
    // Every failure is met where it matters, by a read or a write.
    for (const { closed } of [this.#reader, this.#writer]) closed.catch(ignore)
    this.#writer.ready.catch(ignore)
  }

  get bufferedByteCount(): number {
    return this.#bufferedByteCount
  }

  get isDestroyed(): boolean {
    return this.#closed
  }

  attach(events: ChannelEvents): void {
    this.#events = events
    void this.#pull(events)
  }

  write(data: Uint8Array): void {
    const { length } = data
    this.#bufferedByteCount += length
    this.#writer.write(data).then(
      () => {
        this.#bufferedByteCount -= length
        this.#bytesWritten += length
        if (!this.#closed) this.#events?.channelProgressed()
      },
      (error: unknown) => this.#fail(error),
    )
  }

  writeMany(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) if (chunk.length > 0) this.write(chunk)
  }

  writeLatin1(text: string): void {
    this.write(Uint8Array.from(text, (character) => character.charCodeAt(0)))
  }

  end(): void {
    this.#writer.close().catch((error: unknown) => this.#fail(error))
  }

  finish(): void {
    // Closing twice rejects; what was written before is through all the same.
    this.#writer
      .close()
      .catch(ignore)
      .then(() => this.destroy(), ignore)
  }

  destroy(): void {
    if (this.#closed) return
    this.#closed = true
    void this.#giveUp()
    queueMicrotask(() => this.#events?.channelClosed())
  }

  /** workerd never closes a socket whose streams were given up first. */
  async #giveUp(): Promise<void> {
    try {
      if (this.#streams.close !== undefined) await this.#streams.close()
    } catch {
      // It is over all the same.
    }
    this.#reader.cancel().catch(ignore)
    this.#writer.abort().catch(ignore)
  }

  pause(): void {
    if (this.#reading === 'flowing') this.#reading = 'paused'
  }

  resume(): void {
    if (this.#reading !== 'paused') return
    this.#reading = 'flowing'
    if (this.#events !== null) void this.#pull(this.#events)
  }

  ref(): void {} // streams keep no process alive by themselves

  unref(): void {}

  snapshot(): TransportInfo {
    return {
      ...NO_ADDRESSES,
      bytesRead: this.#bytesRead,
      bytesWritten: this.#bytesWritten,
    }
  }

  async #pull(events: ChannelEvents): Promise<void> {
    if (this.#pulling) return
    this.#pulling = true
    try {
      while (this.#reading === 'flowing' && !this.#closed) {
        const { done, value } = await this.#reader.read()
        if (this.#closed) return
        if (done) {
          this.#reading = 'ended'
          return events.reader.peerEnded()
        }
        if (!(value instanceof Uint8Array)) throw new TypeError('the readable stream must give Uint8Arrays')
        this.#bytesRead += value.length
        events.reader.arrivedOwned(value)
      }
    } catch (error) {
      this.#fail(error)
    } finally {
      this.#pulling = false
    }
  }

  #fail(error: unknown): void {
    if (this.#closed) return
    this.#events?.channelFailed(error)
    this.destroy()
  }
}

function ignore(): void {}
