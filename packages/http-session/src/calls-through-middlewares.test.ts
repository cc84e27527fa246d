/** Middlewares that never answer, answer twice, come late or throw: the call ends all the same, and nothing of it is left. */
import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { answering, HELLO, memoryServer, readRequest, settle } from './memory-server.test-support.ts'
import { outcome } from './outcome.test-support.ts'
import { uncaughtIn } from './uncaught.test-support.ts'
import type { ClientRequest, ClientResponse, Middleware, TraceEvent } from './index.ts'
const URL = 'http://a.example/'
const never: Middleware = () => new Promise(() => {})
test('a middleware that never answers: abort rejects', async () => {
  const server = memoryServer(answering(HELLO), { middleware: [never] })
  const controller = new AbortController()
  const got = server.session.get(URL, { signal: controller.signal })
  await settle()
  controller.abort(new Error('enough'))
  expect(await outcome(got)).toMatchObject({ message: 'enough' })
})
test('a middleware that never answers: totalMs rejects', async () => {
  const server = memoryServer(answering(HELLO), { middleware: [never] })
  const got = server.session.get(URL, { timeouts: { totalMs: 100 } })
  await settle()
  server.clock.advance(100)
  expect(await outcome(got)).toMatchObject({ code: 'ERR_HTTP_TIMEOUT_TOTAL' })
})
test('a middleware that never answers: close({ graceMs: 0 }) resolves', async () => {
  const server = memoryServer(answering(HELLO), { middleware: [never] })
  server.session.get(URL).catch(() => {})
  await settle()
  expect(await outcome(server.session.close({ graceMs: 0 }).then(() => 'closed'))).toBe('closed')
})
test('totalMs counts from the call, whatever a middleware did before its first next', async () => {
  const server = memoryServer(readRequest, {
    middleware: [
      async (request, next) => {
        await new Promise<void>((resolve) => server.clock.setTimer(resolve, 400))
        return next(request)
      },
    ],
  })
  const got = server.session.get(URL, { timeouts: { totalMs: 500 } })
  await settle()
  server.clock.advance(400)
  await settle()
  server.clock.advance(100)
  expect(await outcome(got)).toMatchObject({ code: 'ERR_HTTP_TIMEOUT_TOTAL', elapsed: 500 })
})
test('next and wait reject, and do not throw, where the call was aborted', async () => {
  const controller = new AbortController()
  const seen: string[] = []
  const server = memoryServer(answering(HELLO), {
    middleware: [
      (request, next) => {
        controller.abort(new Error('enough'))
        for (const [name, what] of [
          ['next', () => next(request)],
          ['wait', () => request.wait(1)],
        ] as const) {
          try {
            what().catch(() => {})
            seen.push(`${name} rejected`)
          } catch {
            seen.push(`${name} threw`)
          }
        }
        return Promise.reject(new Error('x'))
      },
    ],
  })
  await outcome(server.session.get(URL, { signal: controller.signal }))
  expect(seen).toEqual(['next rejected', 'wait rejected'])
})
test('facts asked for when the call is over leave nothing running', async () => {
  let late: ClientRequest | null = null
  const controller = new AbortController()
  const server = memoryServer(answering(HELLO), {
    middleware: [
      (request) => {
        late = request
        return Promise.reject(new Error('x'))
      },
    ],
  })
  await expect(server.session.get(URL, { signal: controller.signal })).rejects.toThrow('x')
  late!.facts('queue')
  expect(getEventListeners(controller.signal, 'abort').length).toBe(0)
  expect(await outcome(server.session.close().then(() => 'closed'))).toBe('closed')
})
test('facts of an aborted call can be had', async () => {
  const controller = new AbortController()
  let error: unknown = null
  const server = memoryServer(answering(HELLO), {
    middleware: [
      (request) => {
        controller.abort(new Error('enough'))
        try {
          request.facts('queue')
        } catch (thrown) {
          error = thrown
        }
        return Promise.reject(new Error('x'))
      },
    ],
  })
  await outcome(server.session.get(URL, { signal: controller.signal }))
  expect(error).toBe(null)
})
test('facts tell of the request that is asked, not of the one before it', async () => {
  const urls: string[] = []
  const moved = 'HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n'
  const server = memoryServer(answering(moved, HELLO), {
    middleware: [
      (request, next) => {
        urls.push(request.facts('queue').url)
        return next(request)
      },
    ],
  })
  await server.session.get(URL)
  expect(urls).toEqual([URL, `${URL}next`])
})
test('behind a 417 the exchange that was sent again is the one that counts', async () => {
  const heads: string[] = []
  let thrown: unknown
  let index = 0
  const server = memoryServer(
    async (peer) => {
      for (;;) {
        if (index++ === 0) {
          let line = await peer.reader.readLine()
          while (line !== '' && line !== null) line = await peer.reader.readLine()
          peer.writer.writeText('HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n')
          continue
        }
        const request = await readRequest(peer)
        if (request === null) return
        heads.push(request)
        peer.writer.writeText('HTTP/1.1 307 Moved\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n')
      }
    },
    { middleware: [(request, next) => next(request)] },
  )
  const body = (async function* () {
    yield 'abc'
  })()
  server.session.post(URL, { body, headers: { expect: '100-continue' } }).then(
    (value) => (thrown = value),
    (error: unknown) => (thrown = error),
  )
  for (let n = 0; n < 20; n++) {
    await settle()
    server.clock.advance(200)
  }
  expect(thrown).toMatchObject({ code: 'ERR_HTTP_REDIRECT_BODY_NOT_REPLAYABLE', attempts: 2 })
  expect(heads.length).toBe(1)
})
test('redirects are kept over a 417', async () => {
  let count = 0
  const server = memoryServer(
    async (peer) => {
      for (;;) {
        const text = await readRequest({ reader: peer.reader } as never)
        if (text === null) return
        count += 1
        if (count === 1)
          peer.writer.writeText('HTTP/1.1 307 Moved\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n')
        else if (count === 2) peer.writer.writeText('HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n')
        else peer.writer.writeText(HELLO)
      }
    },
    { middleware: [(request, next) => next(request)], timeouts: { continueMs: 1 } },
  )
  const got = server.session.post(URL, { body: 'abc', headers: { expect: '100-continue' } })
  for (let n = 0; n < 10; n++) {
    await settle()
    server.clock.advance(1)
  }
  const response = await got
  expect(response.status).toBe(200)
  expect(response.redirects.length).toBe(1)
})
test('P46 a body that a middleware has wrapped is not replayable where the wrapped one is not', async () => {
  const heads: string[] = []
  const server = memoryServer(
    async (peer) => {
      for (;;) {
        const request = await readRequest(peer)
        if (request === null) return
        heads.push(request)
        peer.writer.writeText('HTTP/1.1 307 Moved\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n')
      }
    },
    { middleware: [(request, next) => next(request.with({ body: () => request.openBody() }))] },
  )
  const thrown = await server.session
    .post(URL, {
      body: (async function* () {
        yield 'abc'
      })(),
    })
    .catch((error: unknown) => error)
  expect(thrown).toMatchObject({ code: 'ERR_HTTP_REDIRECT_BODY_NOT_REPLAYABLE' })
})
test('a wait is not told as a request for a connection', async () => {
  const types: string[] = []
  const server = memoryServer(answering(HELLO), {
    onTrace: ({ type }) => types.push(type),
    middleware: [
      async (request, next) => {
        await request.wait(10)
        return next(request)
      },
    ],
  })
  const got = server.session.get(URL)
  await settle()
  server.clock.advance(10)
  await got
  expect(types.filter((type) => type === 'queued').length).toBe(1)
})
test('a call that is late finds the session closed', async () => {
  let late: (() => Promise<ClientResponse>) | null = null
  const server = memoryServer(answering(HELLO), {
    middleware: [
      (request, next) => {
        late = () => next(request)
        return next(request)
      },
    ],
  })
  await server.session.get(URL).text()
  await server.session.close()
  await settle()
  await expect(late!()).rejects.toMatchObject({ code: 'ERR_HTTP_SESSION_CLOSED' })
})
test('a redirect that is refused is told as failed once', async () => {
  const events: TraceEvent[] = []
  const moved = 'HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 100\r\n\r\n'
  const server = memoryServer(answering(moved), { onTrace: (event) => events.push(event) })
  await expect(server.session.get(URL)).rejects.toMatchObject({ code: 'ERR_HTTP_REDIRECT_LOOP' })
  expect(events.filter(({ type }) => type === 'failed').length).toBe(1)
})
test('through a middleware likewise, with the body whole', async () => {
  const events: TraceEvent[] = []
  const moved = 'HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n'
  const server = memoryServer(answering(moved), {
    onTrace: (event) => events.push(event),
    middleware: [(r, next) => next(r)],
  })
  await expect(server.session.get(URL)).rejects.toMatchObject({ code: 'ERR_HTTP_REDIRECT_LOOP' })
  expect(events.filter(({ type }) => type === 'failed').length).toBe(1)
})
test('isWanted that throws leaves no exchange and no connection behind', async () => {
  const error = new Error('wanted?')
  const onTrace = Object.assign(() => {}, {
    isWanted: () => {
      throw error
    },
  })
  const server = memoryServer(answering(HELLO), { onTrace })
  const uncaught = await uncaughtIn(async () => {
    expect(await server.session.get(URL).text()).toBe('Hello')
    expect(await outcome(server.session.close().then(() => 'closed'))).toBe('closed')
  })
  expect(new Set(uncaught)).toEqual(new Set([error]))
  expect(server.openCount()).toBe(0)
})
test('attempts of requests that a middleware sends at once count together, and so do those that follow', async () => {
  const events: TraceEvent[] = []
  const seen: unknown[] = []
  const answered = answering(HELLO)
  const server = memoryServer(
    async (peer, index) => {
      if (index >= 2) return answered(peer, index)
      await readRequest(peer)
      return peer.close()
    },
    {
      onTrace: (event) => events.push(event),
      middleware: [
        async (request, next) => {
          const both = await Promise.allSettled([next(request), next(request)])
          for (const branch of both) if (branch.status === 'rejected') seen.push(branch.reason)
          seen.push(request.facts('queue'))
          const response = await next(request)
          seen.push(request.facts('queue'))
          return response
        },
      ],
    },
  )
  expect(await server.session.get(URL).text()).toBe('Hello')
  expect(seen.map((facts) => (facts as { attempts: number }).attempts)).toEqual([1, 2, 2, 3])
  const connected = events.filter(({ type }) => type === 'connected')
  expect(connected.map((event) => 'attempts' in event && event.attempts)).toEqual([1, 2, 3])
})
