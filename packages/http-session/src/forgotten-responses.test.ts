/** Responses that a middleware was given and has not handed on. */
import { expect, test } from 'vitest'
import type { Middleware } from './index.ts'
import { answering, memoryServer, settle } from './memory-server.test-support.ts'
import type { MemoryServer } from './memory-server.test-support.ts'

const URL = 'http://a.example/'
const LONG = 'HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nabc'
const FAILURE = new Error('enough')

function through(...middleware: Middleware[]): MemoryServer {
  return memoryServer(answering(LONG), { middleware })
}

const throwing: Middleware = async (request, next) => {
  await next(request)
  throw FAILURE
}
const replacing: Middleware = async (request, next) => {
  await next(request)
  return request.respond({ status: 200, body: 'instead' })
}
const sendingTwice: Middleware = async (request, next) => {
  const all = await Promise.all([next(request), next(request)])
  return all[1]
}

test('one is thrown away with an error', async () => {
  const { session, openCount } = through(throwing)
  await expect(session.get(URL)).rejects.toBe(FAILURE)
  expect([openCount(), session.stats().leased]).toEqual([0, 0])
})

test('one is replaced', async () => {
  const { session, openCount } = through(replacing)
  expect(await session.get(URL).text()).toBe('instead')
  expect([openCount(), session.stats().leased]).toEqual([0, 0])
})

test('one of two is the answer, and stays', async () => {
  const { session, openCount } = through(sendingTwice)
  const response = await session.get(URL)
  await settle()
  expect([openCount(), session.stats().leased]).toEqual([1, 1])
  response.discard()
  await settle()
  expect(openCount()).toBe(0)
})

test('a made one is thrown away, and its source is told', async () => {
  let isTold = false
  const making: Middleware = async (request) => {
    const body: AsyncIterableIterator<string> = {
      [Symbol.asyncIterator]: () => body,
      next: () => Promise.resolve({ done: false, value: 'x' }),
      return() {
        isTold = true
        return Promise.resolve({ done: true, value: undefined })
      },
    }
    return request.respond({ status: 200, body })
  }
  const { session } = through(throwing, making)
  await expect(session.get(URL)).rejects.toBe(FAILURE)
  expect(isTold).toBe(true)
  await session.close()
})

test('one that the answer is made of is read with it, or discarded with it', async () => {
  const wrapping: Middleware = async (request, next) => {
    const inner = await next(request)
    return request.respond({ status: 200, body: inner })
  }
  const { session, peers, openCount } = through(wrapping)
  const reading = (await session.get(URL))[Symbol.asyncIterator]()
  await settle()
  expect(new TextDecoder().decode((await reading.next()).value as Uint8Array)).toBe('abc')
  await reading.return(undefined)
  await settle()
  expect([openCount(), peers.length]).toEqual([0, 1])
  const unread = await session.get(URL)
  expect(openCount()).toBe(1)
  unread.discard()
  await settle()
  expect([openCount(), session.stats().leased]).toEqual([0, 0])
})

test('one that is being read is left alone', async () => {
  let count = 0
  const reading: Middleware = async (request, next) => {
    const inner = await next(request)
    void inner.lendChunks((chunk) => (count += chunk.length)).catch(() => {})
    return request.respond({ status: 200, body: 'instead' })
  }
  const { session, peers } = through(reading)
  expect(await session.get(URL).text()).toBe('instead')
  peers[0]?.writer.writeText('def')
  await settle()
  expect(count).toBe(6)
  session.abort()
})
