import { openConnection } from '@x/streams'
import type { TlsClientOptions } from '@x/transport'
import type { Dial } from './ports.ts'
import { tlsTerms } from './tls-terms.ts'

/** TCP, and TLS where the target is secure. The time limits are whoever's the signal is. */
export function directConnector(tls: TlsClientOptions | undefined): Dial {
  return ({ host, port, secure }, { signal, onPhase }) =>
    openConnection({
      host,
      port,
      signal,
      connectTimeoutMs: Infinity,
      ...(secure ? { tls: tlsTerms(tls), handshakeTimeoutMs: Infinity } : {}),
      ...(onPhase === undefined ? {} : { onPhase }),
    })
}
