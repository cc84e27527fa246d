/** Two connections without a network, for tests: on `memoryPair` of `@x/transport/memory`, with its faults and its clock. */
import type { StreamReaderOptions } from '@x/stream-reader'
import { memoryPair } from '@x/transport/memory'
import type { MemoryLinkControl, MemoryPairOptions, VirtualClock } from '@x/transport/memory'
import { Connection } from './connection.ts'
import { checkOptions, checkReader } from './option-checks.ts'
import { StreamProtocol } from './stream-protocol.ts'

/** What a pair of connections in memory is made with. */
export interface MemoryConnectionsOptions extends Omit<MemoryPairOptions, 'client' | 'server'> {
  /** Limit and water marks of both readers. Timeouts of reads pass on the pair's clock. */
  reader?: Omit<StreamReaderOptions, 'setTimer'>
}

/** Both ends, and the means to interfere. */
export interface MemoryConnections {
  /** The end that would have connected. */
  readonly client: Connection
  /** The end that would have been accepted. */
  readonly server: Connection
  /** Moves only when told to. */
  readonly clock: VirtualClock
  /** Faults of what the client sends. */
  readonly clientToServer: MemoryLinkControl
  /** Faults of what the server sends. */
  readonly serverToClient: MemoryLinkControl
}

/**
 * Connects two connections in memory: deterministic, with a seed for chunking, delays, limited kernel buffers, resets and stalls at will.
 *
 * @throws {TypeError | RangeError} An option has the wrong type or is out of range.
 */
export function memoryConnections(options: MemoryConnectionsOptions = {}): MemoryConnections {
  const { reader, ...rest } = checkOptions(options)
  checkReader(reader)
  // The clock is the pair's, which is made after the readers.
  const timed: StreamReaderOptions = {
    ...reader,
    setTimer: (callback, delayMs) => clock.setTimer(callback, delayMs),
  }
  const [left, right] = [new StreamProtocol(timed), new StreamProtocol(timed)]
  const { clock, clientToServer, serverToClient } = memoryPair({
    ...rest,
    client: () => left,
    server: () => right,
  })
  return {
    client: new Connection(left),
    server: new Connection(right),
    clock,
    clientToServer,
    serverToClient,
  }
}
