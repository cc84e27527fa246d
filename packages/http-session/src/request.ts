/** A request as a value: everything that was said about it, checked, before any of it is sent. */
import { isToken, targetForm } from '@x/http1'
import { UsageError } from './errors.ts'
import { fieldsWithout, invalidHeader, requestFields } from './request-fields.ts'
import type { HeadersInit, RequestFields } from './request-fields.ts'
import { prepareBody, prepareJson } from './request-body.ts'
import type { BodyInit, PreparedBody, RequestBody } from './request-body.ts'
import { withTrailers, withTrailersOf } from './request-trailers.ts'
import type { TrailersInit } from './request-trailers.ts'
import { multipartContent } from './multipart-record.ts'
import type { MultipartInit } from './multipart-record.ts'
import { searchParams } from './query.ts'
import type { QueryInit } from './query.ts'
import { ORIGIN_FIELDS } from './redirect.ts'
import type { Origin, RequestUrl } from './url.ts'

/** What a request says, before it is framed. */
interface RequestParts {
  readonly method: string
  readonly to: RequestUrl
  readonly fields: RequestFields
  readonly content: PreparedBody
}

export interface FramedRequest extends RequestParts {
  /** Without user information and fragment. */
  readonly url: string
  readonly origin: Origin
  /** The head as it goes out: request line, field lines, empty line; one octet per character. */
  readonly head: string
  readonly body: RequestBody
  /** Octets of the body; `null`: there is none, or it goes out chunked. */
  readonly bodyByteCount: number | null
}

/** What a request takes besides its method and URL. */
export interface RequestInit {
  /**
   * Fields to send; each replaces the session's fields of that name, and `undefined` in a record leaves them out. `Transfer-Encoding` is refused: the
   * client frames.
   */
  headers?: HeadersInit
  /** Content to send. */
  body?: BodyInit | null
  /** Content to send as JSON, in place of `body`. */
  json?: unknown
  /** Content to send as a form (`application/x-www-form-urlencoded`), in place of `body`. */
  form?: QueryInit
  /**
   * Content to send as `multipart/form-data`, in place of `body`: text, numbers, flags, bytes, `Blob`s and `File`s by name, and whatever else a body can
   * be as `{ body, filename, type }`. It goes out chunked where a part is a stream, an iterable or a function.
   */
  multipart?: MultipartInit
  /** Fields behind the content, which goes out chunked; not together with `Content-Length`. RFC 9110 section 6.5. */
  trailers?: TrailersInit
}

/** Methods whose meaning includes content: without any they say `Content-Length: 0`. RFC 9110 section 8.6. */
const EXPECTS_CONTENT = new Set(['POST', 'PUT', 'PATCH'])
/** RFC 9110 section 9.2.2. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

const NO_CONTENT = prepareBody(null)

/** Whether the same request may be sent twice: its method allows it and its body can be had again. */
export function isReplayable(request: FramedRequest): boolean {
  return IDEMPOTENT.has(request.method) && canSendAgain(request)
}

/** Whether the same content can be had again. */
export function canSendAgain({ body }: FramedRequest): boolean {
  return body.kind !== 'source' || body.replayable
}

/** Whether only the last chunk will tell how long the content is. */
export function isChunked({ body, bodyByteCount }: FramedRequest): boolean {
  return body.kind === 'source' && bodyByteCount === null
}

/**
 * Checks and frames a request.
 *
 * @param defaults The session's own fields.
 * @throws {UsageError} INVALID_METHOD, INVALID_HEADER or INVALID_BODY.
 */
export function makeRequest(
  method: string,
  to: RequestUrl,
  init: RequestInit,
  defaults: RequestFields,
): FramedRequest {
  checkMethod(method)
  const content = withTrailers(preparedBody(init), init.trailers)
  const fields = withUserInfo(requestFields(defaults, init.headers), to, 'Authorization')
  return framed({ method, to, fields, content })
}

