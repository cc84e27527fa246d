import { memoryPair } from '@x/transport/memory'
import type { MemoryPair, MemoryPairOptions } from '@x/transport/memory'
import type { StreamReaderOptions } from '@x/stream-reader'
import { Connection, StreamProtocol } from './index.ts'

/** Two connections in memory, the pair of transports between them, and its clock. */
export function connectedPair(
  options: MemoryPairOptions & { reader?: StreamReaderOptions } = {},
): MemoryPair & { a: Connection; b: Connection } {
  const { reader, ...rest } = options
  const [left, right] = [new StreamProtocol(reader), new StreamProtocol(reader)]
  const pair = memoryPair({ ...rest, client: () => left, server: () => right })
  return { ...pair, a: new Connection(left), b: new Connection(right) }
}

/** Lets everything happen that needs no time to pass. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
