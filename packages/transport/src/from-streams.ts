/** Transports over the streams that a platform has already: nothing of Node is imported here. */
import { DuplexChannel } from './duplex-channel.ts'
import type { DuplexStream } from './duplex-channel.ts'
import { checkKnown } from './option-checks.ts'
import type { BufferedProtocol, Protocol } from './protocol.ts'
import { checkProtocol } from './protocol-check.ts'
import { READ_SIZE } from './read-side.ts'
import { StreamTransport } from './stream-transport.ts'
import type { Transport } from './transport.ts'
import { planTransports, TRANSPORT_OPTIONS } from './transport-options.ts'
import type { TransportOptions } from './transport-options.ts'
import { WebStreamsChannel } from './web-streams-channel.ts'
import type { WebStreamPair, WebStreamReader, WebStreamWriter } from './web-streams-channel.ts'

export type { DuplexStream, WebStreamPair, WebStreamReader, WebStreamWriter }

const LONGEST_TIMER_MS = 2 ** 31 - 1

const world = {
  scheduler: {
    soon: (callback: () => void) => queueMicrotask(callback),
    setTimer(callback: () => void, delayMs: number): () => void {
      if (delayMs > LONGEST_TIMER_MS) return () => {}
      const timer = setTimeout(callback, delayMs)
      return () => clearTimeout(timer)
    },
  },
  scratch: new Uint8Array(READ_SIZE),
}

/**
 * Joins a protocol to streams that are open already: a pair of Web streams (as sockets of other runtimes have them), or a stream of Node's kind
 * with two sides. The transport owns them from now on. `connectionMade` is called before this returns.
 *
 * @throws {TypeError | RangeError} An option or the streams are of the wrong kind, a Web stream is locked, or a Duplex has ended.
 * @throws What `factory` or `connectionMade` throws; the streams are closed.
 */
export function transportFromStreams<P extends Protocol | BufferedProtocol>(
  factory: () => P,
  streams: WebStreamPair | DuplexStream,
  options: TransportOptions = {},
): { transport: Transport; protocol: P } {
  checkKnown(options, TRANSPORT_OPTIONS)
  const settings = planTransports(options, world)
  const channel = isDuplex(streams) ? new DuplexChannel(streams) : new WebStreamsChannel(streams)
  try {
    const protocol = checkProtocol(factory())
    const transport = new StreamTransport(channel, protocol, settings)
    transport.start()
    return { transport, protocol }
  } catch (error) {
    channel.destroy()
    throw error
  }
}

/** In Node's streams `readable` and `writable` are flags. */
function isDuplex(streams: WebStreamPair | DuplexStream): streams is DuplexStream {
  const given = Object(streams) as Partial<DuplexStream & WebStreamPair & { readableEnded: boolean }>
  if (!given.destroyed && !given.readableEnded) {
    if (given.writableLength !== undefined && typeof given.on === 'function') return true
    if (typeof given.readable?.getReader === 'function') return false
  }
  throw new TypeError('streams must be Web streams { readable, writable }, or a Duplex that has not ended')
}
