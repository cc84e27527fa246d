import type { TLSSocket } from 'node:tls'
import type { ConnectScope } from './connect-scope.ts'
import { discard } from './dial.ts'
import { TlsError } from './errors.ts'
import { faultName, TlsFacts } from './socket-info.ts'

/**
 * Waits for the handshake that a client's socket has begun.
 *
 * @throws {TlsError} It failed, or the certificate was not accepted. The socket is destroyed, as with every other error.
 */
export function finishHandshake(socket: TLSSocket, host: string, scope: ConnectScope): Promise<TlsFacts> {
  scope.enter('tls')
  return scope.run((resolve, reject) => {
    const stopListening = (): void => {
      socket.off('secureConnect', onSecure).off('error', onError).off('close', onClose)
    }
    const onSecure = (): void => {
      stopListening()
      resolve(new TlsFacts(socket))
    }
    const onError = (cause: unknown): void => {
      stopListening()
      discard(socket)
      reject(handshakeError(socket, host, cause))
    }
    const onClose = (): void => onError(new Error('the connection was closed'))
    socket.on('secureConnect', onSecure).on('error', onError).on('close', onClose)
    return () => {
      stopListening()
      discard(socket)
    }
  })
}

function handshakeError(socket: TLSSocket, host: string, cause: unknown): TlsError {
  // Node sets it before it destroys the socket for its certificate.
  const { authorizationError } = socket as { authorizationError: unknown }
  if (!authorizationError) return new TlsError({ code: 'ERR_TRANSPORT_TLS_HANDSHAKE', host, cause })
  return new TlsError({
    code: 'ERR_TRANSPORT_TLS_CERT',
    host,
    certificateError: faultName(authorizationError),
    cause,
  })
}
