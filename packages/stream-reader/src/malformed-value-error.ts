import { StreamReaderError } from './errors.ts'

/** Bytes that are no value of the format they should have. Every byte is still there. */
export class MalformedValueError extends StreamReaderError {
  override readonly name = 'MalformedValueError'
  override readonly code = 'ERR_MALFORMED_VALUE'
  /** What the bytes should have been. */
  declare readonly format: string

  constructor(fields: { format: string; reason: string }) {
    super(`not a ${fields.format}: ${fields.reason}`, { format: fields.format })
  }
}
