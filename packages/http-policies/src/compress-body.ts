/** Compression of what requests send: RFC 9110 section 8.4. */
import type { ClientRequest, Middleware } from '@x/http-session'
import { loadCompression } from './compression.ts'
import type { Compression } from './compression.ts'
import { declaredContent, sourceFailure } from './declared-content.ts'
import { checkCount, invalidOption, refuseUnknown } from './options.ts'
import { isWorthCoding, possibleCodings, refusesCoding } from './request-coding.ts'
import type { RequestCoding } from './request-coding.ts'
import { named } from './named.ts'

/** How content is compressed, and which. */
export interface CompressBodyOptions {
  /** Default `gzip`. `br` and `zstd` are of Node alone, `zstd` of its releases since 22.15; `deflate` is in the zlib format. */
  coding?: RequestCoding
  /** Shorter content is left as it is. Default 1,024 bytes. */
  minBytes?: number
}

const KNOWN: ReadonlySet<string> = new Set<keyof CompressBodyOptions>(['coding', 'minBytes'])
/** Content of a known length up to this is compressed before it is sent: it goes out with its length, and only if it became shorter. */
const MAX_WHOLE_BYTES = 262_144
const MAX_KNOWN_ORIGINS = 1000

/**
 * Compresses the content of requests, with `Content-Encoding` to tell. Content that is small, coded already, of a type that is compressed in itself,
 * a part, or has a digest in a field is left as it is. Content above 256 KiB or of unknown length is compressed as it is sent, chunked; what can be
 * sent again still can.
 *
 * A server that answers 415 with an `Accept-Encoding` that does not have the coding (RFC 9110 section 15.5.16) gets the request once more as it was,
 * if its body can be had again, and nothing compressed any more.
 *
 * Memory: up to 256 KiB of content a request; the names of 1,000 origins that refuse the coding.
 *
 * @throws {UsageError} INVALID_OPTION: also for a coding that this runtime does not have.
 */
export function compressBody(options: CompressBodyOptions = {}): Middleware {
  refuseUnknown('compressBody', options, KNOWN)
  const { coding = 'gzip', minBytes = 1024 } = options
  checkCount('minBytes', minBytes, 0)
  const possible = possibleCodings()
  if (!possible.includes(coding))
    throw invalidOption('coding', `must be one of ${possible.join(', ')} here, got ${coding}`)
  const refusing = new Set<string>()
  let loaded: Promise<Compression> | null = null
  return named('compressBody', async (request, next) => {
    if (refusing.has(request.origin) || !isWorthCoding(factsOf(request), minBytes)) return next(request)
    loaded ??= loadCompression()
    const { coded, plain } = await inBothForms(request, coding, await loaded)
    const response = await next(coded)
    if (!refusesCoding(response.status, response.headers.get('accept-encoding'), coding)) return response
    if (refusing.size >= MAX_KNOWN_ORIGINS) refusing.clear()
    refusing.add(request.origin)
    if (coded === plain || !plain.canResendBody) return response
    response.discard()
    return next(plain)
  })
}

function factsOf(request: ClientRequest): Parameters<typeof isWorthCoding>[0] {
  const { hasBody, bodyByteCount: byteCount, contentType, headers } = request
  return { hasBody, byteCount, contentType, hasField: (name) => headers.has(name) }
}

/** `plain` is sent where the server refuses the other. */
async function inBothForms(
  request: ClientRequest,
  coding: RequestCoding,
  compress: Compression,
): Promise<{ readonly coded: ClientRequest; readonly plain: ClientRequest }> {
  const { bodyByteCount: byteCount } = request
  const coded = (): AsyncIterable<Uint8Array> => compress(coding, declaredContent(request))
  if (byteCount === null || byteCount > MAX_WHOLE_BYTES) {
    const body = request.canResendBody ? coded : coded()
    return { coded: withContent(request, body, coding), plain: request }
  }
  // The source may take its time, and the request may end before.
  const whole = await request.until(wholeContent(request))
  const shorter = await joined(compress(coding, inOnePiece(whole)))
  // What could be had once was had.
  const plain = request.canResendBody ? request : withContent(request, whole)
  return { coded: shorter.length < whole.length ? withContent(request, shorter, coding) : plain, plain }
}

function withContent(
  request: ClientRequest,
  body: Uint8Array | AsyncIterable<Uint8Array> | (() => AsyncIterable<Uint8Array>),
  coding?: RequestCoding,
): ClientRequest {
  const { contentType } = request
  return request.with({
    body,
    headers: {
      ...(contentType === null ? {} : { 'Content-Type': contentType }),
      ...(coding === undefined ? {} : { 'Content-Encoding': coding }),
    },
  })
}

/** @throws {BodyError} REQUEST_BODY_SOURCE. */
async function wholeContent(request: ClientRequest): Promise<Uint8Array> {
  try {
    return await joined(declaredContent(request))
  } catch (cause) {
    throw sourceFailure(request, cause)
  }
}

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes)
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let byteCount = 0
  for await (const chunk of chunks) {
    parts.push(chunk)
    byteCount += chunk.length
  }
  const all = new Uint8Array(byteCount)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
