/** Resolvers, callers and peers that do what they should not: nothing hangs, nothing is left open, nothing ends the process. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { Lookup } from './addresses.ts'
import { transportFromStreams } from './from-streams.ts'
import { createConnection, createServer, lookupAddresses, startTls } from './index.ts'
import type { ConnectPhase } from './index.ts'
import { makeAuthority } from './test-certificates.test-support.ts'
import { Recorder, bytes, rawServer } from './test-peers.test-support.ts'

/** What is thrown where nobody can catch it, while `run` runs and two turns of the event loop after it. */
async function uncaughtIn(run: () => Promise<unknown>): Promise<unknown[]> {
  const uncaught: unknown[] = []
  const note = (error: unknown): void => void uncaught.push(error)
  const others = process.rawListeners('uncaughtException') as NodeJS.UncaughtExceptionListener[]
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', note)
  try {
    await run()
    for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setTimeout(resolve, 1))
  } finally {
    process.off('uncaughtException', note)
    for (const listener of others) process.on('uncaughtException', listener)
  }
  return uncaught
}

const ANSWERS: { name: string; answer: unknown[] }[] = [
  { name: 'text that is no address', answer: [null, 'nowhere', 4] },
  { name: 'nothing', answer: [null] },
  { name: 'a list of text', answer: [null, ['127.0.0.1']] },
  { name: 'a list of nothing', answer: [null, [null]] },
  { name: 'addresses that are none', answer: [null, [{ address: 'nowhere', family: 4 }]] },
  { name: 'an address that is a number', answer: [null, [{ address: 1, family: 4 }]] },
]

for (const { name, answer } of ANSWERS) {
  test(`a resolver that answers ${name}: DnsError, and nothing is thrown past the caller`, async () => {
    const lookup = ((_host: string, _options: object, callback: (...answer: unknown[]) => void) =>
      void setImmediate(() => callback(...answer))) as unknown as Lookup
    const uncaught = await uncaughtIn(async () => {
      const asked = lookupAddresses('a.example', { lookup, timeoutMs: 100 })
      await expect(asked).rejects.toMatchObject({ name: 'DnsError', host: 'a.example' })
    })
    expect(uncaught).toEqual([])
  })
}

test('a resolver that answers again while the connection is made takes nothing from the abort', async () => {
  await using server = await rawServer()
  const controller = new AbortController()
  let again = (): void => {}
  const lookup: Lookup = (_host, _options, callback) => {
    const answer = (): void => callback(null, [{ address: '127.0.0.1', family: 4 }])
    again = answer
    answer()
  }
  const reason = new Error('not any more')
  const connecting = createConnection(() => new Recorder(), {
    host: 'a.example',
    port: server.port,
    lookup,
    tls: true,
    signal: controller.signal,
    onPhase: (phase) => phase === 'tls' && setImmediate(() => (again(), controller.abort(reason))),
  })
  const socket = await server.accepted()
  socket.on('end', () => socket.end()).resume()
  await expect(connecting).rejects.toBe(reason)
  if (!socket.closed) await once(socket, 'close')
})

const TWO: Lookup = (_host, _options, callback) =>
  callback(null, [
    { address: '127.0.0.1', family: 4 },
    { address: '127.0.0.2', family: 4 },
  ])

for (const tls of [{ ALPNProtocols: [5] }, { minVersion: 'none' }, { ca: 5 }, { minDHSize: 'small' }]) {
  test(`TLS options that Node throws at fail once, for all addresses: ${JSON.stringify(tls)}`, async () => {
    const uncaught = await uncaughtIn(async () => {
      const connecting = createConnection(() => new Recorder(), {
        host: 'a.example',
        port: 1,
        attemptDelayMs: 0,
        lookup: TWO,
        tls: tls as never,
      })
      await expect(connecting).rejects.toMatchObject({
        code: 'ERR_TRANSPORT_TLS_CONTEXT',
        host: expect.anything(),
      })
    })
    expect(uncaught).toEqual([])
  })
}

