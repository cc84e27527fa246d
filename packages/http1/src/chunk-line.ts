// One chunk-size line (RFC 9112 section 7.1): hexadecimal size, extensions, CRLF. It takes up where it stopped,
// one octet at a time if need be, and keeps no octet of an extension.
import { LimitError, ParseError, excerptUpTo } from './errors.ts'
import { CLASS, CR, HTAB, LF, SP, TEXT, TOKEN } from './grammar.ts'
import type { Http1Limits } from './limits.ts'

/** Leading zeros count (P23). */
const MAX_SIZE_DIGITS = 64

/** Where the scan is in `1*HEXDIG *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ) CRLF`. */
type LinePlace =
  | 'size'
  | 'before semicolon'
  | 'before name'
  | 'in name'
  | 'behind name'
  | 'before value'
  | 'in value'
  | 'in quotes'
  | 'behind backslash'
  | 'behind quotes'
  | 'before LF'

export class ChunkLine {
  readonly #limits: Http1Limits
  #place: LinePlace = 'size'
  #digitCount = 0
  #size = 0
  /** Octets of all extensions of the message so far. */
  #extensionByteCount = 0

  constructor(limits: Http1Limits) {
    this.#limits = limits
  }

  /** The chunk's size, once the line is complete. */
  get size(): number {
    return this.#size
  }

  /** Ready for the next line of the same message. */
  begin(): void {
    this.#place = 'size'
    this.#digitCount = 0
    this.#size = 0
  }

  /**
   * Scans on.
   *
   * @param at Index of the first octet that was not looked at.
   * @param lineStart Index of the line's first octet.
   * @param offset What to add to an index for the place in the message body, for errors.
   * @returns Index behind the line; or, negative, the complement (`~index`) of where to go on with more.
   */
  scan(bytes: Uint8Array, at: number, end: number, lineStart: number, offset: number): number {
    const { maxChunkLineBytes } = this.#limits
    const stop = Math.min(end, lineStart + maxChunkLineBytes)
    let index = at
    while (index < stop) {
      const octet = bytes[index]!
      if (this.#place === 'before LF') {
        if (octet !== LF) this.#refuse('CR without LF', bytes, lineStart, index, offset)
        return index + 1
      }
      const next = this.#place === 'size' ? this.#takeDigit(octet) : placeBehind(this.#place, octet)
      if (next === undefined) this.#refuse(wrongAt(this.#place, octet), bytes, lineStart, index, offset)
      if (next !== 'size' && next !== 'before LF') this.#countExtension()
      this.#place = next
      index += 1
    }
    if (index - lineStart >= maxChunkLineBytes) {
      throw new LimitError({ limit: 'maxChunkLineBytes', value: maxChunkLineBytes, field: null })
    }
    return ~index
  }

  #takeDigit(octet: number): LinePlace | undefined {
    const digit = hexDigit(octet)
    if (digit === -1) return this.#digitCount === 0 ? undefined : placeBehind('behind quotes', octet)
    this.#digitCount += 1
    this.#size = this.#size * 16 + digit
    if (this.#digitCount > MAX_SIZE_DIGITS || this.#size > Number.MAX_SAFE_INTEGER) return undefined
    return 'size'
  }

  #countExtension(): void {
    const { maxChunkExtensionBytes } = this.#limits
    this.#extensionByteCount += 1
    if (this.#extensionByteCount > maxChunkExtensionBytes) {
      throw new LimitError({ limit: 'maxChunkExtensionBytes', value: maxChunkExtensionBytes, field: null })
    }
  }

  #refuse(reason: string, bytes: Uint8Array, lineStart: number, index: number, offset: number): never {
    const excerpt = excerptUpTo(bytes, lineStart, index)
    throw new ParseError({ part: 'chunk line', reason, offset: index + offset, excerpt })
  }
}

/** The place behind an octet of an extension; `undefined` where it must not stand there. */
function placeBehind(place: LinePlace, octet: number): LinePlace | undefined {
  const bits = CLASS[octet]!
  const isBlank = octet === SP || octet === HTAB
  switch (place) {
    case 'before semicolon':
      return isBlank ? place : behindItem(octet)
    case 'before name':
      if ((bits & TOKEN) !== 0) return 'in name'
      return isBlank ? place : undefined
    case 'in name':
      if ((bits & TOKEN) !== 0) return place
      if (octet === EQUALS) return 'before value'
      return isBlank ? 'behind name' : lineEndOr(octet)
    case 'behind name':
      if (octet === EQUALS) return 'before value'
      return isBlank ? place : behindItem(octet)
    case 'before value':
      if ((bits & TOKEN) !== 0) return 'in value'
      if (octet === DQUOTE) return 'in quotes'
      return isBlank ? place : undefined
    case 'in value':
      if ((bits & TOKEN) !== 0) return place
      return isBlank ? 'before semicolon' : lineEndOr(octet)
    case 'in quotes':
      if (octet === DQUOTE) return 'behind quotes'
      if (octet === BACKSLASH) return 'behind backslash'
      return (bits & TEXT) === 0 ? undefined : place
    case 'behind backslash':
      return (bits & TEXT) === 0 ? undefined : 'in quotes'
    case 'behind quotes':
      return isBlank ? 'before semicolon' : lineEndOr(octet)
    case 'size':
    case 'before LF':
      break // not in an extension
  }
  return undefined
}

/** Behind whitespace only another extension may follow: it must not end the line (P25). */
function behindItem(octet: number): LinePlace | undefined {
  return octet === SEMICOLON ? 'before name' : undefined
}

function lineEndOr(octet: number): LinePlace | undefined {
  return octet === CR ? 'before LF' : behindItem(octet)
}

function wrongAt(place: LinePlace, octet: number): string {
  if (octet === LF) return 'line ended by LF alone'
  if (place === 'size') return 'not a chunk size'
  return `octet not allowed ${place}`
}

const EQUALS = 0x3d
const SEMICOLON = 0x3b
const DQUOTE = 0x22
const BACKSLASH = 0x5c

/** The digit's value, or -1. */
function hexDigit(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30
  const lower = octet | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
