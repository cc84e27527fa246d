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

/** What Node's documentation of `node:tls` lists as X509 certificate error codes, by their beginnings, and its own for names. */
const CERTIFICATE_FAULT =
  /^(?:CERT_|UNABLE_TO_(?:GET|VERIFY|DECODE|DECRYPT)_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA$|ERR_TLS_CERT_)/

function certificateFault(cause: unknown): string | undefined {
  const { code } = cause as { code?: unknown }
  return typeof code === 'string' && CERTIFICATE_FAULT.test(code) ? code : undefined
}

function handshakeError(socket: TLSSocket, host: string, cause: unknown): TlsError {
  // It is there for whoever asks, and too much to be printed.
  if (Object.hasOwn(cause as object, 'cert')) Object.defineProperty(cause, 'cert', { enumerable: false })
  // Node sets it before it destroys the socket for its certificate; Deno has only the error's code.
  const authorizationError: unknown = socket.authorizationError ?? certificateFault(cause)
  if (!authorizationError) return new TlsError({ code: 'ERR_TRANSPORT_TLS_HANDSHAKE', host, cause })
  return new TlsError({
    code: 'ERR_TRANSPORT_TLS_CERT',
    host,
    certificateError: faultName(authorizationError),
    cause,
  })
}
