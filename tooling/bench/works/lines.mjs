import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { StreamReader } from '@x/stream-reader'
import { readerFrom } from '@x/stream-reader/sources'
import { load } from '../contenders/resolve.mjs'
import { lines, readerWork } from '../reader-work.mjs'

const LF = 10

export const work = readerWork({
  name: 'lines',
  title: 'lines of text of 80 bytes',
  remark: 'The floor looks for line feeds and makes no strings.',
  unit: 'line',
  baseline: 'floor: indexOf',
  make: lines,
  contenders: {
    'floor: indexOf': {
      read({ chunks }) {
        let count = 0
        for (const chunk of chunks) {
          for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) count++
        }
        return count
      },
    },
    'StreamReader.tryReadLine': {
      ours: true,
      read({ chunks }) {
        const reader = new StreamReader()
        let count = 0
        for (const chunk of chunks) {
          reader.feed(chunk)
          while (reader.tryReadLine() !== undefined) count++
        }
        return count
      },
    },
    'StreamReader.lines for await': {
      ours: true,
      async read({ chunks }) {
        let count = 0
        for await (const line of readerFrom(chunks).lines()) count += line.length > 0 ? 1 : 0
        return count
      },
    },
    'node:readline line event': {
      read: ({ chunks }) =>
        new Promise((resolve) => {
          let count = 0
          createInterface({ input: Readable.from(chunks), crlfDelay: Infinity })
            .on('line', () => count++)
            .on('close', () => resolve(count))
        }),
    },
    'node:readline for await': {
      async read({ chunks }) {
        let count = 0
        const input = createInterface({ input: Readable.from(chunks), crlfDelay: Infinity })
        for await (const line of input) count += line.length > 0 ? 1 : 0
        return count
      },
    },
    'split2 data event': {
      needs: 'split2',
      async read({ chunks }) {
        const { default: split } = await load('split2')
        return new Promise((resolve, reject) => {
          let count = 0
          Readable.from(chunks)
            .pipe(split())
            .on('data', () => count++)
            .on('end', () => resolve(count))
            .on('error', reject)
        })
      },
    },
    'split2 for await': {
      needs: 'split2',
      async read({ chunks }) {
        const { default: split } = await load('split2')
        let count = 0
        for await (const line of Readable.from(chunks).pipe(split())) count += line.length > 0 ? 1 : 0
        return count
      },
    },
  },
})
