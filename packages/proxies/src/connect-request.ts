/** The method CONNECT as pure functions. RFC 9110 section 9.3.6. */
import { encodeRequestHead, FieldSection, isFieldValue, targetForm } from '@x/http1'
import type { FieldsInit, ResponseHead } from '@x/http1'
import type { ProxyFailure } from './errors.ts'
import type { ConnectTarget } from './ports.ts'
import type { Credentials } from './proxy-url.ts'

/** What frames or addresses a message is not the caller's. */
const OWN_FIELDS = ['host', 'content-length', 'transfer-encoding', 'connection', 'upgrade', 'trailer', 'te']

/**
 * The field lines for the proxy.
 *
 * @throws {TypeError} A field that cannot be set here, or credentials twice.
 * @throws {InvalidMessageError} of `@x/http1`: a name or a value cannot be sent.
 */
export function proxyFields(credentials: Credentials | null, headers: FieldsInit): FieldSection {
  const fields = FieldSection.from(headers)
  const refused = OWN_FIELDS.find((name) => fields.has(name))
  if (refused !== undefined) throw new TypeError(`option "headers" must not have the field "${refused}"`)
  if (credentials === null) return fields
  if (fields.has('proxy-authorization'))
    throw new TypeError('give credentials either in "proxy" or as the field "proxy-authorization"')
  return FieldSection.from([['Proxy-Authorization', basic(credentials)], ...fields])
}

/** RFC 7617, in UTF-8. */
function basic({ user, password }: Credentials): string {
  // eslint-disable-next-line no-control-regex -- RFC 7617 section 2 forbids them
  if (user.includes(':') || /[\0-\x1f\x7f]/.test(user + password)) {
    throw new TypeError(
      'the credentials in "proxy" cannot be sent: a colon in the user, or control characters',
    )
  }
  const octets = new TextEncoder().encode(`${user}:${password}`)
  return `Basic ${btoa(String.fromCharCode(...octets))}`
}

/** Host and port as CONNECT has them, the port always there; null where the host is none. */
export function authorityOf({ host, port }: ConnectTarget): string | null {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
  return isFieldValue(authority) && targetForm('CONNECT', authority) === 'authority' && port > 0
    ? authority
    : null
}

/** The request as it is sent, in latin1. */
export function connectRequest(authority: string, fields: FieldSection): string {
  return encodeRequestHead({ method: 'CONNECT', target: authority, fields: [['Host', authority], ...fields] })
}

/**
 * Why a final answer opens no tunnel; null where it does. With 2xx the tunnel begins right behind the head, whatever its fields
 * say of content (P31).
 */
export function refusalOf(head: ResponseHead): Pick<ProxyFailure, 'code' | 'why' | 'status'> | null {
  const { status, fields } = head
  if (status >= 200 && status < 300) return null
  // 401 to CONNECT comes from the proxy as well: tinyproxy has it for wrong credentials.
  if (status !== 407 && status !== 401)
    return { code: 'ERR_PROXY_STATUS', why: `the proxy answered ${status}`, status }
  const schemes = fields.getAll('proxy-authenticate').map((challenge) => challenge.split(/[\s,]/, 1)[0])
  const wanted = schemes.join(', ').slice(0, 100)
  return {
    code: 'ERR_PROXY_AUTH',
    why: `the proxy answered ${status}: it wants credentials, or others${wanted === '' ? '' : ` (${wanted})`}`,
    status,
  }
}
