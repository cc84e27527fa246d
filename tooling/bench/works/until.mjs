import { StreamReader } from '@x/stream-reader'
import { delimited } from '@x/stream-reader/decoders'
import { readerFrom } from '@x/stream-reader/sources'
import { readerWork } from '../reader-work.mjs'

const SEPARATOR = Buffer.from('\r\n\r\n')
const block = delimited('\r\n\r\n')

export const work = readerWork({
  name: 'until',
  title: 'blocks of 500 bytes up to a separator of four',
  remark: 'The floor looks for separators and takes nothing.',
  unit: 'block',
  baseline: 'floor: indexOf',
  make(minByteCount) {
    const one = Buffer.from(`${'Field: value of some length\r\n'.repeat(17).slice(0, -2)}\r\n\r\n`)
    const count = Math.ceil(minByteCount / one.length)
    return { bytes: Buffer.concat(Array.from({ length: count }, () => one)), count }
  },
  contenders: {
    'floor: indexOf': {
      read({ chunks }) {
        let count = 0
        /** @type {Buffer} */
        let before = Buffer.alloc(0)
        for (const chunk of chunks) {
          // One that is cut between two chunks; none lies wholly in three bytes.
          const seam = Buffer.concat([before.subarray(-3), chunk.subarray(0, 3)])
          if (seam.includes(SEPARATOR)) count++
          let at = chunk.indexOf(SEPARATOR)
          for (; at >= 0; at = chunk.indexOf(SEPARATOR, at + SEPARATOR.length)) count++
          before = chunk
        }
        return count
      },
    },
    'StreamReader.tryDecode(delimited)': {
      ours: true,
      read({ chunks }) {
        const reader = new StreamReader()
        let count = 0
        for (const chunk of chunks) {
          reader.feed(chunk)
          while (reader.tryDecode(block) !== undefined) count++
        }
        return count
      },
    },
    'StreamReader.readUntil awaited': {
      ours: true,
      async read({ chunks, count }) {
        const reader = readerFrom(chunks)
        for (let left = count; left > 0; left--) await reader.readUntil(SEPARATOR)
        return count
      },
    },
  },
})
