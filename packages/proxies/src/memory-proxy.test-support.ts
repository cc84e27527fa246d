/** A proxy in memory: its end of each connection is a script's, on the real transport, reader and writer. */
import type { Connection } from '@x/streams'
import { memoryConnections } from '@x/streams/memory'
import { StreamWriterError } from '@x/stream-writer'
import type { ConnectTarget, Dial } from './ports.ts'

/** What the proxy does with its end of the n-th connection, counted from 0. */
export type Script = (peer: Connection, index: number) => unknown

export interface MemoryProxy {
  /** Reaches it. */
  readonly connect: Dial
  /** What `connect` was asked for, in order. */
  readonly targets: ConnectTarget[]
  /** This side's ends. */
  readonly clients: Connection[]
  /** The proxy's ends. */
  readonly peers: Connection[]
  /** Connections that stand, as this side sees them. */
  openCount(): number
}

export function memoryProxy(script: Script): MemoryProxy {
  const targets: ConnectTarget[] = []
  const clients: Connection[] = []
  const peers: Connection[] = []
  return {
    targets,
    clients,
    peers,
    openCount: () => clients.filter(({ writer }) => !writer.isClosing).length,
    connect: async (target, { signal }) => {
      signal.throwIfAborted()
      const { client, server } = memoryConnections()
      targets.push(target)
      clients.push(client)
      peers.push(server)
      Promise.resolve(script(server, peers.length - 1)).catch(unlessClientLeft)
      return client
    },
  }
}

/** Writes the pieces one after the other, each as an arrival of its own. */
export async function writePieces({ writer }: Connection, pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces) {
    writer.write(piece)
    await writer.flush()
    await settle()
  }
}

/** The octets whole, one by one, and cut in two at every place. */
export function everySplit(wire: Uint8Array): Uint8Array[][] {
  const splits = [[wire], Array.from(wire, (octet) => Uint8Array.of(octet))]
  for (let at = 1; at < wire.length; at++) splits.push([wire.slice(0, at), wire.slice(at)])
  return splits
}

/** Octets of a text, one for each character. */
export function octets(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

/** Lets everything happen that needs no time to pass. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** What a promise rejects with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('it did not reject')
}

function unlessClientLeft(error: unknown): void {
  const { code } = error as { code?: unknown }
  if (!StreamWriterError.is(error) && code !== 'ERR_INCOMPLETE_READ' && code !== 'ERR_STREAM_FAILED')
    throw error
}
