/** An entry of an HTTP archive (HAR 1.2) from plain facts. No I/O, no time. */

export interface HarPair {
  readonly name: string
  readonly value: string
}

/** A cookie, as it was sent or set. */
export interface HarCookie extends HarPair {
  readonly path?: string
  readonly domain?: string
  /** ISO 8601. */
  readonly expires?: string
  readonly httpOnly?: boolean
  readonly secure?: boolean
}

/** Content of a request. */
export interface HarPostData {
  readonly mimeType: string
  readonly text?: string
  readonly params?: readonly HarPair[]
  readonly comment?: string
}

/** A request, as it was sent. */
export interface HarRequest {
  readonly method: string
  readonly url: string
  readonly httpVersion: string
  readonly cookies: readonly HarCookie[]
  readonly headers: readonly HarPair[]
  readonly queryString: readonly HarPair[]
  readonly postData?: HarPostData
  /** Not known: -1. */
  readonly headersSize: number
  readonly bodySize: number
}

/** Content of a response. */
export interface HarContent {
  /** Bytes, content codings undone. */
  readonly size: number
  /** Bytes that content coding has saved. */
  readonly compression?: number
  readonly mimeType: string
  readonly text?: string
  readonly encoding?: 'base64'
  readonly comment?: string
}

/** A response, as it has come. */
export interface HarResponse {
  /** 0: none came. */
  readonly status: number
  readonly statusText: string
  readonly httpVersion: string
  readonly cookies: readonly HarCookie[]
  readonly headers: readonly HarPair[]
  readonly content: HarContent
  readonly redirectURL: string
  /** Not known: -1. */
  readonly headersSize: number
  /** Bytes as they were sent; not known: -1. */
  readonly bodySize: number
}

/** Milliseconds; -1: there was no such step. `connect` includes `ssl`. */
export interface HarTimings {
  readonly blocked: number
  readonly dns: number
  readonly connect: number
  readonly send: number
  readonly wait: number
  readonly receive: number
  readonly ssl: number
}

/** An exchange. */
export interface HarEntry {
  /** ISO 8601. */
  readonly startedDateTime: string
  /** Milliseconds. */
  readonly time: number
  readonly request: HarRequest
  readonly response: HarResponse
  readonly cache: Readonly<Record<string, never>>
  readonly timings: HarTimings
  readonly comment?: string
}

type Fields = Iterable<readonly [name: string, value: string]>

/** Content as it was recorded. */
export interface RecordedContent {
  /** Bytes of content, as far as it was read. */
  readonly byteCount: number
  /** All of them; `null`: they were not kept, for the reason `why`. */
  readonly bytes: Uint8Array | null
  readonly why?: string
}

export interface RequestRecord {
  readonly method: string
  readonly url: string
  readonly fields: Fields
  /** `null`: it has no content. */
  readonly content: RecordedContent | null
  readonly contentType: string | null
  readonly bodyByteCount: number | null
}

export interface ResponseRecord {
  readonly status: number
  readonly reasonPhrase: string
  readonly httpVersion: string
  readonly fields: Fields
  readonly content: RecordedContent
  /** As it was sent; `null`: not known. */
  readonly sentByteCount: number | null
}

/** As `timings` of a response; `null`: there was none, or it is not known. */
export interface StepRecord {
  readonly dnsMs: number | null
  readonly connectMs: number | null
  readonly proxyMs: number | null
  readonly tlsMs: number | null
  readonly sendMs: number
  readonly waitMs: number
  readonly bodyMs: number | null
}

const REDACTED = 'redacted'

/** @param secrets Names of fields, in lower case, whose values are left out. */
export function harRequest(request: RequestRecord, secrets: ReadonlySet<string>): HarRequest {
  const { method, url, content, contentType, bodyByteCount } = request
  const fields = [...request.fields]
  if (contentType !== null && !fields.some(([name]) => name.toLowerCase() === 'content-type'))
    fields.push(['Content-Type', contentType])
  return {
    method,
    url,
    httpVersion: 'HTTP/1.1',
    cookies: requestCookies(fields, secrets.has('cookie')),
    headers: headers(fields, secrets),
    queryString: pairs(new URL(url).searchParams),
    ...(content === null ? {} : { postData: postData(content, contentType ?? '') }),
    headersSize: -1,
    bodySize: content === null ? 0 : (bodyByteCount ?? -1),
  }
}

/** @param secrets As above. */
export function harResponse(response: ResponseRecord, secrets: ReadonlySet<string>): HarResponse {
  const { status, reasonPhrase, httpVersion, content, sentByteCount } = response
  const fields = [...response.fields]
  const saved = sentByteCount === null ? 0 : content.byteCount - sentByteCount
  return {
    status,
    statusText: reasonPhrase,
    httpVersion: `HTTP/${httpVersion}`,
    cookies: responseCookies(fields, secrets.has('set-cookie')),
    headers: headers(fields, secrets),
    content: {
      size: content.byteCount,
      ...(saved === 0 ? {} : { compression: saved }),
      mimeType: first(fields, 'content-type') ?? 'x-unknown',
      ...contentText(content),
    },
    redirectURL: first(fields, 'location') ?? '',
    headersSize: -1,
    bodySize: sentByteCount ?? -1,
  }
}

