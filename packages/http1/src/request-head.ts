import { latin1Text } from './bytes.ts'
import type { ByteWindow } from './byte-window.ts'
import { FramingError } from './errors.ts'
import { scannedFields } from './field-section.ts'
import type { FieldSection } from './field-section.ts'
import { CLASS, SP, TARGET, TOKEN } from './grammar.ts'
import { HeadScanner } from './head-scanner.ts'
import { resolveLimits } from './limits.ts'
import type { Http1Limits } from './limits.ts'
import { isHostValue, targetForm } from './request-target.ts'
import type { TargetForm } from './request-target.ts'

/** Request line and header section of a request (RFC 9112 section 3). */
export interface RequestHead {
  /** Method, case-sensitive. */
  readonly method: string
  /** Request target as it was sent. */
  readonly target: string
  /** Which of the four forms the target has. In absolute form its host goes before that of `Host`. */
  readonly targetForm: TargetForm
  /** Minor version of HTTP/1; what is above 1 is read as 1. */
  readonly minorVersion: 0 | 1
  /** The header section. */
  readonly fields: FieldSection
}

const REQUEST_LINE = { part: 'request line', prefix: new Uint8Array(0) } as const
const VERSION = 'HTTP/1.'

/** Decodes the heads of all requests of one connection. */
export class RequestHeadDecoder {
  /** The limits in force. */
  readonly limits: Http1Limits
  readonly #scanner: HeadScanner
  #line: Omit<RequestHead, 'fields'> | undefined
  #failure: unknown

  constructor(limits?: Partial<Http1Limits>) {
    this.limits = resolveLimits(limits)
    this.#scanner = new HeadScanner(REQUEST_LINE, this.limits)
  }

  /**
   * Takes a request head from the window, when it is wholly there, with up to four empty lines before it.
   * Then it is ready for the next one. Bound: can be given to a reader as it is.
   *
   * @returns The head, which borrows nothing; `undefined` to be asked again, with nothing consumed.
   * @throws {ParseError} Octets outside the grammar.
   * @throws {FramingError} Host is missing in HTTP/1.1, there twice, or no host (RFC 9112 section 3.2).
   * @throws {LimitError} More than the limits allow.
   * @throws {NoHeadError} The stream ended before the first octet.
   * @throws {IncompleteHeadError} The stream ended inside the head.
   *
   * After an error every further call throws the same one, until `reset`.
   */
  readonly decode = (window: ByteWindow): RequestHead | undefined => {
    if (this.#failure !== undefined) throw this.#failure
    try {
      return this.#decode(window)
    } catch (error) {
      this.#failure = error
      throw error
    }
  }

  /** Forgets a head that was begun, and an error. */
  reset(): void {
    this.#scanner.reset()
    this.#line = undefined
    this.#failure = undefined
  }

  #decode(window: ByteWindow): RequestHead | undefined {
    const scanner = this.#scanner
    if (this.#line === undefined) {
      if (!scanner.scanStartLine(window)) return undefined
      this.#line = this.#parseRequestLine(window)
    }
    if (!scanner.scanFields(window)) return undefined
    const { method, target, targetForm: form, minorVersion } = this.#line
    const fields = scannedFields(scanner.text(window), scanner.takeIndex())
    checkHost(fields, minorVersion)
    window.skip(scanner.byteCount)
    scanner.reset()
    this.#line = undefined
    return { method, target, targetForm: form, minorVersion, fields }
  }

  /** Token SP target SP `HTTP/1.` DIGIT. */
  #parseRequestLine(window: ByteWindow): Omit<RequestHead, 'fields'> {
    const { bytes, start } = window
    const line = start + this.#scanner.lineStart
    const end = start + this.#scanner.lineEnd
    // The scan of each part ends at the line's CR at the latest, which is in neither class.
    const methodEnd = runEnd(bytes, line, TOKEN)
    if (methodEnd === line) this.#refuse('no method', window, line)
    if (bytes[methodEnd] !== SP) this.#refuse('not a method followed by a space', window, methodEnd)
    const targetEnd = runEnd(bytes, methodEnd + 1, TARGET)
    if (targetEnd === methodEnd + 1) this.#refuse('no target', window, targetEnd)
    if (bytes[targetEnd] !== SP) this.#refuse('not a target followed by a space', window, targetEnd)
    const version = targetEnd + 1
    for (let index = 0; index < VERSION.length; index += 1) {
      const isSame = bytes[version + index] === VERSION.charCodeAt(index)
      if (!isSame) this.#refuse('not HTTP/1', window, Math.min(version + index, end))
    }
    const minor = bytes[version + VERSION.length]! - 0x30
    if (!(minor >= 0 && minor <= 9)) this.#refuse('no minor version', window, version + VERSION.length)
    if (version + VERSION.length + 1 !== end) this.#refuse('more than a version', window, version + 8)
    const method = latin1Text(bytes, line, methodEnd)
    const target = latin1Text(bytes, methodEnd + 1, targetEnd)
    const form = targetForm(method, target)
    if (form === undefined) this.#refuse(`not a target of ${method.slice(0, 32)}`, window, targetEnd - 1)
    return { method, target, targetForm: form, minorVersion: minor === 0 ? 0 : 1 }
  }

  #refuse(reason: string, window: ByteWindow, at: number): never {
    return this.#scanner.refuseLine(reason, window.bytes, window.start, at)
  }
}

/** Index of the first octet from `start` on that is not of the class. */
function runEnd(bytes: Uint8Array, start: number, classBit: number): number {
  let at = start
  while ((CLASS[bytes[at]!]! & classBit) !== 0) at += 1
  return at
}

function checkHost(fields: FieldSection, minorVersion: 0 | 1): void {
  const hosts = fields.getAll('host')
  if (hosts.length > 1) {
    throw new FramingError({ field: 'host', reason: 'more than one', value: hosts.join(', ') })
  }
  const [host] = hosts
  if (host === undefined) {
    if (minorVersion === 1)
      throw new FramingError({ field: 'host', reason: 'missing in HTTP/1.1', value: '' })
    return
  }
  if (!isHostValue(host)) throw new FramingError({ field: 'host', reason: 'not a host', value: host })
}
