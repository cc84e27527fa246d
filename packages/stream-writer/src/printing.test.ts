/** What `console.log` shows of a writer and its errors: one clear first line, plain data, no bytes. */
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { WriteFailedError, WriterClosedError } from './index.ts'
import { toWritableStream } from './pipes.ts'
import { writerTo } from './sinks.ts'

test('a writer shows whether it is over, and nothing of what is written', async () => {
  const writer = writerTo(new WritableStream())
  writer.writeText('secret')
  expect(inspect(writer)).toBe('StreamWriter { closed: Promise { <pending> } }')
  expect(inspect(writer, { showHidden: true, depth: null })).not.toContain('secret')
  writer.abort()
  await writer.closed
  expect(inspect(writer).replaceAll(/\s+/g, ' ')).toBe(
    "StreamWriter { closed: Promise { { reason: 'aborted', cause: undefined } } }",
  )
  expect(inspect(toWritableStream(writer))).toMatch(/^WritableStream \{/)
})

const facts = { acceptedByteCount: 3, unsentByteCount: 2, sent: 'partial' } as const
const ERRORS: { error: Error; line: string; data: object }[] = [
  {
    error: new WriterClosedError('writeEof'),
    line: 'WriterClosedError: write after writeEof()',
    data: { code: 'ERR_WRITER_CLOSED' },
  },
  {
    error: new WriteFailedError({ reason: 'error', cause: new Error('reset'), ...facts }),
    line: 'WriteFailedError: connection lost (error), 2 of 3 bytes unsent: reset',
    data: { code: 'ERR_WRITE_FAILED', reason: 'error', ...facts },
  },
]

for (const { error, line, data } of ERRORS) {
  test(`an error: ${line}`, () => {
    const [first, second] = inspect(error).split('\n')
    expect(first).toBe(line)
    expect(second).toMatch(/^ {4}at /)
    expect(Object.assign({}, error)).toEqual({ name: error.name, ...data })
  })
}
