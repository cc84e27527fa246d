import { InvalidArgumentError, InvalidMessageError } from './errors.ts'
import { FieldSection } from './field-section.ts'
import type { FieldsInit } from './field-section.ts'

/** What follows the data of a chunk. */
export const CHUNK_END = '\r\n'

const LAST_CHUNK = '0\r\n\r\n'

/** Fields that mean nothing, or harm, behind the content: framing, routing, authentication, content format. */
const NEVER_TRAILERS = [
  'transfer-encoding content-length connection keep-alive upgrade te trailer host',
  'authorization proxy-authorization www-authenticate proxy-authenticate cookie set-cookie',
  'content-encoding content-type content-range cache-control max-forwards expect range',
].flatMap((names) => names.split(' '))

/**
 * The line before the data of a chunk. The data follows, then `CHUNK_END`.
 *
 * @param byteCount Octets of data; an integer from 1 to 2^53-1. The chunk of size 0 is `encodeLastChunk`.
 * @throws {InvalidArgumentError} It is not.
 */
export function encodeChunkHeader(byteCount: number): string {
  if (!Number.isSafeInteger(byteCount) || byteCount < 1) {
    throw new InvalidArgumentError({ argument: 'byteCount', reason: 'must be an integer >= 1' })
  }
  return `${byteCount.toString(16)}\r\n`
}

/**
 * The end of a chunked body: the chunk of size 0, the trailer section and the empty line.
 *
 * @param trailers Fields for the trailer section. Default: none.
 * @returns One octet a character: write it as latin1.
 * @throws {InvalidMessageError} A field cannot be sent, or not in a trailer section (RFC 9110 section 6.5.1).
 */
export function encodeLastChunk(trailers?: FieldsInit): string {
  if (trailers === undefined) return LAST_CHUNK
  const fields = FieldSection.from(trailers)
  for (const name of NEVER_TRAILERS) {
    if (!fields.has(name)) continue
    throw new InvalidMessageError({ part: 'trailer field', reason: 'not allowed in trailers', field: name })
  }
  return `0\r\n${fields.toString()}\r\n`
}