/** The response of a request that has failed. */
export function noResponse(): HarResponse {
  const content = { byteCount: 0, bytes: new Uint8Array() }
  const none = { status: 0, reasonPhrase: '', httpVersion: '1.1', fields: [], content, sentByteCount: null }
  return { ...harResponse(none, new Set()), httpVersion: '' }
}

/**
 * @param elapsedMs From the request's beginning to the end of all; what no step has taken was waiting.
 * @param steps `null`: they are not known.
 */
export function harTimings(
  elapsedMs: number,
  steps: StepRecord | null,
): { time: number; timings: HarTimings } {
  if (steps === null) {
    const timings = { blocked: -1, dns: -1, connect: -1, send: 0, wait: elapsedMs, receive: 0, ssl: -1 }
    return { time: elapsedMs, timings }
  }
  const { dnsMs, connectMs, proxyMs, tlsMs, sendMs, waitMs } = steps
  const isNew = connectMs !== null || proxyMs !== null || tlsMs !== null
  const connect = isNew ? (connectMs ?? 0) + (proxyMs ?? 0) + (tlsMs ?? 0) : -1
  const receive = steps.bodyMs ?? 0
  const known = (dnsMs ?? 0) + Math.max(connect, 0) + sendMs + waitMs + receive
  const blocked = Math.max(0, elapsedMs - known)
  const timings = {
    blocked,
    dns: dnsMs ?? -1,
    connect,
    send: sendMs,
    wait: waitMs,
    receive,
    ssl: tlsMs ?? -1,
  }
  return { time: blocked + known, timings }
}

function headers(fields: Fields, secrets: ReadonlySet<string>): HarPair[] {
  return Array.from(fields, ([name, value]) => ({
    name,
    value: secrets.has(name.toLowerCase()) ? REDACTED : value,
  }))
}

function pairs(params: URLSearchParams): HarPair[] {
  return Array.from(params, ([name, value]) => ({ name, value }))
}

function first(fields: readonly (readonly [string, string])[], name: string): string | undefined {
  return fields.find(([other]) => other.toLowerCase() === name)?.[1]
}

function all(fields: readonly (readonly [string, string])[], name: string): string[] {
  return fields.flatMap(([other, value]) => (other.toLowerCase() === name ? [value] : []))
}

function requestCookies(fields: readonly (readonly [string, string])[], isSecret: boolean): HarCookie[] {
  return all(fields, 'cookie')
    .flatMap((value) => value.split(';'))
    .filter((pair) => pair.trim() !== '')
    .map((pair) => namedValue(pair, isSecret))
}

function responseCookies(fields: readonly (readonly [string, string])[], isSecret: boolean): HarCookie[] {
  return all(fields, 'set-cookie').map((value) => {
    const [pair = '', ...attributes] = value.split(';')
    return { ...namedValue(pair, isSecret), ...Object.assign({}, ...attributes.map(attribute)) }
  })
}

function attribute(pair: string): Partial<HarCookie> {
  const { name, value } = namedValue(pair, false)
  switch (name.toLowerCase()) {
    case 'path':
      return { path: value }
    case 'domain':
      return { domain: value }
    case 'httponly':
      return { httpOnly: true }
    case 'secure':
      return { secure: true }
    case 'expires':
      return Number.isNaN(Date.parse(value)) ? {} : { expires: new Date(value).toISOString() }
    default:
      return {}
  }
}

function namedValue(pair: string, isSecret: boolean): HarPair {
  const at = pair.indexOf('=')
  const name = at < 0 ? pair : pair.slice(0, at)
  const value = at < 0 ? '' : pair.slice(at + 1)
  return { name: name.trim(), value: isSecret ? REDACTED : value.trim() }
}

/** `params` and `text` exclude each other; there is no encoding, so that octets that are no text are left out. */
function postData(content: RecordedContent, mimeType: string): HarPostData {
  const { text, encoding, comment } = contentText(content)
  if (text === undefined) return { mimeType, text: '', comment: comment ?? '' }
  if (encoding !== undefined) return { mimeType, text: '', comment: 'not recorded: no text' }
  if (/^application\/x-www-form-urlencoded[ \t]*(?:;|$)/i.test(mimeType))
    return { mimeType, params: pairs(new URLSearchParams(text)) }
  return { mimeType, text }
}

function contentText({ bytes, why }: RecordedContent): Pick<HarContent, 'text' | 'encoding' | 'comment'> {
  if (bytes === null) return { comment: `not recorded: ${why ?? 'not known'}` }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    let binary = ''
    for (const octet of bytes) binary += String.fromCharCode(octet)
    return { text: btoa(binary), encoding: 'base64' }
  }
}
