/** Content codings by `node:zlib`: the only file here that imports it. */
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as zlib from 'node:zlib'
import type { Compression } from './compression.ts'
import type { RequestCoding } from './request-coding.ts'

// Not in every release that Node 20 types describe.
const zstd = zlib as unknown as { createZstdCompress?(): Transform }

/** The default of 11 takes a hundred times as long as this one, which gives as much as gzip at its best. */
const BROTLI = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } }

const OPEN: Record<RequestCoding, () => Transform> = {
  gzip: () => zlib.createGzip(),
  deflate: () => zlib.createDeflate(),
  br: () => zlib.createBrotliCompress(BROTLI),
  zstd() {
    const stream = zstd.createZstdCompress?.()
    if (stream === undefined) throw new Error('this runtime has no zstd')
    return stream
  },
}

export const zlibCompression: Compression = async function* (coding, chunks) {
  const stream = OPEN[coding]()
  const whole = pipeline(chunks, stream)
  // The stream fails with it too.
  whole.catch(() => {})
  yield* stream as AsyncIterable<Uint8Array>
  await whole
}
