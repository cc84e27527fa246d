import type { ReadSide } from './read-side.ts'
import type { TransportInfo } from './transport.ts'

/**
 * What moves the bytes under a transport: a socket, or memory. It follows no rule of protocols; `StreamTransport` and
 * `ReadSide` know those, once for all channels.
 */
export interface Channel {
  readonly canWriteEof: boolean
  readonly bufferedByteCount: number
  /** It takes nothing more, though `channelFailed` or `channelClosed` may not have been told yet. */
  readonly isDestroyed: boolean
  /** Starts events. Called once. */
  attach(events: ChannelEvents): void
  /** Sends `data`, which is the channel's from now on; one byte or more. */
  write(data: Uint8Array): void
  writeMany(chunks: readonly Uint8Array[]): void
  writeLatin1(text: string): void
  /** Ends this direction behind everything written. */
  end(): void
  /** As `end`; frees the connection when all is flushed. */
  finish(): void
  /** Drops what is buffered and frees the connection. */
  destroy(): void
  pause(): void
  resume(): void
  ref(): void
  unref(): void
  snapshot(): TransportInfo
}

/** What a channel tells. None of these is called inside a call to the channel. */
export interface ChannelEvents {
  /** Gets the bytes and the peer's end. */
  readonly reader: ReadSide
  /** The buffer has become smaller. */
  channelProgressed(): void
  /** The connection broke; `channelClosed` follows. */
  channelFailed(error: unknown): void
  /** All is freed. The last event, exactly once. */
  channelClosed(): void
}
