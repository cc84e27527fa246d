// Character classes of RFC 9110 section 5.6 and RFC 9112 sections 2 to 5, as one table of 256 entries.

/** tchar: what names and methods are made of (RFC 9110 section 5.6.2). */
export const TOKEN = 1
/** HTAB, SP, VCHAR and obs-text: what field values and reason phrases are made of (RFC 9110 section 5.5). */
export const TEXT = 2
/** VCHAR without `#`: what a request target is made of. */
export const TARGET = 4

export const HTAB = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const SP = 0x20
export const COLON = 0x3a

/** The classes of each octet, as a bit set. */
export const CLASS: Uint8Array = octetClasses()

function octetClasses(): Uint8Array {
  const classes = new Uint8Array(256)
  for (let octet = 0; octet < 256; octet += 1) {
    const visible = octet > SP && octet < 0x7f
    let bits = 0
    if (visible && /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(octet))) bits |= TOKEN
    if (visible || octet === HTAB || octet === SP || octet > 0x7f) bits |= TEXT
    // Wider than RFC 9112 section 3.2: WHATWG URLs leave characters such as `|` and `[` as they are.
    // A fragment is never sent (RFC 9110 section 7.1), so `#` is not among them.
    if (visible && octet !== 0x23) bits |= TARGET
    classes[octet] = bits
  }
  return classes
}

/** Index of the first character of `text` that is not of the class, or -1. */
export function firstOutside(text: string, classBit: number): number {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code > 0xff || (CLASS[code]! & classBit) === 0) return at
  }
  return -1
}

/** Whether `text` is a token (RFC 9110 section 5.6.2): a method, a field name, a coding. */
export function isToken(text: string): boolean {
  return text.length > 0 && firstOutside(text, TOKEN) === -1
}

/**
 * Whether `text` can be sent as a field value: HTAB, SP, visible ASCII and U+0080 to U+00FF, which go out as
 * one octet each. Space at either end is allowed here and trimmed when the field line is made.
 */
export function isFieldValue(text: string): boolean {
  return firstOutside(text, TEXT) === -1
}

/** Whether `text` can be sent as a request target: visible ASCII, not empty, without a fragment. */
export function isTarget(text: string): boolean {
  return text.length > 0 && firstOutside(text, TARGET) === -1
}

/** `text` between `start` and `end` without SP and HTAB at its ends; NBSP, VT and FF are not whitespace here. */
export function trimmedSlice(text: string, start: number, end: number): string {
  let from = start
  let to = end
  while (from < to && isBlank(text.charCodeAt(from))) from += 1
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1
  return text.slice(from, to)
}

function isBlank(code: number): boolean {
  return code === SP || code === HTAB
}

/** Whether `text` has `name` at `at`, ASCII letters compared without case. */
export function sameNameAt(text: string, at: number, name: string): boolean {
  for (let index = 0; index < name.length; index += 1) {
    const left = text.charCodeAt(at + index)
    const right = name.charCodeAt(index)
    if (left === right) continue
    const lower = left | 0x20
    if (lower !== (right | 0x20) || lower < 0x61 || lower > 0x7a) return false
  }
  return true
}

/** Whether the comma-separated list `value` has `name` as a member, letters compared without case. */
export function hasListMember(value: string, name: string): boolean {
  for (let start = 0; start <= value.length;) {
    const comma = value.indexOf(',', start)
    let end = comma === -1 ? value.length : comma
    const next = end + 1
    while (start < end && isBlank(value.charCodeAt(start))) start += 1
    while (end > start && isBlank(value.charCodeAt(end - 1))) end -= 1
    if (end - start === name.length && sameNameAt(value, start, name)) return true
    start = next
  }
  return false
}

/** The members of a comma-separated list, trimmed, empty ones included; for values without quoted strings. */
export function listMembers(value: string): string[] {
  const members: string[] = []
  for (let start = 0; start <= value.length;) {
    const comma = value.indexOf(',', start)
    const end = comma === -1 ? value.length : comma
    members.push(trimmedSlice(value, start, end))
    start = end + 1
  }
  return members
}
