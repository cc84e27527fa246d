/**
 * Finds lines. One per reader, since it remembers between reads how far it has searched, and decodes text ahead: where
 * lines are read one after the other, all whole lines that are there are decoded at once and then cut from that text.
 * Everything is remembered by the window's `position`, so that other reads in between do no harm.
 */
import { indexOfByte } from './bytes.ts'
import type { DecodeText } from './bytes.ts'
import { LimitExceededError } from './errors.ts'
import type { ReadWindow } from './read-window.ts'

const LF = 10
const CR = 13
/** Most bytes that are decoded ahead; each line cut from that text keeps all of it in memory. */
const MAX_AHEAD = 2 ** 16

/** A line of text without its LF or CRLF; the last one may end with the stream; `null` when nothing is left. */
export type LineDecoder = (window: ReadWindow) => string | null | undefined

/** Makes decoders of lines, which share what they know of one reader. */
export function lineDecoders(): (decode: DecodeText, limit: number) => LineDecoder {
  let overlongAt = -1 // position of a line that was refused as too long; the next line read drops it
  let searchedTo = 0 // position up to which no LF was found
  let nextAt = -1 // position at which it is worth to decode ahead: behind the last line
  let triedTo = 0 // position up to which that was tried
  let textFrom = 0 // position at which the text begins that was decoded ahead
  let text = '' // one character per byte, whole lines
  let textDecode: DecodeText | undefined

  function findLf({ bytes, start, end, position }: ReadWindow): number {
    const lf = indexOfByte(bytes, LF, start + Math.max(0, searchedTo - position), end)
    if (lf < 0) searchedTo = position + end - start
    return lf
  }

  /** Decodes the whole lines that are there, where each character is one byte: none is less, so that equal counts say so. */
  function decodeAhead({ bytes, start, end, position }: ReadWindow, decode: DecodeText): void {
    const stop = bytes.lastIndexOf(LF, Math.min(end, start + MAX_AHEAD) - 1) + 1
    nextAt = triedTo = position + stop - start
    const ahead = decode(bytes, start, stop)
    if (ahead.length !== stop - start) return
    text = ahead
    textFrom = position
    textDecode = decode
  }

  function next(window: ReadWindow, decode: DecodeText, limit: number): string | null | undefined {
    if (window.position === overlongAt) {
      const lf = findLf(window)
      window.drop(lf < 0 ? window.byteCount : lf + 1 - window.start)
      overlongAt = lf < 0 ? window.position : -1
    }
    const { bytes, start, end, position } = window
    const at = position - textFrom
    const isAhead = at >= 0 && at < text.length && decode === textDecode
    const lf = isAhead ? text.indexOf('\n', at) - at + start : findLf(window)
    const isOpen = lf < 0 && !window.ended
    const lineEnd = lf < 0 ? end : lf
    // A CR before the LF is none of the line's; one at the very end may turn out to stand there.
    const hasCr = lineEnd > start && bytes[lineEnd - 1] === CR && (isOpen || lf >= 0)
    const byteCount = lineEnd - start - +hasCr
    if (byteCount > limit) {
      overlongAt = position
      throw new LimitExceededError({ limit, consumed: byteCount })
    }
    if (isOpen) return undefined
    if (start === end) return null
    if (!isAhead && position === nextAt && lf >= 0 && lf - start < MAX_AHEAD) {
      decodeAhead(window, decode)
      return next(window, decode, limit)
    }
    window.start = lf < 0 ? end : lf + 1
    nextAt = Math.max(window.position, triedTo)
    return isAhead ? text.slice(at, at + byteCount) : decode(bytes, start, start + byteCount)
  }

  return (decode, limit) => (window) => next(window, decode, limit)
}
