/** A misspelt option is refused by name, before anything is opened. */
import { expect, test } from 'vitest'
import { transportFromStreams } from './from-streams.ts'
import { createConnection, createDnsCache, createServer, lookupAddresses, startTls } from './index.ts'
import { memoryPair, VirtualClock } from './memory.ts'

const protocol = (): { dataReceived(): void } => ({ dataReceived() {} })
const streams = (): { readable: ReadableStream<Uint8Array>; writable: WritableStream<Uint8Array> } => ({
  readable: new ReadableStream<Uint8Array>(),
  writable: new WritableStream<Uint8Array>(),
})

/** Options of the transport, or of a socket's, in the wrong place. What is Node's, passes. */
const OF_TLS = ['host', 'signal', 'handshakeTimeoutMs', 'onPhase', 'onread', 'timeout', 'noDelay'].map(
  (name) => `tls.${name}`,
)

const TAKERS: { name: string; call: (options: never) => unknown; valid: object; unknown: string }[] = [
  {
    name: 'createConnection',
    call: (options) => createConnection(protocol, options),
    valid: { host: '127.0.0.1', port: 1 },
    unknown: 'timeoutMs',
  },
  {
    name: 'createServer',
    call: (options) => createServer(protocol, options),
    valid: { port: 0 },
    unknown: 'exclusive',
  },
  {
    name: 'startTls',
    call: (options) => startTls(memoryPair().client, options),
    valid: { side: 'client', host: 'a.example' },
    unknown: 'servername',
  },
  {
    name: 'lookupAddresses',
    call: (options) => lookupAddresses('127.0.0.1', options),
    valid: {},
    unknown: 'connectTimeoutMs',
  },
  {
    name: 'transport.close',
    call: (options) => memoryPair().client.close(options),
    valid: {},
    unknown: 'timeoutMs',
  },
  {
    name: 'clock.runUntilQuiet',
    call: (options) => new VirtualClock().runUntilQuiet(options),
    valid: {},
    unknown: 'max',
  },
  { name: 'createDnsCache', call: (options) => createDnsCache(options), valid: {}, unknown: 'ttl' },
  { name: 'memoryPair', call: (options) => memoryPair(options), valid: {}, unknown: 'latencyMs' },
  {
    name: 'transportFromStreams',
    call: (options) => transportFromStreams(protocol, streams(), options),
    valid: {},
    unknown: 'highWaterMark',
  },
]

for (const { name, call, valid, unknown } of TAKERS) {
  for (const option of [unknown, 'toString', 'constructor']) {
    test(`${name} refuses the option ${option}`, async () => {
      const called = (async () => call({ ...valid, [option]: undefined } as never))()
      await expect(called).rejects.toThrow(TypeError)
      await expect(called).rejects.toThrow(`there is no option "${option}": there are `)
    })
  }
}

const NESTED: { name: string; call: (options: never) => unknown; valid: object; nested: string[] }[] = [
  {
    name: 'createConnection',
    call: (options) => createConnection(protocol, options),
    valid: { host: '127.0.0.1', port: 1 },
    nested: ['writeBufferLimits.hihg', ...OF_TLS, 'tls.onSesion'],
  },
  {
    name: 'createServer',
    call: (options) => createServer(protocol, options),
    valid: { port: 0 },
    nested: ['writeBufferLimits.highWaterMark', ...OF_TLS, 'tls.onSession'],
  },
  {
    name: 'startTls',
    call: (options) => startTls(memoryPair().client, options),
    valid: { side: 'client', host: 'a.example' },
    nested: [...OF_TLS, 'tls.onSesion'],
  },
  {
    name: 'memoryPair',
    call: (options) => memoryPair(options),
    valid: {},
    nested: ['writeBufferLimits.hihg', 'link.latency', 'clientToServer.max', 'serverToClient.constructor'],
  },
]

for (const { name, call, valid, nested } of NESTED) {
  for (const path of nested) {
    test(`${name} refuses ${path}`, async () => {
      const [option = '', member = ''] = path.split('.')
      const called = (async () => call({ ...valid, [option]: { [member]: 1 } } as never))()
      await expect(called).rejects.toThrow(TypeError)
      await expect(called).rejects.toThrow(`there is no option "${path}"`)
    })
  }
}
