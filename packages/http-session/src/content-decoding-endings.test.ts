/** Coded content that ends before its end: it fails, is given up, is left. */
import { expect, test } from 'vitest'
import {
  bytes,
  codedResponse,
  encoded,
  failure,
  get,
  HELLO,
  inPieces,
  READS,
  SEES_STREAMS,
  URL,
  zlibStreamsOf,
} from './coded-content.test-support.ts'
import { answering, memoryServer, readRequest, settle } from './memory-server.test-support.ts'
import type { Script } from './memory-server.test-support.ts'

const UNLIMITED = { maxCodings: Infinity, maxDecodedBytes: Infinity, maxRatio: Infinity }
const LONG = Array.from({ length: 40_000 }, (_, line) => `${line} ${(line * 7919) % 10_007}\n`).join('')
const LONG_CODED = encoded('gzip', LONG)
const LONG_WIRE = codedResponse('gzip', LONG_CODED)

const NOTHING = encoded('gzip', new Uint8Array(64 * 1024 * 1024))

/** Answers with the first part of a long content, and the connection stays. */
const beginning: Script = inPieces(LONG_WIRE.slice(0, LONG_WIRE.length - 1000))

test('content that breaks off on the wire is incomplete, not corrupt', async () => {
  const { session } = memoryServer(async (peer) => {
    await readRequest(peer)
    peer.writer.writeText(LONG_WIRE.slice(0, -1), 'latin1')
    await peer.close()
  })
  for (const { name, read } of READS) {
    expect(await read(await session.get(URL)).catch(failure), name).toMatchObject({
      code: 'ERR_HTTP_BODY_INCOMPLETE',
      phase: 'body',
      received: LONG_CODED.length - 1,
    })
  }
})

test('after a failure each read rejects with the same error, and the connection is closed', async () => {
  const wrong = bytes(encoded('gzip', HELLO), [88])
  const { session, openCount } = memoryServer(
    inPieces(codedResponse('gzip', bytes(wrong, new Uint8Array(99))).slice(0, -90)),
  )
  const response = await session.get(URL)
  const stream = response.toReadableStream().getReader()
  const first = await stream
    .read()
    .then(() => stream.read())
    .catch(failure)
  expect(first).toMatchObject({ code: 'ERR_HTTP_DECODE' })
  expect(await stream.read().catch(failure)).toBe(first)
  await settle()
  expect(openCount()).toBe(0)
})

test('coded content frees its connection when it has come, decoded or not', async () => {
  const { session, pairs } = memoryServer(answering(codedResponse('gzip', encoded('gzip', HELLO))))
  const first = await session.get(URL)
  const second = await session.get(URL)
  expect(await second.text()).toBe(HELLO)
  expect(await first.text()).toBe(HELLO)
  expect(pairs.length).toBe(1)
  await session.close()
})

for (const { name, read } of READS) {
  test(`P60 an abort at any moment of ${name} rejects with the reason, and leaves nothing open`, async () => {
    const streams = await zlibStreamsOf(async () => {
      for (let turn = 0; turn < 20; turn++) {
        const controller = new AbortController()
        const { session, openCount } = memoryServer(turn % 2 === 0 ? beginning : answering(LONG_WIRE))
        const response = await session.get(URL, { signal: controller.signal })
        const reading = read(response)
        reading.catch(() => {})
        for (let count = 0; count < turn; count++)
          await (turn < 10 ? null : new Promise((resolve) => setImmediate(resolve)))
        controller.abort('enough')
        const outcome = await reading.catch(failure)
        if (outcome !== LONG) expect(outcome, `turn ${turn}`).toBe('enough')
        else expect(turn % 2, 'only what has come can be whole').toBe(1)
        await settle()
        if (turn % 2 === 0) expect(openCount(), `turn ${turn}`).toBe(0)
        session.abort()
      }
    })
    await settle()
    expect(streams.filter(({ destroyed }) => !destroyed)).toEqual([])
  })
}

test('P60 an abort in the middle of decoding, when all has come and the connection is free', async () => {
  const controller = new AbortController()
  const { session } = memoryServer(answering(codedResponse('gzip', NOTHING)), {
    contentDecoding: UNLIMITED,
  })
  const streams = await zlibStreamsOf(async () => {
    const response = await session.get(URL, { signal: controller.signal })
    const reading = response.json()
    await settle()
    controller.abort('enough')
    await expect(reading).rejects.toBe('enough')
  })
  expect(streams.map(({ destroyed }) => destroyed)).toEqual(SEES_STREAMS ? [true] : [])
})

test('who leaves the loop leaves nothing open', async () => {
  for (const wire of [beginning, answering(LONG_WIRE)]) {
    const { session, openCount, clock } = memoryServer(wire)
    const streams = await zlibStreamsOf(async () => {
      for await (const chunk of await session.get(URL)) {
        expect(chunk.length).toBeGreaterThan(0)
        break
      }
      const discarded = await session.get(URL)
      const reading = discarded.bytes()
      await Promise.resolve()
      discarded.discard()
      await expect(reading).rejects.toMatchObject({ code: 'ERR_HTTP_BODY_INCOMPLETE' })
    })
    expect(streams.filter(({ destroyed }) => !destroyed)).toEqual([])
    await settle()
    clock.advance(1001) // a short rest is waited for
    await settle()
    expect(openCount()).toBe(0) // the last one was left in the middle of a read
    await session.close({ graceMs: 0 })
  }
})

test('whoever takes decoded content slowly is not idle', async () => {
  const { session, clock } = memoryServer(answering(codedResponse('gzip', NOTHING).slice(0, -1)), {
    contentDecoding: UNLIMITED,
    timeouts: { bodyIdleMs: 1000 },
  })
  let count = 0
  for await (const { length } of await session.get(URL)) {
    expect(length).toBeGreaterThan(0)
    clock.advance(900)
    await settle()
    count += 1
    if (count === 5) break
  }
  expect(count).toBe(5)
})

test('content that stops coming is given up, and so is its engine', async () => {
  const { session, clock } = memoryServer(beginning, { timeouts: { bodyIdleMs: 1000 } })
  const streams = await zlibStreamsOf(async () => {
    const reading = (await session.get(URL)).text()
    reading.catch(() => {})
    for (let turn = 0; turn < 20; turn++) await settle()
    clock.advance(1001)
    await expect(reading).rejects.toMatchObject({ code: 'ERR_HTTP_TIMEOUT_BODY_IDLE' })
  })
  expect(streams.map(({ destroyed }) => destroyed)).toEqual(SEES_STREAMS ? [true] : [])
})

test('what is delivered is in memory of its own', async () => {
  for (const wire of [LONG_WIRE, codedResponse('gzip', encoded('gzip', HELLO))]) {
    for await (const chunk of await get(wire)) {
      expect(chunk.constructor).toBe(Uint8Array)
      expect(chunk.buffer.byteLength).toBe(chunk.length)
    }
    const all = await (await get(wire)).bytes()
    expect(all.constructor).toBe(Uint8Array)
    expect(all.buffer.byteLength).toBe(all.length)
  }
})
