/** Bodies that come piece by piece: how far ahead they are read, and whether they hear that nobody wants more. */
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { BodyInit } from './index.ts'
import { HELLO, memoryServer, readRequest, settle } from './memory-server.test-support.ts'
import { prepareBody } from './request-body.ts'
import { failing, formOf, thrower } from './request-body.test-support.ts'

const URL = 'http://a.example/'

// Nobody wants more -------------------------------------------------------------------------------------------------------

/** A source without end, or one that hangs behind its first chunk. */
interface Probe {
  readonly body: BodyInit
  /** Each notice that nobody wants more. */
  readonly told: unknown[]
  /** Times that it was asked for a chunk. */
  asked: number
}

type Pace = 'endless' | 'hangs'

const CHUNK = new Uint8Array(10_000)

function probeOf(make: (probe: Probe, give: () => Promise<Uint8Array>) => unknown, pace: Pace): Probe {
  const probe = { body: '' as BodyInit, told: [] as unknown[], asked: 0 }
  probe.body = make(probe, () => {
    probe.asked += 1
    return pace === 'hangs' && probe.asked > 1 ? new Promise(() => {}) : Promise.resolve(CHUNK)
  }) as BodyInit
  return probe
}

function watchedWebStream(probe: Probe, give: () => Promise<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => controller.enqueue(await give()),
    cancel: (reason) => void probe.told.push(reason),
  })
}

class WatchedFile extends File {
  readonly #stream: () => unknown
  constructor(stream: () => unknown) {
    super([new Uint8Array(10_000_000)], 'watched')
    this.#stream = stream
  }
  override stream(): ReturnType<File['stream']> {
    return this.#stream() as ReturnType<File['stream']>
  }
}

const KINDS: { name: string; make: Parameters<typeof probeOf>[0]; only?: Pace; hearsReason?: boolean }[] = [
  {
    name: 'an iterator',
    make: (probe, give) => ({
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: await give() }),
        return: async () => void probe.told.push('return'),
      }),
    }),
  },
  {
    name: 'an iterator that is not asynchronous',
    only: 'endless',
    make: (probe, give) => ({
      [Symbol.iterator]: () => ({
        next: () => {
          void give()
          return { done: false, value: CHUNK }
        },
        return: () => {
          probe.told.push('return')
          throw new Error('nobody minds')
        },
      }),
    }),
  },
  {
    name: 'a generator',
    only: 'endless', // one that waits hears of nothing before that has come which it waits for
    make: async function* make(probe, give) {
      try {
        for (;;) yield await give()
      } finally {
        probe.told.push('finally')
      }
    },
  },
  { name: 'a Web stream', make: watchedWebStream, hearsReason: true },
  {
    name: 'a Node stream',
    make: (probe, give) =>
      new Readable({
        read() {
          void give().then((chunk) => this.push(chunk))
        },
        destroy(_error, callback) {
          probe.told.push('destroy')
          callback(null)
        },
      }),
  },
  {
    name: 'a Blob',
    make: (probe, give) => new WatchedFile(() => watchedWebStream(probe, give)),
    hearsReason: true,
  },
  {
    name: 'a file in a form',
    make: (probe, give) => formOf(new Blob(['a']), new WatchedFile(() => watchedWebStream(probe, give))),
    hearsReason: true,
  },
  {
    name: 'what a function gives',
    make: (probe, give) => async () => watchedWebStream(probe, give),
    hearsReason: true,
  },
]

const ENDS: {
  name: string
  pace: Pace
  stalled: boolean
  how: 'abort' | 'response' | 'reset' | 'timeout'
}[] = [
  { name: 'P60 an abort while it hangs', pace: 'hangs', stalled: false, how: 'abort' },
  { name: 'P60 an abort while the peer takes nothing', pace: 'endless', stalled: true, how: 'abort' },
  { name: 'P37 a final response while it hangs', pace: 'hangs', stalled: false, how: 'response' },
  {
    name: 'P37 a final response while the peer takes nothing',
    pace: 'endless',
    stalled: true,
    how: 'response',
  },
  { name: 'a reset while it hangs', pace: 'hangs', stalled: false, how: 'reset' },
  { name: 'a reset while the peer takes nothing', pace: 'endless', stalled: true, how: 'reset' },
  { name: 'a time limit', pace: 'endless', stalled: true, how: 'timeout' },
]

