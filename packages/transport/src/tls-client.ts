import { connect } from 'node:tls'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { TlsError } from './errors.ts'
import type { TlsClientOptions } from './tls-options.ts'
import { tellHook } from './transport-options.ts'
import type { TransportSettings } from './transport-options.ts'

/**
 * What `make` returns.
 *
 * @throws {TlsError} `ERR_TRANSPORT_TLS_CONTEXT`, where it throws: Node does, at options of TLS that it cannot use.
 */
export function withTlsOptions<T>(host: string | null, make: () => T): T {
  try {
    return make()
  } catch (cause) {
    throw new TlsError({ code: 'ERR_TRANSPORT_TLS_CONTEXT', host, cause })
  }
}

/**
 * Begins a handshake as a client. What the caller's functions throw in it would be thrown past everybody: it fails the check that it is thrown in,
 * and ends nothing where a session is only of use to others.
 *
 * @param own What the transport decides, whatever the caller's options say.
 */
export function beginHandshake(
  { onSession, checkServerIdentity, ...tls }: TlsClientOptions,
  own: ConnectionOptions,
  { onProtocolError }: Pick<TransportSettings, 'onProtocolError'>,
): TLSSocket {
  const options: ConnectionOptions = { ...tls, ...own }
  if (checkServerIdentity !== undefined) {
    options.checkServerIdentity = (host, certificate) => {
      try {
        return checkServerIdentity(host, certificate)
      } catch (error) {
        return error instanceof Error ? error : new Error(String(error)) // anything else would be trust
      }
    }
  }
  const socket = connect(options)
  if (onSession !== undefined) {
    // The listener goes with the socket.
    socket.on('session', (session) => {
      try {
        onSession(session)
      } catch (error) {
        tellHook(onProtocolError, error)
      }
    })
  }
  return socket
}
