/** Forms as multipart/form-data: RFC 7578, with names and line ends as the HTML standard writes them. */
import { isFieldValue } from '@x/http1'
import { isFile } from './body-kinds.ts'
import type { BlobLike, FileLike, FormDataLike } from './body-kinds.ts'
import { ofBlob } from './body-opening.ts'
import type { StreamedBody } from './body-opening.ts'
import { UsageError } from './errors.ts'

/** A form as it is sent. */
export interface Multipart {
  /** In order. */
  readonly parts: readonly (Uint8Array | StreamedBody)[]
  /** `null`: one of the parts does not know how long it is. */
  readonly byteCount: number | null
  /** Names the boundary: the only value of `Content-Type` with which the parts can be read. */
  readonly contentType: string
}

/** Content of a form's entry, with what its head says of it. */
export interface FormPart {
  readonly content: Uint8Array | StreamedBody
  /** Bytes; `null`: only its end will tell. */
  readonly byteCount: number | null
  /** `null`: none. */
  readonly filename: string | null
  /** A field value; `null`: none. */
  readonly type: string | null
}

/** Text is that of a form, in which line ends become CRLF. */
export type FormEntry = readonly [name: string, value: string | FormPart]

/**
 * Encodes a form. Files are not read; what else it holds is as of now.
 *
 * @param boundary 1 to 70 characters of a token that occur in no part. Default: random.
 * @throws {UsageError} INVALID_BODY: an entry is neither text nor a file, or a file's type cannot be sent.
 */
export function encodeMultipart(form: FormDataLike, boundary?: string): Multipart {
  return encodeEntries(entriesOf(form), boundary)
}

/** Encodes entries of any kind. @param boundary As of `encodeMultipart`. */
export function encodeEntries(entries: Iterable<FormEntry>, boundary: string = randomBoundary()): Multipart {
  const parts: (Uint8Array | StreamedBody)[] = []
  let byteCount: number | null = 0
  let text = ''
  function add(part: Uint8Array | StreamedBody, addedByteCount: number | null): void {
    parts.push(part)
    byteCount = byteCount === null || addedByteCount === null ? null : byteCount + addedByteCount
  }
  function addText(): void {
    const bytes = new TextEncoder().encode(text)
    add(bytes, bytes.length)
  }
  for (const [name, value] of entries) {
    text += `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(withCrlf(name))}"`
    if (typeof value === 'string') {
      text += `\r\n\r\n${withCrlf(value)}\r\n`
      continue
    }
    const { content, filename, type } = value
    if (filename !== null) text += `; filename="${escaped(filename)}"`
    if (type !== null) text += `\r\nContent-Type: ${type}`
    text += '\r\n\r\n'
    addText()
    add(content, value.byteCount)
    text = '\r\n'
  }
  text += `--${boundary}--\r\n`
  addText()
  return { parts, byteCount, contentType: `multipart/form-data; boundary=${boundary}` }
}

function* entriesOf(form: FormDataLike): Generator<FormEntry> {
  for (const [name, value] of form) {
    if (typeof value === 'string') yield [name, value]
    else if (isFile(value)) yield [name, filePart(value)]
    else throw new UsageError('ERR_HTTP_INVALID_BODY', 'a form entry must be text or a file')
  }
}

function filePart(file: FileLike): FormPart {
  return {
    content: ofBlob(file),
    byteCount: file.size,
    filename: file.name,
    type: mediaType(file) ?? 'application/octet-stream',
  }
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
