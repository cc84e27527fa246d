/** What `console.log` shows of a connection: where it goes and how it stands, none of its bytes. */
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { openConnection, startServer, StreamProtocol } from './index.ts'
import { memoryConnections } from './memory.ts'
import { ascii } from './text-and-turns.test-support.ts'

test('a connection: reader, writer and transport, each in a line or a few', () => {
  const { client } = memoryConnections()
  client.reader.feed(ascii('a secret'))
  client.writer.writeText('another')
  expect(inspect(client).replaceAll(/\s+/g, ' ')).toBe(
    "Connection { reader: 'StreamReader(8 bytes)', " +
      'writer: { isClosing: false, bufferedByteCount: 7, unsentByteCount: 0 }, ' +
      'transport: StreamTransport { isClosing: false, isReading: true, bufferedByteCount: 0, info: { bytesRead: 0, bytesWritten: 0 } } }',
  )
  client.abort()
  expect(inspect(client)).toContain('isClosing: true')
})

test('a connection over sockets says where it goes, whatever is asked for', async () => {
  const server = await startServer(() => {}, { host: '127.0.0.1', port: 0 })
  const connection = await openConnection({ host: '127.0.0.1', port: server.port })
  const text = inspect(connection, { depth: null, showHidden: true })
  expect(text).toContain(`remotePort: ${server.port}`)
  expect(text).not.toMatch(/Uint8Array|Socket|Buffer/)
  expect(text.split('\n').length, text).toBeLessThan(20)
  expect(inspect(new StreamProtocol())).toBe('StreamProtocol { reader: StreamReader { limit: 65536 } }')
  connection.abort()
  await server.shutdown({ graceMs: 0 })
})
