import { isIP } from 'node:net'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { handshakeError, makeNetServer } from './accept.ts'
import { ConnectScope } from './connect-scope.ts'
import { discard } from './dial.ts'
import { NotSupportedError, TlsError, TransportClosedError } from './errors.ts'
import { finishHandshake } from './handshake.ts'
import type { CloseReason } from './protocol.ts'
import { SocketChannel } from './socket-channel.ts'
import { TlsFacts } from './socket-info.ts'
import { planStartTls } from './start-tls-options.ts'
import type { StartTlsOptions, StartTlsPlan } from './start-tls-options.ts'
import { StreamTransport } from './stream-transport.ts'
import { beginHandshake, withTlsOptions } from './tls-client.ts'
import type { Transport } from './transport.ts'
import type { TransportSettings } from './transport-options.ts'

const EMPTY = new Uint8Array(0)

/**
 * Puts TLS over an open connection. What was written before is flushed first. From the call on the old transport takes no
 * more writes; its `close()` and `abort()` reach the new one, and its `closed` is the new one's.
 *
 * @param transport A transport of `createConnection`, `createServer` or `startTls`.
 * @returns The secure transport; the protocol's callbacks continue on it, without `connectionMade`.
 * @throws {TypeError | RangeError} An option, or `transport` is none of this package's.
 * @throws {NotSupportedError} The transport has no socket (`memoryPair`).
 * @throws {TransportClosedError} The transport is closing, or one direction has ended.
 * @throws {TlsError} `…_TLS_UNREAD_BYTES`: the connection is as it was. All other errors close the connection: the protocol's
 *   `connectionLost` tells the same error.
 * @throws {TransportTimeoutError} The handshake took too long.
 *
 * Abort: rejects with `signal.reason`, the connection is closed.
 */
export async function startTls(transport: Transport, options: StartTlsOptions): Promise<Transport> {
  if (!(transport instanceof StreamTransport)) {
    throw new TypeError('startTls() takes a transport of createConnection(), createServer() or startTls()')
  }
  const plan = planStartTls(options)
  const { settings } = transport
  const { channel } = transport.handover
  if (!(channel instanceof SocketChannel)) throw new NotSupportedError('startTls() needs a socket')
  const scope = new ConnectScope({ scheduler: settings.scheduler, signal: plan.signal, phase: 'tls' })
  scope.limit(plan.handshakeTimeoutMs)
  const wasReading = transport.isReading
  try {
    transport.pauseReading()
    await flush(transport, channel, scope)
    checkOpen(transport) // once more: the caller may have closed it in the moment between, or started TLS twice
    const early = claimEarlyBytes(transport, channel, plan)
    if (early === undefined) {
      throw new TlsError({
        code: 'ERR_TRANSPORT_TLS_UNREAD_BYTES',
        host: plan.terms.side === 'client' ? plan.terms.host : null,
      })
    }
    return await upgrade(transport, channel, { plan, scope, early })
  } catch (error) {
    // Refused: the connection is as it was. In every other case there is nothing to resume.
    if (wasReading) transport.resumeReading()
    throw error
  } finally {
    scope.dispose()
  }
}

/** Everything written so far leaves unencrypted; the socket's queue is empty when TLS takes it over. */
async function flush(transport: StreamTransport, channel: SocketChannel, scope: ConnectScope): Promise<void> {
  try {
    checkOpen(transport)
    if (channel.bufferedByteCount === 0) return scope.throwIfEnded()
    await scope.run<void>((resolve) => {
      channel.socket.write(EMPTY, () => resolve())
      return () => {}
    })
    checkOpen(transport)
  } catch (error) {
    if (!transport.isClosing && !(error instanceof TransportClosedError)) transport.abort(error)
    throw error
  }
}

function checkOpen(transport: StreamTransport): void {
  if (transport.handover.phase === 'open') return
  const because = transport.isClosing ? 'the transport is closing' : 'one direction has ended'
  throw new TransportClosedError({ operation: 'startTls()', reason: null, because })
}