/**
 * The request for a tunnel, RFC 9110 section 9.3.6.
 *
 * @param to The proxy.
 * @param authority Where the tunnel leads: `host:port`, IPv6 in brackets.
 * @throws {UsageError} INVALID_URL: not an authority with a port. INVALID_HEADER.
 */
export function makeConnectRequest(
  to: RequestUrl,
  authority: string,
  init: Pick<RequestInit, 'headers'>,
  defaults: RequestFields,
): FramedRequest {
  if (typeof authority !== 'string' || targetForm('CONNECT', authority) !== 'authority') {
    throw new UsageError('ERR_HTTP_INVALID_URL', 'an authority is host:port, IPv6 in brackets')
  }
  const fields = withUserInfo(requestFields(defaults, init.headers), to, 'Proxy-Authorization')
  // The target URI of CONNECT is the authority alone: RFC 9110 section 7.1.
  const origin = { ...to.origin, href: '', host: authority }
  const request = framed({
    method: 'CONNECT',
    to: { ...to, origin, target: authority },
    fields,
    content: NO_CONTENT,
  })
  return { ...request, origin: to.origin }
}

/** The same request without `Expect`: it was refused (RFC 9110 section 15.5.18). */
export function withoutExpect(request: FramedRequest): FramedRequest {
  return framed({ ...partsOf(request), fields: fieldsWithout(request.fields, ['expect']) })
}

/**
 * The request that follows a redirection.
 *
 * @param dropFields Names in lower case.
 */
export function redirected(
  request: FramedRequest,
  next: { method: string; to: RequestUrl; keepsBody: boolean; dropFields: readonly string[] },
): FramedRequest {
  const { fields, content } = request
  return framed({
    method: next.method,
    to: next.to,
    fields: next.dropFields.length === 0 ? fields : fieldsWithout(fields, next.dropFields),
    content: next.keepsBody ? content : NO_CONTENT,
  })
}

/**
 * The same request but for what is named.
 *
 * @throws {UsageError} INVALID_METHOD, INVALID_HEADER or INVALID_BODY.
 */
export function changedRequest(
  request: FramedRequest,
  changes: {
    to: RequestUrl
    method?: string
    headers?: HeadersInit
    withoutHeaders?: readonly string[]
    body?: BodyInit | null
  },
): FramedRequest {
  const { method = request.method, to, headers, withoutHeaders = [], body } = changes
  checkMethod(method)
  const dropped = [...withoutHeaders]
  // A length that was declared of other content is not this one's.
  if (body !== undefined) dropped.push('content-length')
  if (to.origin.href !== request.origin.href) dropped.push(...ORIGIN_FIELDS)
  // What a new URL says goes before what an old one said, unless it is said by name.
  if (to.userInfo !== null && to !== request.to) dropped.push('authorization')
  const kept = fieldsWithout(
    request.fields,
    dropped.map((name) => name.toLowerCase()),
  )
  const content = body === undefined ? request.content : withTrailersOf(prepareBody(body), request.content)
  const fields = requestFields(kept, headers)
  return framed({
    method,
    to,
    fields: to === request.to ? fields : withUserInfo(fields, to, 'Authorization'),
    content,
  })
}

/** The head in the form that a proxy forwards: RFC 9112 section 3.2.2. @param fieldLines Those for the proxy, each with its CRLF. */
export function forwardedHead({ method, to, origin, head }: FramedRequest, fieldLines: string): string {
  const rest = head.slice(method.length + 1, -2)
  const target = method === 'OPTIONS' && to.target === '*' ? '' : origin.href
  return `${method} ${target}${rest}${fieldLines}\r\n`
}

function partsOf({ method, to, fields, content }: FramedRequest): RequestParts {
  return { method, to, fields, content }
}

