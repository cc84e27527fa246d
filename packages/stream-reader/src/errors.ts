const BRAND: unique symbol = Symbol.for('@x/stream-reader.error')

/** Base of all errors of this package. `code` is the contract; messages may change. */
export abstract class StreamReaderError extends Error {
  abstract readonly code: string

  static {
    // Known by any installed copy of this package; not a field, so that it does not show when the error is printed.
    ;(this.prototype as { [BRAND]?: true })[BRAND] = true
  }

  /** @param fields The plain data of this error. */
  constructor(message: string, fields?: object, options?: ErrorOptions) {
    super(message, options)
    Object.assign(this, fields)
  }

  /** Whether `value` is an error of this package, whichever installed copy made it. */
  static is(value: unknown): value is StreamReaderError {
    return !!(value as { [BRAND]?: unknown } | null | undefined)?.[BRAND]
  }

  /** The plain data of this error, for logs and for crossing threads. */
  toJSON(): Record<string, unknown> {
    return { ...(this as object), message: this.message }
  }
}

/** The stream ended before a read was satisfied. */
export class IncompleteReadError extends StreamReaderError {
  override readonly name = 'IncompleteReadError'
  override readonly code = 'ERR_INCOMPLETE_READ'
  /** Bytes that did arrive; the reader has given them up. */
  declare readonly partial: Uint8Array
  /** Bytes asked for; `null` where the read looked for a separator or ran a decoder. */
  declare readonly expected: number | null

  constructor(fields: { partial: Uint8Array; expected: number | null }) {
    super(`stream ended after ${fields.partial.length} of ${fields.expected ?? '?'} bytes`, fields)
  }
}

/** A read met its limit. Every byte is still there. */
export class LimitExceededError extends StreamReaderError {
  override readonly name = 'LimitExceededError'
  override readonly code = 'ERR_LIMIT_EXCEEDED'
  /** The limit, in bytes. */
  declare readonly limit: number
  /** Bytes known to lie before the separator: what may be read or skipped without losing it. 0 for a decoder. */
  declare readonly consumed: number

  constructor(fields: { limit: number; consumed: number }) {
    super(`limit of ${fields.limit} bytes exceeded`, fields)
  }
}

/** A read was started while another one is waiting. The other one is unharmed. */
export class ReaderBusyError extends StreamReaderError {
  override readonly name = 'ReaderBusyError'
  override readonly code = 'ERR_READER_BUSY'

  constructor() {
    super('another read is waiting')
  }
}

/** The connection failed or was aborted here, and everything that had arrived before was read. */
export class StreamFailedError extends StreamReaderError {
  override readonly name = 'StreamFailedError'
  override readonly code = 'ERR_STREAM_FAILED'
  /** `error`: see `cause`. `aborted`: somebody on this side gave the connection up; `cause` is their reason. */
  declare readonly reason: 'aborted' | 'error'

  constructor(fields: { reason: 'aborted' | 'error'; cause: unknown }) {
    super(`stream ${fields.reason}`, { reason: fields.reason }, fields)
  }
}

/** A read was not satisfied within its `timeoutMs`. Every byte is still there. */
export class ReadTimeoutError extends StreamReaderError {
  override readonly name = 'ReadTimeoutError'
  override readonly code = 'ERR_READ_TIMEOUT'
  /** Milliseconds. */
  declare readonly timeoutMs: number

  constructor(timeoutMs: number) {
    super(`limit of ${timeoutMs} ms exceeded`, { timeoutMs })
  }
}

/** Bytes were fed to a reader that was told before that there are no more. A mistake of whoever feeds it. */
export class FeedAfterEofError extends StreamReaderError {
  override readonly name = 'FeedAfterEofError'
  override readonly code = 'ERR_FEED_AFTER_EOF'

  constructor() {
    super('stream ended before these bytes')
  }
}
