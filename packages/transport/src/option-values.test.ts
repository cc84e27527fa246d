/** Each option with nonsense is refused when the thing is made, by an error that names the option. */
import { expect, test } from 'vitest'
import { transportFromStreams } from './from-streams.ts'
import {
  createConnection,
  createDnsCache,
  createServer,
  createTlsContext,
  lookupAddresses,
  startTls,
} from './index.ts'
import { memoryPair, VirtualClock } from './memory.ts'

const protocol = (): { dataReceived(): void } => ({ dataReceived() {} })
const streams = (): { readable: ReadableStream<Uint8Array>; writable: WritableStream<Uint8Array> } => ({
  readable: new ReadableStream<Uint8Array>(),
  writable: new WritableStream<Uint8Array>(),
})

type Nonsense = readonly unknown[]
const NUMBERS: Nonsense = [-1, Number.NaN, 'soon', null, {}]
const LIMITS: Nonsense = [...NUMBERS, 0]
const NOT_WHOLE: Nonsense = [...NUMBERS, 0.5]
const FLAGS: Nonsense = [1, 'yes', null]
const OBJECTS: Nonsense = [1, 'text', null]
const FUNCTIONS: Nonsense = [1, 'text', null, {}]
const TEXTS: Nonsense = [1, '', null, {}]
const WORDS: Nonsense = [1, 'nonsense', null, '']

const OF_TRANSPORTS: Record<string, Nonsense> = {
  allowHalfOpen: FLAGS,
  writeBufferLimits: OBJECTS,
  'writeBufferLimits.high': NOT_WHOLE,
  'writeBufferLimits.low': NOT_WHOLE,
  onProtocolError: FUNCTIONS,
}
const OF_TLS: Record<string, Nonsense> = {
  tls: [1, 'text', null],
  'tls.onSession': FUNCTIONS,
  'tls.checkServerIdentity': FUNCTIONS,
  'tls.servername': [1, null, {}],
  'tls.session': ['text', 1, null],
}
const OF_LINKS = (name: string): Record<string, Nonsense> => ({
  [name]: OBJECTS,
  [`${name}.latencyMs`]: NUMBERS,
  [`${name}.capacityBytes`]: NOT_WHOLE,
  [`${name}.maxChunkBytes`]: [...NOT_WHOLE, 0],
  [`${name}.resetAfterBytes`]: [...NOT_WHOLE, 0],
  [`${name}.seed`]: [Number.NaN, 'dice', null, 0.5],
})

