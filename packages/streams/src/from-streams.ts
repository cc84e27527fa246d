/** Connections over streams that are open already: nothing of Node is imported here. */
import type { StreamReaderOptions } from '@x/stream-reader'
import { transportFromStreams } from '@x/transport/from-streams'
import type { DuplexStream, WebStreamPair } from '@x/transport/from-streams'
import { Connection } from './connection.ts'
import { checkOptions, checkReader } from './option-checks.ts'
import { StreamProtocol } from './stream-protocol.ts'

/** What a connection over streams is made with. */
export interface FromStreamsOptions {
  /** Limit and water marks of the reader. */
  reader?: StreamReaderOptions
  /** Keep the writing side open when the peer has ended. Default: false. */
  allowHalfOpen?: boolean
}

/**
 * A reader and a writer over a pair of Web streams (as sockets of other runtimes have them) or over a stream of Node's kind with two sides.
 * The connection owns the streams from now on.
 *
 * @throws {TypeError | RangeError} An option, or the streams are of another kind, or locked.
 */
export function connectionFromStreams(
  streams: WebStreamPair | DuplexStream,
  options: FromStreamsOptions = {},
): Connection {
  const { reader, ...rest } = checkOptions(options)
  const protocol = new StreamProtocol(checkReader(reader)) // first: what is wrong with its options is known before the streams are taken
  transportFromStreams(() => protocol, streams, rest)
  return new Connection(protocol)
}
