import { Readable } from 'node:stream'
import { StreamReader } from '@x/stream-reader'
import { lengthPrefixed, uint32BE } from '@x/stream-reader/decoders'
import { readerFrom } from '@x/stream-reader/sources'
import { load } from '../contenders/resolve.mjs'
import { frames, readerWork } from '../reader-work.mjs'

const frame = lengthPrefixed(uint32BE)
const LENGTH = {
  len: 4,
  get: (/** @type {Uint8Array} */ bytes, /** @type {number} */ at) => asBuffer(bytes).readUInt32BE(at),
}

export const work = readerWork({
  name: 'frames',
  title: 'frames of 100 to 300 bytes behind their length in 32 bits',
  remark:
    'One floor looks at each length in place and takes nothing, the other makes a view of each frame where it lies; everybody else returns an array that is the caller’s.',
  unit: 'frame',
  baseline: 'floor: in place',
  make: frames,
  contenders: {
    'floor: in place': { read: ({ chunks }) => countInPlace(chunks) },
    'floor: a view of each': { read: ({ chunks }) => countInPlace(chunks, 'with a view') },
    'StreamReader.tryDecode': {
      ours: true,
      read({ chunks }) {
        const reader = new StreamReader()
        let count = 0
        for (const chunk of chunks) {
          reader.feed(chunk)
          while (reader.tryDecode(frame) !== undefined) count++
        }
        return count
      },
    },
    'StreamReader.frames for await': {
      ours: true,
      async read({ chunks }) {
        let count = 0
        for await (const content of readerFrom(chunks).frames(frame)) count += content.length > 0 ? 1 : 0
        return count
      },
    },
    'StreamReader.decode awaited': {
      ours: true,
      async read({ chunks, count }) {
        const reader = readerFrom(chunks)
        for (let left = count; left > 0; left--) await reader.decode(frame)
        return count
      },
    },
    'it-byte-stream': {
      needs: 'it-byte-stream',
      async read({ chunks, count }) {
        const { byteStream } = await load('it-byte-stream')
        const stream = byteStream({ source: gradually(chunks), sink: () => Promise.resolve() })
        for (let left = count; left > 0; left--) {
          const length = asBuffer((await stream.read({ bytes: 4 })).subarray()).readUInt32BE(0)
          ;(await stream.read({ bytes: length })).subarray()
        }
        return count
      },
    },
    strtok3: {
      needs: 'strtok3',
      async read({ chunks, count }) {
        const { fromStream } = await load('strtok3')
        const tokenizer = await fromStream(Readable.from(chunks, { objectMode: false }))
        for (let left = count; left > 0; left--) {
          await tokenizer.readBuffer(new Uint8Array(await tokenizer.readToken(LENGTH)))
        }
        return count
      },
    },
  },
})

/** @param {readonly Buffer[]} chunks */
async function* gradually(chunks) {
  yield* chunks
}

/** @param {Uint8Array} bytes */
function asBuffer({ buffer, byteOffset, length }) {
  return Buffer.from(buffer, byteOffset, length)
}

/**
 * Steps from length to length; only one that is cut between two chunks is put together.
 *
 * @param {readonly Buffer[]} chunks
 * @param {'with a view' | 'bare'} [how]
 */
function countInPlace(chunks, how = 'bare') {
  let count = 0
  let viewed = 0
  let at = 0
  /** @type {Buffer} */
  let kept = Buffer.alloc(0)
  for (const chunk of chunks) {
    if (kept.length > 0) {
      const length = Buffer.concat([kept, chunk.subarray(0, 4 - kept.length)])
      at = 4 - kept.length + length.readUInt32BE(0)
      kept = Buffer.alloc(0)
      count++
    }
    while (at + 4 <= chunk.length) {
      const length = chunk.readUInt32BE(at)
      if (how === 'with a view') viewed += chunk.subarray(at + 4, at + 4 + length).length
      at += 4 + length
      count++
    }
    if (at < chunk.length) kept = chunk.subarray(at)
    at = Math.max(0, at - chunk.length)
  }
  return viewed < 0 ? 0 : count // so that the views are not left out as unused
}
