/** What a challenge of the Digest scheme says (RFC 7616 section 3.3), and which of several is answered. */
import type { Challenge } from './auth-challenges.ts'
import { HASHES } from './digest-hashes.ts'
import type { HashName } from './digest-hashes.ts'

/** What a digest protects: the request line, or the body as well. RFC 7616 section 3.3. */
export type QualityOfProtection = 'auth' | 'auth-int'

/** A challenge that can be answered. */
export interface DigestChallenge {
  readonly realm: string
  readonly nonce: string
  readonly opaque: string | undefined
  readonly hash: HashName
  /** Whether the secret is bound to the first nonce: the algorithms named `…-sess`. */
  readonly isSession: boolean
  /** As it was sent; `undefined` where it was not: MD5. */
  readonly algorithm: string | undefined
  /** `null`: none was offered, as in RFC 2069. */
  readonly qop: QualityOfProtection | null
  /** URIs, as they were sent; empty: the whole origin. */
  readonly domain: readonly string[]
  readonly isStale: boolean
  /** Whether the name is to be sent as a hash. */
  readonly userhash: boolean
}

export interface ChallengeChoice {
  readonly has: (hash: HashName) => boolean
  /** Offered both, this one. */
  readonly preferred: QualityOfProtection
  /** Whether the body can be read to be hashed, and then again to be sent. */
  readonly canHashBody: boolean
}

/**
 * The challenge to answer: that of the strongest hash, the first of several.
 *
 * @returns `missing`: there are only ones whose hash this runtime does not have; `null`: none that is known.
 */
export function chooseChallenge(
  challenges: readonly Challenge[],
  { has, preferred, canHashBody }: ChallengeChoice,
): DigestChallenge | { readonly missing: HashName } | null {
  const readable = challenges
    .map((challenge) => readChallenge(challenge, preferred, canHashBody))
    .filter((challenge) => challenge !== null)
  const possible = readable.filter(({ hash }) => has(hash))
  const [first] = readable
  if (possible.length === 0) return first === undefined ? null : { missing: first.hash }
  return possible.reduce((best, next) => (strength(next) > strength(best) ? next : best))
}

function strength({ hash }: DigestChallenge): number {
  return HASHES.indexOf(hash)
}

function readChallenge(
  { scheme, params }: Challenge,
  preferred: QualityOfProtection,
  canHashBody: boolean,
): DigestChallenge | null {
  const realm = params.get('realm')
  const nonce = params.get('nonce')
  if (scheme !== 'digest' || realm === undefined || nonce === undefined) return null
  const algorithm = params.get('algorithm')
  const [name, isSession] = splitAlgorithm(algorithm ?? 'MD5')
  const hash = HASHES.find((known) => known === name)
  const qop = chooseQop(params.get('qop'), preferred, canHashBody)
  // Without a quality of protection there is no nonce of the client's for a session to be bound to.
  if (hash === undefined || qop === undefined || (isSession && qop === null)) return null
  return {
    realm,
    nonce,
    opaque: params.get('opaque'),
    hash,
    isSession,
    algorithm,
    qop,
    domain:
      params
        .get('domain')
        ?.split(/[ \t]+/)
        .filter((uri) => uri !== '') ?? [],
    isStale: isTrue(params.get('stale')),
    userhash: isTrue(params.get('userhash')),
  }
}

function splitAlgorithm(algorithm: string): [name: string, isSession: boolean] {
  const upper = algorithm.toUpperCase()
  return upper.endsWith('-SESS') ? [upper.slice(0, -'-SESS'.length), true] : [upper, false]
}

/** `undefined`: none of those that are offered is possible. */
function chooseQop(
  offer: string | undefined,
  preferred: QualityOfProtection,
  canHashBody: boolean,
): QualityOfProtection | null | undefined {
  if (offer === undefined) return null
  const offered = offer.toLowerCase().split(/[ \t]*,[ \t]*/)
  const possible = (['auth', 'auth-int'] as const).filter(
    (qop) => offered.includes(qop) && (qop === 'auth' || canHashBody),
  )
  return possible.find((qop) => qop === preferred) ?? possible[0]
}

function isTrue(value: string | undefined): boolean {
  return value?.toLowerCase() === 'true'
}