for (const phase of ['dns', 'connect', 'tls'] as const satisfies readonly ConnectPhase[]) {
  for (const when of ['in it', 'behind it'] as const) {
    test(`an abort ${when} of the phase ${phase}: the signal's reason, every socket closed, no listener left`, async () => {
      await using server = await rawServer((socket) => void socket.on('end', () => socket.end()).resume())
      const controller = new AbortController()
      const { signal } = controller
      let listenerCount = 0
      const add = signal.addEventListener.bind(signal)
      const remove = signal.removeEventListener.bind(signal)
      signal.addEventListener = (...args: Parameters<typeof add>) => (listenerCount++, add(...args))
      signal.removeEventListener = (...args: Parameters<typeof remove>) => (listenerCount--, remove(...args))
      const reason = new Error('not any more')
      const abort = (): void => controller.abort(reason)
      const connecting = createConnection(() => new Recorder(), {
        host: 'a.example',
        port: server.port,
        tls: true,
        signal,
        lookup: (host, options, callback) => void setImmediate(() => TWO(host, options, callback)),
        onPhase: (now) => {
          if (now === phase) (when === 'in it' ? abort : () => queueMicrotask(abort))()
        },
      })
      await expect(connecting).rejects.toBe(reason)
      expect(listenerCount).toBeLessThanOrEqual(0)
      await allGone(server.server)
    })
  }
}

