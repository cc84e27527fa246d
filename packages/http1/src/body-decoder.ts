import type { ByteWindow } from './byte-window.ts'
import type { FieldSection } from './field-section.ts'

/** Decodes one message body, step by step, whatever its framing. */
export interface BodyDecoder {
  /**
   * Takes the next piece of content, as much as the window has of it.
   *
   * - `data`: the content is `dataStart` to `dataEnd` (excluded) of the array that `window.bytes` was when `next`
   *   was called. It is consumed already, and borrowed as long as the window's bytes are.
   * - `end`: the body is complete, and its last octet consumed. Further calls say so again.
   * - `undefined`: more bytes are needed; nothing was consumed by this call.
   *
   * @param maxByteCount The most content to take; an integer >= 1. Default: no bound.
   * @throws {IncompleteBodyError} The stream ended first; what there was of the content was given out before.
   * @throws {ParseError} Chunked framing is wrong. Further calls throw the same error.
   * @throws {LimitError} A chunk line, the extensions or the trailer section go above their limits.
   */
  next(window: ByteWindow, maxByteCount?: number): 'data' | 'end' | undefined
  /** Where the last `data` starts. */
  readonly dataStart: number
  /** Where it ends. */
  readonly dataEnd: number
  /** Octets of content given out so far. */
  readonly receivedByteCount: number
  /** Octets of content in all, where the head said so; else `null`. */
  readonly expectedByteCount: number | null
  /** The trailer section; empty before the end, and where there is none. Never part of the header section. */
  readonly trailers: FieldSection
}

/** What `takeBody` found in the window. */
export interface TakenBody {
  /** The content that was there, in one piece; owned by the caller. */
  readonly content: Uint8Array
  /** Whether the body ended with it. If not, go on with `next` or `takeBody`. */
  readonly complete: boolean
}

/**
 * Takes all content that is in the window, copied once: a body that is there wholly, of one chunk or of many,
 * needs no more than this call. What is wrong behind that content is thrown by the next call, not by this one: so the
 * content before an error is the same however the octets arrive.
 *
 * @throws As `BodyDecoder.next`, where there is no content before the error.
 */
export function takeBody(decoder: BodyDecoder, window: ByteWindow): TakenBody {
  const { bytes } = window
  let step = decoder.next(window)
  if (step !== 'data') return { content: new Uint8Array(0), complete: step === 'end' }
  const { dataStart, dataEnd } = decoder
  step = nextOrLater(decoder, window)
  if (step !== 'data') {
    // Not `slice`: of a Buffer that is a view.
    return { content: new Uint8Array(bytes.subarray(dataStart, dataEnd)), complete: step === 'end' }
  }
  const ranges = [dataStart, dataEnd]
  let byteCount = dataEnd - dataStart
  do {
    ranges.push(decoder.dataStart, decoder.dataEnd)
    byteCount += decoder.dataEnd - decoder.dataStart
    step = nextOrLater(decoder, window)
  } while (step === 'data')
  return { content: joined(bytes, ranges, byteCount), complete: step === 'end' }
}

/** A decoder that has failed throws the same error again: it can wait until what came before was delivered. */
function nextOrLater(decoder: BodyDecoder, window: ByteWindow): 'data' | 'end' | undefined {
  try {
    return decoder.next(window)
  } catch {
    return undefined
  }
}

function joined(bytes: Uint8Array, ranges: readonly number[], byteCount: number): Uint8Array {
  const content = new Uint8Array(byteCount)
  let at = 0
  for (let range = 0; range < ranges.length; range += 2) {
    const piece = bytes.subarray(ranges[range], ranges[range + 1])
    content.set(piece, at)
    at += piece.length
  }
  return content
}
