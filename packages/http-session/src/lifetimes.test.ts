/** Whatever goes wrong, and when: every request settles, every connection is counted and freed, no wait is for ever. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { VirtualClock } from '@x/transport/memory'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { Deadlines } from './deadlines.ts'
import { Exchange } from './exchange.ts'
import { ClientSession } from './index.ts'
import type { Connector } from './index.ts'
import { answering, HELLO, memoryServer, readRequest, settle } from './memory-server.test-support.ts'
import { Pool } from './pool.ts'
import { Running } from './running.ts'
import { sessionFields } from './request-fields.ts'
import { makeRequest } from './request.ts'
import { UrlParser } from './url.ts'

const URL = 'http://a.example/'
const LONG = 'HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n'
const PENDING = 'pending'

async function text(session: ClientSession, url = URL): Promise<string> {
  return (await session.get(url)).text()
}

/** What has become of a promise once everything that needs no time has happened. */
async function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  let outcome: unknown = PENDING
  promise.then(
    () => (outcome = 'fulfilled'),
    (error: unknown) => (outcome = error),
  )
  await settle()
  return outcome
}

async function ticks(count: number): Promise<void> {
  for (let tick = 0; tick < count; tick++) await Promise.resolve()
}

/** A promise and the functions that settle it. */
function pledge<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

// The caller's abort, at any microtask ---------------------------------------------------------------------------------

test('P60 an abort at any moment while a connection is handed over rejects with the reason, and nothing is sent after it', async () => {
  const wrong: string[] = []
  for (let tick = 0; tick < 20; tick++) {
    let isAborted = false
    let sentAfterAbort = ''
    const gate = pledge<void>()
    const { connector } = memoryServer(readRequest)
    const { session } = memoryServer(() => {}, {
      connector: async (target, options) => {
        const stream = await connector(target, options)
        const { writer } = stream
        const writeText = writer.writeText.bind(writer)
        writer.writeText = (sent, encoding) => {
          if (isAborted) sentAfterAbort += sent
          writeText(sent, encoding)
        }
        await gate.promise
        return stream
      },
    })
    const controller = new AbortController()
    const request = session.post(URL, { body: 'x', signal: controller.signal })
    request.catch(() => {})
    await settle()
    gate.resolve()
    await ticks(tick)
    isAborted = true
    controller.abort('enough')
    const outcome = await outcomeOf(request)
    if (outcome !== 'enough' || sentAfterAbort !== '')
      wrong.push(`${tick} ticks: ${String(outcome)}, sent after the abort: "${sentAfterAbort.slice(0, 15)}"`)
  }
  expect(wrong).toEqual([])
})

test('an abort at any moment while the head arrives leaves nothing that close waits for', async () => {
  const wrong: string[] = []
  for (let tick = 0; tick < 20; tick++) {
    const { session, peers } = memoryServer(readRequest)
    const controller = new AbortController()
    const request = session.get(URL, { signal: controller.signal })
    request.catch(() => {})
    await settle()
    peers[0]?.writer.writeText(LONG)
    await ticks(tick)
    controller.abort('enough')
    await outcomeOf(request)
    const closed = await outcomeOf(session.close({ graceMs: 0 }))
    if (closed !== 'fulfilled') wrong.push(`${tick} ticks: close is ${String(closed)}`)
  }
  expect(wrong).toEqual([])
})

test('an abort between the two tries of a request ends it', async () => {
  const wrong: string[] = []
  for (let tick = 0; tick < 20; tick++) {
    const { session, peers } = memoryServer(async (peer, index) => {
      await readRequest(peer)
      if (index === 0) peer.writer.writeText(HELLO)
    })
    await text(session)
    const controller = new AbortController()
    const request = session.get(URL, { signal: controller.signal })
    request.catch(() => {})
    await settle()
    peers[0]?.abort()
    await ticks(tick)
    controller.abort('enough')
    const outcome = await outcomeOf(request)
    if (outcome !== 'enough') wrong.push(`${tick} ticks: ${String(outcome)}`)
  }
  expect(wrong).toEqual([])
})

// Closing --------------------------------------------------------------------------------------------------------------

test('close may be called again while it runs: every call settles', async () => {
  const { session, peers } = memoryServer(readRequest)
  const request = text(session)
  await settle()
  const closings = [session.close(), session.close()]
  peers[0]?.writer.writeText(HELLO)
  await request
  expect(await Promise.all(closings.map(outcomeOf))).toEqual(['fulfilled', 'fulfilled'])
})

test('close refuses options that it does not have', async () => {
  const { session } = memoryServer(() => {})
  expect(await outcomeOf(session.close({ timeoutMs: 5 } as never))).toMatchObject({
    code: 'ERR_HTTP_INVALID_OPTION',
  })
})

