import type { StreamReaderOptions } from '@x/stream-reader'
import { createConnection } from '@x/transport'
import type { ConnectOptions } from '@x/transport'
import { Connection } from './connection.ts'
import { checkOptions, checkReader } from './option-checks.ts'
import { StreamProtocol } from './stream-protocol.ts'

/** Where to connect to and how, and what the reader is made with. */
export type OpenConnectionOptions = ConnectOptions & {
  /** Limit and water marks of the reader. */
  reader?: StreamReaderOptions
}

/**
 * Connects and returns a reader and a writer. asyncio: `open_connection`.
 *
 * @throws What `createConnection` of `@x/transport` rejects with.
 *
 * Abort: rejects with `signal.reason`; no socket is left behind.
 */
export async function openConnection(options: OpenConnectionOptions): Promise<Connection> {
  const { reader, ...connecting } = checkOptions(options)
  const protocol = new StreamProtocol(checkReader(reader)) // first: what is wrong with its options is known before anything is opened
  await createConnection(() => protocol, connecting)
  return new Connection(protocol)
}
