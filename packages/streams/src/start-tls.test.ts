import { generate } from 'selfsigned'
import { expect, test } from 'vitest'
import { openConnection, startServer, startTls } from './index.ts'
import type { ConnectionHandler } from './index.ts'
import { ascii } from './text-and-turns.test-support.ts'

const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
  keyType: 'ec',
  algorithm: 'sha256',
  extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
})

async function served(handler: ConnectionHandler) {
  const errors: unknown[] = []
  const server = await startServer(handler, {
    host: '127.0.0.1',
    port: 0,
    onHandlerError: (error) => errors.push(error),
  })
  return { server, errors, connection: await openConnection({ host: '127.0.0.1', port: server.port }) }
}

const CLIENT = { side: 'client', host: 'localhost', tls: { ca: cert } } as const
const SERVER = { side: 'server', tls: { key, cert } } as const

test('C15 line, upgrade, line: reader and writer go on in place, on both sides', async () => {
  const { server, errors, connection } = await served(async (peer) => {
    const { reader, writer } = peer
    expect(await reader.readLine()).toBe('STARTTLS')
    writer.writeText('go ahead\n')
    await startTls(peer, SERVER)
    for await (const line of reader.lines({ limit: 300_000 })) writer.writeText(`${line}, securely\n`)
  })
  const { reader, writer } = connection
  writer.writeText('STARTTLS\n')
  expect(await reader.readLine()).toBe('go ahead')
  expect(connection.info.tls).toBe(null)
  await startTls(connection, CLIENT)
  expect(connection.info.tls).toMatchObject({ authorized: true, servername: 'localhost' })
  for (const line of ['hello', 'again']) {
    writer.writeText(`${line}\n`)
    expect(await reader.readLine()).toBe(`${line}, securely`)
  }
  writer.write(new Uint8Array(200_000).fill(97))
  writer.writeText('\n')
  expect((await reader.readLine({ limit: 300_000 }))?.length).toBe(200_010)
  await connection.close()
  expect(await connection.closed).toEqual({ reason: 'closed' })
  await server.shutdown()
  expect(errors).toEqual([])
})

test('C16 bytes that came before the handshake refuse it, and are still there', async () => {
  const { server, connection } = await served(async ({ reader, writer }) => {
    writer.writeText('go ahead\ninjected\n')
    await reader.readAll()
  })
  expect(await connection.reader.readLine()).toBe('go ahead')
  await expect(startTls(connection, CLIENT)).rejects.toMatchObject({ code: 'ERR_TRANSPORT_TLS_UNREAD_BYTES' })
  expect(await connection.reader.readLine()).toBe('injected')
  await connection.close()
  await server.shutdown()
})

test('C16 bytes that are the beginning of the handshake are transferred on request', async () => {
  const { server, connection, errors } = await served(async (peer) => {
    expect(await peer.reader.readLine()).toBe('PROXY TCP4 192.0.2.1 192.0.2.2 1 2')
    await peer.reader.peek(1) // the ClientHello has begun to arrive
    await startTls(peer, { ...SERVER, onUnreadBytes: 'transfer' })
    peer.writer.writeText(`${await peer.reader.readLine()}\n`)
  })
  connection.writer.writeText('PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n')
  await startTls(connection, CLIENT)
  connection.writer.writeText('through\n')
  expect(await connection.reader.readAll()).toEqual(ascii('through\n'))
  await connection.close()
  await server.shutdown()
  expect(errors).toEqual([])
})

test('C18 an abort in the middle of the handshake closes the connection', async () => {
  const { server, connection } = await served(async ({ reader }) => {
    await reader.readAll()
  })
  const controller = new AbortController()
  const upgrade = startTls(connection, { ...CLIENT, signal: controller.signal })
  const reason = new Error('not any more')
  setImmediate(() => controller.abort(reason))
  await expect(upgrade).rejects.toBe(reason)
  expect(await connection.closed).toMatchObject({ reason: 'aborted' })
  await server.shutdown()
})
