import type { BufferedProtocol, CloseReason, Protocol } from './protocol.ts'

/** When a protocol is asked to pause and resume writing, in bytes. */
export interface WriteBufferLimits {
  /** `resumeWriting` is called when the buffer falls to this or below. */
  readonly low: number
  /** `pauseWriting` is called when the buffer holds more than this. */
  readonly high: number
}

/** The other side's certificate, as plain data. */
export interface CertificateInfo {
  /** Distinguished name, an attribute a line: `CN=example.org`. */
  readonly subject: string
  /** Distinguished name of who has signed it. */
  readonly issuer: string
  /** `DNS:example.org, IP Address:192.0.2.7`; null: it names none. */
  readonly subjectAltName: string | null
  /** As Node writes it: `Nov 22 19:14:00 2026 GMT`. */
  readonly validFrom: string
  /** As `validFrom`. */
  readonly validTo: string
  /** Hexadecimal. */
  readonly serialNumber: string
  /** SHA-256 over the certificate: pairs of hexadecimal digits, with colons between. */
  readonly fingerprint256: string
  /** DER; a copy of its own. */
  readonly raw: Uint8Array
}

/** What was agreed in the TLS handshake. */
export interface TlsInfo {
  /** `TLSv1.3` and the like. */
  readonly protocol: string | null
  /** IANA name of the cipher suite. */
  readonly cipher: string | null
  /** Protocol agreed by ALPN; null where none was. */
  readonly alpnProtocol: string | null
  /** True when the peer's certificate was verified. */
  readonly authorized: boolean
  /** Why it was not; null when `authorized`, or when no certificate was asked for. */
  readonly authorizationError: string | null
  /** Server name sent (client) or received (server) in the handshake. */
  readonly servername: string | null
  /** Whether an earlier session was resumed. */
  readonly sessionReused: boolean
  /** Null: the peer has shown none. */
  readonly peerCertificate: CertificateInfo | null
}

/** A snapshot of what is known about a connection. Answers after the close as before. */
export interface TransportInfo {
  /** IP address of this end; null where there is none, as on Unix sockets, in memory and over streams. */
  readonly localAddress: string | null
  /** Null where there is no `localAddress`. */
  readonly localPort: number | null
  /** IP address of the peer; null as for `localAddress`. */
  readonly remoteAddress: string | null
  /** Null where there is no `remoteAddress`. */
  readonly remotePort: number | null
  /** Path of the Unix socket; null on TCP. */
  readonly path: string | null
  /** Null without TLS. */
  readonly tls: TlsInfo | null
  /** Bytes that have arrived; on TLS those of the content. */
  readonly bytesRead: number
  /** Bytes that were written here, those included that have not left yet; on TLS those of the content. */
  readonly bytesWritten: number
}

/**
 * One connection's bytes, out and in. Made by `createConnection`, `createServer` and `startTls`, never by hand.
 *
 * Every `write*` is accepted at once and never waits; the protocol's `pauseWriting` says when to stop.
 * - After `close()`, `abort()` or `writeEof()` here they throw `TransportClosedError`.
 * - After the peer or an error ended the connection they do nothing: the protocol has been told, or is about to be.
 * - An argument of another type throws `TypeError`; an empty one does nothing.
 */
export interface Transport {
  /** A fresh snapshot at each look; the last one, for ever, after the close. */
  readonly info: TransportInfo
  /** True from `close()`, `abort()`, the peer's end or an error on, also while the protocol has not been told of it yet. */
  readonly isClosing: boolean
  /** Whether bytes may reach the protocol: not while reading is paused, nor while it is closing. */
  readonly isReading: boolean
  /** False on TLS, which cannot end one direction alone. */
  readonly canWriteEof: boolean
  /**
   * Bytes accepted by `write*` and not yet handed to the kernel; chunks in flight count whole until they are through. Once
   * the connection is lost: those not known to have left.
   */
  readonly bufferedByteCount: number
  /** The water marks that count now. */
  readonly writeBufferLimits: WriteBufferLimits
  /** Who is called back now. */
  readonly protocol: Protocol | BufferedProtocol
  /** Resolves when the protocol's `connectionLost` was called, with the same reason. Made when first asked for; never rejects. */
  readonly closed: Promise<CloseReason>
  /**
   * From now on callbacks go to `protocol`, of either kind; bytes that have arrived but were held go to it too.
   * `connectionMade` is not called. While writing is paused, the new protocol's `pauseWriting` is called at once.
   */
  setProtocol(protocol: Protocol | BufferedProtocol): void
  /** No bytes and no end reach the protocol until `resumeReading`. Idempotent. */
  pauseReading(): void
  /** Bytes may come again, never inside this call. Idempotent; does nothing while closing. */
  resumeReading(): void
  /** Sends a copy of `data`: the array stays the caller's. */
  write(data: Uint8Array): void
  /** Sends `data` without a copy: the array is the transport's from now on and must not be changed again. */
  writeOwned(data: Uint8Array): void
  /** Sends several arrays in order, in one system call where the platform can. Owned as by `writeOwned`. */
  writeOwnedMany(chunks: readonly Uint8Array[]): void
  /** Sends one octet per character. All characters are below U+0100: the caller guarantees it. */
  writeLatin1(text: string): void
  /**
   * Ends this direction behind everything written; reading goes on. Idempotent.
   *
   * @throws {NotSupportedError} On TLS.
   */
  writeEof(): void
  /**
   * Flushes what is written, then ends the connection. Arriving bytes are read and thrown away meanwhile, so that a
   * peer which is itself blocked on sending can take ours; for the same reason the socket lives on, at most 2 s, until the
   * peer has ended its side.
   *
   * @param options.graceMs At most so long (default 10,000; 0 or more), then as `abort`, with a `TransportTimeoutError` as
   *   the cause. A further call with `graceMs` replaces the limit.
   */
  close(options?: { graceMs?: number }): void
  /**
   * Drops what is buffered and frees the connection. `connectionLost({ reason: 'aborted', cause: reason })` follows,
   * never inside this call. The peer sees the end of the stream, or a reset where it had sent bytes that nobody read.
   */
  abort(reason?: unknown): void
  /**
   * Sets the water marks. Only `high`: `low` is a quarter of it. Only `low`: `high` is four times it. Neither: 65,536 and
   * 16,384. Looks at the buffer again at once.
   *
   * @throws {RangeError} Negative, not whole, or `low` above `high`.
   */
  setWriteBufferLimits(limits?: { high?: number; low?: number }): void
  /** The open connection keeps the process alive, as it does at first. Idempotent. */
  ref(): void
  /** The open connection alone does not keep the process alive. Idempotent. */
  unref(): void
}
