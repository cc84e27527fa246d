/** Bodies that fail while they are sent: never completed on the wire, and told as what they are. */
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { BodyInit } from './index.ts'
import { memoryServer, readRequest, settle } from './memory-server.test-support.ts'
import { broken, failing, formOf, thrower, webStream } from './request-body.test-support.ts'

const URL = 'http://a.example/'

/** A blob that gives other bytes than it said, as a file does that has changed. */
class ChangedBlob extends Blob {
  readonly #now: string
  constructor(before: string, now: string) {
    super([before])
    this.#now = now
  }
  override stream(): ReturnType<Blob['stream']> {
    return new Blob([this.#now]).stream()
  }
}

const wrongChunk = { code: 'ERR_HTTP_INVALID_BODY' }
const FAILURES: { name: string; body: () => unknown; cause: unknown; declared?: string }[] = [
  { name: 'a generator that throws late', body: failing, cause: broken },
  {
    name: 'an iterable that throws when it is asked for its iterator',
    body: () => ({
      [Symbol.iterator]() {
        throw broken
      },
    }),
    cause: broken,
  },
  {
    name: 'an iterator that throws at once',
    body: () => ({
      [Symbol.asyncIterator]: () => ({
        next() {
          throw broken
        },
      }),
    }),
    cause: broken,
  },
  {
    name: 'a Web stream that fails at once',
    body: () => new ReadableStream({ start: (controller) => controller.error(broken) }),
    cause: broken,
  },
  { name: 'a Web stream that fails late', body: failingWebStream, cause: broken },
  { name: 'a Node stream that fails late', body: () => Readable.from(failing()), cause: broken },
  {
    name: 'a Node stream that is destroyed before its end',
    body: () => new Readable({ read: destroySelf }),
    cause: { code: 'ERR_STREAM_PREMATURE_CLOSE' },
  },
  { name: 'a Node stream of objects', body: () => Readable.from([{}]), cause: wrongChunk },
  { name: 'a Web stream of numbers', body: () => webStream('a', 5), cause: wrongChunk },
  { name: 'a Web stream of nulls', body: () => webStream(null), cause: wrongChunk },
  { name: 'a function that throws', body: () => thrower, cause: broken },
  { name: 'a function that rejects', body: () => async () => thrower(), cause: broken },
  { name: 'a function that gives nothing', body: () => () => {}, cause: wrongChunk },
  { name: 'a function that gives a function', body: () => () => () => 'a', cause: wrongChunk },
  { name: 'a function that gives a form', body: () => () => new FormData(), cause: wrongChunk },
  { name: 'a function that gives a number', body: () => () => 5, cause: wrongChunk },
  { name: 'a function that gives a locked stream', body: () => () => locked(), cause: wrongChunk },
  {
    name: 'P57 a Blob that has become shorter',
    body: () => new ChangedBlob('abc', 'ab'),
    cause: { name: 'RangeError' },
  },
  {
    name: 'P57 a Blob that has become longer',
    body: () => new ChangedBlob('abc', 'abcd'),
    cause: { name: 'RangeError' },
  },
  {
    name: 'P57 a Blob that has become shorter, and is given by a function',
    body: () => () => new ChangedBlob('abc', 'ab'),
    cause: { name: 'RangeError' },
  },
  {
    name: 'P57 a form of two files that have changed, by as much one way as the other',
    body: () => formOf(new ChangedBlob('ab', 'abc'), new ChangedBlob('de', 'd')),
    cause: { name: 'RangeError' },
  },
  {
    name: 'P57 a function that gives less than declared',
    body: () => () => 'ab',
    declared: '3',
    cause: { name: 'RangeError' },
  },
  {
    name: 'P57 a Web stream that gives more than declared',
    body: () => webStream('ab', 'cd'),
    declared: '3',
    cause: { name: 'RangeError' },
  },
]

function failingWebStream(): ReadableStream<string> {
  const pieces = failing()
  return new ReadableStream({
    async pull(controller) {
      controller.enqueue((await pieces.next()).value as string)
    },
  })
}

function locked(): ReadableStream {
  const stream = webStream('a')
  stream.getReader()
  return stream
}

function destroySelf(this: Readable): void {
  this.destroy()
}

for (const { name, body, cause, declared } of FAILURES) {
  test(`a body that fails is never completed, and its error is the cause: ${name}`, async () => {
    let request: string | null = ''
    const { session, openCount } = memoryServer(async (peer) => {
      request = await readRequest(peer).catch(() => null)
    })
    const headers: Record<string, string> = declared === undefined ? {} : { 'content-length': declared }
    await expect(session.post(URL, { body: body() as BodyInit, headers })).rejects.toMatchObject({
      code: 'ERR_HTTP_REQUEST_BODY_SOURCE',
      phase: 'send',
      cause,
    })
    await settle()
    expect([request, openCount()]).toEqual([null, 0])
  })
}

test('a Node stream that fails while the request waits for a connection ends neither the process nor goes unnoticed', async () => {
  let connect = (): void => {}
  const { connector } = memoryServer((peer) => readRequest(peer).catch(() => null))
  const { session } = memoryServer(() => {}, {
    connector: async (target, options) => {
      await new Promise<void>((resolve) => (connect = resolve))
      return connector(target, options)
    },
  })
  const stream = new Readable({ read: () => {} })
  const request = session.post(URL, { body: stream })
  request.catch(() => {})
  stream.destroy(broken)
  await settle()
  connect()
  await expect(request).rejects.toMatchObject({ code: 'ERR_HTTP_REQUEST_BODY_SOURCE', cause: broken })
})
