import { expect, test } from 'vitest'
import { memoryPair } from './memory.ts'
import type { MemoryPairOptions } from './memory.ts'
import type { CloseReason, Protocol } from './protocol.ts'
import { BufferedRecorder, bytes, Recorder } from './test-peers.test-support.ts'

function connected(options: MemoryPairOptions = {}) {
  const near = new Recorder()
  const far = new Recorder()
  return { near, far, ...memoryPair({ client: () => near, server: () => far, ...options }) }
}

/** A client whose buffer fills at once: the peer's kernel takes one byte, and nothing arrives. */
function blocked(options: MemoryPairOptions = {}) {
  const pair = connected({ link: { capacityBytes: 1 }, ...options })
  pair.clientToServer.stall()
  return pair
}

const CLOSED = expect.objectContaining({ name: 'TransportClosedError', code: 'ERR_TRANSPORT_CLOSED' })

/** Every way to write one byte. */
const WRITES: { name: string; write: (transport: Recorder['transport']) => void }[] = [
  { name: 'write', write: (transport) => transport.write(bytes('x')) },
  { name: 'writeOwned', write: (transport) => transport.writeOwned(bytes('x')) },
  { name: 'writeOwnedMany', write: (transport) => transport.writeOwnedMany([bytes('x')]) },
  { name: 'writeLatin1', write: (transport) => transport.writeLatin1('x') },
]

test('B05 the end of the peer closes, after what eofReceived still writes', async () => {
  class Polite extends Recorder {
    override eofReceived(): void {
      this.transport.writeLatin1('bye')
      super.eofReceived()
    }
  }
  const near = new Polite()
  const { server, far } = connected({ client: () => near, allowHalfOpen: false })
  // Only the far end stays to listen.
  server.writeEof()
  await near.untilLost()
  await far.untilLost()
  expect(far.text).toBe('bye')
  expect(near.story).toEqual(['made', 'eof', 'lost'])
  expect(near.reasons).toEqual([{ reason: 'eof' }])
})

const CALLBACKS = [
  'dataReceived',
  'eofReceived',
  'writeBufferEmptied',
  'pauseWriting',
  'resumeWriting',
] as const
for (const callback of CALLBACKS) {
  test(`B07 ${callback} throws: the hook is told once, the connection is lost with the error`, async () => {
    const thrown = new Error(callback)
    const seen: unknown[] = []
    const near = new Recorder()
    near[callback] = () => {
      throw thrown
    }
    const { client, server } = memoryPair({
      client: () => near,
      server: () => new Recorder(),
      link: { capacityBytes: 1 },
      onProtocolError: (error) => seen.push(error),
    })
    client.setWriteBufferLimits({ high: 2 })
    server.writeLatin1('ab')
    server.writeEof()
    client.writeLatin1('abcdef')
    await near.untilLost()
    expect(near.reasons).toEqual([{ reason: 'error', cause: thrown }])
    expect(seen).toEqual([thrown])
  })
}

test('B07 connectionLost and the hook itself throw: nothing else happens', async () => {
  let calls = 0
  const fail = (): never => {
    calls++
    throw new Error('once more')
  }
  const { client } = memoryPair({
    client: () => ({ dataReceived() {}, connectionLost: fail }),
    onProtocolError: fail,
  })
  client.abort()
  await expect(client.closed).resolves.toEqual({ reason: 'aborted' })
  expect(calls).toBe(2)
})

test('B08 an error of the connection is told to connectionLost alone', async () => {
  const seen: unknown[] = []
  const { near, clientToServer } = connected({ onProtocolError: (error) => seen.push(error) })
  clientToServer.reset()
  await near.untilLost()
  expect(near.reasons).toMatchObject([{ reason: 'error', cause: { code: 'ECONNRESET' } }])
  expect(seen).toEqual([])
})

test('B13 another type than bytes is a TypeError', () => {
  const { client } = connected()
  expect(() => client.write('text' as never)).toThrow(TypeError)
  expect(() => client.writeOwned(new ArrayBuffer(1) as never)).toThrow(TypeError)
  expect(() => client.writeOwnedMany(['text'] as never)).toThrow(TypeError)
  expect(() => client.writeLatin1(bytes('x') as never)).toThrow(TypeError)
})

for (const { name, write } of WRITES) {
  test(`B14 B15 B16 B17 ${name} after writeEof, close and abort throws, whatever is buffered`, () => {
    for (const end of ['writeEof', 'close', 'abort'] as const) {
      for (const pair of [connected(), blocked()]) {
        if (pair.client.bufferedByteCount === 0) pair.client.writeLatin1('pending')
        pair.client[end]()
        expect(() => write(pair.client), `after ${end}`).toThrow(CLOSED)
      }
    }
  })

  test(`B20 ${name} after the connection broke is dropped in silence`, async () => {
    const { client, near, clientToServer } = connected()
    clientToServer.reset()
    write(client)
    await near.untilLost()
    write(client)
    expect(client.bufferedByteCount).toBe(0)
  })
}

test('B18 writeOwnedMany obeys the water marks', () => {
  const { client, near } = blocked()
  client.writeOwnedMany([new Uint8Array(40_000), new Uint8Array(40_000)])
  expect(near.calls).toEqual(['made', 'pause'])
})

