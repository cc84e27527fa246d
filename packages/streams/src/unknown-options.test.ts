/** A misspelt option is refused by name, before anything is opened; those of the reader are not taken for the transport's. */
import { expect, test } from 'vitest'
import { connectionFromStreams } from './from-streams.ts'
import { openConnection, startServer } from './index.ts'
import { memoryConnections } from './memory.ts'

const streams = (): { readable: ReadableStream<Uint8Array>; writable: WritableStream<Uint8Array> } => ({
  readable: new ReadableStream<Uint8Array>(),
  writable: new WritableStream<Uint8Array>(),
})

const TAKERS: { name: string; call: (options: never) => unknown; valid: object }[] = [
  {
    name: 'openConnection',
    call: (options) => openConnection(options),
    valid: { host: '127.0.0.1', port: 1 },
  },
  { name: 'startServer', call: (options) => startServer(() => {}, options), valid: { port: 0 } },
  { name: 'memoryConnections', call: (options) => memoryConnections(options), valid: {} },
  { name: 'connectionFromStreams', call: (options) => connectionFromStreams(streams(), options), valid: {} },
]

for (const { name, call, valid } of TAKERS) {
  test(`${name} refuses an option that it does not have`, async () => {
    const called = (async () => call({ ...valid, reader: { limit: 10 }, timeoutMs: 1 } as never))()
    await expect(called).rejects.toThrow('there is no option "timeoutMs"')
  })
}