const TAKERS: {
  name: string
  call: (options: never) => unknown
  valid: Record<string, unknown>
  options: Record<string, Nonsense>
}[] = [
  {
    name: 'createConnection',
    call: (options) => createConnection(protocol, options),
    valid: { host: '127.0.0.1', port: 1 },
    options: {
      ...OF_TRANSPORTS,
      ...OF_TLS,
      host: TEXTS,
      port: [...NOT_WHOLE, 0, 65_536],
      signal: OBJECTS,
      connectTimeoutMs: LIMITS,
      attemptDelayMs: NUMBERS,
      family: [5, '4', null],
      localAddress: ['nowhere', 1, null],
      onPhase: FUNCTIONS,
      lookup: FUNCTIONS,
      blockList: OBJECTS,
      noDelay: FLAGS,
    },
  },
  {
    name: 'createConnection with TLS',
    call: (options) => createConnection(protocol, options),
    valid: { host: '127.0.0.1', port: 1, tls: true },
    options: { handshakeTimeoutMs: LIMITS },
  },
  {
    name: 'createConnection to a path',
    call: (options) => createConnection(protocol, options),
    valid: {},
    options: { path: TEXTS },
  },
  {
    name: 'createServer',
    call: (options) => createServer(protocol, options),
    valid: { port: 0 },
    options: {
      ...OF_TRANSPORTS,
      host: [...TEXTS, [], [1]],
      port: [...NOT_WHOLE, 65_536],
      tls: OBJECTS,
      backlog: NOT_WHOLE,
      ipv6Only: FLAGS,
      reusePort: FLAGS,
      pathCleanup: WORDS,
      noDelay: FLAGS,
      signal: OBJECTS,
      onError: FUNCTIONS,
    },
  },
  {
    name: 'startTls',
    call: (options) => startTls(memoryPair().client, options),
    valid: { side: 'client', host: 'a.example' },
    options: {
      ...OF_TLS,
      tls: [1, 'text', null, true],
      side: WORDS,
      host: TEXTS,
      protocol: [],
      signal: OBJECTS,
      handshakeTimeoutMs: LIMITS,
      unreadBytes: [1, 'text', null, []],
      onUnreadBytes: WORDS,
    },
  },
  {
    name: 'createDnsCache',
    call: (options) => createDnsCache(options),
    valid: {},
    options: {
      ttlMs: NUMBERS,
      staleMs: NUMBERS,
      maxEntries: [...NOT_WHOLE, 0, Infinity],
      lookup: FUNCTIONS,
      now: FUNCTIONS,
    },
  },
  {
    name: 'lookupAddresses',
    call: (options) => lookupAddresses('127.0.0.1', options),
    valid: {},
    options: { signal: OBJECTS, timeoutMs: LIMITS, family: [5, '4', null], lookup: FUNCTIONS },
  },
  {
    name: 'memoryPair',
    call: (options) => memoryPair(options),
    valid: {},
    options: {
      ...OF_TRANSPORTS,
      ...OF_LINKS('link'),
      ...OF_LINKS('clientToServer'),
      ...OF_LINKS('serverToClient'),
      client: FUNCTIONS,
      server: FUNCTIONS,
      clock: OBJECTS,
      clientReads: WORDS,
      serverReads: WORDS,
    },
  },
  {
    name: 'transportFromStreams',
    call: (options) => transportFromStreams(protocol, streams(), options),
    valid: {},
    options: OF_TRANSPORTS,
  },
  {
    name: 'transport.close',
    call: (options) => memoryPair().client.close(options),
    valid: {},
    options: { graceMs: NUMBERS },
  },
  {
    name: 'transport.setWriteBufferLimits',
    call: (options) => memoryPair().client.setWriteBufferLimits(options),
    valid: {},
    options: { high: NOT_WHOLE, low: NOT_WHOLE },
  },
  {
    name: 'clock.runUntilQuiet',
    call: (options) => new VirtualClock().runUntilQuiet(options),
    valid: {},
    options: { maxTimers: NOT_WHOLE },
  },
]

for (const { name, call, valid, options } of TAKERS) {
  for (const [path, nonsense] of Object.entries(options)) {
    test(`${name} refuses nonsense as ${path}`, async () => {
      const [option = '', member] = path.split('.')
      for (const value of nonsense) {
        const given = member === undefined ? value : { [member]: value }
        const error: unknown = await (async () => call({ ...valid, [option]: given } as never))().then(
          () => undefined,
          (reason: unknown) => reason,
        )
        const what = `${path} = ${String(value)}`
        expect(error instanceof TypeError || error instanceof RangeError, `${what}: ${String(error)}`).toBe(
          true,
        )
        expect((error as Error).message, what).toContain(member ?? option)
      }
    })
  }
  test(`${name} takes no null for options`, async () => {
    await expect((async () => call(null as never))()).rejects.toThrow(/options|writeBufferLimits/)
  })
}

test('methods of a server refuse what they do not know', async () => {
  const server = await createServer(protocol, { host: '127.0.0.1', port: 0 })
  const calls = [
    (options: object) => server.shutdown(options),
    async (options: object) => server.closeClients(options),
  ]
  for (const call of calls) {
    await expect(call({ grace: 1 })).rejects.toThrow('there is no option "grace": there are graceMs')
    for (const graceMs of NUMBERS) await expect(call({ graceMs })).rejects.toThrow('option "graceMs"')
  }
  expect(server.isServing).toBe(true)
  await server.shutdown()
})

test('createTlsContext takes options of TLS only', () => {
  for (const options of [null, 1]) expect(() => createTlsContext(options as never)).toThrow('option "tls"')
  expect(() => createTlsContext({ timeoutMs: 1 } as never)).toThrow('there is no option "tls.timeoutMs"')
})
