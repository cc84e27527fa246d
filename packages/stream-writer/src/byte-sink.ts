/**
 * What a writer needs of whatever carries its bytes away.
 *
 * The sink's owner reports back to the writer: `pauseWriting` and `resumeWriting` at the water marks, `writeBufferEmptied`
 * whenever a buffer that held bytes holds none, `connectionLost` once, at the end, however that came. Only the first two may be
 * called inside a call of the writer.
 */
export interface ByteSink {
  /**
   * Accepted and not yet handed on (to the kernel, to the next stream). It keeps its last value when the connection is
   * lost, until `connectionLost` has been called: that is how many bytes are reported as unsent.
   */
  readonly bufferedByteCount: number
  /** True where what is written is not taken any more: it closes, or is over. A sink without it takes bytes or throws. */
  readonly isClosing?: boolean
  /**
   * Takes bytes to send. The array belongs to the sink from now on, but not the `ArrayBuffer` below it, which may hold
   * bytes of others: never transfer that.
   */
  writeOwned(chunk: Uint8Array): void
  /** The same for several arrays at once, in order: all of them, or it throws. Without it they come one by one. */
  writeOwnedMany?(chunks: readonly Uint8Array[]): void
  /** Takes text of characters below U+0100, one octet each. Without it they come as bytes. */
  writeLatin1?(text: string): void
  /** No more bytes will be written; those accepted are still sent. */
  writeEof(): void
  /** Sends what was accepted, for at most `graceMs` milliseconds, then ends the connection. A further call may change `graceMs`. */
  close(options?: CloseOptions): void
  /** Ends the connection now; what was not sent is dropped. Idempotent. */
  abort(reason?: unknown): void
}

/** How a connection is closed. */
export interface CloseOptions {
  /** Milliseconds that what was written may still take to leave before the connection is aborted. Default: the sink's. */
  graceMs?: number | undefined
}

/** Why a connection is over, as the sink's owner reports it. */
export interface CloseReason {
  /** `eof`: the peer ended. `closed`: `close()` ran to its end. `aborted`: given up on this side. `error`: see `cause`. */
  readonly reason: 'eof' | 'closed' | 'aborted' | 'error'
  /** What has broken the connection, or was given to `abort`. */
  readonly cause?: unknown
}
