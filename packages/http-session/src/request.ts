/** A request as a value: everything that was said about it, checked, before any of it is sent. */
import { isToken } from '@x/http1'
import type { FieldsInit } from '@x/http1'
import { UsageError } from './errors.ts'
import { invalidHeader, requestFields } from './request-fields.ts'
import type { RequestFields } from './request-fields.ts'
import { prepareBody, prepareJson } from './request-body.ts'
import type { BodyInit, PreparedBody, RequestBody } from './request-body.ts'
import type { Origin, RequestUrl } from './url.ts'

export interface ClientRequest {
  readonly method: string
  /** Without user information and fragment. */
  readonly url: string
  readonly origin: Origin
  /** The head as it goes out: request line, field lines, empty line; one octet per character. */
  readonly head: string
  readonly body: RequestBody
  /** Octets of the body; `null`: there is none, or it goes out chunked. */
  readonly bodyByteCount: number | null
  /** The connection ends with this exchange. */
  readonly closes: boolean
}

export interface RequestInit {
  /** Fields to send; each replaces the session's fields of that name. `Transfer-Encoding` is refused: the client frames. */
  headers?: FieldsInit
  /** Content to send. */
  body?: BodyInit | null
  /** Content to send as JSON, in place of `body`. */
  json?: unknown
}

/** Methods whose meaning includes content: without any they say `Content-Length: 0`. RFC 9110 section 8.6. */
const EXPECTS_CONTENT = new Set(['POST', 'PUT', 'PATCH'])
/** RFC 9110 section 9.2.2. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

/** The member `close` of Connection, RFC 9110 section 7.6.1. */
const CLOSE = /(?:^|,)[ \t]*close[ \t]*(?:,|$)/i

/** Whether the same request may be sent twice: its method allows it and its body can be had again. */
export function isReplayable(request: ClientRequest): boolean {
  return IDEMPOTENT.has(request.method) && request.body.kind !== 'source'
}

/**
 * Checks and frames a request.
 *
 * @param defaults The session's own fields.
 * @throws {UsageError} INVALID_METHOD, INVALID_HEADER or INVALID_BODY.
 */
export function makeRequest(
  method: string,
  { origin, target, userInfo }: RequestUrl,
  init: RequestInit,
  defaults: RequestFields,
): ClientRequest {
  checkMethod(method)
  const prepared = preparedBody(init)
  const { section, lines } = requestFields(defaults, init.headers)
  const bodyByteCount = declaredLength(section.get('content-length'), prepared)
  // Host first, as RFC 9110 section 7.2 advises.
  let head = `${method} ${target} HTTP/1.1\r\nHost: ${section.get('host') ?? origin.host}\r\n${lines}`
  if (userInfo !== null && !section.has('authorization'))
    head += `Authorization: Basic ${base64(userInfo)}\r\n`
  head += framingLines(method, prepared, section.has('content-type'), bodyByteCount)
  return Object.freeze({
    method,
    url: origin.href + target,
    origin,
    head: `${head}\r\n`,
    body: prepared.body,
    bodyByteCount,
    closes: CLOSE.test(section.get('connection') ?? ''),
  })
}

function checkMethod(method: string): void {
  if (typeof method !== 'string' || !isToken(method)) {
    throw new UsageError('ERR_HTTP_INVALID_METHOD', `method must be a token, got ${JSON.stringify(method)}`)
  }
  if (method === 'CONNECT')
    throw new UsageError('ERR_HTTP_INVALID_METHOD', 'CONNECT makes a tunnel, not a request to an origin')
}

function preparedBody({ body, json }: RequestInit): PreparedBody {
  if (json === undefined) return prepareBody(body)
  if (body !== undefined && body !== null)
    throw new UsageError('ERR_HTTP_INVALID_BODY', 'either body or json, not both')
  return prepareJson(json)
}

/** What the caller declares must be what will be sent. */
function declaredLength(declared: string | undefined, { body, byteCount }: PreparedBody): number | null {
  if (declared === undefined) return byteCount
  if (!/^\d{1,15}$/.test(declared)) throw invalidHeader('Content-Length must be one decimal number')
  const length = Number(declared)
  if (body.kind === 'source') return length
  if (length !== (byteCount ?? 0))
    throw invalidHeader(`Content-Length is ${length}, the body has ${byteCount ?? 0} bytes`)
  return byteCount
}

function framingLines(
  method: string,
  { body, contentType }: PreparedBody,
  hasContentType: boolean,
  byteCount: number | null,
): string {
  if (body.kind === 'none') return EXPECTS_CONTENT.has(method) ? 'Content-Length: 0\r\n' : ''
  const type = contentType === null || hasContentType ? '' : `Content-Type: ${contentType}\r\n`
  return `${type}${byteCount === null ? 'Transfer-Encoding: chunked' : `Content-Length: ${byteCount}`}\r\n`
}

function base64(text: string): string {
  let binary = ''
  for (const octet of new TextEncoder().encode(text)) binary += String.fromCharCode(octet)
  return btoa(binary)
}
