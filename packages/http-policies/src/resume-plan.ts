/** Whether a download that broke off may go on, and whether what the server sends then is its rest: decisions on plain facts. RFC 9110 sections 13.1.5 and 14. */
import { fixDate } from './retry-after.ts'

/** What is asked of a header section. */
export interface FieldValues {
  get(name: string): string | undefined
}

/** The head of a response. */
export interface HeadFacts {
  readonly status: number
  readonly headers: FieldValues
  /** Content codings of what is read, as `ClientResponse` tells them. */
  readonly contentCodings: readonly string[]
}

/** What is being downloaded. */
export interface Representation {
  /** As `If-Range` is to say it. */
  readonly validator: string
  /** The field that it was taken from. */
  readonly validatorField: 'etag' | 'last-modified'
  /** Bytes of all of it; `null`: the server has not said. */
  readonly byteCount: number | null
  readonly contentCodings: readonly string[]
}

/** What an answer is to one that asked for the rest. `end`: the offset behind its last byte, which is the end of all. */
export type PartVerdict =
  | { readonly kind: 'rest'; readonly end: number }
  | { readonly kind: 'changed' | 'range'; readonly why: string }

/** Enough for clocks that do not quite agree: RFC 9110 section 8.8.2.2. */
const STRONG_AFTER_MS = 60_000
const STRONG_TAG = /^"[\x21\x23-\x7e\x80-\xff]*"$/
const CONTENT_RANGE = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i

/** Whether the answer to it can be asked for in parts. */
export function mayResume(request: {
  readonly method: string
  readonly hasBody: boolean
  readonly headers: FieldValues
}): boolean {
  return request.method === 'GET' && !request.hasBody && request.headers.get('range') === undefined
}

/** `null`: were it to break off, the rest of it could not be had, or not be known to be that. */
export function representationOf({ status, headers, contentCodings }: HeadFacts): Representation | null {
  if (status !== 200 || members(headers.get('accept-ranges')).includes('none')) return null
  const codings = members(headers.get('content-encoding')).filter((name) => name !== 'identity')
  // Ranges count octets of the coded content, not what is read where a coding is undone.
  if (codings.join() !== contentCodings.join()) return null
  const validator = strongValidator(headers)
  if (validator === null) return null
  const length = headers.get('content-length')
  const byteCount = length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : null
  return { ...validator, byteCount, contentCodings }
}

/** @param position Bytes that are there already. */
export function judgePart(head: HeadFacts, all: Representation, position: number): PartVerdict {
  if (head.status !== 206) return changed(`the server answers with status ${head.status}, not with the rest`)
  const validator = head.headers.get(all.validatorField)
  // A server need not repeat a date that it was asked for (RFC 9110 section 15.3.7); an entity tag it must.
  const isSame =
    validator === all.validator || (all.validatorField === 'last-modified' && validator === undefined)
  if (!isSame)
    return changed(`the rest is of another representation: ${validator ?? 'without an entity tag'}`)
  // Asked for with If-Range, a part need not repeat them (RFC 9110 section 15.3.7).
  const codings = head.contentCodings.length === 0 ? all.contentCodings : head.contentCodings
  if (codings.join() !== all.contentCodings.join()) return changed('the rest is coded differently')
  const value = head.headers.get('content-range')
  const [, first, last, total] = CONTENT_RANGE.exec(value ?? '') ?? []
  if (first === undefined) return { kind: 'range', why: `Content-Range is ${value ?? 'missing'}` }
  const end = Number(last) + 1
  const known = total === '*' ? all.byteCount : Number(total)
  if (all.byteCount !== null && known !== all.byteCount)
    return changed(`it has ${known} bytes now, and had ${all.byteCount}`)
  if (Number(first) !== position || end <= position || end !== known)
    return { kind: 'range', why: `asked for bytes ${position}-, got ${value}` }
  return { kind: 'rest', end }
}

function strongValidator(headers: FieldValues): Pick<Representation, 'validator' | 'validatorField'> | null {
  const tag = headers.get('etag')
  if (tag !== undefined)
    // A date must not be sent where there is a tag, be it a weak one: section 13.1.5.
    return STRONG_TAG.test(tag) ? { validator: tag, validatorField: 'etag' } : null
  const validator = headers.get('last-modified')
  const modifiedAt = fixDate(validator)
  const sentAt = fixDate(headers.get('date'))
  if (validator === undefined || modifiedAt === null || sentAt === null) return null
  return sentAt - modifiedAt >= STRONG_AFTER_MS ? { validator, validatorField: 'last-modified' } : null
}

function changed(why: string): PartVerdict {
  return { kind: 'changed', why }
}

function members(value: string | undefined): string[] {
  const list = (value ?? '').toLowerCase().split(',')
  return list.map((member) => member.trim()).filter((member) => member !== '')
}
