/**
 * Finds lines. One per reader, since it remembers between reads how far it has searched, and decodes text ahead: where
 * lines are read one after the other, all whole lines that are there are decoded at once and then cut from that text.
 * Everything is remembered by the window's `position`, so that other reads in between do no harm.
 */
import { byteOperations, indexOfByte } from './bytes.ts'
import type { DecodeText } from './bytes.ts'
import { LimitExceededError } from './errors.ts'
import type { TextEncoding } from './reader-options.ts'
import type { ReadWindow } from './read-window.ts'

const LF = 10
const CR = 13
/** Most bytes that are decoded ahead; each line cut from that text keeps all of it in memory. */
const MAX_AHEAD = 65_536

/** A line of text without its LF or CRLF; the last one may end with the stream; `null` when nothing is left. */
export type LineDecoder = (window: ReadWindow) => string | null | undefined

/**
 * Makes decoders of lines, which share what they know of one reader.
 *
 * @throws {RangeError} An unknown encoding.
 */
export function lineDecoders(): (encoding: TextEncoding, limit: number) => LineDecoder {
  /** Position of a line that was refused as too long: the next line read drops it. */
  let overlongAt = -1
  /** Position up to which no LF was found. */
  let searchedTo = 0
  /** Position behind the last line. */
  let nextAt = -1
  /** Text decoded ahead, which begins at position `textFrom`; one character per byte. */
  let text = ''
  let textFrom = 0
  let textDecode: DecodeText | undefined
  /** Position up to which it was tried to decode ahead. */
  let triedTo = 0

  function findLf({ bytes, start, end, position }: ReadWindow): number {
    const lf = indexOfByte(bytes, LF, start + Math.max(0, searchedTo - position), end)
    if (lf < 0) searchedTo = position + end - start
    return lf
  }

  /** Drops what is there of the line that was too long. */
  function drop(window: ReadWindow): void {
    const lf = findLf(window)
    window.drop((lf < 0 ? window.end : lf + 1) - window.start)
    overlongAt = lf < 0 ? window.position : -1
  }

  function check(byteCount: number, limit: number, position: number): void {
    if (byteCount <= limit) return
    overlongAt = position
    throw new LimitExceededError({ limit, consumed: byteCount })
  }

  /** Decodes the whole lines that are there, unless a character is not a byte. */
  function decodeAhead({ bytes, start, end, position }: ReadWindow, decode: DecodeText): void {
    const stop = bytes.lastIndexOf(LF, Math.min(end, start + MAX_AHEAD) - 1) + 1
    triedTo = position + Math.max(1, stop - start)
    const ahead = decode(bytes, start, Math.max(start, stop))
    // No byte makes more than one character, so that equal counts mean one character for every byte.
    if (ahead.length !== stop - start) return
    text = ahead
    textFrom = position
    textDecode = decode
  }

  function next(window: ReadWindow, decode: DecodeText, limit: number): string | null | undefined {
    if (window.position === overlongAt) drop(window)
    const { bytes, start, end, position } = window
    const at = position - textFrom
    const isAhead = at >= 0 && at < text.length && decode === textDecode
    // The text decoded ahead holds whole lines only.
    const lf = isAhead ? text.indexOf('\n', at) - at + start : findLf(window)
    if (lf < 0 && !window.ended) {
      // A CR at the very end may turn out to belong to the terminator.
      check(end - start - (bytes[end - 1] === CR ? 1 : 0), limit, position)
      return undefined
    }
    if (start === end) return null
    if (!isAhead && lf >= 0 && position === nextAt && position >= triedTo) {
      decodeAhead(window, decode)
      return next(window, decode, limit)
    }
    const contentEnd = lf < 0 ? end : lf > start && bytes[lf - 1] === CR ? lf - 1 : lf
    check(contentEnd - start, limit, position)
    window.skip((lf < 0 ? end : lf + 1) - start)
    nextAt = window.position
    return isAhead ? text.slice(at, at + contentEnd - start) : decode(bytes, start, contentEnd)
  }

  return (encoding, limit) => {
    const decode = byteOperations.decodeText[encoding]
    if (decode === undefined) throw new RangeError('encoding must be utf-8 or latin1')
    return (window) => next(window, decode, limit)
  }
}
