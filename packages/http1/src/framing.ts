// Message framing, RFC 9112 section 6.3: where a message ends. Every ambiguity is refused, because two recipients
// that disagree here can be made to see different messages in the same octets.
import { FramingError, UnexpectedSwitchError } from './errors.ts'
import type { FieldSection } from './field-section.ts'
import { hasListMember, listMembers } from './grammar.ts'
import type { RequestHead } from './request-head.ts'
import type { ResponseHead } from './response-head.ts'

/**
 * What follows a head: no body, so many octets, chunks, octets until the stream ends, or octets that are no
 * longer HTTP.
 */
export type MessageFraming =
  | { readonly kind: 'none' }
  | { readonly kind: 'content-length'; readonly byteCount: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'close-delimited' }
  | { readonly kind: 'tunnel' }

/** A response head and what of its request its framing depends on. */
export interface ResponseContext {
  /** Method of the request, case-sensitive. */
  readonly requestMethod: string
  /** Of the response. */
  readonly head: Pick<ResponseHead, 'status' | 'minorVersion' | 'fields'>
  /** The `Upgrade` field that was sent with `Connection: upgrade`; without it no 101 is accepted. */
  readonly requestUpgrade?: string | undefined
}

const NONE: MessageFraming = Object.freeze({ kind: 'none' })
const CHUNKED: MessageFraming = Object.freeze({ kind: 'chunked' })
const CLOSE_DELIMITED: MessageFraming = Object.freeze({ kind: 'close-delimited' })
const TUNNEL: MessageFraming = Object.freeze({ kind: 'tunnel' })

/**
 * What follows a response head (P14 to P21, P30 to P32).
 *
 * @throws {FramingError} Content-Length or Transfer-Encoding is wrong, also where no body follows.
 * @throws {UnexpectedSwitchError} A 101 that was not asked for, or to a protocol that was not offered.
 */
export function responseFraming(context: ResponseContext): MessageFraming {
  const { requestMethod, head } = context
  const { status } = head
  if (status === 101) {
    checkSwitch(context.requestUpgrade, head.fields)
    return TUNNEL
  }
  if (requestMethod === 'CONNECT' && status >= 200 && status < 300) return TUNNEL
  const framing = framingByFields(head)
  if (requestMethod === 'HEAD' || status < 200 || status === 204 || status === 205 || status === 304)
    return NONE
  return framing ?? CLOSE_DELIMITED
}

/**
 * What follows a request head: nothing, unless a field says otherwise.
 *
 * @throws {FramingError} Content-Length or Transfer-Encoding is wrong.
 */
export function requestFraming(head: Pick<RequestHead, 'minorVersion' | 'fields'>): MessageFraming {
  return framingByFields(head) ?? NONE
}

function framingByFields(head: Pick<RequestHead, 'minorVersion' | 'fields'>): MessageFraming | undefined {
  const { fields } = head
  const length = fields.get('content-length')
  const codings = fields.get('transfer-encoding')
  if (codings === undefined) {
    return length === undefined ? undefined : { kind: 'content-length', byteCount: contentLength(length) }
  }
  const refuse = (reason: string): never => {
    throw new FramingError({ field: 'transfer-encoding', reason, value: codings })
  }
  // Stricter than RFC 9112 section 6.3, which lets Transfer-Encoding win (P19).
  if (length !== undefined) return refuse('together with Content-Length')
  if (head.minorVersion === 0) return refuse('in an HTTP/1.0 message')
  if (fields.getAll('transfer-encoding').includes('')) return refuse('empty')
  const members = listMembers(codings)
  const isChunked = members.at(-1)!.toLowerCase() === 'chunked'
  if (!isChunked || members.slice(0, -1).some((member) => member !== '')) return refuse('not just chunked')
  return CHUNKED
}

/** One length, or the same digits several times (P15, P16). */
function contentLength(value: string): number {
  let first = value
  if (value.includes(',')) {
    const members = listMembers(value)
    first = members[0]!
    if (members.some((member) => member !== first)) refuseLength('different lengths', value)
  }
  if (first === '') refuseLength('empty', value)
  let byteCount = 0
  for (let at = 0; at < first.length; at += 1) {
    const digit = first.charCodeAt(at) - 0x30
    if (digit < 0 || digit > 9) refuseLength('not a decimal number', value)
    byteCount = byteCount * 10 + digit
    // Exact up to here: the largest product that reaches this line rounds to something still above the bound.
    if (byteCount > Number.MAX_SAFE_INTEGER) refuseLength('more than 2^53-1', value)
  }
  return byteCount
}

function refuseLength(reason: string, value: string): never {
  throw new FramingError({ field: 'content-length', reason, value })
}

function checkSwitch(offered: string | undefined, fields: FieldSection): void {
  const chosen = fields.get('upgrade')
  const refuse = (reason: string): never => {
    throw new UnexpectedSwitchError({ offered: offered ?? null, chosen: chosen ?? null, reason })
  }
  if (offered === undefined) return refuse('no upgrade was offered')
  if (chosen === undefined || chosen === '') return refuse('no Upgrade field')
  if (!hasListMember(fields.get('connection') ?? '', 'upgrade')) return refuse('no "Connection: upgrade"')
  const offers = listMembers(offered.toLowerCase())
  const isOffered = (protocol: string): boolean => protocol !== '' && offers.includes(protocol)
  if (!listMembers(chosen.toLowerCase()).every(isOffered)) refuse('another protocol')
}
