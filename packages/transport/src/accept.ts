import { createServer as createTcpServer } from 'node:net'
import type { Server as NetServer, Socket } from 'node:net'
import { createServer as createTlsServer, TLSSocket } from 'node:tls'
import { discard } from './dial.ts'
import { TlsError } from './errors.ts'
import type { BufferedProtocol, Protocol } from './protocol.ts'
import { checkProtocol } from './protocol-check.ts'
import type { ListenPlan } from './server-options.ts'
import { SocketChannel } from './socket-channel.ts'
import { TlsFacts } from './socket-info.ts'
import { StreamTransport } from './stream-transport.ts'
import { withTlsOptions } from './tls-client.ts'
import { tellHook } from './transport-options.ts'
import type { TransportSettings } from './transport-options.ts'

/** setTimeout's longest delay, in place of none. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** What becomes of an accepted socket. */
export interface Acceptance {
  readonly plan: Pick<ListenPlan, 'tls' | 'handshakeTimeoutMs' | 'noDelay'>
  /** Every socket from its first moment to its last: on TLS, long before it is a connection. */
  readonly onSocket: (socket: Socket) => void
  /** A connection; on TLS, secure. */
  readonly onConnection: (socket: Socket) => void
  readonly onError: (error: unknown) => void
}

/**
 * A server of Node's that is not listening yet.
 *
 * @throws {TlsError} `ERR_TRANSPORT_TLS_CONTEXT`.
 */
export function makeNetServer({ plan, onSocket, onConnection, onError }: Acceptance): NetServer {
  const { noDelay } = plan
  // Listeners live as long as the server. Half-open towards Node: what follows the peer's end is the transport's decision.
  if (plan.tls === null)
    return createTcpServer({ allowHalfOpen: true, noDelay })
      .on('connection', onSocket)
      .on('connection', onConnection)
  const handshakeTimeout = Math.min(plan.handshakeTimeoutMs, LONGEST_TIMER_MS)
  // Not half-open before the handshake is done: a client that leaves would stay until the time limit.
  const options = { ...plan.tls, allowHalfOpen: false, noDelay, handshakeTimeout }
  return withTlsOptions(null, () => createTlsServer(options))
    .on('connection', onSocket)
    .on('secureConnection', (socket) => {
      socket.allowHalfOpen = true
      onConnection(socket)
    })
    .on('tlsClientError', (cause) => onError(handshakeError(cause)))
}

/** Joins an accepted socket to a protocol of its own. What the factory or the protocol throws ends this connection only. */
export function joinProtocol(
  socket: Socket,
  factory: () => Protocol | BufferedProtocol,
  { settings, path }: { settings: TransportSettings; path: string | null },
): void {
  const tls = socket instanceof TLSSocket ? new TlsFacts(socket) : null
  let transport: StreamTransport
  try {
    const protocol = checkProtocol(factory())
    transport = new StreamTransport(new SocketChannel(socket, { tls, path }), protocol, settings)
  } catch (error) {
    discard(socket)
    tellHook(settings.onProtocolError, error)
    return
  }
  try {
    transport.start()
  } catch {
    // The transport has reported it, and aborted itself.
  }
}

/** What went wrong in a handshake with a client. */
export function handshakeError(cause: unknown): TlsError {
  return new TlsError({ code: 'ERR_TRANSPORT_TLS_HANDSHAKE', host: null, cause })
}
