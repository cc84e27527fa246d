import type { Channel, ChannelEvents } from './channel.ts'
import { NO_ADDRESSES } from './no-addresses.ts'
import type { TransportInfo } from './transport.ts'

/** What is used of a stream of Node's kind with two sides, such as `stream.Duplex`; matched by shape, so that nothing of Node is imported. */
export interface DuplexStream {
  readonly writableLength: number
  readonly destroyed?: boolean
  on(event: string, listener: (argument: unknown) => void): unknown
  off(event: string, listener: (argument: unknown) => void): unknown
  write(data: Uint8Array, onWritten: (error?: Error | null) => void): unknown
  end(onEnded?: () => void): unknown
  destroy(): unknown
  pause(): unknown
  resume(): unknown
}

/** A stream of Node's kind as a channel. */
export class DuplexChannel implements Channel {
  readonly canWriteEof: boolean = true
  readonly #stream: DuplexStream
  #events: ChannelEvents | null = null
  #bytesRead = 0
  #bytesWritten = 0
  readonly #onWritten = (): void => this.#events?.channelProgressed()

  constructor(stream: DuplexStream) {
    this.#stream = stream
  }

  get bufferedByteCount(): number {
    return this.#stream.writableLength
  }

  get isDestroyed(): boolean {
    return this.#stream.destroyed === true
  }

  attach(events: ChannelEvents): void {
    const stream = this.#stream
    const onData = (chunk: unknown): void => {
      if (!(chunk instanceof Uint8Array)) return this.#refuse(events)
      this.#bytesRead += chunk.length
      events.reader.arrivedOwned(chunk)
    }
    const onEnd = (): void => events.reader.peerEnded()
    const onError = (error: unknown): void => events.channelFailed(error)
    const onClose = (): void => {
      stream.off('data', onData)
      stream.off('end', onEnd)
      stream.off('error', onError)
      stream.off('close', onClose)
      this.#events = null
      events.channelClosed()
    }
    this.#events = events
    stream.on('error', onError)
    stream.on('end', onEnd)
    stream.on('close', onClose)
    stream.on('data', onData)
  }

  /** A stream of text or of objects has nothing for us. */
  #refuse(events: ChannelEvents): void {
    events.channelFailed(new TypeError('the stream must give Uint8Arrays'))
    this.destroy()
  }

  write(data: Uint8Array): void {
    this.#bytesWritten += data.length
    this.#stream.write(data, this.#onWritten)
  }

  writeMany(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) if (chunk.length > 0) this.write(chunk)
  }

  writeLatin1(text: string): void {
    this.write(Uint8Array.from(text, (character) => character.charCodeAt(0)))
  }

  end(): void {
    this.#stream.end()
  }

  finish(): void {
    this.#stream.end(() => this.#stream.destroy())
  }

  destroy(): void {
    this.#stream.destroy()
  }

  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    this.#stream.resume()
  }

  ref(): void {} // what keeps the process alive is underneath, and not ours to know

  unref(): void {}

  snapshot(): TransportInfo {
    return {
      ...NO_ADDRESSES,
      bytesRead: this.#bytesRead,
      bytesWritten: this.#bytesWritten,
    }
  }
}
