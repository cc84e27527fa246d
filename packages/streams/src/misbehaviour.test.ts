/** Handlers, hooks and peers that do what they should not: the server goes on, and ends when it is told to. */
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { openConnection, startServer, startTls } from './index.ts'
import type { ConnectionHandler } from './index.ts'

const HERE = { host: '127.0.0.1', port: 0 }

const HANDLERS: { name: string; handler: ConnectionHandler; told: number }[] = [
  {
    name: 'throws at once',
    handler: () => {
      throw new Error('no')
    },
    told: 1,
  },
  { name: 'rejects with nothing', handler: () => Promise.reject(undefined), told: 1 },
  { name: 'never ends', handler: () => new Promise(() => {}), told: 0 },
  {
    name: 'waits for a peer that says nothing',
    handler: async ({ reader }) => void (await reader.readAll()),
    told: 0,
  },
  {
    name: 'writes to a peer that does not read',
    handler: async ({ writer }) => {
      for (;;) {
        writer.write(new Uint8Array(100_000))
        await writer.drain()
      }
    },
    told: 0,
  },
]

for (const { name, handler, told } of HANDLERS) {
  for (const hook of ['that listens', 'that throws'] as const) {
    test(`a handler that ${name}, and a hook ${hook}: the server ends in its grace, nothing is left`, async () => {
      const errors: unknown[] = []
      const unhandled: unknown[] = []
      const note = (error: unknown): void => void unhandled.push(error)
      process.on('unhandledRejection', note)
      const server = await startServer(handler, {
        ...HERE,
        onHandlerError: (error) => {
          errors.push(error)
          if (hook === 'that throws') throw new Error('the hook, too')
        },
      })
      const client = await openConnection({ host: '127.0.0.1', port: server.port })
      client.transport.pauseReading()
      const isServed = (): boolean => (told > 0 ? errors.length === told : server.connectionCount > 0)
      while (!isServed()) await new Promise((resolve) => setImmediate(resolve))
      await server.shutdown({ graceMs: 20 })
      expect(server.connectionCount).toBe(0)
      expect(errors).toHaveLength(told)
      client.abort()
      await client.closed
      await new Promise((resolve) => setImmediate(resolve))
      process.off('unhandledRejection', note)
      expect(unhandled).toEqual([])
    })
  }
}

test('a peer that answers STARTTLS and then resets, or is silent: the upgrade fails and the connection is over', async () => {
  for (const act of ['reset', 'silence', 'junk'] as const) {
    const peer = createServer((socket) => {
      socket
        .on('error', () => {})
        .once('data', () => {
          if (act === 'reset') socket.resetAndDestroy()
          if (act === 'junk') socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')
        })
    }).listen(0, '127.0.0.1')
    await once(peer, 'listening')
    const { port } = peer.address() as AddressInfo
    const connection = await openConnection({ host: '127.0.0.1', port })
    const upgrade = startTls(connection, { side: 'client', host: 'a.example', handshakeTimeoutMs: 50 })
    const code = act === 'silence' ? 'ERR_TRANSPORT_TIMEOUT' : 'ERR_TRANSPORT_TLS_HANDSHAKE'
    await expect(upgrade, act).rejects.toMatchObject({ code })
    expect(await connection.closed, act).toMatchObject({ reason: 'error', cause: { code } })
    await expect(connection.reader.read(), act).rejects.toMatchObject({ code: 'ERR_STREAM_FAILED' })
    await new Promise((resolve) => peer.close(resolve))
  }
})