/** Waits until a server of Node's has no connection. */
async function allGone(server: {
  getConnections(done: (error: Error | null, count: number) => void): unknown
}) {
  for (;;) {
    const count = await new Promise<number>(
      (resolve) => void server.getConnections((_, open) => resolve(open)),
    )
    if (count === 0) return
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** A connection to a peer of Node's own. */
async function connected(options: object = {}) {
  const server = await rawServer()
  const { transport, protocol } = await createConnection(() => new Recorder(), {
    host: '127.0.0.1',
    port: server.port,
    ...options,
  })
  const socket = await server.accepted()
  return { server, transport, protocol, socket }
}

const STATES: {
  name: string
  enter: (made: Awaited<ReturnType<typeof connected>>) => unknown
  options?: object
}[] = [
  { name: 'open', enter: () => {} },
  { name: 'open and paused', enter: ({ transport }) => transport.pauseReading() },
  { name: 'with a full write buffer', enter: ({ transport }) => transport.write(new Uint8Array(8_000_000)) },
  { name: 'half-closed here', enter: ({ transport }) => transport.writeEof() },
  {
    name: 'half-closed by the peer',
    options: { allowHalfOpen: true },
    enter: async ({ socket, protocol }) => {
      socket.end()
      await protocol.until(() => protocol.calls.includes('eof'))
    },
  },
  {
    name: 'closing with a full buffer',
    enter: ({ transport }) => (transport.write(new Uint8Array(8_000_000)), transport.close()),
  },
]

for (const { name, enter, options } of STATES) {
  test(`a peer that resets while the connection is ${name}: connectionLost, once, and everything is freed`, async () => {
    const made = await connected(options)
    await enter(made)
    made.socket.resetAndDestroy()
    // A kernel tells of a reset to whoever reads or writes.
    if (!made.transport.isClosing) {
      made.transport.resumeReading()
      if (made.transport.bufferedByteCount === 0) tryWrite(made.transport)
    }
    await made.protocol.untilLost()
    await made.transport.closed
    expect(made.protocol.calls.filter((call) => call === 'lost')).toHaveLength(1)
    expect(made.transport.isClosing).toBe(true)
    await made.server[Symbol.asyncDispose]()
  })
}

function tryWrite(transport: { write(data: Uint8Array): void }): void {
  try {
    for (let count = 0; count < 2; count++) transport.write(bytes('x'))
  } catch {
    // after writeEof
  }
}

test('startTls on a connection whose writing side has ended: refused, and reading goes on', async () => {
  const { server, transport, protocol, socket } = await connected()
  transport.writeEof()
  const upgrade = startTls(transport, { side: 'client', host: 'a.example' })
  await expect(upgrade).rejects.toMatchObject({ code: 'ERR_TRANSPORT_CLOSED' })
  expect(transport.isReading).toBe(true)
  socket.end('the rest')
  await protocol.untilLost()
  expect(protocol.text).toBe('the rest')
  await server[Symbol.asyncDispose]()
})

const MEANWHILE: {
  name: string
  act: (transport: Awaited<ReturnType<typeof connected>>['transport']) => void
}[] = [
  { name: 'close()', act: (transport) => transport.close() },
  { name: 'abort()', act: (transport) => transport.abort() },
  { name: 'writeEof()', act: (transport) => transport.writeEof() },
]

for (const { name, act } of MEANWHILE) {
  test(`${name} right behind startTls(): refused, and the end of the connection is told`, async () => {
    const { server, transport, protocol, socket } = await connected()
    socket.on('end', () => socket.end()).resume()
    const upgrade = startTls(transport, { side: 'client', host: 'a.example', handshakeTimeoutMs: 500 })
    act(transport)
    await expect(upgrade).rejects.toMatchObject({ code: 'ERR_TRANSPORT_CLOSED' })
    await protocol.untilLost()
    expect(protocol.calls.filter((call) => call === 'lost')).toHaveLength(1)
    await server[Symbol.asyncDispose]()
  })
}

test('startTls twice at once: the second is refused, the first goes on', async () => {
  const { server, transport, socket } = await connected()
  const hello = once(socket, 'data')
  const first = startTls(transport, { side: 'client', host: 'a.example', handshakeTimeoutMs: 5000 })
  const second = startTls(transport, { side: 'client', host: 'a.example', handshakeTimeoutMs: 5000 })
  await expect(second).rejects.toMatchObject({ code: 'ERR_TRANSPORT_CLOSED' })
  expect(((await hello) as [Buffer])[0][0]).toBe(0x16) // a record of the handshake
  socket.end('no TLS here')
  await expect(first).rejects.toMatchObject({ code: 'ERR_TRANSPORT_TLS_HANDSHAKE' })
  await server[Symbol.asyncDispose]()
})

test('a factory that throws, or makes no protocol, leaves no stream locked and open', async () => {
  const outcomes: unknown[] = []
  for (const factory of [
    () => {
      throw new Error('cannot')
    },
    () => ({}),
  ]) {
    const streams = {
      readable: new ReadableStream<Uint8Array>({ cancel: () => void outcomes.push('cancelled') }),
      writable: new WritableStream<Uint8Array>({ abort: () => void outcomes.push('aborted') }),
    }
    expect(() => transportFromStreams(factory as never, streams)).toThrow(/cannot|a protocol needs/)
  }
  await Promise.resolve()
  expect(outcomes).toHaveLength(4)
  expect(new Set(outcomes)).toEqual(new Set(['aborted', 'cancelled']))
})

test('onSession that throws is told to onProtocolError, and ends nothing', async () => {
  const { generate } = await import('selfsigned')
  const issued = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec' })
  await using server = await createServer(() => new Recorder(), {
    host: '127.0.0.1',
    port: 0,
    tls: { key: issued.private, cert: issued.cert },
  })
  const told: unknown[] = []
  const uncaught = await uncaughtIn(async () => {
    const { transport, protocol } = await createConnection(() => new Recorder(), {
      host: '127.0.0.1',
      port: server.port,
      tls: {
        rejectUnauthorized: false,
        onSession: () => {
          throw new Error('no room for it')
        },
      },
      onProtocolError: (error) => told.push(error),
    })
    while (told.length === 0) await new Promise((resolve) => setImmediate(resolve))
    transport.close()
    await protocol.untilLost()
    expect(protocol.reasons).toEqual([{ reason: 'closed' }])
  })
  expect(told[0]).toMatchObject({ message: 'no room for it' })
  expect(uncaught).toEqual([])
})

for (const [name, end] of [
  ['destroyed', (stream: PassThrough) => stream.destroy()],
  ['read to its end', (stream: PassThrough) => stream.resume().end()],
] as const) {
  test(`a stream that was ${name} is refused: its end was told before, and would never be heard`, async () => {
    const stream = new PassThrough()
    end(stream)
    await once(stream, 'close')
    expect(() => transportFromStreams(() => new Recorder(), stream)).toThrow('that has not ended')
  })
}

for (const thrown of [new Error('not this one'), undefined]) {
  test(`checkServerIdentity that throws ${String(thrown)}: the certificate is not accepted`, async () => {
    const authority = await makeAuthority()
    const tls = await authority.issue({ names: ['localhost'] })
    await using server = await createServer(() => new Recorder(), { host: '127.0.0.1', port: 0, tls })
    const uncaught = await uncaughtIn(async () => {
      const check = (): never => {
        throw thrown // oxlint-disable-line no-throw-literal -- callers do
      }
      const connecting = createConnection(() => new Recorder(), {
        host: '127.0.0.1',
        port: server.port,
        tls: { ca: authority.cert, servername: 'localhost', checkServerIdentity: check },
      })
      await expect(connecting).rejects.toMatchObject({
        name: 'TlsError',
        cause: { message: thrown?.message ?? 'undefined' },
      })
    })
    expect(uncaught).toEqual([])
  })
}

test('a server that cannot open its second address lets go of those who came by the first', async () => {
  await using taken = await rawServer(() => {}, '127.0.0.2')
  const early: Socket[] = []
  const starting = createServer(() => new Recorder(), { host: ['127.0.0.1', '127.0.0.2'], port: taken.port })
  const { connect } = await import('node:net')
  const dialling = setInterval(
    () => early.length < 1 && early.push(connect(taken.port, '127.0.0.1').on('error', () => {})),
    0,
  )
  await expect(starting).rejects.toMatchObject({ code: 'ERR_TRANSPORT_LISTEN_FAILED' })
  clearInterval(dialling)
  for (const socket of early) if (!socket.closed) await once(socket.resume(), 'close')
})
