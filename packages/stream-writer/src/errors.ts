const BRAND = Symbol.for('@x/stream-writer.error')
/** What the brand makes of a value. */
type Branded = { [BRAND]?: boolean }

/** Base of all errors of this package. `code` is the contract; messages may change. */
export abstract class StreamWriterError extends Error {
  abstract readonly code: string

  static {
    // Known by any installed copy of this package; not a field, so that it does not show when the error is printed.
    ;(this.prototype as Branded)[BRAND] = true
  }

  /** Whether `value` is an error of this package, whichever installed copy made it. */
  static is(value: unknown): value is StreamWriterError {
    return (value as Branded | null | undefined)?.[BRAND] === true
  }

  /** The plain data of this error, for logs and for crossing threads. */
  toJSON(): Record<string, unknown> {
    return { ...(this as object), message: this.message }
  }
}

/** Written to after `close`, `abort` or `writeEof` on this side. Nothing of it was accepted. */
export class WriterClosedError extends StreamWriterError {
  override readonly name = 'WriterClosedError'
  override readonly code = 'ERR_WRITER_CLOSED'

  constructor(after: 'close' | 'abort' | 'writeEof') {
    super(`write after ${after}()`)
  }
}

/** What a failed writer knows about its bytes and its end. */
export interface WriteFailure {
  /** How the connection ended. */
  readonly reason: 'eof' | 'closed' | 'aborted' | 'error'
  /** What has broken the connection, or was given to `abort`. */
  readonly cause?: unknown
  /** Bytes that the writer had accepted in its life. */
  readonly acceptedByteCount: number
  /** Of those, the bytes not known to have left. */
  readonly unsentByteCount: number
  /** How much of what was accepted has left. `none` is certain: no byte was ever given to the sink. */
  readonly sent: 'none' | 'partial' | 'all'
}

/** The connection was lost, or aborted here; what was written did not leave, or not certainly. */
export class WriteFailedError extends StreamWriterError implements WriteFailure {
  override readonly name = 'WriteFailedError'
  override readonly code = 'ERR_WRITE_FAILED'
  declare readonly reason: WriteFailure['reason']
  declare readonly acceptedByteCount: number
  declare readonly unsentByteCount: number
  declare readonly sent: WriteFailure['sent']

  constructor({ cause, ...facts }: WriteFailure) {
    const why = cause instanceof Error ? `: ${cause.message}` : ''
    super(
      `connection lost (${facts.reason}), ${facts.unsentByteCount} of ${facts.acceptedByteCount} bytes unsent${why}`,
      { cause },
    )
    Object.assign(this, facts)
  }
}
