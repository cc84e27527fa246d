/** The parts of a multipart message as callers write them: by name, each text, bytes, a file, or what a body can be with what its head says of it. */
import { isFieldValue } from '@x/http1'
import { bytesOf, isBlob, isFile, isFormData } from './body-kinds.ts'
import type { BlobLike, FormDataLike } from './body-kinds.ts'
import type { UsageError } from './errors.ts'
import { encodeEntries } from './multipart.ts'
import type { FormEntry, FormPart } from './multipart.ts'
import { invalidOption, kindOf } from './options.ts'
import { isPlain, pairsOf } from './query.ts'
import type { QueryValue } from './query.ts'
import { prepareBody, prepareMultipart } from './request-body.ts'
import type { BodyContent, PreparedBody } from './request-body.ts'

type PartContent = Exclude<BodyContent, FormDataLike>

/** One part with what its head says of it. */
export interface MultipartPart {
  /**
   * Content: all that a body can be but a form. It goes out as it is: line ends of text stay. Streams and iterables can be sent once; a function is
   * called anew each time the request is sent.
   */
  readonly body: PartContent | (() => PartContent | Promise<PartContent>)
  /** As what the content is to be known: any text. Default: a `File`'s own name; for text none; for everything else `blob`, as in a `FormData`. */
  readonly filename?: string | undefined
  /** Media type of the content. Default: a `Blob`'s own; for text without `filename` none, with it `text/plain`; else `application/octet-stream`. */
  readonly type?: string | undefined
}

/** What a part can be. Text is that of a form: its line ends become CRLF. Bytes and a `Blob` are files by the name of `blob`. */
export type MultipartValue = QueryValue | ArrayBuffer | ArrayBufferView | BlobLike | MultipartPart

/** Parts by name, a list for several of one name, `null` and `undefined` for none; pairs of a name and a part; or a `FormData`. */
export type MultipartInit =
  | FormDataLike
  | Iterable<readonly [name: string, value: MultipartValue]>
  | { readonly [name: string]: MultipartValue | readonly MultipartValue[] | null | undefined }

const KNOWN: ReadonlySet<string> = new Set<keyof MultipartPart>(['body', 'filename', 'type'])

/** @throws {UsageError} INVALID_OPTION, naming the part; INVALID_BODY for a `FormData`. */
export function multipartContent(init: MultipartInit): PreparedBody {
  if (typeof init === 'object' && (init as unknown) !== null && isFormData(init)) return prepareBody(init)
  return prepareMultipart(encodeEntries([...entriesOf(init)]))
}

function* entriesOf(init: unknown): Generator<FormEntry> {
  const streams = new Set<unknown>()
  for (const [name, value] of pairsOf('multipart', init)) {
    if (isPlain(value)) {
      yield [name, String(value)]
      continue
    }
    const part = isPart(value) ? value : { body: contentOf(name, value) }
    const entry = described(name, part)
    const isStream = !(entry.content instanceof Uint8Array) && !entry.content.replayable
    if (isStream && streams.has(part.body)) throw invalid(name, 'is a stream that another part has already')
    if (isStream) streams.add(part.body)
    yield [name, entry]
  }
}

/** Responses and requests have a `body`, too, but not of their own. */
function isPart(value: unknown): value is MultipartPart {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'body') && !isBlob(value)
}

function contentOf(name: string, value: unknown): ArrayBuffer | ArrayBufferView | BlobLike {
  if (typeof value === 'object' && value !== null && (isBlob(value) || bytesOf(value) !== null))
    return value as ArrayBuffer | BlobLike
  const accepted = 'must be text, a number, a flag, bytes, a Blob, or { body } for streams and all else'
  throw invalid(name, `${accepted}, got ${kindOf(value)}`)
}

function described(name: string, part: MultipartPart): FormPart {
  const { body, filename = defaultName(body) } = part
  for (const option of Object.keys(part))
    if (!KNOWN.has(option)) throw invalid(name, `has no option ${option}: body, filename, type`)
  if (filename !== null && typeof filename !== 'string')
    throw invalid(name, `filename must be text, got ${kindOf(filename)}`)
  const { type, ...content } = contentOfPart(name, body)
  const isField = typeof body === 'string' && filename === null
  return { ...content, filename, type: checkedType(name, part.type) ?? (isField ? null : type) }
}

function defaultName(body: unknown): string | null {
  if (isFile(body)) return body.name
  return typeof body === 'string' ? null : 'blob'
}

function contentOfPart(
  name: string,
  init: MultipartPart['body'],
): Pick<FormPart, 'content' | 'byteCount'> & { type: string } {
  let prepared
  try {
    prepared = prepareBody(init)
  } catch (cause) {
    throw invalid(name, cause instanceof Error ? cause.message : String(cause), cause)
  }
  const { body, byteCount, contentType, fixedType } = prepared
  const type = contentType ?? 'application/octet-stream'
  if (fixedType) throw invalid(name, 'body must not be a form')
  switch (body.kind) {
    case 'none':
      throw invalid(name, 'has no body')
    case 'text':
      return { content: new TextEncoder().encode(body.text), byteCount, type }
    case 'bytes':
      return { content: body.bytes, byteCount, type }
    case 'source':
      return { content: body, byteCount, type }
  }
}

/** Empty: not known, as of a `Blob`. */
function checkedType(name: string, type: unknown): string | null {
  if (type === undefined || type === '') return null
  if (typeof type === 'string' && isFieldValue(type)) return type
  const got = typeof type === 'string' ? 'one with characters that cannot be sent' : kindOf(type)
  throw invalid(name, `type must be a media type, got ${got}`)
}

function invalid(name: string, reason: string, cause?: unknown): UsageError {
  return invalidOption('multipart', `part "${name}" ${reason}`, cause)
}
