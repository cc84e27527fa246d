/** What a caller may send, in the forms that a connection knows. */
import {
  bytesOf,
  isBlob,
  isChunks,
  isFormData,
  isNodeReadable,
  isSearchParams,
  isUsed,
  isWebReadable,
} from './body-kinds.ts'
import type { BlobLike, BodyChunks, FormDataLike, NodeReadable, WebReadable } from './body-kinds.ts'
import { again, ofBlob, ofParts, once } from './body-opening.ts'
import type { StreamedBody } from './body-opening.ts'
import { fromIterable, fromNode, fromWeb, ignore } from './body-source.ts'
import type { BodySource } from './body-source.ts'
import { UsageError } from './errors.ts'
import { encodeMultipart, mediaType } from './multipart.ts'
import type { Multipart } from './multipart.ts'

/**
 * Content to send. It must not change until the request has settled; a `FormData` may, its entries are taken at once.
 *
 * Text goes out as UTF-8, half a surrogate pair as U+FFFD. Blobs, files and forms are streamed, with their length told beforehand. Iterables and
 * streams go out chunked unless `Content-Length` is set; those of Node and the Web are destroyed or cancelled where the request ends before them,
 * iterators get `return()`.
 */
export type BodyContent =
  | string
  | ArrayBuffer
  | ArrayBufferView
  | URLSearchParams
  | BlobLike
  | FormDataLike
  | WebReadable
  | BodyChunks

/**
 * A body as callers give it. A function is called anew each time the request is sent, so that any content can be had again; it goes out chunked
 * unless `Content-Length` is set, says nothing of `Content-Type`, and cannot give a `FormData`.
 */
export type BodyInit = BodyContent | (() => BodyContent | Promise<BodyContent>)

/** A body as a connection sends it. */
export type RequestBody =
  /** Not even an empty one: no Content-Length. */
  | { readonly kind: 'none' }
  /** ASCII, so that characters are octets and it can leave in one piece with the head. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | StreamedBody

/** Fields behind the content. */
export interface RequestTrailers {
  /** Their names, as `Trailer` announces them; `null`: not known, or none. */
  readonly names: string | null
  /** The end of the chunked content, one octet a character; asked for behind the last byte of content. */
  readonly lastChunk: () => string | Promise<string>
}

export interface PreparedBody {
  readonly body: RequestBody
  /** Bytes; `null` where only the end of the source will tell. */
  readonly byteCount: number | null
  /** `Content-Type` where the kind of value says it. */
  readonly contentType: string | null
  /** With another `Content-Type` nobody could read it. */
  readonly fixedType?: true
  /** What follows the content, which is chunked then. */
  readonly trailers?: RequestTrailers
}

// eslint-disable-next-line no-control-regex -- the range is the definition of ASCII
const ASCII = /^[\x00-\x7f]*$/
/** Longer text is cheaper as bytes. */
const MAX_TEXT_LENGTH = 16_384

const NO_BODY: PreparedBody = { body: { kind: 'none' }, byteCount: null, contentType: null }

/** @throws {UsageError} INVALID_BODY: none of the types of `BodyInit`, or a stream that was used already. */
export function prepareBody(init: BodyInit | null | undefined): PreparedBody {
  if (init === undefined || init === null) return NO_BODY
  if (typeof init === 'string') return text(init, 'text/plain;charset=UTF-8')
  if (typeof init === 'function') return streamed(again(async () => openMade(await init())))
  if (typeof init === 'object') return prepareObject(init)
  throw invalidBody(
    `body must be text, bytes, a form, a stream, an iterable or a function, got ${typeof init}`,
  )
}

/** @throws {UsageError} INVALID_BODY: JSON has no form for the value. */
export function prepareJson(value: unknown): PreparedBody {
  let json: string | undefined
  try {
    json = JSON.stringify(value)
  } catch (cause) {
    throw new UsageError('ERR_HTTP_INVALID_BODY', 'json cannot be written as JSON', { cause })
  }
  if (json === undefined)
    throw new UsageError('ERR_HTTP_INVALID_BODY', `json cannot be written as JSON: ${typeof value}`)
  return text(json, 'application/json')
}

