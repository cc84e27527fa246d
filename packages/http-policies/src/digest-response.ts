/** What a Digest challenge is answered with: RFC 7616 section 3.4. */
import { quoted } from './auth-challenges.ts'
import type { DigestChallenge } from './digest-challenge.ts'

/** Name and password. */
export interface Secret {
  readonly user: string
  readonly password: string
}

/** One request's use of a nonce. */
export interface NonceUse {
  readonly nonce: string
  /** Requests with this nonce, this one included. */
  readonly count: number
  readonly cnonce: string
}

/** What is protected. */
export interface ProtectedRequest {
  readonly method: string
  /** The target as in the request line. */
  readonly uri: string
  /** The hash of the content; asked for with `auth-int` alone. */
  readonly bodyHash: () => Promise<string>
}

/** Of text that stands for octets, one a character: what has come in a field is hashed as it came. */
export type HashOctets = (octets: string) => Promise<string>

/**
 * H(A1), which stands for the secret: section 3.4.2.
 *
 * @param use The first with this challenge: what a session's secret is bound to.
 */
export async function secretHash(
  challenge: DigestChallenge,
  { user, password }: Secret,
  use: NonceUse,
  hash: HashOctets,
): Promise<string> {
  const plain = await hash(`${octets(user)}:${challenge.realm}:${octets(password)}`)
  return challenge.isSession ? hash(`${plain}:${use.nonce}:${use.cnonce}`) : plain
}

/**
 * The value of `response`, or of `rspauth`: section 3.4.1, and 3.5.
 *
 * @param secret H(A1).
 * @param method Of the request; for `rspauth` empty.
 */
export async function responseHash(
  { qop }: DigestChallenge,
  secret: string,
  use: NonceUse,
  request: ProtectedRequest,
  hash: HashOctets,
): Promise<string> {
  const body = qop === 'auth-int' ? `:${await request.bodyHash()}` : ''
  const what = await hash(`${request.method}:${request.uri}${body}`)
  if (qop === null) return hash(`${secret}:${use.nonce}:${what}`)
  return hash(`${secret}:${use.nonce}:${countText(use)}:${use.cnonce}:${qop}:${what}`)
}

/** The value of `Authorization`: section 3.4. What is quoted and what is not is prescribed. */
export async function digestCredentials(
  challenge: DigestChallenge,
  user: string,
  use: NonceUse,
  { uri, response }: { readonly uri: string; readonly response: string },
  hash: HashOctets,
): Promise<string> {
  const { realm, opaque, algorithm, qop, userhash } = challenge
  const params = [
    await userParam(challenge, user, hash),
    `realm=${quoted(realm)}`,
    `nonce=${quoted(use.nonce)}`,
    `uri=${quoted(uri)}`,
    ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
    `response="${response}"`,
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
    ...(qop === null ? [] : [`qop=${qop}`, `nc=${countText(use)}`, `cnonce=${quoted(use.cnonce)}`]),
    ...(userhash ? ['userhash=true'] : []),
  ]
  return `Digest ${params.join(', ')}`
}

async function userParam(
  { realm, userhash }: DigestChallenge,
  user: string,
  hash: HashOctets,
): Promise<string> {
  if (userhash) return `username="${await hash(`${octets(user)}:${realm}`)}"`
  return /^[ -~]*$/.test(user)
    ? `username=${quoted(user)}`
    : `username*=UTF-8''${extended(user.normalize('NFC'))}`
}

/** Section 4: UTF-8, in composed form. */
function octets(text: string): string {
  return Array.from(new TextEncoder().encode(text.normalize('NFC')), (octet) =>
    String.fromCharCode(octet),
  ).join('')
}

/** RFC 8187 section 3.2.1: what `encodeURIComponent` leaves as it is and is no attr-char is escaped as well. */
function extended(text: string): string {
  return encodeURIComponent(text).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function countText({ count }: NonceUse): string {
  return count.toString(16).padStart(8, '0')
}
