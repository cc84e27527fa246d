/** Digest authentication: RFC 7616. */
import type { ClientRequest, ClientResponse, Middleware } from '@x/http-session'
import { parseAuthParams, parseChallenges } from './auth-challenges.ts'
import { checkOrigins } from './auth-origins.ts'
import { checkUser } from './basic-auth.ts'
import { chooseChallenge } from './digest-challenge.ts'
import type { DigestChallenge, QualityOfProtection } from './digest-challenge.ts'
import { loadHashing } from './digest-hashes.ts'
import type { Hashing } from './digest-hashes.ts'
import type { Secret } from './digest-response.ts'
import { ProtectionSpace } from './digest-space.ts'
import type { DigestAnswer } from './digest-space.ts'
import { AuthenticationError } from './errors.ts'
import { checkFunction, invalidOption, refuseUnknown } from './options.ts'
import { named } from './named.ts'

/** Name and password, who may ask for them, and how. */
export interface DigestAuthOptions {
  /** Without a colon and control characters. */
  user: string
  /** Without control characters. */
  password: string
  /** The origins, such as `https://api.example`, whose challenges are answered. */
  origins: string | readonly string[]
  /** Which protection to choose where both are offered: of the request line (`auth`), or of the body too. Default `auth`. */
  qop?: QualityOfProtection
  /**
   * What to do about `rspauth`, by which a server shows that it knows the password: `check` it where it is there, `require` it, or `ignore` it. It
   * cannot be checked with `auth-int`, whose proof is over the response's body. Default `check`.
   */
  rspauth?: 'check' | 'require' | 'ignore'
  /** The client's nonces: at least 64 random bits each, in ASCII. Default: 128 bits of the platform's. */
  cnonce?: () => string
}

const KNOWN: ReadonlySet<string> = new Set<keyof DigestAuthOptions>([
  'user',
  'password',
  'origins',
  'qop',
  'rspauth',
  'cnonce',
])
/** Without credentials, with them, and once more with another nonce. */
const MAX_SENT = 3

/**
 * Answers challenges of the Digest scheme, the strongest of several: a 401 is asked again with credentials where the request's body can be had
 * again, and the requests behind it have them from the start, in the protection space of the challenge. A request that has an `Authorization`
 * already is left alone.
 *
 * Memory: one challenge for each of `origins`.
 *
 * @throws {UsageError} INVALID_OPTION. Requests reject with AuthenticationError CHALLENGE where only hashes are offered that this runtime does not
 *   have (MD5 without `node:crypto`), and RSPAUTH where the server's proof is wrong or, if required, missing.
 */
export function digestAuth(options: DigestAuthOptions): Middleware {
  const settings = digestSettings(options)
  const digests = new Digests(settings)
  return named('digestAuth', (request, next) => {
    if (!settings.origins.has(request.origin) || request.headers.has('authorization')) return next(request)
    return digests.send(request, next)
  })
}

interface DigestSettings {
  readonly secret: Secret
  readonly origins: ReadonlySet<string>
  readonly qop: QualityOfProtection
  readonly rspauth: 'check' | 'require' | 'ignore'
  readonly cnonce: () => string
}

function digestSettings(options: DigestAuthOptions): DigestSettings {
  refuseUnknown('digestAuth', options, KNOWN)
  const { qop = 'auth', rspauth = 'check', cnonce = randomNonce } = options
  if (!['auth', 'auth-int'].includes(qop)) throw invalidOption('qop', 'must be auth or auth-int')
  if (!['check', 'require', 'ignore'].includes(rspauth))
    throw invalidOption('rspauth', 'must be check, require or ignore')
  checkFunction('cnonce', cnonce)
  return { secret: checkUser(options), origins: checkOrigins(options.origins), qop, rspauth, cnonce }
}

class Digests {
  readonly #settings: DigestSettings
  /** By the origin of the challenge. */
  readonly #spaces = new Map<string, ProtectionSpace>()
  #hashing: Promise<Hashing> | null = null

  constructor(settings: DigestSettings) {
    this.#settings = settings
  }

