/** A protection space: a challenge, and the nonces and counts with which it is answered. */
import type { ClientRequest } from '@x/http-session'
import type { DigestChallenge } from './digest-challenge.ts'
import type { Hashing } from './digest-hashes.ts'
import { digestCredentials, responseHash, secretHash } from './digest-response.ts'
import type { HashOctets, NonceUse, ProtectedRequest, Secret } from './digest-response.ts'

/** What one request was sent with. */
export interface DigestAnswer {
  /** The value of `Authorization`. */
  readonly credentials: string
  readonly nonce: string
  /** What the server proves with that it knows the secret; `null` where it cannot be told from a head. */
  readonly rspauth: () => Promise<string | null>
}

export interface SpaceInit {
  readonly challenge: DigestChallenge
  readonly secret: Secret
  readonly hashing: Hashing
  readonly makeCnonce: () => string
}

export class ProtectionSpace {
  readonly challenge: DigestChallenge
  readonly #origin: string
  readonly #secret: Secret
  readonly #hashing: Hashing
  readonly #makeCnonce: () => string
  #secretHash: Promise<string> | null = null
  #nonce: string
  #cnonce: string
  #count = 0

  /** @param origin Whose challenge it is. */
  constructor(origin: string, { challenge, secret, hashing, makeCnonce }: SpaceInit) {
    this.#origin = origin
    this.challenge = challenge
    this.#secret = secret
    this.#hashing = hashing
    this.#makeCnonce = makeCnonce
    this.#nonce = challenge.nonce
    this.#cnonce = makeCnonce()
  }

  /** Whether a request may be answered before it is asked: RFC 7616 section 3.6. */
  covers({ url, origin, canResendBody }: ClientRequest): boolean {
    const { domain, qop } = this.challenge
    if (qop === 'auth-int' && !canResendBody) return false
    if (domain.length === 0) return origin === this.#origin
    return domain.some((uri) => {
      const base = URL.canParse(uri, this.#origin) ? new URL(uri, this.#origin).href : null
      return base !== null && url.startsWith(base)
    })
  }

  /** Whether a challenge asks for what is given here already: with a count that begins anew, its nonce would be used twice alike. */
  goesOnFor({ nonce, ...challenge }: DigestChallenge): boolean {
    const { realm, opaque, hash, isSession, qop, userhash, domain } = this.challenge
    // A session's secret is bound to the nonce of its challenge.
    if (nonce !== this.#nonce || (isSession && nonce !== this.challenge.nonce)) return false
    return (
      realm === challenge.realm &&
      opaque === challenge.opaque &&
      hash === challenge.hash &&
      isSession === challenge.isSession &&
      qop === challenge.qop &&
      userhash === challenge.userhash &&
      domain.join(' ') === challenge.domain.join(' ')
    )
  }

  /** The server wants this nonce from now on. */
  useNonce(nonce: string): void {
    // Told again, it goes on: a count that begins anew would look like a replay (RFC 7616 section 3.4.6).
    if (nonce === this.#nonce) return
    this.#nonce = nonce
    this.#count = 0
    // A session's secret, and so its server, may know only the first.
    if (!this.challenge.isSession) this.#cnonce = this.#makeCnonce()
  }

  async answer(request: ClientRequest): Promise<DigestAnswer> {
    this.#count += 1
    const use: NonceUse = { nonce: this.#nonce, cnonce: this.#cnonce, count: this.#count }
    const { challenge } = this
    const hash: HashOctets = (text) => this.#hashing.hash(challenge.hash, [latin1Bytes(text)])
    this.#secretHash ??= secretHash(challenge, this.#secret, use, hash)
    const secret = await this.#secretHash
    const what: ProtectedRequest = {
      method: request.method,
      uri: request.url.slice(request.origin.length),
      bodyHash: () => this.#hashing.hash(challenge.hash, request.hasBody ? request.openBody() : []),
    }
    const response = await responseHash(challenge, secret, use, what, hash)
    return {
      credentials: await digestCredentials(
        challenge,
        this.#secret.user,
        use,
        { uri: what.uri, response },
        hash,
      ),
      nonce: use.nonce,
      rspauth: () =>
        challenge.qop === 'auth'
          ? responseHash(challenge, secret, use, { ...what, method: '' }, hash)
          : Promise.resolve(null),
    }
  }
}

function latin1Bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
