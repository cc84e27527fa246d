/** Which content codings a response's fields announce, and which of them are undone. RFC 9110 section 8.4. */
import type { FieldSection } from '@x/http1'

/** A content coding that may be undone, by its registered name. */
export type ContentCoding = 'gzip' | 'deflate' | 'br' | 'zstd'

/** A coding as it is found on the wire: what is called `deflate` comes in two formats. */
export type CodedFormat = 'gzip' | 'zlib' | 'deflate-raw' | 'br' | 'zstd'

/** What becomes of the codings of one body. */
export interface CodingPlan {
  /** To be undone, in this order: the one that was applied last comes first. */
  readonly undo: readonly ContentCoding[]
  /** Left in place, in lower case, in the order in which they were applied: an unknown one and all that were applied before it. */
  readonly left: readonly string[]
}

/** What a runtime offers, as far as codings are concerned. */
export interface CodingRuntime {
  readonly process?: { readonly versions?: { readonly [part: string]: string | undefined } }
  readonly DecompressionStream?: unknown
}

const NOTHING: CodingPlan = { undo: [], left: [] }
/** RFC 9110 section 8.4.1.3: the two names are the same. */
const NAMES: ReadonlyMap<string, ContentCoding> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
  ['zstd', 'zstd'],
])

/**
 * The codings that this runtime can undo, those worth asking for first. Nothing is loaded to find out.
 *
 * Not all that has the name is good: of truncated content Deno 2.9 makes a shorter body in br and zstd, and so do Bun 1.4 and Node 22 in zstd.
 */
export function knownCodings(runtime: CodingRuntime = globalThis): readonly ContentCoding[] {
  const { node, deno, bun, zstd } = runtime.process?.versions ?? {}
  if (node === undefined) return runtime.DecompressionStream === undefined ? [] : ['gzip', 'deflate']
  if (deno !== undefined) return ['gzip', 'deflate']
  return zstd === undefined || bun !== undefined || Number.parseInt(node, 10) < 24
    ? ['gzip', 'deflate', 'br']
    : ['gzip', 'deflate', 'br', 'zstd']
}

/**
 * What to undo of the codings in `Content-Encoding`: from the one that was applied last on, up to the first that is not known. Case does not
 * matter; `identity` and empty members say nothing.
 *
 * A 206 is a range of the coded content, which cannot be decoded by itself: everything stays in place.
 */
export function contentDecodings(
  fields: FieldSection,
  status: number,
  known: readonly ContentCoding[],
): CodingPlan {
  const field = fields.get('content-encoding')
  if (field === undefined) return NOTHING
  const codings = field
    .toLowerCase()
    .split(',')
    .map(withoutBlanks)
    .filter((name) => name !== '' && name !== 'identity')
  const undo: ContentCoding[] = []
  for (let last = codings.length; last > 0; last--) {
    const coding = status === 206 ? undefined : NAMES.get(codings[last - 1]!)
    if (coding === undefined || !known.includes(coding)) return { undo, left: codings.slice(0, last) }
    undo.push(coding)
  }
  return { undo, left: [] }
}

/**
 * The format of coded content, by its first octets; for `deflate` two are needed, unless there is but one.
 *
 * RFC 9110 section 8.4.1.2 means the zlib format, and notes that some send the data without it. No encoder begins such data as
 * RFC 1950 section 2.2 has a zlib header begin: that is a stored block whose padding is not zero.
 */
export function formatOf(coding: ContentCoding, head: Uint8Array): CodedFormat {
  if (coding !== 'deflate') return coding
  const [method = 0, flags] = head
  const isZlib =
    (method & 0x0f) === 8 && method >> 4 <= 7 && (flags === undefined || (method * 256 + flags) % 31 === 0)
  return isZlib ? 'zlib' : 'deflate-raw'
}

/** Without SP and HTAB at either end, and nothing else; not by a pattern, which is quadratic in a run of them. */
function withoutBlanks(member: string): string {
  let start = 0
  let end = member.length
  while (start < end && isBlank(member.charCodeAt(start))) start++
  while (start < end && isBlank(member.charCodeAt(end - 1))) end--
  return member.slice(start, end)
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09
