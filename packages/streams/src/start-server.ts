import type { StreamReaderOptions } from '@x/stream-reader'
import { createServer } from '@x/transport'
import type { Server, ServerOptions, Transport } from '@x/transport'
import { Connection } from './connection.ts'
import { checkOptions, checkReader } from './option-checks.ts'
import { StreamProtocol } from './stream-protocol.ts'

/**
 * Serves one connection. When the promise that it returns resolves, what was written is sent and the connection closed; a handler that returns
 * none keeps the connection for whoever it gave it to.
 */
export type ConnectionHandler = (connection: Connection) => void | Promise<void>

/** Where to listen and how, and what each connection's reader is made with. */
export type StartServerOptions = ServerOptions & {
  /** Limit and water marks of each connection's reader. */
  reader?: StreamReaderOptions
  /**
   * Told of what a handler throws; its connection is aborted with that as the reason, the others go on. A handler that fails because its
   * connection was aborted on this side is not told of. Default: nobody is told.
   */
  onHandlerError?: (error: unknown, connection: Connection) => void
}

/**
 * Listens, and runs `handler` for each connection. asyncio: `start_server`.
 *
 * @returns When it listens; `shutdown` ends it in order, `close` only stops accepting.
 * @throws What `createServer` of `@x/transport` rejects with.
 */
export function startServer(handler: ConnectionHandler, options: StartServerOptions): Promise<Server> {
  if (typeof handler !== 'function')
    throw new TypeError('startServer() takes a function that serves a connection')
  const { reader, onHandlerError = ignore, ...listening } = checkOptions(options)
  checkReader(reader) // not first when the first connection comes
  if (typeof onHandlerError !== 'function') throw new TypeError('option "onHandlerError" must be a function')
  return createServer(() => new ServingProtocol({ reader, handler, onHandlerError }), listening)
}

interface Serving {
  readonly reader: StreamReaderOptions | undefined
  readonly handler: ConnectionHandler
  readonly onHandlerError: (error: unknown, connection: Connection) => void
}

class ServingProtocol extends StreamProtocol {
  readonly #serving: Serving

  constructor(serving: Serving) {
    super(serving.reader)
    this.#serving = serving
  }

  override connectionMade(transport: Transport): void {
    super.connectionMade(transport)
    void serve(new Connection(this), this.#serving)
  }
}

async function serve(connection: Connection, { handler, onHandlerError }: Serving): Promise<void> {
  try {
    const served = handler(connection)
    if (served === undefined) return
    await served
    void connection.close() // whether the peer took the rest is not the handler's matter
  } catch (error) {
    connection.abort(error)
    if (!isAbortedHere(error)) tell(onHandlerError, error, connection)
  }
}

/** A hook that throws has nobody left to report to, and must not end the process. */
function tell(hook: Serving['onHandlerError'], error: unknown, connection: Connection): void {
  try {
    hook(error, connection)
  } catch {
    // see above
  }
}

function isAbortedHere(error: unknown): boolean {
  const { code, reason } = (error ?? {}) as { code?: unknown; reason?: unknown }
  return reason === 'aborted' && (code === 'ERR_STREAM_FAILED' || code === 'ERR_WRITE_FAILED')
}

function ignore(): void {}
