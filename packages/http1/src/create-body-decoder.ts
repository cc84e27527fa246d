import type { BodyDecoder } from './body-decoder.ts'
import type { ByteWindow } from './byte-window.ts'
import { ChunkedDecoder } from './chunked-decoder.ts'
import { IncompleteBodyError, InvalidArgumentError } from './errors.ts'
import { EMPTY_FIELDS } from './field-section.ts'
import type { FieldSection } from './field-section.ts'
import type { MessageFraming } from './framing.ts'
import { completeLimits, DEFAULT_LIMITS } from './limits.ts'
import type { Http1Limits } from './limits.ts'

/**
 * A decoder for the body that a head's framing promises. `none` and `tunnel` end at once: what follows a
 * tunnel's head is not for this package.
 *
 * @param limits Those of the head's decoder, or as for `resolveLimits`.
 * @throws {InvalidArgumentError} There is no such framing, or no such limit.
 */
export function createBodyDecoder(
  framing: MessageFraming,
  limits: Partial<Http1Limits> = DEFAULT_LIMITS,
): BodyDecoder {
  switch (framing.kind) {
    case 'content-length':
      if (Number.isSafeInteger(framing.byteCount) && framing.byteCount >= 0)
        return new LengthDecoder(framing.byteCount)
      throw new InvalidArgumentError({ argument: 'framing.byteCount', reason: 'must be an integer >= 0' })
    case 'chunked':
      return new ChunkedDecoder(completeLimits(limits))
    case 'close-delimited':
      return new CloseDelimitedDecoder()
    case 'none':
    case 'tunnel':
      return new LengthDecoder(0)
  }
  throw new InvalidArgumentError({ argument: 'framing.kind', reason: 'is none' })
}

/** Content-Length, and the empty body. */
class LengthDecoder implements BodyDecoder {
  readonly expectedByteCount: number
  receivedByteCount = 0
  dataStart = 0
  dataEnd = 0
  readonly trailers: FieldSection = EMPTY_FIELDS

  constructor(byteCount: number) {
    this.expectedByteCount = byteCount
  }

  next(window: ByteWindow, maxByteCount = Infinity): 'data' | 'end' | undefined {
    const remaining = this.expectedByteCount - this.receivedByteCount
    if (remaining === 0) return 'end'
    const { start, end } = window
    if (start === end) {
      if (!window.ended) return undefined
      throw new IncompleteBodyError({ received: this.receivedByteCount, expected: this.expectedByteCount })
    }
    const byteCount = Math.min(end - start, remaining, maxByteCount)
    this.dataStart = start
    this.dataEnd = start + byteCount
    this.receivedByteCount += byteCount
    window.skip(byteCount)
    return 'data'
  }
}

/** Neither length nor chunks: the clean end of the stream is the end of the body (P21). */
class CloseDelimitedDecoder implements BodyDecoder {
  readonly expectedByteCount = null
  receivedByteCount = 0
  dataStart = 0
  dataEnd = 0
  readonly trailers: FieldSection = EMPTY_FIELDS

  next(window: ByteWindow, maxByteCount = Infinity): 'data' | 'end' | undefined {
    const { start, end } = window
    if (start === end) return window.ended ? 'end' : undefined
    const byteCount = Math.min(end - start, maxByteCount)
    this.dataStart = start
    this.dataEnd = start + byteCount
    this.receivedByteCount += byteCount
    window.skip(byteCount)
    return 'data'
  }
}
