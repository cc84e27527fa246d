import { createSecureContext } from 'node:tls'
import type { SecureContext } from 'node:tls'
import { checkTlsOptions } from './tls-option-checks.ts'
import type { TlsClientOptions } from './tls-options.ts'

/**
 * Reads keys, certificates and ciphers once for many connections: for the option `secureContext`, beside which `servername`,
 * `rejectUnauthorized` and so on are still given to each.
 *
 * @throws {TypeError} A member is none of TLS.
 * @throws What Node throws for options that it cannot use.
 */
export function createTlsContext(options: TlsClientOptions = {}): SecureContext {
  checkTlsOptions('client', options)
  return createSecureContext(options)
}