// Bodies that nobody reads ---------------------------------------------------------------------------------------------

const TRICKLES = [
  { name: 'silent', everyMs: Infinity },
  { name: 'that trickles', everyMs: 1000 },
]

for (const { name, everyMs } of TRICKLES) {
  test(`leaving a loop over an endless body ${name} does not wait for the server`, async () => {
    const { session, peers, clock } = memoryServer(
      answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nevent\r\n'),
    )
    const leaving = (async () => {
      for await (const chunk of await session.get(URL)) if (chunk.length > 0) break
    })()
    let outcome = await outcomeOf(leaving)
    for (let second = 0; second < 30 && outcome === PENDING; second++) {
      clock.advance(1000)
      if (everyMs === 1000 && peers[0]?.writer.isClosing === false) peers[0].writer.writeText('1\r\nx\r\n')
      outcome = await outcomeOf(leaving)
    }
    expect(outcome).toBe('fulfilled')
  })
}

test(
  'a process that waits for an unread body to be given up does not end before',
  { timeout: 20_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'http-session-'))
    const server = createServer((_request, response) => response.end(Buffer.alloc(20_000_000)))
    try {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const program = join(folder, 'program.mjs')
      await build({
        stdin: {
          contents: `
          import { ClientSession } from './index.ts'
          const session = new ClientSession()
          await session.get('http://127.0.0.1:${(server.address() as AddressInfo).port}/')
          await session.close({ graceMs: 300 })
          console.log('closed')`,
          resolveDir: import.meta.dirname,
        },
        outfile: program,
        bundle: true,
        platform: 'node',
        format: 'esm',
        conditions: ['@x/source'],
      })
      const run = promisify(execFile)(process.execPath, [program])
      expect(await run.catch((error: unknown) => error)).toMatchObject({ stdout: 'closed\n' })
    } finally {
      server.close()
      server.closeAllConnections()
      rmSync(folder, { recursive: true })
    }
  },
)

// The pool -------------------------------------------------------------------------------------------------------------

test('P38 the second try gets a new connection, not a kept one that is given back meanwhile', async () => {
  const gates = [pledge<void>(), pledge<void>()]
  const both = pledge<void>()
  const { connector, pairs } = memoryServer(async (peer, index) => {
    if (index > 1) return answering(HELLO)(peer, index)
    await readRequest(peer)
    if (index === 1) both.resolve()
    await both.promise
    peer.writer.writeText(HELLO)
    await readRequest(peer)
    await gates[index]?.promise
    if (index === 0) return peer.close()
    // The other one answers once more, and ends when it is asked again: as a server does that shuts down.
    peer.writer.writeText(HELLO)
    await readRequest(peer)
    return peer.close()
  })
  const dialling = pledge<void>()
  let dialCount = 0
  const slow: Connector = async (target, options) => {
    dialCount += 1
    if (dialCount > 2) await dialling.promise
    return connector(target, options)
  }
  const client = memoryServer(() => {}, { connector: slow }).session
  await Promise.all([text(client), text(client)]) // two kept connections
  // Last given back, first taken: which request runs on which connection is left open.
  const requests = [text(client), text(client)]
  for (const request of requests) request.catch(() => {})
  await settle()
  gates[0]?.resolve() // one connection turns out to be stale; its request dials
  await settle()
  gates[1]?.resolve() // the other one is given back while that dial runs
  await settle()
  dialling.resolve()
  expect(await Promise.all(requests.map(outcomeOf))).toEqual(['fulfilled', 'fulfilled'])
  expect(pairs.length).toBe(3)
})

test('a request that waits for another origin is served although one origin always has requests that wait', async () => {
  const { session } = memoryServer(answering(HELLO), { maxConnections: 1 })
  let served = 0
  async function keepBusy(): Promise<void> {
    for (let count = 0; count < 250; count++) {
      await text(session, 'http://busy.example/')
      served += 1
    }
  }
  const busy = [keepBusy(), keepBusy()]
  await text(session, 'http://other.example/')
  const servedBefore = served
  await Promise.all(busy)
  expect(servedBefore).toBeLessThan(10)
})

