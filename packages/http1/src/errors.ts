/** Lets two installed copies of this package know each other's errors. */
const BRAND: unique symbol = Symbol.for('@x/http1:Http1Error')

/** Every `code` of this package. */
export type Http1ErrorCode =
  | 'ERR_HTTP1_PARSE'
  | 'ERR_HTTP1_LIMIT'
  | 'ERR_HTTP1_FRAMING'
  | 'ERR_HTTP1_UNEXPECTED_SWITCH'
  | 'ERR_HTTP1_NO_HEAD'
  | 'ERR_HTTP1_INCOMPLETE_HEAD'
  | 'ERR_HTTP1_INCOMPLETE_BODY'
  | 'ERR_HTTP1_INVALID_MESSAGE'
  | 'ERR_HTTP1_INVALID_ARGUMENT'
  | 'ERR_HTTP1_ILLEGAL_EVENT'

/** The part of a message in which something was wrong. */
export type MessagePart =
  | 'status line'
  | 'request line'
  | 'header section'
  | 'chunk line'
  | 'chunk data'
  | 'trailer section'

/** Base of all errors of this package. `code` is the contract; messages may change. Fields are plain data. */
export abstract class Http1Error extends Error {
  abstract override readonly name: string
  abstract readonly code: Http1ErrorCode
  /** Who is at fault: the peer (`remote`) or the caller of this package (`local`). */
  abstract readonly side: 'remote' | 'local'

  static {
    Object.defineProperty(this.prototype, BRAND, { value: true })
  }

  /** Name, code, message and the error's own fields; without stack and cause. */
  toJSON(): Record<string, unknown> {
    return { message: this.message, ...(this as object) }
  }
}

/** Whether `value` is an error of this package, of this copy or another. */
export function isHttp1Error(value: unknown): value is Http1Error {
  return value instanceof Error && (value as { [BRAND]?: unknown })[BRAND] === true
}

/** The peer broke the protocol: the connection is of no further use. */
export abstract class RemoteProtocolError extends Http1Error {
  override readonly side = 'remote'
}

/** This side was about to break the protocol: nothing was encoded, nothing changed. */
export abstract class LocalProtocolError extends Http1Error {
  override readonly side = 'local'
}

/** Octets outside the grammar. */
export class ParseError extends RemoteProtocolError {
  override readonly name = 'ParseError'
  override readonly code = 'ERR_HTTP1_PARSE'
  /** Where in the message. */
  readonly part: MessagePart
  /** What is wrong, in words. */
  readonly reason: string
  /** Octets of the head, or of the message body, before the one that is wrong. */
  readonly offset: number
  /** The line up to the octet that is wrong, at most 32 octets of it, escaped. Field values are left out. */
  readonly excerpt: string

  constructor(fields: { part: MessagePart; reason: string; offset: number; excerpt: string }) {
    super(`malformed ${fields.part} at octet ${fields.offset}: ${fields.reason}: "${fields.excerpt}"`)
    this.part = fields.part
    this.reason = fields.reason
    this.offset = fields.offset
    this.excerpt = fields.excerpt
  }
}

/** The peer sent more than a limit allows. */
export class LimitError extends RemoteProtocolError {
  override readonly name = 'LimitError'
  override readonly code = 'ERR_HTTP1_LIMIT'
  /** The limit's name in `Http1Limits`. */
  readonly limit: string
  /** The limit's value. */
  readonly value: number
  /** Name of the field that went above it; `null` where it was no field line. */
  readonly field: string | null

  constructor(fields: { limit: string; value: number; field: string | null }) {
    super(
      `more than ${fields.limit} = ${fields.value} allows${fields.field === null ? '' : `, in field "${fields.field}"`}`,
    )
    this.limit = fields.limit
    this.value = fields.value
    this.field = fields.field
  }
}

/** A field that says where the message ends is wrong, or two of them disagree. */
export class FramingError extends RemoteProtocolError {
  override readonly name = 'FramingError'
  override readonly code = 'ERR_HTTP1_FRAMING'
  /** The field in question. */
  readonly field: string
  /** What is wrong, in words. */
  readonly reason: string
  /** Its value, at most 32 characters, escaped. */
  readonly excerpt: string

  constructor(fields: { field: string; reason: string; value: string }) {
    const excerpt = excerptOfText(fields.value)
    super(`${fields.field}: ${fields.reason}: "${excerpt}"`)
    this.field = fields.field
    this.reason = fields.reason
    this.excerpt = excerpt
  }
}

/** A 101 that answers no offer of this side. */
export class UnexpectedSwitchError extends RemoteProtocolError {
  override readonly name = 'UnexpectedSwitchError'
  override readonly code = 'ERR_HTTP1_UNEXPECTED_SWITCH'
  /** Protocols that were offered; `null` where none were. */
  readonly offered: string | null
  /** Protocols that the peer wants to switch to; `null` where it named none. */
  readonly chosen: string | null

