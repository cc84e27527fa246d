import type { TLSSocket } from 'node:tls'
import type { IpAddress } from './addresses.ts'
import { planConnection } from './connect-options.ts'
import type { ConnectOptions, ConnectPlan } from './connect-options.ts'
import { ConnectScope } from './connect-scope.ts'
import { dial, discard, tlsHost } from './dial.ts'
import type { Dialled } from './dial.ts'
import { ConnectError } from './errors.ts'
import { finishHandshake } from './handshake.ts'
import type { BufferedProtocol, Protocol } from './protocol.ts'
import { checkFactory, checkProtocol } from './protocol-check.ts'
import { resolveHost } from './resolve-host.ts'
import { SocketChannel } from './socket-channel.ts'
import type { TlsFacts } from './socket-info.ts'
import { StreamTransport } from './stream-transport.ts'
import type { Transport } from './transport.ts'

/**
 * Opens a connection and joins it to a protocol of the caller's: `connectionMade` runs, then this resolves, then the first
 * data comes.
 *
 * @param factory Makes the protocol; called once, when the connection stands (with TLS: is secure).
 * @throws {TypeError | RangeError} An option has the wrong type, is out of range or contradicts another.
 * @throws {DnsError} The name could not be resolved.
 * @throws {ConnectError} No address answered, or `blockList` allowed none.
 * @throws {TlsError} The handshake failed or the certificate was not accepted.
 * @throws {TransportTimeoutError} A limit was reached; `phase` says in what.
 * @throws What `factory` or `connectionMade` throws; the connection is closed.
 *
 * Abort: rejects with `signal.reason`, in every phase; every socket is closed.
 */
export async function createConnection<P extends Protocol | BufferedProtocol>(
  factory: () => P,
  options: ConnectOptions,
): Promise<{ transport: Transport; protocol: P }> {
  checkFactory(factory)
  const plan = planConnection(options)
  const { transport: settings } = plan
  const { scheduler } = settings
  const scope = new ConnectScope({ scheduler, signal: plan.signal, phase: 'connect', onPhase: plan.onPhase })
  try {
    const channel = await establish(plan, scope)
    try {
      const protocol = checkProtocol(factory())
      const transport = new StreamTransport(channel, protocol, settings)
      transport.start()
      return { transport, protocol }
    } catch (error) {
      discard(channel.socket)
      throw error
    }
  } finally {
    scope.dispose()
  }
}

async function establish(plan: ConnectPlan, scope: ConnectScope): Promise<SocketChannel> {
  scope.throwIfEnded()
  scope.limit(plan.connectTimeoutMs)
  const found = addressesOf(plan, scope)
  const dialled = await dial(plan, found instanceof Promise ? await found : found, scope)
  try {
    const tls = plan.tls === null ? null : await secure(plan, dialled, scope)
    scope.throwIfEnded() // the caller may have given up in the moment between
    return openChannel(plan, dialled, tls)
  } catch (error) {
    discard(dialled.socket)
    throw error
  }
}

function addressesOf(plan: ConnectPlan, scope: ConnectScope): IpAddress[] | Promise<IpAddress[]> {
  const { target, family, localAddress, lookup, blockList } = plan
  if ('path' in target) return []
  return resolveHost({ host: target.host, port: target.port, family, localAddress, lookup, blockList }, scope)
}

function secure(plan: ConnectPlan, { socket }: Dialled, scope: ConnectScope): Promise<TlsFacts> {
  scope.limit(plan.handshakeTimeoutMs)
  return finishHandshake(socket as TLSSocket, tlsHost(plan), scope)
}

function openChannel(
  { target }: ConnectPlan,
  { socket, readPort }: Dialled,
  tls: TlsFacts | null,
): SocketChannel {
  const path = 'path' in target ? target.path : null
  if (!socket.destroyed) return new SocketChannel(socket, { tls, path, readPort })
  throw new ConnectError({
    code: 'ERR_TRANSPORT_CONNECT_FAILED',
    address: 'path' in target ? target.path : target.host,
    port: 'path' in target ? null : target.port,
    errors: [socket.errored ?? new Error('the connection was lost at once')],
  })
}
