import type { ConnectionOptions, TlsOptions } from 'node:tls'

/**
 * `tls.ConnectionOptions` without what the transport decides by itself, and `onSession`. Certificate checks, client
 * certificates (`cert`, `key`), `ca`, `ALPNProtocols`, `session`, `minVersion` and so on are Node's.
 */
export interface TlsClientOptions extends Omit<
  ConnectionOptions,
  'host' | 'port' | 'path' | 'socket' | 'lookup' | 'timeout' | 'allowHalfOpen' | 'enableTrace'
> {
  /**
   * Called with each session that the server hands out, for the option `session` of a later connection. What it throws is told to
   * `onProtocolError`, and ends nothing.
   */
  onSession?: (session: Uint8Array) => void
}

/**
 * `tls.TlsOptions` without what the transport decides by itself. `key`, `cert`, `ca`, `requestCert`, `rejectUnauthorized`,
 * `ALPNProtocols`, `SNICallback`, `ticketKeys` and so on are Node's.
 */
export interface TlsServerOptions extends Omit<
  TlsOptions,
  | 'allowHalfOpen'
  | 'enableTrace'
  | 'handshakeTimeout'
  | 'highWaterMark'
  | 'keepAlive'
  | 'keepAliveInitialDelay'
  | 'noDelay'
  | 'pauseOnConnect'
> {}