  constructor(fields: { offered: string | null; chosen: string | null; reason: string }) {
    super(`unexpected 101 (Switching Protocols): ${fields.reason}`)
    this.offered = fields.offered === null ? null : excerptOfText(fields.offered)
    this.chosen = fields.chosen === null ? null : excerptOfText(fields.chosen)
  }
}

/** The peer closed cleanly before the first octet of a head: between messages, not inside one. */
export class NoHeadError extends RemoteProtocolError {
  override readonly name = 'NoHeadError'
  override readonly code = 'ERR_HTTP1_NO_HEAD'

  constructor() {
    super('the peer closed before the first octet of a head')
  }
}

/** The peer closed inside a head. */
export class IncompleteHeadError extends RemoteProtocolError {
  override readonly name = 'IncompleteHeadError'
  override readonly code = 'ERR_HTTP1_INCOMPLETE_HEAD'
  /** Octets of the head that did arrive. */
  readonly received: number

  constructor(fields: { received: number }) {
    super(`the peer closed inside a head, after ${fields.received} octets`)
    this.received = fields.received
  }
}

/** The peer closed before the end of a message body. */
export class IncompleteBodyError extends RemoteProtocolError {
  override readonly name = 'IncompleteBodyError'
  override readonly code = 'ERR_HTTP1_INCOMPLETE_BODY'
  /** Octets of content that did arrive. */
  readonly received: number
  /** Octets of content that were announced; `null` for a chunked body. */
  readonly expected: number | null

  constructor(fields: { received: number; expected: number | null }) {
    super(
      fields.expected === null
        ? `the peer closed after ${fields.received} octets of a chunked body, before its end`
        : `the peer closed after ${fields.received} of ${fields.expected} octets of a body`,
    )
    this.received = fields.received
    this.expected = fields.expected
  }
}

/** What the caller wants to send is not HTTP. The value itself, which may be secret, is not in the error. */
export class InvalidMessageError extends LocalProtocolError {
  override readonly name = 'InvalidMessageError'
  override readonly code = 'ERR_HTTP1_INVALID_MESSAGE'
  /** Which part of the message cannot be sent. */
  readonly part:
    | 'method'
    | 'target'
    | 'status'
    | 'reason phrase'
    | 'field name'
    | 'field value'
    | 'trailer field'
  /** What is wrong, in words. */
  readonly reason: string
  /** Name of the field concerned, escaped; `null` for other parts. */
  readonly field: string | null
  /** Index of the character that is wrong; -1 where it is the whole. */
  readonly offset: number

  constructor(fields: {
    part: InvalidMessageError['part']
    reason: string
    field?: string
    offset?: number
  }) {
    const field = fields.field === undefined ? null : excerptOfText(fields.field)
    super(`invalid ${fields.part}${field === null ? '' : ` of "${field}"`}: ${fields.reason}`)
    this.part = fields.part
    this.reason = fields.reason
    this.field = field
    this.offset = fields.offset ?? -1
  }
}

/** An argument of the wrong type or range. */
export class InvalidArgumentError extends LocalProtocolError {
  override readonly name = 'InvalidArgumentError'
  override readonly code = 'ERR_HTTP1_INVALID_ARGUMENT'
  /** The argument's name. */
  readonly argument: string

  constructor(fields: { argument: string; reason: string }) {
    super(`${fields.argument} ${fields.reason}`)
    this.argument = fields.argument
  }
}

/** Something was done, or has happened, that the connection's phase does not allow. */
export class IllegalEventError extends LocalProtocolError {
  override readonly name = 'IllegalEventError'
  override readonly code = 'ERR_HTTP1_ILLEGAL_EVENT'
  /** Of the connection. */
  readonly phase: string
  /** What the phase does not allow. */
  readonly event: string

  constructor(fields: { phase: string; event: string }) {
    super(`"${fields.event}" is not legal while ${fields.phase}`)
    this.phase = fields.phase
    this.event = fields.event
  }
}

const EXCERPT_LENGTH = 32

/** The first characters of `text`, with everything but visible ASCII escaped. */
export function excerptOfText(text: string): string {
  return escaped(text.slice(0, EXCERPT_LENGTH))
}

/**
 * The octets before and at `last`, from `start` on. It ends there because what has arrived behind `last`
 * depends on how the peer's octets were cut, and errors do not.
 */
export function excerptUpTo(bytes: Uint8Array, start: number, last: number): string {
  const from = Math.max(start, last + 1 - EXCERPT_LENGTH)
  return escaped(String.fromCharCode(...bytes.subarray(from, last + 1)))
}

function escaped(text: string): string {
  // Every UTF-16 unit outside visible ASCII, and the quote and backslash that would make the text ambiguous.
  return text.replace(/[^ !#-[\]-~]/g, (unit) => {
    const hex = unit.charCodeAt(0).toString(16)
    return hex.length > 2 ? `\\u${hex.padStart(4, '0')}` : `\\x${hex.padStart(2, '0')}`
  })
}
