import { checkFunction, checkObject } from './option-checks.ts'

/**
 * Names that would reach past TLS to the socket, where the transport decides, and what looks like an option of this package. What else there is
 * belongs to Node, which has more from version to version.
 */
const NOT_OF_TLS =
  /^(on.+|.+Ms|host|port|path|socket|lookup|signal|timeout|allowHalfOpen|noDelay|pauseOnConnect)$/

/**
 * Options of TLS for one side. Those that Node would throw at too late, with a socket under way, are checked here.
 *
 * @throws {TypeError} It is no object, has a member that is none of TLS, or one of the wrong type.
 */
export function checkTlsOptions(side: 'client' | 'server', tls: unknown): void {
  checkObject('tls', tls)
  for (const [name, value] of Object.entries(tls as object)) {
    if (value === undefined) continue
    const option = `tls.${name}`
    if (name === 'checkServerIdentity' || (name === 'onSession' && side === 'client'))
      checkFunction(option, value)
    else if (NOT_OF_TLS.test(name)) throw new TypeError(`there is no option "${option}"`)
    if (name === 'servername' && typeof value !== 'string')
      throw new TypeError(`option "${option}" must be a string`)
    if (name === 'session' && !(value instanceof Uint8Array))
      throw new TypeError(`option "${option}" must be a Uint8Array`)
  }
}
