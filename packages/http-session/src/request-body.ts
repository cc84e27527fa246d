/** What a caller may send, in the three forms that a connection knows. */
import { UsageError } from './errors.ts'

/** A body as callers give it. Bytes must not change until the request has settled. Text goes out as UTF-8. */
export type BodyInit = string | Uint8Array | ArrayBuffer | URLSearchParams | BodySource

/** Gives a body piece by piece, once. */
export type BodySource = Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>

/** A body as a connection sends it. A source can be read once; the others can be sent again. */
export type RequestBody =
  /** Not even an empty one: no Content-Length. */
  | { readonly kind: 'none' }
  /** ASCII, so that characters are octets and it can leave in one piece with the head. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'source'; readonly source: BodySource }

export interface PreparedBody {
  readonly body: RequestBody
  /** Bytes; `null` where only the end of the source will tell. */
  readonly byteCount: number | null
  /** `Content-Type` where the kind of value says it. */
  readonly contentType: string | null
}

// eslint-disable-next-line no-control-regex -- the range is the definition of ASCII
const ASCII = /^[\x00-\x7f]*$/
/** Longer text is cheaper as bytes. */
const MAX_TEXT_LENGTH = 16_384

const NO_BODY: PreparedBody = { body: { kind: 'none' }, byteCount: null, contentType: null }

/** @throws {UsageError} INVALID_BODY: none of the types of `BodyInit`. */
export function prepareBody(init: BodyInit | null | undefined): PreparedBody {
  if (init === undefined || init === null) return NO_BODY
  if (typeof init === 'string') return text(init, 'text/plain;charset=UTF-8')
  if (init instanceof Uint8Array)
    return { body: { kind: 'bytes', bytes: init }, byteCount: init.length, contentType: null }
  if (init instanceof ArrayBuffer) return prepareBody(new Uint8Array(init))
  if (init instanceof URLSearchParams)
    return text(init.toString(), 'application/x-www-form-urlencoded;charset=UTF-8')
  if (isSource(init)) return { body: { kind: 'source', source: init }, byteCount: null, contentType: null }
  throw new UsageError(
    'ERR_HTTP_INVALID_BODY',
    'body must be text, bytes, URLSearchParams or an iterable of text or bytes',
  )
}

/** What can be looked at beforehand is; views of numbers and lists of pairs (FormData, Map, Headers) are iterable, and no bytes. */
function isSource(init: unknown): init is BodySource {
  if (typeof init !== 'object' || init === null || ArrayBuffer.isView(init) || 'get' in init) return false
  if (Array.isArray(init)) return init.every((item) => typeof item === 'string' || item instanceof Uint8Array)
  return Symbol.asyncIterator in init || Symbol.iterator in init
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

/** Bytes of a chunk of a source. @throws {UsageError} Neither text nor bytes. */
export function chunkBytes(chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') return new TextEncoder().encode(chunk)
  if (chunk instanceof Uint8Array) return chunk
  throw new UsageError(
    'ERR_HTTP_INVALID_BODY',
    `a body's source must give text or Uint8Arrays, got ${typeof chunk}`,
  )
}

function text(value: string, contentType: string): PreparedBody {
  if (value.length <= MAX_TEXT_LENGTH && ASCII.test(value)) {
    return { body: { kind: 'text', text: value }, byteCount: value.length, contentType }
  }
  const bytes = new TextEncoder().encode(value)
  return { body: { kind: 'bytes', bytes }, byteCount: bytes.length, contentType }
}
