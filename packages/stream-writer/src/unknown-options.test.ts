/** A misspelt option is refused by name. */
import { expect, test } from 'vitest'
import { pipeFrom, toWritableStream } from './pipes.ts'
import { writerTo } from './sinks.ts'

const writer = () => writerTo(new WritableStream())

const TAKERS: { name: string; call: (options: never) => unknown; known: string }[] = [
  { name: 'writerTo', call: (options) => writerTo(new WritableStream(), options), known: 'highWaterMark' },
  { name: 'pipeFrom', call: (options) => pipeFrom(writer(), [new Uint8Array(1)], options), known: 'signal' },
  { name: 'toWritableStream', call: (options) => toWritableStream(writer(), options), known: 'onClose' },
]

for (const { name, call, known } of TAKERS) {
  test(`${name} refuses an option that it does not have`, async () => {
    const called = (async () => call({ limit: 1 } as never))()
    await expect(called).rejects.toThrow(`there is no option "limit": there is ${known}`)
  })
  test(`${name} takes ${known}`, async () => {
    await (async () => call({ [known]: undefined } as never))()
  })
}
