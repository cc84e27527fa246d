import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { openConnection } from './index.ts'
import { ascii } from './text-and-turns.test-support.ts'

async function echoServer() {
  const server = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

test('openConnection: reader and writer over a real socket', async () => {
  const { server, port } = await echoServer()
  const { reader, writer, info, closed, transport } = await openConnection({
    host: '127.0.0.1',
    port,
    reader: { limit: 10 },
  })
  expect(info).toMatchObject({ remoteAddress: '127.0.0.1', remotePort: port, tls: null })
  transport.ref()
  writer.writeText('a line\n')
  expect(await reader.readLine()).toBe('a line')
  writer.writeText('a line that is too long\n')
  await expect(reader.readLine()).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED', limit: 10 })
  writer.write(new Uint8Array(5_000_000).fill(1))
  expect((await reader.readUntil('\n', { limit: 100 })).length).toBe(24)
  expect((await reader.readExactly(5_000_000)).every((byte) => byte === 1)).toBe(true)
  await writer.close()
  expect(await closed).toEqual({ reason: 'closed' })
  server.close()
})

test('openConnection: an unreferenced connection and a referenced one', async () => {
  const { server, port } = await echoServer()
  const connection = await openConnection({ host: '127.0.0.1', port })
  connection.unref()
  connection.ref()
  connection.writer.write(ascii('x'))
  expect(await connection.reader.read()).toEqual(ascii('x'))
  await connection.close()
  server.close()
})

test('openConnection: abort rejects with the reason; a refusal is the transport’s error', async () => {
  const { server, port } = await echoServer()
  const reason = new Error('not any more')
  await expect(openConnection({ host: '127.0.0.1', port, signal: AbortSignal.abort(reason) })).rejects.toBe(
    reason,
  )
  await new Promise((resolve) => server.close(resolve))
  await expect(openConnection({ host: '127.0.0.1', port })).rejects.toMatchObject({
    code: 'ERR_TRANSPORT_CONNECT_FAILED',
  })
})
