/** What applies content codings: Node's zlib or `CompressionStream`, loaded when the first content is coded. */
import type { RequestCoding } from './request-coding.ts'

/**
 * The content, coded, in pieces: no further ahead of whoever reads than a few of them. Leaving it early leaves `chunks` early.
 *
 * @throws What `chunks` throws.
 */
export type Compression = (
  coding: RequestCoding,
  chunks: AsyncIterable<Uint8Array>,
) => AsyncIterable<Uint8Array>

export async function loadCompression(): Promise<Compression> {
  try {
    return (await import('./zlib-compression.ts')).zlibCompression
  } catch {
    // No Node here.
    return (await import('./web-compression.ts')).webCompression
  }
}
