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

/** Decodes whole text in a charset of `charsetOf`; a byte order mark is dropped. */
export function textDecoder(charset: string): TextDecoder {
  return charset === utf8.encoding ? utf8 : new TextDecoder(charset)
}