  async send(
    request: ClientRequest,
    next: (request: ClientRequest) => Promise<ClientResponse>,
  ): Promise<ClientResponse> {
    let space = this.#spaceOf(request)
    let isForeseen = space !== null
    for (let sent = 1; ; sent++) {
      // To hash the body may take as long as its source.
      const answer = space === null ? null : await request.until(space.answer(request))
      const response = await next(
        answer === null ? request : request.with({ headers: { Authorization: answer.credentials } }),
      )
      if (response.status !== 401) {
        if (space !== null && answer !== null) await this.#hear(request, response, space, answer)
        return response
      }
      const challenge = await this.#challengeOf(request, response)
      if (challenge === null) return response
      // Without `stale`, a nonce that was good for earlier requests may have ended all the same.
      const isNews = answer === null || challenge.isStale || (isForeseen && challenge.nonce !== answer.nonce)
      if (!isNews || sent === MAX_SENT) {
        // Rejected: the next request asks first, so that one wrong password is not two tries.
        this.#leave(space)
        return response
      }
      space = await this.#enter(request.origin, challenge)
      isForeseen = false
      if (!request.canResendBody) return response
      response.discard()
    }
  }

  /** That of its own origin goes before those of others that name it: what they know of its nonces is older. */
  #spaceOf(request: ClientRequest): ProtectionSpace | null {
    const own = this.#spaces.get(request.origin)
    const known = own === undefined ? [...this.#spaces.values()] : [own, ...this.#spaces.values()]
    return known.find((space) => space.covers(request)) ?? null
  }

  async #challengeOf(request: ClientRequest, response: ClientResponse): Promise<DigestChallenge | null> {
    const challenges = response.headers
      .getAll('www-authenticate')
      .flatMap((line) => parseChallenges(line) ?? [])
    const hashing = await this.#loadHashing()
    const chosen = chooseChallenge(challenges, {
      has: (name) => hashing.has(name),
      preferred: this.#settings.qop,
      canHashBody: request.canResendBody,
    })
    if (chosen === null || !('missing' in chosen)) return chosen
    response.discard()
    throw new AuthenticationError(
      request.facts('headers'),
      'ERR_HTTP_AUTH_CHALLENGE',
      `the server asks for a digest by ${chosen.missing}, which this runtime does not have`,
    )
  }

  async #enter(origin: string, challenge: DigestChallenge): Promise<ProtectionSpace> {
    const { secret, cnonce } = this.#settings
    const hashing = await this.#loadHashing()
    const known = this.#spaces.get(origin)
    // Others may have been asked at the same time.
    if (known?.goesOnFor(challenge) === true) return known
    const space = new ProtectionSpace(origin, { challenge, secret, hashing, makeCnonce: cnonce })
    this.#spaces.set(origin, space)
    return space
  }

  #leave(space: ProtectionSpace | null): void {
    for (const [origin, known] of this.#spaces) if (known === space) this.#spaces.delete(origin)
  }

  /** `Authentication-Info`: RFC 7616 section 3.5. */
  async #hear(
    request: ClientRequest,
    response: ClientResponse,
    space: ProtectionSpace,
    answer: DigestAnswer,
  ): Promise<void> {
    const info = parseAuthParams(response.headers.get('authentication-info') ?? '')
    const problem = await this.#problemOf(info?.get('rspauth'), answer)
    if (problem !== null) {
      response.discard()
      throw new AuthenticationError(request.facts('headers'), 'ERR_HTTP_AUTH_RSPAUTH', problem)
    }
    const nonce = info?.get('nextnonce')
    if (nonce !== undefined) space.useNonce(nonce)
  }

  async #problemOf(given: string | undefined, answer: DigestAnswer): Promise<string | null> {
    const { rspauth } = this.#settings
    if (rspauth === 'ignore' || (given === undefined && rspauth === 'check')) return null
    if (given === undefined) return 'the server does not prove that it knows the password: no rspauth'
    const expected = await answer.rspauth()
    if (expected === null)
      return rspauth === 'check' ? null : 'the server’s proof (rspauth) cannot be checked with auth-int'
    return given.toLowerCase() === expected ? null : 'the server does not know the password: rspauth is wrong'
  }

  #loadHashing(): Promise<Hashing> {
    this.#hashing ??= loadHashing()
    return this.#hashing
  }
}

function randomNonce(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}