test('a dial that fails rejects nobody while there is another one for each request that waits', async () => {
  const dials = [pledge<void>(), pledge<void>(), pledge<void>()]
  const answers: (() => void)[] = []
  const { connector } = memoryServer(async (peer) => {
    while ((await readRequest(peer)) !== null) answers.push(() => peer.writer.writeText(HELLO))
  })
  let dialCount = 0
  const { session } = memoryServer(() => {}, {
    connector: async (target, options) => {
      await dials[dialCount++]?.promise
      return connector(target, options)
    },
  })
  const requests = [text(session), text(session), text(session)]
  for (const request of requests) request.catch(() => {})
  dials[0]?.resolve()
  await settle()
  answers.shift()?.() // the first one's connection goes to the second request; two dials run for the third
  await settle()
  dials[1]?.reject(new Error('refused'))
  await settle()
  dials[2]?.resolve()
  await settle()
  for (const answer of answers) answer()
  expect(await Promise.all(requests.map(outcomeOf))).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
})

test('requests for which a connection is being opened take no place in the queue', async () => {
  const { session } = memoryServer(answering(HELLO), { maxConnectionsPerOrigin: 2, maxQueuedRequests: 1 })
  const requests = [text(session), text(session), text(session)]
  expect(await Promise.all(requests.map(outcomeOf))).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
})

for (const reason of [undefined, null]) {
  test(`a connector that rejects with ${String(reason)} rejects the request, and the process lives on`, async () => {
    const unhandled: unknown[] = []
    const onUnhandled = (error: unknown) => unhandled.push(error)
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', onUnhandled)
    try {
      const { session } = memoryServer(() => {}, { connector: () => Promise.reject(reason) })
      expect(await outcomeOf(session.get(URL))).toMatchObject({ code: 'ERR_HTTP_CONNECT_FAILED' })
      await settle()
      expect(unhandled).toEqual([])
    } finally {
      process.off('unhandledRejection', onUnhandled)
      for (const listener of others) process.on('unhandledRejection', listener)
    }
  })
}

test('a connection that comes although its dial was aborted unmakes no other one’s place: whoever waits is served', async () => {
  const dials = [pledge<void>(), pledge<void>(), pledge<void>(), pledge<void>()]
  const first = pledge<void>()
  const { connector } = memoryServer(async (peer, index) => {
    await readRequest(peer)
    if (index === 0) await first.promise
    peer.writer.writeText(HELLO.replace('OK\r\n', 'OK\r\nConnection: close\r\n'))
  })
  let dialCount = 0
  const { session } = memoryServer(() => {}, {
    maxConnectionsPerOrigin: 2,
    connector: async (target) => {
      await dials[dialCount++]?.promise
      return connector(target, { signal: new AbortController().signal }) // heeds no signal, as many do not
    },
  })
  dials[0]?.resolve()
  const running = text(session)
  await settle()
  const controller = new AbortController()
  const unwanted = session.get(URL, { signal: controller.signal })
  unwanted.catch(() => {})
  await settle()
  controller.abort('enough')
  expect(await outcomeOf(unwanted)).toBe('enough')
  first.resolve()
  await running // the origin has no connection any more, but for the one that is being opened for nobody
  await settle()
  const requests = [text(session), text(session), text(session)] // two dials; the third one waits for room
  await settle()
  dials[1]?.resolve() // brings a connection that nobody wants any more
  await settle()
  dials[2]?.resolve()
  dials[3]?.resolve()
  expect(await Promise.all(requests.map(outcomeOf))).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
})

test('limits that make no sense are refused by the session, not by each of its connections', () => {
  expect(() => new ClientSession({ limits: { maxHeadBytes: -1 } })).toThrow(
    expect.objectContaining({ code: 'ERR_HTTP_INVALID_OPTION' }),
  )
})

test('limits that do not exist are refused', () => {
  expect(() => new ClientSession({ limits: { maxHeaderBytes: 1 } as never })).toThrow(
    expect.objectContaining({ code: 'ERR_HTTP_INVALID_OPTION' }),
  )
})

test('an origin that no connection could be opened to is forgotten', async () => {
  const deadlines = new Deadlines(new VirtualClock())
  const limits = {
    maxConnectionsPerOrigin: 1,
    maxConnections: 1,
    maxQueuedRequests: 1,
    idleTimeoutMs: 1,
    maxConnectionAgeMs: Infinity,
    maxRequestsPerConnection: Infinity,
  }
  const pool = new Pool(() => Promise.reject(new Error('refused')), deadlines, limits)
  const request = makeRequest('GET', new UrlParser().parse(URL), {}, sessionFields([]))
  const timeouts = {
    queueMs: 1,
    continueMs: 1,
    sendIdleMs: 1,
    headersMs: 1,
    bodyIdleMs: 1,
    totalMs: Infinity,
  }
  const exchange = new Exchange(request, new Running(deadlines), { timeouts })
  const leased = pool.lease(exchange, 'any')
  expect(pool.originCount).toBe(1)
  await expect(leased).rejects.toMatchObject({ code: 'ERR_HTTP_CONNECT_FAILED' })
  await settle()
  expect(pool.originCount).toBe(0)
})
