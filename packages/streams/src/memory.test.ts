import { expect, test } from 'vitest'
import { memoryConnections } from './memory.ts'
import { ascii, settle } from './text-and-turns.test-support.ts'

test('the same seed cuts the same way, and the bytes are whole', async () => {
  const cuts: number[][] = []
  for (let run = 0; run < 2; run++) {
    const { client, server } = memoryConnections({ link: { seed: 7, maxChunkBytes: 10 } })
    client.writer.write(new Uint8Array(100).fill(1))
    void client.close()
    const lengths: number[] = []
    for await (const chunk of server.reader) lengths.push(chunk.length)
    expect(lengths.reduce((sum, length) => sum + length)).toBe(100)
    cuts.push(lengths)
  }
  expect(cuts[0]).toEqual(cuts[1])
})

test('the timeout of a read passes on the pair’s clock', async () => {
  const { client, server, clock } = memoryConnections()
  const reading = client.reader.readLine({ timeoutMs: 60_000 })
  reading.catch(() => {})
  clock.advance(60_000)
  await expect(reading).rejects.toMatchObject({ code: 'ERR_READ_TIMEOUT' })
  server.writer.writeText('late\n')
  expect(await client.reader.readLine()).toBe('late')
})

test('latency, a reset at a byte, a stalled peer', async () => {
  const { client, server, clock, clientToServer } = memoryConnections({
    clientToServer: { latencyMs: 50, resetAfterBytes: 10 },
  })
  client.writer.writeText('12345')
  await settle()
  expect(server.reader.bufferedByteCount).toBe(0)
  clock.advance(50)
  await settle()
  expect(await server.reader.read()).toEqual(ascii('12345'))
  clientToServer.stall()
  client.writer.writeText('6789012345')
  await settle()
  clock.advance(1000)
  expect(server.reader.bufferedByteCount).toBe(0)
  clientToServer.flow()
  await clock.runUntilQuiet()
  expect((await server.closed).reason).toBe('error')
  await expect(server.reader.readExactly(100)).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } })
})
