/** What one exchange needs of the world: declared here, matched by shape, so that any reader, writer and connector will do. */
import type { ByteWindow as CodecWindow } from '@x/http1'

/** The bytes that have arrived and were not read. */
export interface ByteWindow extends CodecWindow {
  /** As the last step of a decoder: consumes `byteCount` bytes and returns them, without a copy where it can; the array is the caller's. */
  takeLast(byteCount: number): Uint8Array
  /** Says that the decoder can answer only once `byteCount` bytes are there. A hint: they may then be read in place. */
  expect(byteCount: number): void
}

/** Takes a value from the window, or returns `undefined` to be asked again after the next bytes; nothing is consumed then. */
export type Decoder<T> = (window: ByteWindow) => T | undefined

/** The reading half of a connection. `@x/stream-reader` fits. */
export interface ByteReader {
  /** Bytes that have arrived and were not read. */
  readonly bufferedByteCount: number
  /** Whether the peer has ended and everything was read. */
  readonly atEof: boolean
  /** Runs a decoder as soon as it finds what it looks for; one at a time. */
  decode<T>(decoder: Decoder<T>, options?: { limit?: number }): Promise<T>
}

/** The writing half of a connection. `@x/stream-writer` fits. */
export interface ByteWriter {
  /** Accepted and not yet handed to the kernel. */
  readonly bufferedByteCount: number
  /** Accepted, and given up when the connection was lost. */
  readonly unsentByteCount: number
  /** Whether it takes no more bytes. */
  readonly isClosing: boolean
  /** Takes bytes over; they must not change any more. */
  writeOwned(bytes: Uint8Array): void
  /** Writes text of characters below U+0100, one octet each. */
  writeText(text: string, encoding: 'latin1'): void
  /** Resolves when there is room to write more; rejects when the connection is lost. */
  drain(): Promise<void>
  /** Resolves when everything written was handed to the kernel; rejects when the connection is lost. */
  flush(): Promise<void>
}

/** Why a connection is over. */
export interface CloseReason {
  /** The peer has ended it, `close` here, `abort` here, or a failure. */
  readonly reason: 'eof' | 'closed' | 'aborted' | 'error'
  /** What has broken it, or was given to `abort`. */
  readonly cause?: unknown
}

/** A connection as a connector makes it. `Connection` of `@x/streams` fits. */
export interface ByteStream {
  /** What the peer sends. */
  readonly reader: ByteReader
  /** What the peer gets. */
  readonly writer: ByteWriter
  /**
   * Where it leads to a proxy that forwards requests: they are sent in absolute form (RFC 9112 section 3.2.2), with these field lines for the proxy,
   * each with its CRLF, one octet a character.
   */
  readonly forwarding?: { readonly fieldLines: string }
  /** Resolves once it is over; never rejects. */
  readonly closed: Promise<CloseReason>
  /** Ends it in order. */
  close(): unknown
  /** Ends it at once; a waiting read rejects. */
  abort(reason?: unknown): void
  /** It alone keeps the process alive. */
  ref?(): void
  /** It does not. */
  unref?(): void
}

/** Where to connect. */
export interface ConnectTarget {
  /** Name or address, IPv6 without brackets. */
  readonly host: string
  /** 1 to 65535. */
  readonly port: number
  /** With TLS, or in the clear. */
  readonly secure: boolean
}

/** A step on the way to a connection: a name is looked up, an address connected to, a proxy asked, a TLS handshake made. */
export type DialPhase = 'dns' | 'connect' | 'proxy' | 'tls'

/** What a connector is told besides the target. */
export interface DialOptions {
  /** Ends the dialling: the connector rejects with `signal.reason` and leaves nothing open. No effect on a connection that stands. */
  readonly signal: AbortSignal
  /**
   * To be called when each step begins, in the order they come; a step may come again, such as `tls` with a proxy and then through it. The
   * session's time limits go by it and errors tell it. A connector that never calls it is one step, `connect`.
   */
  readonly onPhase?: ((phase: DialPhase) => void) | undefined
}

/** Opens connections. A proxy is a connector around a connector. */
export type Connector = (target: ConnectTarget, options: DialOptions) => Promise<ByteStream>

/** Stops a timer. Where it has them, `ref` and `unref` say whether the timer keeps the process alive; at first it does. */
export interface StopTimer {
  (): void
  /** The timer keeps the process alive. */
  ref?(): void
  /** It does not. */
  unref?(): void
}

/** Time, so that tests can hold it. */
export interface Clock {
  /** Milliseconds since any fixed moment. */
  now(): number
  /** Calls back once after `delayMs` milliseconds, unless the returned function is called first. */
  setTimer(callback: () => void, delayMs: number): StopTimer
}
