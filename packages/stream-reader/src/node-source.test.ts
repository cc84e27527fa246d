/** Does a Node `Readable` come back from the reader as it should? */
import { PassThrough, Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { text } from './feeding.test-support.ts'
import { readerFrom } from './sources.ts'

test('detach while nothing is on the way: at once, and the stream goes on for others', async () => {
  const stream = new PassThrough()
  stream.write('hello')
  const reader = readerFrom(stream)
  expect(text(await reader.readExactly(2))).toBe('he')
  expect(text(await reader.detach())).toBe('llo')
  expect(stream.eventNames()).not.toContain('readable')
  stream.end(' world')
  let rest = ''
  for await (const chunk of stream) rest += String(chunk)
  expect(rest).toBe(' world')
})

test('cancel while nothing is on the way destroys the stream, with no error that nobody hears', async () => {
  const stream = new PassThrough()
  const reader = readerFrom(stream)
  const reading = reader.readLine()
  await reader.cancel(new Error('enough'))
  expect(stream.destroyed).toBe(true)
  await expect(reading).rejects.toMatchObject({ reason: 'aborted', cause: { message: 'enough' } })
})

test('a stream that is destroyed before its end is a failure, behind what it gave', async () => {
  const stream = new PassThrough()
  stream.write('half')
  const reader = readerFrom(stream)
  expect(text(await reader.readExactly(4))).toBe('half')
  const reading = reader.read()
  stream.destroy()
  await expect(reading).rejects.toMatchObject({ cause: { message: 'the source was closed before its end' } })
})

test('the error of a stream is the cause', async () => {
  const cause = new Error('disk on fire')
  const stream = new PassThrough()
  const reading = readerFrom(stream).read()
  stream.destroy(cause)
  await expect(reading).rejects.toMatchObject({ reason: 'error', cause })
})

test('a stream that has ended, failed or been destroyed before', async () => {
  const ended = Readable.from([]).resume()
  await new Promise((resolve) => ended.on('end', resolve))
  expect(await readerFrom(ended).read()).toBe(null)
  const destroyed = new PassThrough().destroy()
  await expect(readerFrom(destroyed).read()).rejects.toMatchObject({ code: 'ERR_STREAM_FAILED' })
})

test('text is no bytes', async () => {
  const stream = new PassThrough({ encoding: 'utf8' })
  const reading = readerFrom(stream).read()
  stream.end('text')
  await expect(reading).rejects.toMatchObject({ cause: { name: 'TypeError' } })
})

test('no listener is left behind the end', async () => {
  const stream = Readable.from([Buffer.from('all')], { objectMode: false })
  const before = stream.eventNames()
  expect(text(await readerFrom(stream).readAll())).toBe('all')
  expect(stream.eventNames()).toEqual(before)
})