const REASONS = {
  abort: 'enough',
  response: expect.any(Error),
  reset: expect.any(Error),
  timeout: expect.objectContaining({ code: 'ERR_HTTP_TIMEOUT_SEND_IDLE' }),
}

for (const { name: end, pace, stalled, how } of ENDS) {
  for (const { name, make, only, hearsReason } of KINDS) {
    if (only !== undefined && only !== pace) continue
    test(`${end} ends the request early: ${name} is told once`, async () => {
      const controller = new AbortController()
      const { session, pairs, peers, clock } = memoryServer(
        () => {},
        { timeouts: { sendIdleMs: 500 } },
        { clientToServer: { capacityBytes: 1000 } },
      )
      const probe = probeOf(make, pace)
      const request = session.post(URL, { body: probe.body, signal: controller.signal })
      const outcome = request.then(
        ({ status }) => status,
        (error: unknown) => error,
      )
      // The connection is there at once; nothing has gone over it yet.
      for (let tick = 0; pairs.length === 0 && tick < 20; tick++) await Promise.resolve()
      if (stalled) pairs[0]?.clientToServer.stall()
      await settle()
      expect([probe.asked > 0, probe.told]).toEqual([true, []])
      if (how === 'abort') controller.abort('enough')
      if (how === 'response') peers[0]?.writer.writeText(HELLO)
      if (how === 'reset') pairs[0]?.clientToServer.reset()
      if (how === 'timeout') clock.advance(500)
      await settle()
      const { asked } = probe
      await settle()
      expect(probe.told).toEqual([hearsReason === true ? REASONS[how] : expect.anything()])
      expect(probe.asked).toBe(asked)
      expect(await outcome).toEqual(how === 'response' ? 200 : REASONS[how])
      session.abort()
    })
  }
}

test('a function that is not done when its request ends: what it gives then is told at once, and its failure is nobody’s', async () => {
  for (const how of ['gives', 'fails'] as const) {
    let settleLate = (): void => {}
    const told: unknown[] = []
    const controller = new AbortController()
    const { session } = memoryServer(readRequest)
    const late = new Promise<ReadableStream<Uint8Array>>((resolve, reject) => {
      settleLate = () =>
        how === 'fails'
          ? reject(new Error('too late to matter'))
          : resolve(new ReadableStream({ cancel: (reason) => void told.push(reason) }))
    })
    const request = session.post(URL, { body: () => late, signal: controller.signal })
    request.catch(() => {})
    await settle()
    controller.abort('enough')
    await expect(request).rejects.toBe('enough')
    settleLate()
    await settle()
    expect(told).toEqual(how === 'gives' ? ['enough'] : [])
  }
})

test('P60 an abort at any moment: a source is told once, opened by then or not', async () => {
  const wrong: string[] = []
  for (let tick = 0; tick < 30; tick++) {
    const told: unknown[] = []
    const stream = new ReadableStream<Uint8Array>({
      pull: (source) => source.enqueue(CHUNK),
      cancel: (reason) => void told.push(reason),
    })
    const controller = new AbortController()
    const { session } = memoryServer((peer) => readRequest(peer).catch(() => null))
    const request = session.post(URL, { body: stream, signal: controller.signal })
    for (let count = 0; count < tick; count++) await Promise.resolve()
    controller.abort('enough')
    await expect(request).rejects.toBe('enough')
    await settle()
    if (told.length !== 1) wrong.push(`${tick} ticks: ${told.length} times`)
  }
  expect(wrong).toEqual([])
})

