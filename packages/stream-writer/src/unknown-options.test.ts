/** A misspelt option, and one with nonsense, is refused by name. */
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

const NONSENSE: { name: string; call: (options: never) => unknown; option: string; values: unknown[] }[] = [
  {
    name: 'writerTo',
    call: (options) => writerTo(new WritableStream(), options),
    option: 'highWaterMark',
    values: [-1, Number.NaN, '5', null, {}],
  },
  {
    name: 'pipeFrom',
    call: (options) => pipeFrom(writer(), [new Uint8Array(1)], options),
    option: 'signal',
    values: [5, 'soon', null, {}],
  },
  {
    name: 'toWritableStream',
    call: (options) => toWritableStream(writer(), options),
    option: 'onClose',
    values: [5, 'flush', null, ''],
  },
  {
    name: 'close of a writer to a stream',
    call: (options) => writer().close(options),
    option: 'graceMs',
    values: [-1, Number.NaN, '5', null, {}],
  },
]

for (const { name, call, option, values } of NONSENSE) {
  test(`${name} refuses nonsense as ${option}, and other things for options`, async () => {
    for (const value of values) {
      const called = (async () => call({ [option]: value } as never))()
      await expect(called, String(value)).rejects.toThrow(new RegExp(`^${option} must be`))
    }
    for (const options of [null, 5])
      await expect((async () => call(options as never))()).rejects.toThrow('options must be an object')
    await expect((async () => call({ limit: 1 } as never))()).rejects.toThrow('there is no option "limit"')
  })
}

test('a stream is left alone for which options are refused', () => {
  const stream = new WritableStream()
  expect(() => writerTo(stream, { highWaterMark: -1 })).toThrow(RangeError)
  expect(stream.locked).toBe(false)
})
