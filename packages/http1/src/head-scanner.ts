// What the heads of requests and responses have in common: empty lines before them (P3), a start line, field
// lines, limits, and an end of the stream that may come too early. The owner parses the start line.
import { latin1Text } from './bytes.ts'
import type { ByteWindow } from './byte-window.ts'
import { IncompleteHeadError, LimitError, NoHeadError, ParseError, excerptUpTo } from './errors.ts'
import { FieldScanner } from './field-scanner.ts'
import type { FieldIndex } from './field-scanner.ts'
import { CLASS, CR, LF, TEXT } from './grammar.ts'
import type { Http1Limits } from './limits.ts'

/** Empty lines that are skipped before a start line (RFC 9112 section 2.2 asks for one at least). */
const MAX_EMPTY_LINES = 4

/** What tells the two kinds of heads apart while their start line has not arrived wholly. */
export interface StartLineKind {
  readonly part: 'status line' | 'request line'
  /** Octets with which the line begins: other protocols are refused before their first line has ended. */
  readonly prefix: Uint8Array
}

export class HeadScanner {
  readonly #kind: StartLineKind
  readonly #limits: Http1Limits
  readonly #fields: FieldScanner
  #emptyLineCount = 0
  /** First octet that was not looked at, from the window's start. */
  #position = 0
  #lineStart = 0
  /** Where the start line's CR is; -1 before it was seen. */
  #lineEnd = -1

  constructor(kind: StartLineKind, limits: Http1Limits) {
    this.#kind = kind
    this.#limits = limits
    this.#fields = new FieldScanner({
      part: 'header section',
      bytes: { name: 'maxHeadBytes', value: limits.maxHeadBytes },
      fields: { name: 'maxFieldCount', value: limits.maxFieldCount },
      maxLineBytes: limits.maxLineBytes,
    })
  }

  /** Octets between the window's start and the start line. */
  get lineStart(): number {
    return this.#lineStart
  }

  /** Octets between the window's start and the start line's CRLF. */
  get lineEnd(): number {
    return this.#lineEnd
  }

  /** Octets of the whole head; known when `scanFields` returned true. */
  get byteCount(): number {
    return this.#fields.position
  }

  /** Ready for the next head. */
  reset(): void {
    this.#emptyLineCount = 0
    this.#position = 0
    this.#lineStart = 0
    this.#lineEnd = -1
  }

  takeIndex(): FieldIndex {
    return this.#fields.takeIndex()
  }

  /** @returns True when the start line is wholly there: see `lineStart` and `lineEnd`. */
  scanStartLine(window: ByteWindow): boolean {
    if (this.#lineEnd !== -1) return true
    const { bytes, start } = window
    const end = Math.min(window.end, start + this.#limits.maxHeadBytes)
    if (!this.#skipEmptyLines(bytes, start, end)) return this.#wait(window, end)
    this.#checkPrefix(bytes, start, end)
    const stop = Math.min(end, start + this.#lineStart + this.#limits.maxLineBytes)
    let at = start + this.#position
    while (at < stop && (CLASS[bytes[at]!]! & TEXT) !== 0) at += 1
    this.#position = at - start
    if (at === stop) return this.#wait(window, stop)
    if (bytes[at] !== CR) {
      this.refuseLine(bytes[at] === LF ? 'line ended by LF alone' : 'control character', bytes, start, at)
    }
    // The CR is looked at again when its LF comes: one octet more for each call, not one line more.
    if (at + 1 === stop) return this.#wait(window, stop)
    if (bytes[at + 1] !== LF) this.refuseLine('CR without LF', bytes, start, at + 1)
    this.#lineEnd = at - start
    this.#fields.begin(at + 2 - start)
    return true
  }

  /** @returns True when the head is wholly there: see `byteCount`. */
  scanFields(window: ByteWindow): boolean {
    if (this.#fields.scan(window.bytes, window.start, window.end)) return true
    if (window.ended) throw new IncompleteHeadError({ received: window.end - window.start })
    return false
  }

  /** @returns True when the start line's first octet has arrived. */
  #skipEmptyLines(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#position > this.#lineStart) return true
    let at = start + this.#lineStart
    while (at < end && bytes[at] === CR) {
      if (at + 1 === end) return false
      if (bytes[at + 1] !== LF) this.refuseLine('CR without LF', bytes, start, at + 1)
      if (this.#emptyLineCount === MAX_EMPTY_LINES) {
        this.refuseLine(`more than ${MAX_EMPTY_LINES} empty lines before it`, bytes, start, at + 1)
      }
      this.#emptyLineCount += 1
      at += 2
      this.#lineStart = at - start
      this.#position = at - start
    }
    return at < end
  }

  #checkPrefix(bytes: Uint8Array, start: number, end: number): void {
    const { prefix } = this.#kind
    const lineStart = start + this.#lineStart
    const available = Math.min(prefix.length, end - lineStart)
    for (let index = 0; index < available; index += 1) {
      if (bytes[lineStart + index] !== prefix[index])
        this.refuseLine('not HTTP/1', bytes, start, lineStart + index)
    }
  }

  /** More is needed than was looked at, up to `stop`: an error where no more may come, or none will. */
  #wait(window: ByteWindow, stop: number): false {
    const { maxHeadBytes, maxLineBytes } = this.#limits
    const position = stop - window.start
    if (position - this.#lineStart >= maxLineBytes) {
      throw new LimitError({ limit: 'maxLineBytes', value: maxLineBytes, field: null })
    }
    if (position >= maxHeadBytes) {
      throw new LimitError({ limit: 'maxHeadBytes', value: maxHeadBytes, field: null })
    }
    const received = window.end - window.start
    if (window.ended) throw received === 0 ? new NoHeadError() : new IncompleteHeadError({ received })
    return false
  }

  /** Refuses the start line for what is at index `at` of `bytes`. */
  refuseLine(reason: string, bytes: Uint8Array, start: number, at: number): never {
    const excerpt = excerptUpTo(bytes, start + this.#lineStart, at)
    throw new ParseError({ part: this.#kind.part, reason, offset: at - start, excerpt })
  }

  /** The whole head as text. */
  text(window: ByteWindow): string {
    return latin1Text(window.bytes, window.start, window.start + this.byteCount)
  }
}
