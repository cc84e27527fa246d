/** Basic authentication: RFC 7617. */
import type { Middleware } from '@x/http-session'
import { checkOrigins } from './auth-origins.ts'
import { invalidOption, refuseUnknown } from './options.ts'
import { named } from './named.ts'

/** Name and password, and who may know them. */
export interface BasicAuthOptions {
  /** Without a colon and control characters; sent as UTF-8. */
  user: string
  /** Without control characters; sent as UTF-8. */
  password: string
  /** The origins, such as `https://api.example`, that the credentials are for: no other gets them. */
  origins: string | readonly string[]
}

const KNOWN: ReadonlySet<string> = new Set<keyof BasicAuthOptions>(['user', 'password', 'origins'])

/**
 * Sends name and password with every request to `origins`, unless it has an `Authorization` already.
 *
 * @throws {UsageError} INVALID_OPTION.
 */
export function basicAuth(options: BasicAuthOptions): Middleware {
  refuseUnknown('basicAuth', options, KNOWN)
  const origins = checkOrigins(options.origins)
  const { user, password } = checkUser(options)
  const credentials = `Basic ${base64(`${user}:${password}`)}`
  return named('basicAuth', (request, next) => {
    if (!origins.has(request.origin) || request.headers.has('authorization')) return next(request)
    return next(request.with({ headers: { Authorization: credentials } }))
  })
}

/** @throws {UsageError} INVALID_OPTION, without showing what is wrong. */
export function checkUser({ user, password }: { user: string; password: string }): {
  readonly user: string
  readonly password: string
} {
  // eslint-disable-next-line no-control-regex -- RFC 7617 section 2 excludes them
  const controls = /[\x00-\x1f\x7f]/
  if (typeof user !== 'string' || user.includes(':') || controls.test(user))
    throw invalidOption('user', 'must be text without a colon and control characters')
  if (typeof password !== 'string' || controls.test(password))
    throw invalidOption('password', 'must be text without control characters')
  return { user, password }
}

function base64(text: string): string {
  let binary = ''
  for (const octet of new TextEncoder().encode(text)) binary += String.fromCharCode(octet)
  return btoa(binary)
}
