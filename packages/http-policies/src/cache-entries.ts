/** What of a response is kept, for which requests it will do, and what a 304 makes of it: RFC 9111 sections 3.1, 3.2 and 4.1. */
import type { ClientRequest } from '@x/http-session'
import type { FieldValues } from './cache-freshness.ts'
import type { StoredResponse } from './cache-store.ts'

/** Field lines as they came. */
export type FieldLines = Iterable<readonly [name: string, value: string]>

/** A request as far as it chooses among stored responses. */
export interface Selector {
  /** By names in lower case; credentials as a hash. */
  readonly headers: FieldValues
  /** A hash of all credentials; `null`: none. */
  readonly credentials: string | null
}

const MAX_VARIANTS = 8
/** Section 3.1; and `Set-Cookie`, which is about the exchange that it came with: repeated, it would undo what came later. */
const NOT_KEPT = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'set-cookie',
]
/** Section 3.2: they are about content that does not come with a 304. */
const NOT_UPDATED = ['content-encoding', 'content-length', 'content-range', 'content-type']

/** All values by names in lower case, those of one name joined. */
export function fieldValues(lines: FieldLines): Record<string, string> {
  const values: Record<string, string> = Object.create(null) as Record<string, string>
  for (const [name, value] of lines) {
    const key = name.toLowerCase()
    values[key] = key in values ? `${values[key]}, ${value}` : value
  }
  return values
}

/** The values that the request has for what `Vary` names; `null`: the next request is another one, whatever it says. */
export function variesOf(vary: string | undefined, request: Selector): StoredResponse['varies'] | null {
  const names = listOf(vary)
  if (names.includes('*')) return null
  return Object.fromEntries(names.map((name) => [name, request.headers[name] ?? null]))
}

/** The fields to keep. */
export function keptLines(lines: FieldLines): [name: string, value: string][] {
  const all = [...lines]
  const nominated = all
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => listOf(value))
  const dropped = new Set([...NOT_KEPT, ...nominated])
  return all.filter(([name]) => !dropped.has(name.toLowerCase())).map(([name, value]) => [name, value])
}

/** The fields of a stored response after a 304, which replaces those that it has; the age is the 304's in any case. */
export function updatedLines(stored: StoredResponse, lines: FieldLines): [name: string, value: string][] {
  const update = keptLines(lines).filter(([name]) => !NOT_UPDATED.includes(name.toLowerCase()))
  const names = new Set(['age', ...update.map(([name]) => name.toLowerCase())])
  const kept = stored.headers.filter(([name]) => !names.has(name.toLowerCase()))
  return [...kept.map(([name, value]): [string, string] => [name, value]), ...update]
}

/** Stricter than RFC 9111 section 3.5: what was sent with credentials is for those credentials alone, whatever the response allows. */
export function isFor(stored: StoredResponse, { headers, credentials }: Selector): boolean {
  if (stored.credentials !== credentials) return false
  return Object.entries(stored.varies).every(([name, value]) => (headers[name] ?? null) === value)
}

/** Whether its content, which is stored without codings, is what the caller would read of the server's. */
export function isReadAlike(
  stored: StoredResponse,
  { contentDecoding }: Pick<ClientRequest, 'contentDecoding'>,
): boolean {
  const codings = listOf(fieldValues(stored.headers)['content-encoding'])
  return contentDecoding !== false || codings.every((name) => name === 'identity')
}

/** Whether it was chosen by credentials of which the request had none here: what stands behind the cache may have added some, and others now. */
export function mayVaryBehind({ varies }: StoredResponse): boolean {
  return ['authorization', 'cookie'].some((name) => varies[name] === null)
}

/** The new response first, in place of those that were for the same requests. */
export function withResponse(
  before: readonly StoredResponse[],
  made: StoredResponse,
  request: Selector,
): StoredResponse[] {
  return [made, ...before.filter((stored) => !isFor(stored, request))].slice(0, MAX_VARIANTS)
}

/** Whether a 304 is about this response: section 4.3.4. A strong validator that it names has to be this one's. */
export function confirms(stored: StoredResponse, update: FieldValues): boolean {
  const etag = update['etag']
  const known = fieldValues(stored.headers)['etag']
  if (etag === undefined || known === undefined) return true
  return opaqueTag(etag) === opaqueTag(known)
}

/** The conditions by which a server tells whether the response is still good: section 4.3.1. */
export function conditionsOf(stored: StoredResponse): Record<string, string> {
  const fields = fieldValues(stored.headers)
  const { etag, 'last-modified': lastModified } = fields
  return {
    ...(etag === undefined ? {} : { 'If-None-Match': etag }),
    ...(lastModified === undefined ? {} : { 'If-Modified-Since': lastModified }),
  }
}

function opaqueTag(etag: string): string {
  return etag.replace(/^W\//, '')
}

function listOf(value: string | undefined): string[] {
  return (value ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}
