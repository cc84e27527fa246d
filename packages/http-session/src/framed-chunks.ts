/** What a body's source gives, as it goes out: chunked, or in so many bytes as were declared, never one more or less. */
import { CHUNK_END, encodeChunkHeader, encodeLastChunk } from '@x/http1'
import { chunkBytes } from './request-body.ts'

/** Bytes, and latin1 text, to be written one behind the other. */
export type Pieces = readonly (Uint8Array | string)[]

type Source = Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>

/**
 * @param byteCount What was declared; `null`: chunked.
 * @throws {RangeError} The source gave another number of bytes than declared. The message is not complete then.
 * @throws {UsageError} INVALID_BODY: the source gave neither text nor bytes.
 * @throws What the source throws.
 */
export function framedChunks(
  source: Source,
  byteCount: number | null,
): AsyncGenerator<Pieces, void, undefined> {
  return byteCount === null ? chunked(source) : counted(source, byteCount)
}

async function* chunked(source: Source): AsyncGenerator<Pieces, void, undefined> {
  for await (const item of source) {
    const chunk = chunkBytes(item)
    if (chunk.length > 0) yield [encodeChunkHeader(chunk.length), chunk, CHUNK_END]
  }
  yield [encodeLastChunk()]
}

/** The chunk that completes the message is held back until the source has ended: a longer one must not look complete. */
async function* counted(source: Source, byteCount: number): AsyncGenerator<Pieces, void, undefined> {
  let given = 0
  let last: Uint8Array | null = null
  for await (const item of source) {
    const chunk = chunkBytes(item)
    if (chunk.length === 0) continue
    given += chunk.length
    if (given > byteCount) throw new RangeError(`more than the declared ${byteCount} bytes`)
    if (given === byteCount) last = chunk
    else yield [chunk]
  }
  if (given < byteCount) throw new RangeError(`${given} of the declared ${byteCount} bytes`)
  if (last !== null) yield [last]
}
