/** Bearer tokens: RFC 6750. */
import type { ClientRequest, Middleware } from '@x/http-session'
import { checkOrigins } from './auth-origins.ts'
import { AuthenticationError } from './errors.ts'
import { fromSource } from './from-source.ts'
import { checkFunction, invalidOption, refuseUnknown } from './options.ts'
import { named } from './named.ts'

/** Where the token comes from, and who may know it. */
export interface BearerAuthOptions {
  /** The token, or what gives the first one: asked once, by the first request that needs it; again only where it has failed. */
  token: string | (() => string | Promise<string>)
  /** Gives a new token in place of one that was answered by 401; once for all requests that are waiting. Default: 401 is the caller's. */
  refresh?: (rejected: string) => string | Promise<string>
  /** The origins, such as `https://api.example`, that the token is for: no other gets it. */
  origins: string | readonly string[]
}

const KNOWN: ReadonlySet<string> = new Set<keyof BearerAuthOptions>(['token', 'refresh', 'origins'])
/** RFC 6750 section 2.1. */
const B64TOKEN = /^[\w\-.~+/]+=*$/

/**
 * Sends a bearer token with every request to `origins`, unless it has an `Authorization` already. With `refresh`, a 401 asks for another token, and
 * the request is sent once more where its body can be had again; else the 401 is the caller's, and the next request has the new token.
 *
 * @throws {UsageError} INVALID_OPTION. Requests reject with AuthenticationError CREDENTIALS where `token` or `refresh` fails.
 *
 * Abort: rejects with `signal.reason`; what was asked for a token goes on, for the others that wait.
 */
export function bearerAuth(options: BearerAuthOptions): Middleware {
  refuseUnknown('bearerAuth', options, KNOWN)
  const origins = checkOrigins(options.origins)
  const tokens = new Tokens(options)
  return named('bearerAuth', async (request, next) => {
    if (!origins.has(request.origin) || request.headers.has('authorization')) return next(request)
    const token = await given(request, tokens.current())
    const response = await next(authorized(request, token))
    if (response.status !== 401 || !tokens.canRefresh) return response
    if (!request.canResendBody) {
      // For the next request; the caller looks at this one's answer.
      void tokens.after(token).catch(() => {})
      return response
    }
    response.discard()
    return next(authorized(request, await given(request, tokens.after(token))))
  })
}

/** The token of now, asked for once for all that wait. */
class Tokens {
  readonly #first: () => string | Promise<string>
  readonly #refresh: BearerAuthOptions['refresh']
  #current: Promise<string> | null = null
  /** What `#current` has come to; `null` while it is being asked for. */
  #known: string | null = null

  constructor({ token, refresh }: BearerAuthOptions) {
    if (typeof token === 'string') checkToken(token)
    else checkFunction('token', token)
    if (refresh !== undefined) checkFunction('refresh', refresh)
    this.#first = typeof token === 'string' ? () => token : token
    this.#refresh = refresh
  }

  get canRefresh(): boolean {
    return this.#refresh !== undefined
  }

  current(): Promise<string> {
    return this.#current ?? this.#ask(this.#first)
  }

  /** The token in place of one that was rejected: where another one is there or on its way already, that. */
  after(rejected: string): Promise<string> {
    const refresh = this.#refresh
    if (refresh === undefined || (this.#current !== null && this.#known !== rejected)) return this.current()
    return this.#ask(() => refresh(rejected), rejected)
  }

  /** @param before Stays the token where there is no other: who is rejected next asks again. */
  #ask(source: () => string | Promise<string>, before: string | null = null): Promise<string> {
    this.#known = null
    const asked = (async () => checkToken(await source()))()
    this.#current = asked
    asked.then(
      (token) => (this.#known = token),
      () => {
        this.#current = before === null ? null : Promise.resolve(before)
        this.#known = before
      },
    )
    return asked
  }
}

function given(request: ClientRequest, token: Promise<string>): Promise<string> {
  return fromSource(
    request,
    () => token,
    (cause) =>
      new AuthenticationError(request.facts('queue'), 'ERR_HTTP_AUTH_CREDENTIALS', 'no token could be had', {
        cause,
      }),
  )
}

function authorized(request: ClientRequest, token: string): ClientRequest {
  return request.with({ headers: { Authorization: `Bearer ${token}` } })
}

/** @throws {UsageError} INVALID_OPTION, without showing it. */
function checkToken(token: unknown): string {
  if (typeof token === 'string' && B64TOKEN.test(token)) return token
  throw invalidOption('token', 'must be a token68 (RFC 6750 section 2.1)')
}
