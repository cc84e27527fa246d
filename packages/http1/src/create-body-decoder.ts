import type { BodyDecoder } from './body-decoder.ts'
import type { ByteWindow } from './byte-window.ts'
import { ChunkedDecoder } from './chunked-decoder.ts'
import { IncompleteBodyError } from './errors.ts'
import { EMPTY_FIELDS } from './field-section.ts'
import type { FieldSection } from './field-section.ts'
import type { MessageFraming } from './framing.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import type { Http1Limits } from './limits.ts'

/**
 * A decoder for the body that a head's framing promises. `none` and `tunnel` end at once: what follows a
 * tunnel's head is not for this package.
 *
 * @param limits A complete set: `resolveLimits`, or the `limits` of a head decoder.
 */
export function createBodyDecoder(
  framing: MessageFraming,
  limits: Http1Limits = DEFAULT_LIMITS,
): BodyDecoder {
  switch (framing.kind) {
    case 'content-length':
      return new LengthDecoder(framing.byteCount)
    case 'chunked':
      return new ChunkedDecoder(limits)
    case 'close-delimited':
      return new CloseDelimitedDecoder()
    case 'none':
    case 'tunnel':
      break
  }
  return new LengthDecoder(0)
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
