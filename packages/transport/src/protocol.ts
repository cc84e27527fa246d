import type { Transport } from './transport.ts'

/** Why a connection is over. One value, shared by everyone who holds the connection. */
export interface CloseReason {
  /**
   * - `eof`: the peer ended its side and nothing was left to do here.
   * - `closed`: `close()` ran to its end.
   * - `aborted`: `abort()` was called here, or `close()` ran out of its grace; `cause` says why.
   * - `error`: the connection broke, or a callback of the protocol threw; see `cause`.
   */
  readonly reason: 'eof' | 'closed' | 'aborted' | 'error'
  /** What was thrown, given to `abort`, or has broken the connection. */
  readonly cause?: unknown
}

/**
 * The callbacks that every protocol may have. All run synchronously on the event loop, never inside a call that the
 * protocol makes to its transport, except `pauseWriting` and `resumeWriting`, which run inside the `write*` or
 * `setWriteBufferLimits` that moved the buffer across its water mark.
 *
 * A callback that throws aborts the connection: `connectionLost({ reason: 'error', cause: <what was thrown> })`.
 */
export interface BaseProtocol {
  /** The connection stands. Called once, before any other callback. */
  connectionMade?(transport: Transport): void
  /**
   * The peer sends no more bytes. Never decides about half-open: without the option `allowHalfOpen` the transport
   * flushes what is written by the end of this callback, and closes.
   */
  eofReceived?(): void
  /** The connection is over. Called exactly once, last of all, after `connectionMade` was called. */
  connectionLost?(reason: CloseReason): void
  /** The write buffer went above its high-water mark: please write no more. Strictly paired with `resumeWriting`. */
  pauseWriting?(): void
  /** The write buffer fell to its low-water mark. */
  resumeWriting?(): void
  /** Everything written was handed to the kernel. Called only after the write buffer had held bytes. */
  writeBufferEmptied?(): void
}

/** A protocol that is handed chunks which it owns from then on. */
export interface Protocol extends BaseProtocol {
  /** Bytes have arrived, one or more. `data` belongs to the protocol. */
  dataReceived(data: Uint8Array): void
}

/**
 * A protocol that lends the memory for the next bytes: nothing is allocated and nothing copied on the way.
 *
 * It may have `dataReceived` as well. Where the runtime has already allocated a chunk (accepted sockets, TLS put over
 * an open connection), `dataReceived` then gets that chunk, and it is the protocol's: no copy there either.
 */
export interface BufferedProtocol extends BaseProtocol {
  /**
   * Lends an array of one byte or more, usually for the next arrival. It stays lent until `bufferUpdated`, or until
   * `getBuffer` is asked again, whichever comes first. An empty array is an error and aborts the connection.
   *
   * @param sizeHint Bytes that could be read at once; any other length is fine.
   */
  getBuffer(sizeHint: number): Uint8Array
  /** `byteCount` bytes stand at the beginning of the array that `getBuffer` returned last. */
  bufferUpdated(byteCount: number): void
  /** A chunk that was there already; it belongs to the protocol. */
  dataReceived?(data: Uint8Array): void
}
