/** A misspelt option is refused by name, before anything is opened. */
import { expect, test } from 'vitest'
import { transportFromStreams } from './from-streams.ts'
import { createConnection, createDnsCache, createServer, startTls } from './index.ts'
import { memoryPair } from './memory.ts'

const protocol = (): { dataReceived(): void } => ({ dataReceived() {} })
const streams = (): { readable: ReadableStream<Uint8Array>; writable: WritableStream<Uint8Array> } => ({
  readable: new ReadableStream<Uint8Array>(),
  writable: new WritableStream<Uint8Array>(),
})

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
