import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { StreamReader } from '@x/stream-reader'
import { load } from '../contenders/resolve.mjs'
import { readerWork } from '../reader-work.mjs'

/**
 * @param {readonly Buffer[]} chunks
 * @param {import('node:stream').Writable} stream
 */
function writeAll(chunks, stream) {
  for (const chunk of chunks) stream.write(chunk)
  stream.end()
}

export const work = readerWork({
  name: 'dripped',
  title: 'a line of 32 KiB that comes byte by byte',
  remark:
    'What is counted are bytes: a search that began anew with each would cost more the longer the line.',
  unit: 'byte',
  baseline: 'StreamReader.readLine',
  share: 1 / 768,
  chunkBytes: 1,
  make(minByteCount) {
    const bytes = Buffer.alloc(minByteCount, 'x')
    bytes[minByteCount - 1] = 10
    return { bytes, count: minByteCount }
  },
  contenders: {
    'StreamReader.readLine': {
      ours: true,
      async read({ chunks }) {
        const reader = new StreamReader()
        const reading = reader.readLine({ limit: Infinity })
        for (const chunk of chunks) {
          reader.getBuffer()[0] = chunk[0] ?? 0
          reader.bufferUpdated(1)
        }
        return ((await reading) ?? '').length + 1
      },
    },
    'node:readline line event': {
      read: ({ chunks }) =>
        new Promise((resolve) => {
          const input = new PassThrough()
          createInterface({ input, crlfDelay: Infinity }).on('line', (line) => resolve(line.length + 1))
          writeAll(chunks, input)
        }),
    },
    split2: {
      needs: 'split2',
      async read({ chunks }) {
        const { default: split } = await load('split2')
        return new Promise((resolve) => {
          const splitting = split({ maxLength: Number.MAX_SAFE_INTEGER })
          splitting.on('data', (/** @type {string} */ line) => resolve(line.length + 1))
          writeAll(chunks, splitting)
        })
      },
    },
  },
})