/** The bytes that came before, in order; undefined where there are some and there must be none. */
function claimEarlyBytes(
  transport: StreamTransport,
  { socket }: SocketChannel,
  plan: StartTlsPlan,
): Uint8Array[] | undefined {
  const { reader } = transport
  const byteCount = plan.unreadBytes.length + reader.heldByteCount + socket.readableLength
  if (byteCount > 0 && plan.onUnreadBytes === 'reject') return undefined
  return [plan.unreadBytes, ...reader.takeHeld()]
}

async function upgrade(
  transport: StreamTransport,
  channel: SocketChannel,
  { plan, scope, early }: { plan: StartTlsPlan; scope: ConnectScope; early: Uint8Array[] },
): Promise<Transport> {
  const { socket } = channel
  const { settings } = transport
  let given: CloseReason | undefined
  const giveUp = (reason: CloseReason, error: unknown): void => {
    given = reason
    scope.end(error)
  }
  transport.handOver({
    close: () => giveUp({ reason: 'closed' }, closedMeanwhile('the transport was closed')),
    abort: (cause) =>
      giveUp({ reason: 'aborted', cause }, cause ?? closedMeanwhile('the transport was aborted')),
  })
  channel.detach()
  socket.on('error', () => {}) // the TLS socket tells them; goes with the socket
  // Put back in front of what the socket holds itself: Node begins the handshake with all of it.
  for (const chunk of early.toReversed()) if (chunk.length > 0) socket.unshift(chunk)
  try {
    const secured = await (plan.terms.side === 'client'
      ? beClient(socket, plan.terms, { scope, settings })
      : beServer(socket, plan.terms, scope))
    scope.throwIfEnded()
    const secureChannel = new SocketChannel(secured.socket, { tls: secured.facts, path: transport.info.path })
    const next = new StreamTransport(secureChannel, plan.protocol ?? transport.protocol, settings)
    next.setWriteBufferLimits(transport.writeBufferLimits)
    next.attach()
    transport.succeedBy(next)
    return next
  } catch (error) {
    discard(socket)
    const isAborted = plan.signal?.aborted && error === plan.signal.reason
    transport.endHandedOver(
      given ?? { reason: isAborted ? 'aborted' : 'error', cause: error },
      'tell the protocol',
    )
    throw error
  }
}

function closedMeanwhile(because: string): TransportClosedError {
  return new TransportClosedError({ operation: 'the TLS handshake', reason: null, because })
}

interface Secured {
  readonly socket: TLSSocket
  readonly facts: TlsFacts
}

async function beClient(
  socket: Socket,
  { host, tls }: Extract<StartTlsPlan['terms'], { side: 'client' }>,
  { scope, settings }: { scope: ConnectScope; settings: TransportSettings },
): Promise<Secured> {
  const own = { socket, host, servername: tls.servername ?? (isIP(host) === 0 ? host : '') }
  const secure = withTlsOptions(host, () => beginHandshake(tls, own, settings))
  return { socket: secure, facts: await finishHandshake(secure, tls.servername || host, scope) }
}

/** Node's server side of TLS is a server: one that never listens, and is given this one connection. */
function beServer(
  socket: Socket,
  { tls }: Extract<StartTlsPlan['terms'], { side: 'server' }>,
  scope: ConnectScope,
): Promise<Secured> {
  return scope.run((resolve, reject) => {
    const server = makeNetServer({
      plan: { tls, handshakeTimeoutMs: Infinity, noDelay: true },
      onSocket: () => {},
      onConnection: (secure) => {
        socket.off('close', onClose)
        resolve({ socket: secure as TLSSocket, facts: new TlsFacts(secure as TLSSocket) })
      },
      onError: reject,
    })
    const onClose = (): void => reject(handshakeError(new Error('the connection was closed')))
    socket.on('close', onClose)
    socket.allowHalfOpen = false // as of any socket of a TLS server, until the handshake is done
    server.emit('connection', socket)
    return () => discard(socket)
  })
}
