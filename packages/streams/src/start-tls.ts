import { startTls as secure } from '@x/transport'
import type { StartTlsSettings, TlsClientOptions, TlsServerOptions } from '@x/transport'
import type { Connection } from './connection.ts'
import { checkOptions } from './option-checks.ts'
import { StreamProtocol } from './stream-protocol.ts'

/** Terms of the handshake for the side that calls. */
export type StartTlsOptions = Pick<StartTlsSettings, 'signal' | 'handshakeTimeoutMs' | 'onUnreadBytes'> &
  ({ side: 'client'; host: string; tls?: TlsClientOptions } | { side: 'server'; tls: TlsServerOptions })

/**
 * Puts TLS over an open connection; its reader and writer go on, in place. What was written before leaves unencrypted first. asyncio: `start_tls`.
 *
 * @param options `onUnreadBytes`: what to do with bytes that have arrived and were not read. `reject` (default): they came unencrypted, so the
 *   upgrade is refused, and they can still be read. `transfer`: they are the beginning of the handshake.
 * @throws What `startTls` of `@x/transport` rejects with. After `ERR_TRANSPORT_TLS_UNREAD_BYTES` the connection is as it was, after every other
 *   error it is closed.
 *
 * Abort: rejects with `signal.reason`; the connection is closed.
 */
export async function startTls(connection: Connection, options: StartTlsOptions): Promise<void> {
  checkOptions(options)
  for (const name of ['protocol', 'unreadBytes'])
    if (name in options) throw new TypeError(`there is no option "${name}": the connection has it already`)
  const { reader, writer } = connection
  writer.push()
  const unreadBytes = reader.tryRead() ?? new Uint8Array(0)
  try {
    const transport = await secure(connection.transport, { ...options, unreadBytes })
    if (transport.protocol instanceof StreamProtocol) transport.protocol.replaceTransport(transport)
  } catch (error) {
    if (unreadBytes.length > 0 && !connection.writer.isClosing) reader.unread(unreadBytes)
    throw error
  }
}
