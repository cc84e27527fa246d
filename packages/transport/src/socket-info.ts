import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { CertificateInfo, TlsInfo, TransportInfo } from './transport.ts'

/** The part of a snapshot that does not change while the connection stands. */
export type PeerAddresses = Pick<
  TransportInfo,
  'localAddress' | 'localPort' | 'remoteAddress' | 'remotePort' | 'path'
>

/** The addresses of an open socket. */
export function peerAddresses(socket: Socket, path: string | null): PeerAddresses {
  return {
    localAddress: socket.localAddress ?? null,
    localPort: socket.localPort ?? null,
    remoteAddress: socket.remoteAddress ?? null,
    remotePort: socket.remotePort ?? null,
    path,
  }
}

/** What the handshake agreed on: taken when it is done, since a closed socket has forgotten it; put in words when asked. */
export class TlsFacts {
  readonly #facts: Omit<TlsInfo, 'peerCertificate'>
  readonly #certificate: X509Certificate | undefined

  constructor(socket: TLSSocket) {
    const { authorizationError } = socket as { authorizationError: unknown }
    this.#facts = {
      protocol: socket.getProtocol(),
      cipher: socket.getCipher()?.standardName ?? null,
      alpnProtocol: textOrNull(socket.alpnProtocol),
      authorized: socket.authorized,
      authorizationError: authorizationError ? faultName(authorizationError) : null,
      servername: textOrNull((socket as { servername?: unknown }).servername),
      sessionReused: socket.isSessionReused(),
    }
    this.#certificate = socket.getPeerX509Certificate()
  }

  read(): TlsInfo {
    const certificate = this.#certificate
    return { ...this.#facts, peerCertificate: certificate === undefined ? null : describe(certificate) }
  }
}

/** OpenSSL's or Node's name of a fault in a certificate. */
export function faultName(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  const { code, message } = error as { code?: unknown; message?: unknown }
  return String(code ?? message)
}

function describe(certificate: X509Certificate): CertificateInfo {
  return {
    subject: certificate.subject,
    issuer: certificate.issuer,
    subjectAltName: certificate.subjectAltName ?? null,
    validFrom: certificate.validFrom,
    validTo: certificate.validTo,
    serialNumber: certificate.serialNumber,
    fingerprint256: certificate.fingerprint256,
    raw: new Uint8Array(certificate.raw),
  }
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
