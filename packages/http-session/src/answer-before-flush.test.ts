/** A platform that tells late that bytes have left, as Node does under TLS: the answer to all of a request is no early one. */
import { expect, test } from 'vitest'
import { memoryConnections } from '@x/streams/memory'
import { ClientSession } from './index.ts'
import type { ByteWriter } from './index.ts'

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

test('P37 an answer between the last piece and the news that it has left keeps the connection', async () => {
  let connectionCount = 0
  const session = new ClientSession({
    connector: async () => {
      connectionCount += 1
      const { client, server } = memoryConnections()
      let tellAnswered = (): void => {}
      let answered = Promise.resolve()
      void (async () => {
        for (;;) {
          answered = new Promise((resolve) => (tellAnswered = resolve))
          await server.reader.readUntil('0\r\n\r\n')
          server.writer.writeText(ANSWER)
          await server.writer.flush()
        }
      })().catch(() => {})
      const { writer } = client
      const late: ByteWriter = {
        get bufferedByteCount() {
          return writer.bufferedByteCount
        },
        get unsentByteCount() {
          return writer.unsentByteCount
        },
        get isClosing() {
          return writer.isClosing
        },
        writeOwned: (bytes) => writer.writeOwned(bytes),
        writeText: (text, encoding) => writer.writeText(text, encoding),
        drain: () => writer.drain(),
        async flush() {
          writer.push()
          await answered
        },
      }
      const { reader, closed } = client
      return {
        reader,
        writer: late,
        closed,
        close: () => client.close(),
        abort(reason) {
          tellAnswered()
          client.abort(reason)
        },
      }
    },
  })
  for (let count = 0; count < 3; count++) {
    async function* body(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(1)
      yield Uint8Array.of(2)
    }
    const response = await session.post('http://a.example/', { body: body() })
    expect(await response.text()).toBe('ok')
  }
  expect(connectionCount).toBe(1)
  await session.close()
})
