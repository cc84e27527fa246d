/** What a reader needs from whatever feeds it. */
export interface FlowControl {
  /** Ask for no more bytes. Bytes in flight may still be fed. Idempotent. */
  pauseReading(): void
  /** Ask for bytes again. Idempotent. */
  resumeReading(): void
}

/** Runs `callback` once after `delayMs` milliseconds, unless the returned function is called before. */
export type SetTimer = (callback: () => void, delayMs: number) => () => void

/** What a reader is made with. */
export interface StreamReaderOptions {
  /** Default limit of `readUntil` and of lines, in bytes; an integer > 0, or Infinity. Default 65,536. */
  limit?: number | undefined
  /**
   * Buffered bytes above which the source is paused while no read waits. One arrival, of up to 256 KiB, may go beyond. Default
   * twice the limit.
   */
  highWaterMark?: number | undefined
  /** Buffered bytes at or below which it is resumed. Default half the high-water mark. */
  lowWaterMark?: number | undefined
  /** Timer for `timeoutMs`. Default: the platform's. */
  setTimer?: SetTimer | undefined
}

/** What every read takes: the ways to end its wait. */
export interface ReadOptions {
  /** Ends the wait: the read rejects with `signal.reason`, every byte stays, and the next read may start at once. */
  signal?: AbortSignal | undefined
  /** Longest wait in milliseconds, > 0. Default: no limit. */
  timeoutMs?: number | undefined
}

/** What a read of unknown length takes. */
export interface LimitedReadOptions extends ReadOptions {
  /** Most bytes that this read may take, an integer > 0, or Infinity; a terminator is not counted. */
  limit?: number | undefined
}

/** What a read of one line takes. */
export interface LineOptions extends LimitedReadOptions {
  /**
   * `utf-8`: malformed bytes become U+FFFD, a byte order mark is kept. `latin1`: one character per octet. Default `utf-8`.
   */
  encoding?: TextEncoding | undefined
}

/** Encodings in which the byte 0x0A is always a line feed, and that every platform decodes fast. */
export type TextEncoding = 'utf-8' | 'latin1'
