/** In which charset a body is text. */

const utf8 = new TextDecoder()

/** The charset of a `Content-Type`, as `TextDecoder` names it; UTF-8 where there is none, or one that nobody knows. */
export function charsetOf(contentType: string | undefined): string {
  const charset = contentType === undefined ? null : /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1]
  if (charset === null || charset === undefined || /^utf-?8$/i.test(charset)) return utf8.encoding
  try {
    return new TextDecoder(charset).encoding
  } catch {
    return utf8.encoding // a charset that nobody knows says nothing
  }
}

/** Up to so many bytes, characters one by one are cheaper than a call out of JavaScript, which has to give fresh bytes a buffer first. */
const MAX_SHORT = 32

/** Whole text in a charset of `charsetOf`; a byte order mark is dropped. */
export function decodeText(bytes: Uint8Array, charset: string): string {
  if (charset !== utf8.encoding) return new TextDecoder(charset).decode(bytes)
  return bytes.length <= MAX_SHORT && isAscii(bytes)
    ? String.fromCharCode.apply(null, bytes as unknown as number[]) // it takes whatever has a length and indices
    : utf8.decode(bytes)
}

function isAscii(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if (bytes[at]! > 0x7f) return false
  return true
}