function framed(parts: RequestParts): FramedRequest {
  const { method, to, fields, content } = parts
  const { origin, target } = to
  if (method === 'TRACE' && content.body.kind !== 'none') {
    throw new UsageError('ERR_HTTP_INVALID_BODY', 'TRACE has no content (RFC 9110 section 9.3.8)')
  }
  const bodyByteCount = checkedLength(fields.declaredLength, content)
  if (fields.expectsContinue && content.body.kind === 'none') {
    throw invalidHeader('Expect: 100-continue without content')
  }
  // Host first, as RFC 9110 section 7.2 advises.
  let head = `${method} ${target} HTTP/1.1\r\nHost: ${fields.host ?? origin.host}\r\n${fields.lines}`
  head += framingLines(method, content, fields, bodyByteCount)
  return Object.freeze({
    method,
    to,
    fields,
    content,
    url: origin.href + target,
    origin,
    head: `${head}\r\n`,
    body: content.body,
    bodyByteCount,
  })
}

function checkMethod(method: string): void {
  if (typeof method !== 'string' || !isToken(method)) {
    throw new UsageError('ERR_HTTP_INVALID_METHOD', `method must be a token, got ${JSON.stringify(method)}`)
  }
  if (method === 'CONNECT') {
    throw new UsageError('ERR_HTTP_INVALID_METHOD', 'CONNECT makes a tunnel: use the method connect')
  }
}

function preparedBody({ body, json, form, multipart }: RequestInit): PreparedBody {
  const given = [body ?? undefined, json, form, multipart].filter((one) => one !== undefined)
  if (given.length > 1)
    throw new UsageError('ERR_HTTP_INVALID_BODY', 'only one of body, json, form and multipart')
  if (json !== undefined) return prepareJson(json)
  if (form !== undefined) return prepareBody(searchParams('form', form))
  return multipart === undefined ? prepareBody(body) : multipartContent(multipart)
}

/** What the caller declares must be what will be sent. */
function checkedLength(
  declared: string | undefined,
  { body, byteCount, trailers }: PreparedBody,
): number | null {
  if (declared === undefined) return byteCount
  if (trailers !== undefined) throw invalidHeader('Content-Length together with trailers')
  if (!/^\d{1,15}$/.test(declared)) throw invalidHeader('Content-Length must be one decimal number')
  const length = Number(declared)
  if (body.kind === 'source' && byteCount === null) return length
  if (length !== (byteCount ?? 0))
    throw invalidHeader(`Content-Length is ${length}, the body has ${byteCount ?? 0} bytes`)
  return byteCount
}

function framingLines(
  method: string,
  { body, contentType, fixedType, trailers }: PreparedBody,
  { section, hasContentType }: RequestFields,
  byteCount: number | null,
): string {
  if (body.kind === 'none') return EXPECTS_CONTENT.has(method) ? 'Content-Length: 0\r\n' : ''
  if (fixedType && hasContentType)
    throw invalidHeader('Content-Type of a form names the boundary: it is the client’s own business')
  const type = contentType === null || hasContentType ? '' : `Content-Type: ${contentType}\r\n`
  const names = trailers?.names ?? null
  const trailer = names === null || section.has('trailer') ? '' : `Trailer: ${names}\r\n`
  return `${type}${trailer}${byteCount === null ? 'Transfer-Encoding: chunked' : `Content-Length: ${byteCount}`}\r\n`
}

/** The user information of the URL as a field, unless there is one already: RFC 7617. */
function withUserInfo(
  fields: RequestFields,
  { userInfo }: RequestUrl,
  name: 'Authorization' | 'Proxy-Authorization',
): RequestFields {
  if (userInfo === null || fields.section.has(name)) return fields
  return requestFields(fields, [[name, `Basic ${base64(userInfo)}`]])
}

function base64(text: string): string {
  let binary = ''
  for (const octet of new TextEncoder().encode(text)) binary += String.fromCharCode(octet)
  return btoa(binary)
}
