/** Forms as multipart/form-data: RFC 7578, with names and line ends as the HTML standard writes them. */
import { isFieldValue } from '@x/http1'
import { isFile } from './body-kinds.ts'
import type { BlobLike, FormDataLike } from './body-kinds.ts'
import { UsageError } from './errors.ts'

/** A form as it is sent. */
export interface Multipart {
  /** In order. */
  readonly parts: readonly (Uint8Array | BlobLike)[]
  readonly byteCount: number
  /** Names the boundary: the only value of `Content-Type` with which the parts can be read. */
  readonly contentType: string
}

/**
 * Encodes a form. Files are not read; what else it holds is as of now.
 *
 * @param boundary 1 to 70 characters of a token that occur in no part. Default: random.
 * @throws {UsageError} INVALID_BODY: an entry is neither text nor a file, or a file's type cannot be sent.
 */
export function encodeMultipart(form: FormDataLike, boundary: string = randomBoundary()): Multipart {
  const parts: (Uint8Array | BlobLike)[] = []
  let byteCount = 0
  let text = ''
  function addText(): void {
    const bytes = new TextEncoder().encode(text)
    parts.push(bytes)
    byteCount += bytes.length
  }
  for (const [name, value] of form) {
    text += `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(withCrlf(name))}"`
    if (typeof value === 'string') {
      text += `\r\n\r\n${withCrlf(value)}\r\n`
      continue
    }
    if (!isFile(value)) throw new UsageError('ERR_HTTP_INVALID_BODY', 'a form entry must be text or a file')
    text += `; filename="${escaped(value.name)}"\r\n`
    text += `Content-Type: ${mediaType(value) ?? 'application/octet-stream'}\r\n\r\n`
    addText()
    parts.push(value)
    byteCount += value.size
    text = '\r\n'
  }
  text += `--${boundary}--\r\n`
  addText()
  return { parts, byteCount, contentType: `multipart/form-data; boundary=${boundary}` }
}

/**
 * The type of a blob, `null` where it has none.
 *
 * @throws {UsageError} INVALID_BODY: not a field value. Not every maker of blobs checks it.
 */
export function mediaType({ type }: BlobLike): string | null {
  if (type === '') return null
  if (isFieldValue(type)) return type
  throw new UsageError('ERR_HTTP_INVALID_BODY', 'the type of a blob has characters that cannot be sent')
}

/** 128 random bits: nobody can put them into a part. */
function randomBoundary(): string {
  let boundary = 'form-data-'
  for (const octet of crypto.getRandomValues(new Uint8Array(16)))
    boundary += octet.toString(16).padStart(2, '0')
  return boundary
}

function withCrlf(text: string): string {
  return text.replace(/\r\n?|\n/g, '\r\n')
}

/** Nothing else is escaped: HTML standard, "multipart/form-data encoding algorithm". */
function escaped(name: string): string {
  return name.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22')
}