export function prepareMultipart({ parts, byteCount, contentType }: Multipart): PreparedBody {
  const [first] = parts
  const body: RequestBody =
    parts.length === 1 && first instanceof Uint8Array ? { kind: 'bytes', bytes: first } : ofParts(parts)
  return { body, byteCount, contentType, fixedType: true }
}

/** Any body as one that is streamed. */
export function asStreamed(body: RequestBody): StreamedBody {
  return body.kind === 'source' ? body : again(() => fromIterable(chunksOf(body)))
}

function prepareObject(init: Exclude<BodyContent, string>): PreparedBody {
  const bytes = bytesOf(init)
  if (bytes !== null) return { body: { kind: 'bytes', bytes }, byteCount: bytes.length, contentType: null }
  if (isSearchParams(init)) return text(init.toString(), 'application/x-www-form-urlencoded;charset=UTF-8')
  if (isFormData(init)) return prepareMultipart(encodeMultipart(init))
  if (isBlob(init)) return streamed(ofBlob(init), init.size, mediaType(init))
  if (isWebReadable(init)) return webStream(init)
  if (isNodeReadable(init)) return nodeStream(init)
  if (isChunks(init)) return streamed(once(() => fromIterable(init)))
  throw invalidBody('body must be text, bytes, a form, a stream, an iterable of text or bytes, or a function')
}

function text(value: string, contentType: string): PreparedBody {
  if (value.length <= MAX_TEXT_LENGTH && ASCII.test(value)) {
    return { body: { kind: 'text', text: value }, byteCount: value.length, contentType }
  }
  const bytes = new TextEncoder().encode(value)
  return { body: { kind: 'bytes', bytes }, byteCount: bytes.length, contentType }
}

function webStream(stream: WebReadable): PreparedBody {
  if (isUsed(stream)) throw invalidBody('the stream is locked, or was read of already')
  return streamed(
    once(
      () => fromWeb(stream),
      (reason) => stream.cancel(reason),
    ),
  )
}

function nodeStream(stream: NodeReadable): PreparedBody {
  if (isUsed(stream)) throw invalidBody('the stream has ended or was destroyed already')
  return streamed(
    once(
      () => fromNode(stream),
      () => stream.destroy(),
      () => listenForErrors(stream),
    ),
  )
}

/** An error may come before anybody reads, while the request waits for a connection: it is told when it is opened, and must not end the process. */
function listenForErrors(stream: NodeReadable): void {
  const stop = (): void => {
    stream.off('error', ignore)
    stream.off('close', stop)
  }
  stream.on('error', ignore)
  stream.on('close', stop)
}

function streamed(
  body: StreamedBody,
  byteCount: number | null = null,
  contentType: string | null = null,
): PreparedBody {
  return { body, byteCount, contentType }
}

/** What a function has made is known too late for a field: a form's `Content-Type`, which names the boundary, could not be told. */
function openMade(content: BodyContent | null | undefined): BodySource | Promise<BodySource> {
  if (typeof content === 'function') throw invalidBody('the function has given a function')
  const { body, fixedType } = prepareBody(content)
  if (body.kind === 'none') throw invalidBody('the function has given no body')
  if (fixedType)
    throw invalidBody('the function has given a form: a form as the body can be sent again as it is')
  const made = asStreamed(body)
  made.claim()
  return made.open()
}

function chunksOf(body: Exclude<RequestBody, StreamedBody>): BodyChunks {
  switch (body.kind) {
    case 'none':
      return []
    case 'text':
      return [body.text]
    case 'bytes':
      return [body.bytes]
  }
}

function invalidBody(message: string): UsageError {
  return new UsageError('ERR_HTTP_INVALID_BODY', message)
}
