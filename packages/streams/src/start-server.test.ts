import { expect, test } from 'vitest'
import { openConnection, startServer } from './index.ts'
import type { Connection } from './index.ts'
import { ascii, settle } from './text-and-turns.test-support.ts'

const HERE = { host: '127.0.0.1', port: 0 }

test('C26 a handler as an async function: closed when it is done', async () => {
  await using server = await startServer(async ({ reader, writer }) => {
    writer.writeText(`you said ${await reader.readLine()}\n`)
  }, HERE)
  const { reader, writer } = await openConnection({ host: '127.0.0.1', port: server.port })
  writer.writeText('hello\n')
  expect(await reader.readAll()).toEqual(ascii('you said hello\n'))
})

test('C26 a handler as a plain function: keeps its connection', async () => {
  const connections: Connection[] = []
  await using server = await startServer((connection) => void connections.push(connection), HERE)
  const client = await openConnection({ host: '127.0.0.1', port: server.port })
  client.writer.writeText('hello\n')
  while (connections.length === 0) await settle()
  expect(await connections[0]?.reader.readLine()).toBe('hello')
  connections[0]?.writer.writeText('bye\n')
  expect(await client.reader.readLine()).toBe('bye')
  await client.close()
})

test('C27 a handler that throws: its connection is aborted, the hook is told, the others go on', async () => {
  const told: unknown[] = []
  await using server = await startServer(
    async ({ reader, writer }) => {
      const line = await reader.readLine()
      if (line === 'bad') throw new Error('cannot bear it')
      writer.writeText(`${line}\n`)
      await reader.readAll()
    },
    { ...HERE, onHandlerError: (error) => told.push(error) },
  )
  const target = { host: '127.0.0.1', port: server.port }
  const [good, bad] = await Promise.all([openConnection(target), openConnection(target)])
  bad.writer.writeText('bad\n')
  await bad.closed
  expect(told).toMatchObject([{ message: 'cannot bear it' }])
  good.writer.writeText('good\n')
  expect(await good.reader.readLine()).toBe('good')
  await good.close()
})

test('C27 a handler whose connection is aborted on this side is not told of', async () => {
  const told: unknown[] = []
  const server = await startServer(
    async ({ reader }) => {
      await reader.readAll()
    },
    { ...HERE, onHandlerError: (error) => told.push(error) },
  )
  const client = await openConnection({ host: '127.0.0.1', port: server.port })
  while (server.connectionCount === 0) await settle()
  server.abortClients(new Error('shutting down'))
  await client.closed
  await server.shutdown()
  expect(told).toEqual([])
})

test('C01 many clients at once, in order each', async () => {
  await using server = await startServer(async ({ reader, writer }) => {
    for await (const line of reader.lines()) {
      writer.writeText(`${line}\n`)
      await writer.drain()
    }
  }, HERE)
  const echoed = await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      const { reader, writer, closed } = await openConnection({ host: '127.0.0.1', port: server.port })
      for (let count = 0; count < 20; count++) writer.writeText(`${index}.${count}\n`)
      const lines: (string | null)[] = []
      for (let count = 0; count < 20; count++) lines.push(await reader.readLine())
      await writer.close()
      await closed
      return lines
    }),
  )
  for (const [index, lines] of echoed.entries())
    expect(lines).toEqual(Array.from({ length: 20 }, (_, count) => `${index}.${count}`))
})

test('a handler must be a function', () => {
  expect(() => startServer(undefined as never, HERE)).toThrow(TypeError)
})
