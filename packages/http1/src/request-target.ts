// RFC 9112 section 3.2, RFC 9110 sections 4.2 and 7.2.
import { isTarget } from './grammar.ts'

/** The four forms of a request target. */
export type TargetForm = 'origin' | 'absolute' | 'authority' | 'asterisk'

/** uri-host of RFC 3986, as far as a recipient must tell it from junk. */
const HOST = String.raw`(?:\[[0-9A-Fa-f:.]+\]|\[[Vv][0-9A-Fa-f]+\.[\w.~!$&'()*+,;=:-]+\]|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)`
const HOST_AND_PORT = new RegExp(`^${HOST}(?::[0-9]*)?$`)
const AUTHORITY = new RegExp(`^(?!:)${HOST}:[0-9]{1,5}$`)
const ABSOLUTE = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?]*)/
const MAX_PORT = 65_535

/**
 * The form of a request target, which depends on the method: CONNECT takes an authority and nothing else, only
 * OPTIONS takes `*`.
 *
 * @returns `undefined` where the target is not valid for the method.
 */
export function targetForm(method: string, target: string): TargetForm | undefined {
  if (!isTarget(target)) return undefined
  if (method === 'CONNECT') return isAuthority(target) ? 'authority' : undefined
  if (target.startsWith('/')) return 'origin'
  if (target === '*') return method === 'OPTIONS' ? 'asterisk' : undefined
  const [, scheme, authority] = ABSOLUTE.exec(target) ?? []
  if (scheme === undefined || authority === undefined) return undefined
  // RFC 9110 sections 4.2.1, 4.2.2 and 4.2.4: an empty host and userinfo are errors in http and https.
  const isHttp = /^https?$/i.test(scheme)
  return isHttp && (!isHostValue(authority) || /^(?::|$)/.test(authority)) ? undefined : 'absolute'
}

/** Whether `value` can stand in Host: a host, perhaps empty, and perhaps a port. */
export function isHostValue(value: string): boolean {
  return HOST_AND_PORT.test(value)
}

function isAuthority(target: string): boolean {
  return AUTHORITY.test(target) && Number(target.slice(target.lastIndexOf(':') + 1)) <= MAX_PORT
}
