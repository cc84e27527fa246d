/** Whether the content of a request is to be compressed, and what a server says about it. RFC 9110 sections 8.4, 12.5.3 and 15.5.16. */

/** A content coding that requests may be sent with, by its registered name. */
export type RequestCoding = 'gzip' | 'deflate' | 'br' | 'zstd'

/** What is known of a request. */
export interface ContentFacts {
  readonly hasBody: boolean
  /** `null`: only the end will tell. */
  readonly byteCount: number | null
  readonly contentType: string | null
  readonly hasField: (name: string) => boolean
}

/** What a runtime offers, as far as codings are concerned. */
export interface CodingRuntime {
  readonly process?: { readonly versions?: { readonly [part: string]: string | undefined } }
  readonly CompressionStream?: unknown
}

/** Fields that say something about the content as it is: coded, they would be wrong (RFC 9530 section 2, RFC 9110 section 14.4). */
const BOUND_TO_CONTENT = [
  'content-encoding',
  'content-range',
  'content-digest',
  'repr-digest',
  'digest',
  'content-md5',
]
/** Media types of content that is compressed in itself. */
const COMPRESSED =
  /^(?:image\/(?!svg|bmp|x-bmp|x-ms-bmp|x-icon)|video\/|audio\/(?!midi|wav|x-wav)|font\/woff|application\/(?:zip|gzip|x-gzip|zstd|x-7z|x-rar|vnd\.rar|x-bzip|x-xz|java-archive|pdf|epub|vnd\.openxmlformats))/i

/** The codings that this runtime can apply. Nothing is loaded to find out. */
export function possibleCodings(runtime: CodingRuntime = globalThis): readonly RequestCoding[] {
  const { node, zstd } = runtime.process?.versions ?? {}
  if (node === undefined) return runtime.CompressionStream === undefined ? [] : ['gzip', 'deflate']
  return zstd === undefined ? ['gzip', 'deflate', 'br'] : ['gzip', 'deflate', 'br', 'zstd']
}

export function isWorthCoding(
  { hasBody, byteCount, contentType, hasField }: ContentFacts,
  minBytes: number,
): boolean {
  if (!hasBody || (byteCount !== null && byteCount < minBytes)) return false
  return !BOUND_TO_CONTENT.some(hasField) && !COMPRESSED.test(contentType ?? '')
}

/**
 * Whether a 415 is about the coding: it names those that are accepted, and this one is not among them.
 *
 * @param acceptEncoding Of the response; without it nobody knows whether another media type is wanted.
 */
export function refusesCoding(
  status: number,
  acceptEncoding: string | undefined,
  coding: RequestCoding,
): boolean {
  if (status !== 415 || acceptEncoding === undefined) return false
  const weights = new Map(acceptEncoding.toLowerCase().split(',').map(weighted))
  const weight =
    weights.get(coding) ?? (coding === 'gzip' ? weights.get('x-gzip') : undefined) ?? weights.get('*')
  return (weight ?? 0) === 0
}

function weighted(member: string): [coding: string, weight: number] {
  const [coding = '', ...params] = member.split(';').map((part) => part.trim())
  const weight = params.find((param) => param.startsWith('q='))?.slice('q='.length)
  return [coding, weight === undefined ? 1 : Number.parseFloat(weight)]
}