test('B22 closed twice, aborted twice, both: lost once', async () => {
  for (const ways of [
    ['close', 'close'],
    ['abort', 'abort'],
    ['close', 'abort'],
    ['abort', 'close'],
  ] as const) {
    const { client, near } = connected()
    for (const way of ways) client[way]()
    await client.closed
    expect(near.story, `after ${ways.join()}`).toEqual(['made', 'lost'])
  }
})

test('B23 abort drops the buffer; isClosing at once, connectionLost later', async () => {
  const { client, near, far, clientToServer } = blocked()
  client.writeLatin1('never arrives')
  client.abort('why')
  expect([client.isClosing, near.reasons]).toEqual([true, []])
  clientToServer.flow()
  await client.closed
  await far.untilLost()
  expect(near.reasons).toEqual([{ reason: 'aborted', cause: 'why' }])
  expect(far.text).toBe('n')
})

test('B25 writeEof twice and after close: one end, nothing throws', async () => {
  const { client, far } = connected()
  client.writeEof()
  client.writeEof()
  client.close()
  client.writeEof()
  await far.untilLost()
  expect(far.calls.filter((call) => call === 'eof')).toHaveLength(1)
})

test('B29 B30 B31 new limits count at once, strictly paired', () => {
  const { client, near } = blocked()
  client.writeOwned(new Uint8Array(513))
  expect(client.bufferedByteCount).toBe(512)
  client.setWriteBufferLimits({ high: 256 })
  client.setWriteBufferLimits({ high: 128 })
  client.setWriteBufferLimits({ high: 4096 })
  client.setWriteBufferLimits({ high: 512 })
  expect(near.calls).toEqual(['made', 'pause', 'resume'])
  expect(client.writeBufferLimits).toEqual({ low: 128, high: 512 })
})

test('B31 fill, drain, fill, drain: pause, resume, pause, resume', async () => {
  const { client, near } = connected({ link: { capacityBytes: 4 }, writeBufferLimits: { high: 8, low: 2 } })
  for (let round = 1; round <= 2; round++) {
    client.writeOwned(new Uint8Array(30))
    await near.until(() => near.calls.filter((call) => call === 'emptied').length === round)
  }
  const turns = near.calls.filter((call) => call !== 'data')
  expect(turns).toEqual(['made', 'pause', 'resume', 'emptied', 'pause', 'resume', 'emptied'])
})

test('B32 info still answers after the close', async () => {
  const { client } = connected()
  client.writeLatin1('four')
  client.close()
  await client.closed
  expect(client.info).toMatchObject({ bytesWritten: 4, tls: null, path: null })
})

test('B35 the protocol changes kind while bytes flow', async () => {
  const plain = new Recorder()
  const buffered = new BufferedRecorder()
  const { client, server } = memoryPair({ client: () => plain, server: () => new Recorder() })
  server.writeLatin1('one')
  await plain.until(() => plain.text === 'one')
  client.setProtocol(buffered)
  server.writeLatin1('two')
  await buffered.record.until(() => buffered.record.text === 'two')
  expect(client.protocol).toBe(buffered)
  expect(() => client.setProtocol({} as Protocol)).toThrow(TypeError)
})

test('a protocol set while writing is paused is told so', () => {
  const { client } = blocked()
  client.setWriteBufferLimits({ high: 1 })
  client.writeLatin1('abc')
  const next = new Recorder()
  client.setProtocol(next)
  expect(next.calls).toEqual(['pause'])
})

test('C12 closed resolves for everybody, asked before or after', async () => {
  const { client } = connected()
  const before = client.closed
  client.close()
  const reasons: CloseReason[] = [await before, await client.closed, await client.closed]
  expect(new Set(reasons).size).toBe(1)
})

test('C13 close with a stuck peer ends with its grace; a further close shortens it', async () => {
  const { client, near, clock } = blocked()
  client.writeLatin1('stuck')
  client.close()
  clock.advance(9999)
  expect(near.reasons).toEqual([])
  client.close({ graceMs: 5 })
  clock.advance(5)
  await client.closed
  expect(near.reasons).toMatchObject([
    { reason: 'aborted', cause: { name: 'TransportTimeoutError', phase: 'close', limitMs: 5 } },
  ])
  expect(() => client.close({ graceMs: -1 })).toThrow(RangeError)
})

test('a peer that resets after all was handed over takes nothing from the close', async () => {
  const { client, near, clientToServer } = connected()
  client.writeLatin1('all out')
  client.close()
  clientToServer.reset()
  await client.closed
  expect(near.reasons).toEqual([{ reason: 'closed' }])
})

test('C13 what was not sent is known after the loss, whichever way it came', async () => {
  for (const end of ['abort', 'grace', 'reset', 'throw'] as const) {
    const near = new Recorder()
    const { client, clientToServer, clock } = blocked({ client: () => near })
    client.write(bytes('12345'))
    expect(client.bufferedByteCount).toBe(4)
    if (end === 'abort') client.abort()
    if (end === 'reset') clientToServer.reset()
    if (end === 'throw') {
      near.pauseWriting = () => {
        throw new Error(end)
      }
      client.setWriteBufferLimits({ high: 1 })
    }
    if (end === 'grace') {
      client.close({ graceMs: 10 })
      clock.advance(10)
    }
    await near.untilLost()
    expect(client.bufferedByteCount, end).toBe(4)
  }
})
