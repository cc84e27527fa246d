import type { TlsClientOptions } from '@x/transport'

/** Terms of a handshake: HTTP/1.1 alone is offered, unless said otherwise. */
export function tlsTerms(tls: TlsClientOptions | undefined): TlsClientOptions {
  return { ALPNProtocols: ['http/1.1'], ...tls }
}
