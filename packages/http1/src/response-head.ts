import type { ByteWindow } from './byte-window.ts'
import { LimitError } from './errors.ts'
import { scannedFields } from './field-section.ts'
import type { FieldSection } from './field-section.ts'
import { HTAB, SP } from './grammar.ts'
import { HeadScanner } from './head-scanner.ts'
import { resolveLimits } from './limits.ts'
import type { Http1Limits } from './limits.ts'

/** Status line and header section of a response (RFC 9112 section 4). */
export interface ResponseHead {
  /** Minor version of HTTP/1; what is above 1 is read as 1. */
  readonly minorVersion: 0 | 1
  /** Status code, 100 to 999. */
  readonly status: number
  /** Reason phrase, latin1; often empty. */
  readonly reasonPhrase: string
  /** The header section. */
  readonly fields: FieldSection
}

const PREFIX = Uint8Array.from('HTTP/1.', (character) => character.charCodeAt(0))
const STATUS_LINE = { part: 'status line', prefix: PREFIX } as const
/** `HTTP/1.1 200`, from the line's start. */
const MINOR = 7
const STATUS = 9
const BEHIND_STATUS = 12
const REASON = 13

/** Decodes the heads of all responses of one connection, interim ones included. */
export class ResponseHeadDecoder {
  /** The limits in force. */
  readonly limits: Http1Limits
  readonly #scanner: HeadScanner
  /** 0 while the status line is not there. */
  #status = 0
  #minorVersion: 0 | 1 = 1
  /** 1xx heads since the last final one. */
  #interimCount = 0
  #failure: unknown

  constructor(limits?: Partial<Http1Limits>) {
    this.limits = resolveLimits(limits)
    this.#scanner = new HeadScanner(STATUS_LINE, this.limits)
  }

  /**
   * Takes a response head from the window, when it is wholly there, with up to four empty lines before it.
   * Then it is ready for the next one. Bound: can be given to a reader as it is.
   *
   * @returns The head, which borrows nothing; `undefined` to be asked again, with nothing consumed.
   * @throws {ParseError} Octets outside the grammar.
   * @throws {LimitError} More than the limits allow, or too many 1xx responses in a row.
   * @throws {NoHeadError} The stream ended before the first octet.
   * @throws {IncompleteHeadError} The stream ended inside the head.
   *
   * After an error every further call throws the same one, until `reset`.
   */
  readonly decode = (window: ByteWindow): ResponseHead | undefined => {
    if (this.#failure !== undefined) throw this.#failure
    try {
      return this.#decode(window)
    } catch (error) {
      this.#failure = error
      throw error
    }
  }

  /** Forgets a head that was begun, an error, and how many 1xx responses there were. */
  reset(): void {
    this.#scanner.reset()
    this.#status = 0
    this.#interimCount = 0
    this.#failure = undefined
  }

  #decode(window: ByteWindow): ResponseHead | undefined {
    const scanner = this.#scanner
    if (this.#status === 0) {
      if (!scanner.scanStartLine(window)) return undefined
      this.#parseStatusLine(window)
    }
    if (!scanner.scanFields(window)) return undefined
    const status = this.#status
    this.#countInterim(status)
    const text = scanner.text(window)
    const head: ResponseHead = {
      minorVersion: this.#minorVersion,
      status,
      reasonPhrase: text.slice(scanner.lineStart + REASON, scanner.lineEnd),
      fields: scannedFields(text, scanner.takeIndex()),
    }
    window.skip(scanner.byteCount)
    scanner.reset()
    this.#status = 0
    return head
  }

  /** `HTTP/1.` was checked by the scanner; then DIGIT SP 3DIGIT, and SP with a reason phrase or nothing (P5). */
  #parseStatusLine(window: ByteWindow): void {
    const { bytes, start } = window
    const line = start + this.#scanner.lineStart
    const end = start + this.#scanner.lineEnd
    // Octets behind the line's end belong to CRLF and are no digits, so none of these reads leaves the head.
    const minor = digit(bytes[line + MINOR]!)
    if (minor === -1) this.#refuse('no minor version', window, line + MINOR)
    if (bytes[line + MINOR + 1] !== SP) this.#refuse('no space behind the version', window, line + MINOR + 1)
    let status = 0
    for (let at = line + STATUS; at < line + BEHIND_STATUS; at += 1) {
      const value = digit(bytes[at]!)
      if (value === -1) this.#refuse('not a status code of three digits', window, at)
      status = status * 10 + value
    }
    if (status < 100) this.#refuse('status code below 100', window, line + STATUS)
    if (line + BEHIND_STATUS < end) {
      if (bytes[line + BEHIND_STATUS] !== SP) {
        this.#refuse('no space behind the status code', window, line + BEHIND_STATUS)
      }
      // Stricter than RFC 9112 section 4, whose reason phrase may begin with whitespace (P7).
      const first = bytes[line + REASON]
      if (first === SP || first === HTAB) this.#refuse('two separators', window, line + REASON)
    }
    this.#status = status
    this.#minorVersion = minor === 0 ? 0 : 1
  }

  #countInterim(status: number): void {
    const { maxInterimResponses } = this.limits
    this.#interimCount = status < 200 && status !== 101 ? this.#interimCount + 1 : 0
    if (this.#interimCount > maxInterimResponses) {
      throw new LimitError({ limit: 'maxInterimResponses', value: maxInterimResponses, field: null })
    }
  }

  #refuse(reason: string, window: ByteWindow, at: number): never {
    return this.#scanner.refuseLine(reason, window.bytes, window.start, at)
  }
}

/** The digit's value, or -1. */
function digit(octet: number): number {
  return octet >= 0x30 && octet <= 0x39 ? octet - 0x30 : -1
}
