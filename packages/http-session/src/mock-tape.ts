/** Exchanges as plain data, which JSON can hold. */
import type { FieldSection } from '@x/http1'
import { UsageError } from './errors.ts'
import type { MockReply } from './mock-reply.ts'
import type { MockRequest } from './mock-request.ts'

/** Content: as text where it is UTF-8, else in base64; neither: there is none. */
export interface TapeBody {
  readonly text?: string
  readonly base64?: string
}

/** Field lines, in the order in which they were sent. */
export type TapeFields = readonly (readonly [name: string, value: string])[]

/** A request and its answer. Values of fields with credentials are `redacted`. */
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
  }
}

/** What was recorded, in the order in which the answers came. */
export interface Tape {
  readonly version: 1
  readonly exchanges: readonly TapeExchange[]
}

/** Names of fields that hold credentials. */
export const CREDENTIALS: readonly string[] = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie']
const REDACTED = 'redacted'
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
  response: {
    status: number
    reasonPhrase: string
    headers: readonly [string, string][]
    body: Uint8Array
  },
  secrets: ReadonlySet<string>,
): TapeExchange {
  const { method, url, headers, body } = request
  const { status, reasonPhrase } = response
  return {
    request: { method, url, headers: redacted(headers.raw(), secrets), body: tapeBody(body) },
    response: {
      status,
      reasonPhrase,
      headers: redacted(response.headers, secrets),
      body: tapeBody(response.body),
    },
  }
}

/** The answer of an exchange, to be given again. */
export function replyOf({ request, response }: TapeExchange): MockReply {
  const { status, reasonPhrase, headers, body } = response
  const reply: MockReply = { status, reasonPhrase, headers }
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
  if (request.method !== asked.method || request.url !== asked.url) return false
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

function redacted(
  fields: readonly [string, string][],
  secrets: ReadonlySet<string>,
): [name: string, value: string][] {
  return fields.map(([name, value]) => [name, secrets.has(name.toLowerCase()) ? REDACTED : value])
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
