import { connect as connectTcp, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import type { SecureContext } from 'node:tls'
import { interleaveFamilies } from './addresses.ts'
import type { IpAddress } from './addresses.ts'
import type { ConnectPlan } from './connect-options.ts'
import type { ConnectScope } from './connect-scope.ts'
import { ConnectError, TlsError } from './errors.ts'
import { race } from './race.ts'
import type { Attempt } from './race.ts'
import { ReadPort } from './socket-channel.ts'
import { beginHandshake, withTlsOptions } from './tls-client.ts'

/** A connected socket whose bytes come through `readPort`; on TLS the handshake is still under way. */
export interface Dialled {
  readonly socket: Socket
  readonly readPort: ReadPort
}

/** What one attempt is for. */
type Destination = IpAddress | { readonly path: string }

/**
 * Connects to the first address that answers.
 *
 * @throws {ConnectError} None did.
 * @throws {TlsError} `ERR_TRANSPORT_TLS_CONTEXT`, before anything is sent.
 */
export function dial(
  plan: ConnectPlan,
  addresses: readonly IpAddress[],
  scope: ConnectScope,
): Promise<Dialled> {
  scope.enter('connect')
  const destinations: Destination[] = 'path' in plan.target ? [plan.target] : interleaveFamilies(addresses)
  const secureContext = plan.tls === null ? undefined : contextFor(plan)
  const attempt: Attempt<Destination, Dialled> = (destination, { won, failed }) => {
    let dialled: Dialled
    try {
      dialled = open(plan, destination, secureContext)
    } catch (error) {
      failed(error as Error)
      return () => {}
    }
    const { socket } = dialled
    const onConnect = (): void => {
      stopListening()
      if (plan.noDelay) socket.setNoDelay(true)
      won(dialled)
    }
    const onError = (error: Error): void => {
      stopListening()
      failed(error)
    }
    const stopListening = (): void => {
      socket.off('connect', onConnect).off('error', onError)
    }
    socket.on('connect', onConnect).on('error', onError)
    return () => {
      stopListening()
      discard(socket)
    }
  }
  return scope.run((resolve, reject) =>
    race(
      {
        candidates: destinations,
        attemptDelayMs: plan.attemptDelayMs,
        scheduler: plan.transport.scheduler,
        attempt,
      },
      {
        won: resolve,
        failed: (errors) =>
          reject(
            errors.find((error) => error instanceof TlsError) ??
              connectError(plan, addresses, { destinations, errors }),
          ),
      },
    ),
  )
}

/** Frees a socket that nobody listens to. */
export function discard(socket: Socket): void {
  socket.on('error', () => {}) // for what is still under way; goes with the socket
  socket.destroy()
}

/** The name that the peer's certificate is checked for. */
export function tlsHost(plan: Pick<ConnectPlan, 'target' | 'tls'>): string {
  return plan.tls?.servername || ('path' in plan.target ? plan.target.path : plan.target.host)
}

function open(
  plan: ConnectPlan,
  destination: Destination,
  secureContext: SecureContext | undefined,
): Dialled {
  const readPort = new ReadPort(plan.transport.scratch)
  const { onread } = readPort
  // Half-open towards Node: what follows the peer's end is the transport's decision.
  const common =
    'path' in destination
      ? { path: destination.path, allowHalfOpen: true, onread }
      : {
          host: destination.address,
          family: destination.family,
          port: (plan.target as { port: number }).port,
          localAddress: plan.localAddress,
          autoSelectFamily: false, // the race is here
          allowHalfOpen: true,
          onread,
        }
  if (secureContext === undefined) return { socket: connectTcp(common), readPort }
  const tls = plan.tls ?? {}
  const name = tls.servername ?? serverNameFor(plan, destination)
  // Behind a path the certificate may have to be for an address, of which the server is not told.
  const peer =
    'path' in destination && isIP(name) !== 0 ? { host: name, servername: '' } : { servername: name }
  const own = { ...common, secureContext, ...peer }
  const socket = withTlsOptions(tlsHost(plan), () => beginHandshake(tls, own, plan.transport))
  return { socket, readPort }
}

/** Only names are sent: RFC 6066 section 3 forbids addresses. */
function serverNameFor(plan: ConnectPlan, destination: Destination): string {
  if ('path' in destination || 'path' in plan.target) return ''
  return destination.address === plan.target.host ? '' : plan.target.host
}

function contextFor(plan: ConnectPlan): SecureContext {
  const tls = plan.tls ?? {}
  return tls.secureContext ?? withTlsOptions(tlsHost(plan), () => createSecureContext(tls))
}

function connectError(
  { target }: ConnectPlan,
  addresses: readonly IpAddress[],
  failed: { destinations: readonly Destination[]; errors: readonly Error[] },
): ConnectError {
  const code = 'ERR_TRANSPORT_CONNECT_FAILED'
  if ('path' in target)
    return new ConnectError({ code, address: target.path, port: null, errors: failed.errors })
  // The race ran in another order than the resolver's.
  const errors = addresses.map((address) => failed.errors[failed.destinations.indexOf(address)] as Error)
  const address = addresses.length === 1 ? (addresses[0] as IpAddress).address : target.host
  return new ConnectError({ code, address, port: target.port, errors })
}
