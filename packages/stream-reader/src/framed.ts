import { checkInteger, checkLimit, separatorList } from './arguments.ts'
import type { Separators } from './arguments.ts'
import { textDecoder } from './bytes.ts'
import type { ByteWindow, Decoder } from './byte-window.ts'
import { LimitExceededError } from './errors.ts'
import type { TextEncoding } from './reader-options.ts'
import { through } from './reads.ts'

/** What decoders of framed values take. */
export interface FramedOptions {
  /** Most bytes of one value. */
  limit?: number
}

/** `byteCount` bytes, as they are; the caller's. @throws {RangeError} Not an integer >= 0. */
export function bytes(byteCount: number): Decoder<Uint8Array> {
  checkInteger('byteCount', byteCount, 0, Number.MAX_SAFE_INTEGER)
  return (window) => {
    if (window.byteCount >= byteCount) return window.take(byteCount)
    window.expect(byteCount)
    return undefined
  }
}

/**
 * Bytes behind their count: `lengthPrefixed(uint16BE)`. They are the caller's.
 *
 * @param length Decodes the count.
 * @param options `limit`: default 16 MiB. A larger count throws before any of its bytes are waited for.
 * @throws {LimitExceededError} The count is above the limit.
 */
export function lengthPrefixed(length: Decoder<number>, options: FramedOptions = {}): Decoder<Uint8Array> {
  const limit = checkLimit('limit', options.limit ?? 16_777_216)
  return (window) => {
    const before = window.start
    const byteCount = length(window)
    if (byteCount === undefined) return undefined
    if (byteCount > limit) throw new LimitExceededError({ limit, consumed: 0 })
    if (window.byteCount >= byteCount) return window.take(byteCount)
    window.expect(window.start - before + byteCount)
    return undefined
  }
}

/**
 * Bytes up to a separator, which is dropped; of several the one that ends first. They are the caller's.
 *
 * @param options `limit`: default 65,536, the separator not counted.
 * @throws {LimitExceededError} More than `limit` bytes lie before the separator.
 */
export function delimited(separator: Separators, options: FramedOptions = {}): Decoder<Uint8Array> {
  const separators = separatorList(separator).toSorted((a, b) => a.length - b.length)
  const limit = checkLimit('limit', options.limit ?? 65_536)
  const searches = new WeakMap<ByteWindow, { position: number; decoder: Decoder<Uint8Array> }>()
  return (window) => {
    // One decoder may serve many readers: it goes on where it stopped only in front of the same bytes of the same one.
    const { position } = window
    let search = searches.get(window)
    if (search?.position !== position) search = { position, decoder: through(separators, limit) }
    searches.set(window, search)
    const content = search.decoder(window)
    if (content === undefined) return undefined
    const found = separators.find((candidate) => endsWith(content, candidate))
    return content.slice(0, content.length - (found?.length ?? 0))
  }
}

function endsWith(content: Uint8Array, ending: Uint8Array): boolean {
  const offset = content.length - ending.length
  return offset >= 0 && ending.every((octet, at) => content[offset + at] === octet)
}

/** Text up to a zero byte, which is dropped. @param options `limit`: default 65,536 bytes; `encoding`: default `utf-8`. */
export function cString(options: FramedOptions & { encoding?: TextEncoding } = {}): Decoder<string> {
  const content = delimited('\0', options)
  const decodeText = textDecoder(options.encoding)
  return (window) => {
    const octets = content(window)
    return octets === undefined ? undefined : decodeText(octets, 0, octets.length)
  }
}