test('a source that has ended, or has failed, is not told anything', async () => {
  const told: string[] = []
  const iterable = (last: () => IteratorResult<string>): AsyncIterable<string> => ({
    [Symbol.asyncIterator]: () => ({
      next: async () => last(),
      return: async () => ({ done: true, value: told.push('return') }),
    }),
  })
  const { session } = memoryServer(async (peer) => {
    if ((await readRequest(peer).catch(() => null)) !== null) peer.writer.writeText(HELLO)
  })
  await session.post(URL, { body: iterable(() => ({ done: true, value: undefined })) })
  await session.post(URL, { body: iterable(thrower) }).catch(() => {})
  await settle()
  expect(told).toEqual([])
})

test('a source that gives what is no body is told why it is not read on', async () => {
  const told: unknown[] = []
  const stream = new ReadableStream({
    pull: (controller) => controller.enqueue(5),
    cancel: (reason) => void told.push(reason),
  })
  const { session } = memoryServer((peer) => readRequest(peer).catch(() => {}))
  await session.post(URL, { body: stream }).catch(() => {})
  await settle()
  expect(told).toEqual([expect.objectContaining({ code: 'ERR_HTTP_INVALID_BODY' })])
})

for (const { name, make } of KINDS) {
  test(`back-pressure: ${name} is not read far ahead of what the peer takes`, async () => {
    const { session, pairs, peers } = memoryServer(
      () => {},
      {},
      { clientToServer: { capacityBytes: 16_384 } },
    )
    const probe = probeOf(make, 'endless')
    const request = session.post(URL, { body: probe.body })
    request.catch(() => {})
    await settle()
    const before = probe.asked
    // What the reader of the server, the kernel, the writer and a Node stream hold: each its high-water mark.
    expect(before * CHUNK.length).toBeLessThan(500_000)
    await settle()
    expect(probe.asked).toBe(before)
    for (let taken = 0; taken < 500_000; taken += 100_000) {
      await peers[0]?.reader.readExactly(100_000)
      await settle()
      const { deliveredByteCount } = pairs[0]!.clientToServer
      expect(probe.asked * CHUNK.length - deliveredByteCount).toBeLessThan(500_000)
    }
    expect(probe.asked).toBeGreaterThan(before + 40)
    session.abort()
  })
}

// Never asked for ---------------------------------------------------------------------------------------------------------

test('a body that is never asked for can be told so, once', async () => {
  const told: unknown[] = []
  const web = prepareBody(new ReadableStream({ cancel: (reason) => void told.push(reason) })).body
  const node = new Readable({
    read: () => {},
    destroy: (_error, callback) => callback(void told.push('destroy')),
  })
  for (const body of [web, prepareBody(node).body, prepareBody(failing()).body]) {
    if (body.kind !== 'source') throw new Error('a source')
    body.discard('enough')
    body.discard('again')
    expect(() => body.open()).toThrow('asked for again')
  }
  await settle()
  expect(told).toEqual(['enough', 'destroy'])
})

test('a body that was asked for hears nothing of it', async () => {
  const told: unknown[] = []
  const { body } = prepareBody(new ReadableStream({ cancel: (reason) => void told.push(reason) }))
  if (body.kind !== 'source') throw new Error('a source')
  await body.open()
  body.discard('enough')
  await settle()
  expect(told).toEqual([])
})

test('a Node stream keeps no listener of ours', async () => {
  const { session } = memoryServer(async (peer) => {
    if ((await readRequest(peer).catch(() => null)) !== null) peer.writer.writeText(HELLO)
  })
  const whole = Readable.from(['a'])
  await session.post(URL, { body: whole })
  await settle()
  // Its own iterator leaves some.
  const plain = Readable.from(['a'])
  for await (const chunk of plain) expect(chunk).toBe('a')
  await settle()
  for (const event of ['error', 'close', 'readable', 'end'])
    expect([event, whole.listenerCount(event)]).toEqual([event, plain.listenerCount(event)])
})
