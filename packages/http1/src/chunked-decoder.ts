// Chunked transfer coding, RFC 9112 section 7.1. Framing octets stay in the window until there is something to
// give out, and are consumed together with it: so a call that gives nothing has consumed nothing, and
// `#looked` remembers, from the window's start, how far they have been looked at.
import { latin1Text } from './bytes.ts'
import type { BodyDecoder } from './body-decoder.ts'
import type { ByteWindow } from './byte-window.ts'
import { ChunkLine } from './chunk-line.ts'
import { IncompleteBodyError, ParseError, excerptUpTo } from './errors.ts'
import { FieldScanner } from './field-scanner.ts'
import type { SectionLimits } from './field-scanner.ts'
import { EMPTY_FIELDS, scannedFields } from './field-section.ts'
import type { FieldSection } from './field-section.ts'
import { CR, LF } from './grammar.ts'
import type { Http1Limits } from './limits.ts'

type State =
  | { readonly at: 'line'; /** Where the line begins, from the window's start. */ readonly lineStart: number }
  | { readonly at: 'data'; remaining: number }
  | { readonly at: 'data CR' }
  | { readonly at: 'data LF' }
  | { readonly at: 'trailers'; readonly sectionStart: number; scanner: FieldScanner | undefined }
  | { readonly at: 'end' }
  | { readonly at: 'failed'; readonly failure: unknown }

const DATA_CR: State = { at: 'data CR' }
const DATA_LF: State = { at: 'data LF' }
const END: State = { at: 'end' }

export class ChunkedDecoder implements BodyDecoder {
  readonly expectedByteCount = null
  receivedByteCount = 0
  dataStart = 0
  dataEnd = 0
  trailers: FieldSection = EMPTY_FIELDS
  readonly #limits: Http1Limits
  readonly #line: ChunkLine
  #state: State = { at: 'line', lineStart: 0 }
  /** Octets from the window's start that were looked at and not consumed. */
  #looked = 0
  /** Octets of the message body consumed so far. */
  #consumed = 0

  constructor(limits: Http1Limits) {
    this.#limits = limits
    this.#line = new ChunkLine(limits)
  }

  next(window: ByteWindow, maxByteCount: number = Infinity): 'data' | 'end' | undefined {
    if (this.#state.at === 'failed') throw this.#state.failure
    try {
      const step = this.#next(window, maxByteCount)
      if (step === undefined && window.ended) {
        throw new IncompleteBodyError({ received: this.receivedByteCount, expected: null })
      }
      return step
    } catch (failure) {
      this.#state = { at: 'failed', failure }
      throw failure
    }
  }

  #next(window: ByteWindow, maxByteCount: number): 'data' | 'end' | undefined {
    const { bytes, start, end } = window
    for (;;) {
      const state = this.#state
      const at = start + this.#looked
      switch (state.at) {
        case 'line': {
          const behind = this.#line.scan(bytes, at, end, start + state.lineStart, this.#consumed - start)
          this.#looked = (behind < 0 ? ~behind : behind) - start
          if (behind < 0) return undefined
          this.#state = this.#behindLine()
          break
        }
        case 'data':
          return at === end ? undefined : this.#give(window, at, Math.min(state.remaining, maxByteCount))
        case 'data CR':
        case 'data LF':
          if (at === end) return undefined
          this.#checkDataEnd(bytes, at, start, state.at === 'data CR' ? CR : LF)
          break
        case 'trailers':
          if (!this.#scanTrailers(bytes, start, end, state)) return undefined
          window.skip(this.#looked)
          this.#state = END
          return 'end'
        case 'end':
          return 'end'
        case 'failed':
          throw state.failure
      }
    }
  }

  #behindLine(): State {
    const { size } = this.#line
    if (size > 0) return { at: 'data', remaining: size }
    return { at: 'trailers', sectionStart: this.#looked, scanner: undefined }
  }

  #give(window: ByteWindow, at: number, maxByteCount: number): 'data' {
    const byteCount = Math.min(window.end - at, maxByteCount)
    this.dataStart = at
    this.dataEnd = at + byteCount
    this.receivedByteCount += byteCount
    this.#consumed += this.#looked + byteCount
    window.skip(this.#looked + byteCount)
    this.#looked = 0
    const state = this.#state as Extract<State, { at: 'data' }>
    state.remaining -= byteCount
    if (state.remaining === 0) this.#state = DATA_CR
    return 'data'
  }

  #checkDataEnd(bytes: Uint8Array, at: number, start: number, expected: number): void {
    if (bytes[at] !== expected) {
      const reason = 'chunk data is not followed by CRLF'
      const offset = this.#consumed + at - start
      throw new ParseError({ part: 'chunk data', reason, offset, excerpt: excerptUpTo(bytes, at, at) })
    }
    this.#looked += 1
    if (expected === CR) {
      this.#state = DATA_LF
      return
    }
    this.#line.begin()
    this.#state = { at: 'line', lineStart: this.#looked }
  }

  /** @returns True when the empty line was seen; `trailers` then has what stood before it. */
  #scanTrailers(
    bytes: Uint8Array,
    start: number,
    end: number,
    state: Extract<State, { at: 'trailers' }>,
  ): boolean {
    const origin = start + state.sectionStart
    if (state.scanner === undefined) {
      if (origin + 1 < end && bytes[origin] === CR && bytes[origin + 1] === LF) {
        this.#looked += 2
        return true
      }
      state.scanner = new FieldScanner(trailerLimits(this.#limits), this.#consumed + state.sectionStart)
    }
    if (!state.scanner.scan(bytes, origin, end)) return false
    const { position } = state.scanner
    this.#looked = state.sectionStart + position
    const text = latin1Text(bytes, origin, origin + position)
    this.trailers = scannedFields(text, state.scanner.takeIndex())
    return true
  }
}

function trailerLimits(limits: Http1Limits): SectionLimits {
  return {
    part: 'trailer section',
    bytes: { name: 'maxTrailerBytes', value: limits.maxTrailerBytes },
    fields: { name: 'maxTrailerCount', value: limits.maxTrailerCount },
    maxLineBytes: limits.maxLineBytes,
  }
}
