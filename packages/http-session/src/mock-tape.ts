/** Exchanges as plain data, which JSON can hold. */
import type { FieldSection } from '@x/http1'
import { UsageError } from './errors.ts'
import type { MockReply } from './mock-reply.ts'
import type { MockRequest } from './mock-request.ts'
import { redactedFields, redactedUrl } from './tape-secrets.ts'

/** Content: as text where it is UTF-8, else in base64; neither: there is none. */
export interface TapeBody {
  /** UTF-8. */
  readonly text?: string
  /** What is no UTF-8. */
  readonly base64?: string
}

/** Field lines, in the order in which they were sent. */
export type TapeFields = readonly (readonly [name: string, value: string])[]

/** A request and its answer. Values of fields and query parameters that are named like secrets are `redacted`; bodies are as they were. */
export interface TapeExchange {
  readonly request: {
    readonly method: string
    readonly url: string
    readonly headers: TapeFields
    readonly body: TapeBody
  }
  readonly response: {
    readonly status: number
    readonly reasonPhrase: string
    readonly headers: TapeFields
    readonly body: TapeBody
    /** How the connection ended inside the body, of which `body` is what came. Default: not at all. */
    readonly cut?: 'close' | 'reset'
  }
}

/** An answer as it came, to be recorded. */
export interface TapeAnswer {
  readonly status: number
  readonly reasonPhrase: string
  readonly headers: readonly [string, string][]
  readonly body: Uint8Array
  readonly cut: 'close' | 'reset' | null
}

/** What was recorded, in the order in which the answers came. */
export interface Tape {
  /** Of this format. */
  readonly version: 1
  /** Each is replayed once. */
  readonly exchanges: readonly TapeExchange[]
}

/** What belongs to one connection, or is said anew by whoever sends the message. */
const OF_CONNECTION =
  'connection content-length expect keep-alive proxy-connection te trailer transfer-encoding upgrade'.split(
    ' ',
  )

/** The field lines of a message that are sent on. @param keep Names of those that stay all the same. */
export function forwardedFields(fields: FieldSection, keep: readonly string[] = []): [string, string][] {
  return fields.raw().filter(([name]) => {
    const lower = name.toLowerCase()
    return keep.includes(lower) || !OF_CONNECTION.includes(lower)
  })
}

/** @param secrets Names of fields whose values are left out, in lower case. */
export function tapeExchange(
  request: MockRequest,
  response: TapeAnswer,
  secrets: ReadonlySet<string>,
): TapeExchange {
  const { method, url, headers, body } = request
  const { status, reasonPhrase, cut } = response
  return {
    request: {
      method,
      url: redactedUrl(url),
      headers: redactedFields(headers.raw(), secrets),
      body: tapeBody(body),
    },
    response: {
      status,
      reasonPhrase,
      headers: redactedFields(response.headers, secrets),
      body: tapeBody(response.body),
      ...(cut === null ? {} : { cut }),
    },
  }
}

/** The answer of an exchange, to be given again. */
export function replyOf({ request, response }: TapeExchange): MockReply {
  const { status, reasonPhrase, headers, body, cut } = response
  const reply: MockReply = { status, reasonPhrase, headers }
  if (cut !== undefined) {
    const bytes = bytesOfBody(body)
    const isChunked = !headers.some(([name]) => name.toLowerCase() === 'content-length')
    return { ...reply, body: isChunked ? [bytes] : bytes, cut: { afterBytes: bytes.length, by: cut } }
  }
  const isBodiless = body.text === undefined && body.base64 === undefined
  if (!isBodiless && request.method !== 'HEAD') reply.body = bytesOfBody(body)
  return reply
}

/** Whether a request is the one of an exchange. */
export function isRequestOf(
  { request }: TapeExchange,
  asked: MockRequest,
  by: 'url' | 'url and body',
): boolean {
  const isSameUrl = request.url === asked.url || request.url === redactedUrl(asked.url)
  if (request.method !== asked.method || !isSameUrl) return false
  const { text, base64 } = tapeBody(asked.body)
  return by === 'url' || (text === request.body.text && base64 === request.body.base64)
}

/** @throws {UsageError} INVALID_OPTION: not a tape of this version. */
export function checkTape(tape: Tape): Tape {
  const { version, exchanges } = (tape ?? {}) as Partial<Tape>
  const isTape = version === 1 && Array.isArray(exchanges)
  if (isTape && exchanges.every((one: Partial<TapeExchange>) => one.request && one.response)) return tape
  throw new UsageError('ERR_HTTP_INVALID_OPTION', 'option tape: must be a tape of version 1')
}

function tapeBody(bytes: Uint8Array): TapeBody {
  if (bytes.length === 0) return {}
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch {
    let binary = ''
    for (const octet of bytes) binary += String.fromCharCode(octet)
    return { base64: btoa(binary) }
  }
}

function bytesOfBody({ text, base64 }: TapeBody): Uint8Array {
  if (text !== undefined) return new TextEncoder().encode(text)
  return Uint8Array.from(atob(base64 ?? ''), (character) => character.charCodeAt(0))
}
