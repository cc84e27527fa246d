import { InvalidMessageError } from './errors.ts'
import { FieldSection, fieldLine, fieldPairs } from './field-section.ts'
import type { FieldsInit } from './field-section.ts'
import { TARGET, TEXT, firstOutside, isToken } from './grammar.ts'

/** A request line and header section to be sent. */
export interface RequestHeadInit {
  /** A token; sent as it is. */
  readonly method: string
  /** Visible ASCII without a fragment; sent as it is. */
  readonly target: string
  /** Checked here, unless it is a `FieldSection`, which is checked already: keep one for fields that recur. */
  readonly fields: FieldsInit
  /** Default 1. */
  readonly minorVersion?: 0 | 1
}

/** A status line and header section to be sent. */
export interface ResponseHeadInit {
  /** 100 to 999. */
  readonly status: number
  /** Default empty. */
  readonly reasonPhrase?: string
  /** As for a request. */
  readonly fields: FieldsInit
  /** Default 1. */
  readonly minorVersion?: 0 | 1
}

/**
 * A request head as it is sent. What the fields mean (Host, framing) is the caller's business.
 *
 * @returns One octet a character, the empty line included: write it as latin1.
 * @throws {InvalidMessageError} Method, target, a field name or a value cannot be sent (P51); nothing is cut down.
 */
export function encodeRequestHead(head: RequestHeadInit): string {
  const { method, target } = head
  if (typeof method !== 'string' || !isToken(method)) {
    throw new InvalidMessageError({ part: 'method', reason: 'not a token' })
  }
  const wrong = typeof target === 'string' && target !== '' ? firstOutside(target, TARGET) : 0
  if (wrong !== -1) {
    throw new InvalidMessageError({ part: 'target', reason: `wrong at index ${wrong}`, offset: wrong })
  }
  return `${method} ${target} HTTP/1.${minorDigit(head.minorVersion)}\r\n${encodeFields(head.fields)}\r\n`
}

/**
 * A response head as it is sent. What the fields mean (framing, connection) is the caller's business.
 *
 * @returns One octet a character, the empty line included: write it as latin1.
 * @throws {InvalidMessageError} Status, reason phrase, a field name or a value cannot be sent.
 */
export function encodeResponseHead(head: ResponseHeadInit): string {
  const { status, reasonPhrase = '' } = head
  if (!Number.isInteger(status) || status < 100 || status > 999) {
    throw new InvalidMessageError({ part: 'status', reason: 'not an integer from 100 to 999' })
  }
  const wrong = typeof reasonPhrase === 'string' ? firstOutside(reasonPhrase, TEXT) : 0
  // The decoder here refuses whitespace at its start (P7), so none is sent.
  if (wrong !== -1 || reasonPhrase.startsWith(' ') || reasonPhrase.startsWith('\t')) {
    const offset = Math.max(wrong, 0)
    throw new InvalidMessageError({ part: 'reason phrase', reason: `wrong at index ${offset}`, offset })
  }
  const line = `HTTP/1.${minorDigit(head.minorVersion)} ${status} ${reasonPhrase}`
  return `${line}\r\n${encodeFields(head.fields)}\r\n`
}

/** Anything but a plain 0 is 1: what goes out never depends on an unchecked value. */
function minorDigit(minorVersion: 0 | 1 | undefined): '0' | '1' {
  return minorVersion === 0 ? '0' : '1'
}

/** Checked field lines, each with its CRLF. */
function encodeFields(init: FieldsInit): string {
  if (init instanceof FieldSection) return init.toString()
  let lines = ''
  if (Array.isArray(init)) {
    for (const [name, value] of init as readonly (readonly [string, string])[])
      lines += fieldLine(name, value)
  } else {
    for (const [name, value] of fieldPairs(init)) lines += fieldLine(name, value)
  }
  return lines
}
