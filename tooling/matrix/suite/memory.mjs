// The transport and connections in memory, and connections over Web streams: everything below a session without a network.
import { connectionFromStreams } from '@x/streams/from-streams'
import { memoryConnections } from '@x/streams/memory'
import { memoryPair } from '@x/transport/memory'
import { bytes, equal, holds, isPattern, pattern, rejection, text } from './expect.mjs'

/** @type {import('./run-cases.mjs').Case[]} */
export const memoryCases = [
  {
    feature: 'memory',
    name: 'protocols are called in order, on a clock that only the test moves',
    async run() {
      const { calls, protocol } = recorder()
      const pair = memoryPair({
        client: () => protocol,
        server: echo,
        link: { latencyMs: 50, seed: 1, maxChunkBytes: 4 },
      })
      pair.client.writeLatin1('0123456789')
      pair.client.writeEof()
      await pair.clock.runUntilQuiet()
      const data = calls.filter((call) => call.startsWith('data ')).map((call) => call.slice(5))
      equal([data.join(''), data.every((chunk) => chunk.length <= 4)], ['0123456789', true])
      equal(
        calls.filter((call) => !call.startsWith('data ')),
        ['made', 'eof', 'lost eof'],
      )
      equal(pair.clock.now(), 100)
    },
  },
  {
    feature: 'memory',
    name: 'any chunking and a small kernel buffer: the bytes are the same, and drain waits',
    async run() {
      for (let seed = 1; seed <= 5; seed++) {
        const link = { seed, maxChunkBytes: 1000, capacityBytes: 4096 }
        const { client, server } = memoryConnections({ link })
        const sending = sendPattern(client, 300_000)
        const received = await server.reader.readAll()
        await sending
        equal([received.length, isPattern(received)], [300_000, true])
        await Promise.all([client.close(), server.close()])
      }
    },
  },
  {
    feature: 'memory',
    name: 'a reset is an error for both, behind what had arrived',
    async run() {
      const { client, server, serverToClient } = memoryConnections()
      server.writer.writeText('before')
      await server.writer.flush()
      equal(text(await client.reader.read()), 'before')
      serverToClient.reset()
      for (const { reader } of [client, server])
        equal((await rejection(reader.read())).code, 'ERR_STREAM_FAILED')
      equal((await client.closed).reason, 'error')
    },
  },
  {
    feature: 'web-streams',
    name: 'a connection over a pair of Web streams: both ways, half-close, back-pressure',
    async run() {
      const [left, right] = [new TransformStream(), new TransformStream()]
      const near = connectionFromStreams(
        { readable: left.readable, writable: right.writable },
        { allowHalfOpen: true },
      )
      const far = connectionFromStreams({ readable: right.readable, writable: left.writable })
      const echoing = (async () => {
        for await (const chunk of far.reader) {
          far.writer.writeOwned(chunk)
          await far.writer.drain()
        }
        await far.close()
      })()
      const [received] = await Promise.all([near.reader.readAll(), sendPattern(near, 300_000), echoing])
      equal([received.length, isPattern(received)], [300_000, true])
      equal(near.info.bytesRead, 300_000)
      await near.close()
    },
  },
  {
    feature: 'web-streams',
    name: 'a stream that fails, and an abort',
    async run() {
      const cause = new Error('cable')
      const readable = new ReadableStream({
        start(controller) {
          controller.enqueue(bytes('abc'))
        },
        pull: () => Promise.reject(cause),
      })
      const failing = connectionFromStreams({ readable, writable: new WritableStream() })
      equal((await failing.closed).reason, 'error')
      equal((await rejection(failing.reader.readExactly(4))).cause === cause, true)
      const idle = connectionFromStreams(new TransformStream())
      const reading = rejection(idle.reader.read())
      const reason = new Error('enough')
      idle.abort(reason)
      equal((await reading).cause === reason, true)
      holds((await idle.closed).reason === 'aborted', 'the reason is the abort')
    },
  },
]

/**
 * @param {import('@x/streams').Connection} connection
 * @param {number} byteCount
 */
export async function sendPattern({ writer }, byteCount) {
  const octets = pattern(byteCount)
  for (let at = 0; at < byteCount; at += 10_000) {
    writer.write(octets.subarray(at, at + 10_000))
    await writer.drain()
  }
  await writer.flush()
  writer.writeEof()
}

/** @returns {import('@x/transport').Protocol} */
function echo() {
  /** @type {import('@x/transport').Transport} */
  let transport
  return {
    connectionMade: (made) => void (transport = made),
    dataReceived: (data) => transport.writeOwned(data),
  }
}

export function recorder() {
  /** @type {string[]} */
  const calls = []
  /** @type {(reason: import('@x/transport').CloseReason) => void} */
  let tellLost
  const lost = new Promise((resolve) => (tellLost = resolve))
  /** @type {import('@x/transport').Protocol} */
  const protocol = {
    connectionMade: () => void calls.push('made'),
    dataReceived: (data) => void calls.push(`data ${text(data)}`),
    eofReceived: () => void calls.push('eof'),
    connectionLost(reason) {
      calls.push(`lost ${reason.reason}`)
      tellLost(reason)
    },
  }
  return { calls, protocol, lost }
}
