/** The examples of the specifications, and the form of what is sent. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { parseAuthParams, parseChallenges } from './auth-challenges.ts'
import { chooseChallenge } from './digest-challenge.ts'
import type { DigestChallenge } from './digest-challenge.ts'
import { HASHES, loadHashing, webHashing } from './digest-hashes.ts'
import { digestCredentials, responseHash, secretHash } from './digest-response.ts'
import type { HashOctets } from './digest-response.ts'

const hashing = await loadHashing()

const RFC7616 =
  'Digest realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
const RFC7616_UNICODE =
  'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true'
const RFC2617 =
  'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'

const EXAMPLES = [
  {
    name: 'RFC 7616 section 3.9.1, MD5',
    challenge: `${RFC7616}, algorithm=MD5`,
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
    user: 'Mufasa',
    password: 'Circle of Life',
    uri: '/dir/index.html',
    username: 'Mufasa',
    response: '8ca523f5e9506fed4657c9700eebdbec',
  },
  {
    name: 'RFC 7616 section 3.9.1, SHA-256',
    challenge: `${RFC7616}, algorithm=SHA-256`,
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
    user: 'Mufasa',
    password: 'Circle of Life',
    uri: '/dir/index.html',
    username: 'Mufasa',
    response: '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
  },
  {
    // The RFC's own values are of another function; these are of erratum 4897.
    name: 'RFC 7616 section 3.9.2, SHA-512-256 and a hashed name',
    challenge: RFC7616_UNICODE,
    cnonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v',
    user: 'J\u00e4s\u00f8n Doe',
    password: 'Secret, or not?',
    uri: '/doe.json',
    username: '793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b',
    response: '3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5',
  },
  {
    name: 'RFC 2617 section 3.5',
    challenge: RFC2617,
    cnonce: '0a4f113b',
    user: 'Mufasa',
    password: 'Circle Of Life',
    uri: '/dir/index.html',
    username: 'Mufasa',
    response: '6629fae49393a05397450978507c4ef1',
  },
  {
    name: 'RFC 2069: no quality of protection',
    challenge: RFC2617.replace('qop="auth,auth-int", ', ''),
    cnonce: '0a4f113b',
    user: 'Mufasa',
    password: 'Circle Of Life',
    uri: '/dir/index.html',
    username: 'Mufasa',
    response: '670fd8c2df070c60b045671b8b24ff02',
  },
]
for (const { name, challenge, cnonce, user, password, uri, username, response } of EXAMPLES) {
  test(`digest: ${name}`, async () => {
    const params = await answered(challenge, { cnonce, user, password, uri })
    expect([params.get('username'), params.get('response')]).toEqual([username, response])
    expect(params.get('uri')).toBe(uri)
  })
}

const md5 = (text: string): string => createHash('md5').update(text, 'latin1').digest('hex')

test('digest: the session’s secret is bound to the first nonce, auth-int to the body', async () => {
  const challenge = chosen('Digest realm="r", nonce="n1", algorithm=MD5-sess, qop="auth-int"')
  const hash = hasher(challenge)
  const first = { nonce: 'n1', cnonce: 'c1', count: 1 }
  const secret = await secretHash(challenge, { user: 'u', password: 'p' }, first, hash)
  expect(secret).toBe(md5(`${md5('u:r:p')}:n1:c1`))
  const request = { method: 'PUT', uri: '/a?b', bodyHash: () => Promise.resolve(md5('body')) }
  const use = { nonce: 'n2', cnonce: 'c2', count: 0xabc }
  expect(await responseHash(challenge, secret, use, request, hash)).toBe(
    md5(`${secret}:n2:00000abc:c2:auth-int:${md5(`PUT:/a?b:${md5('body')}`)}`),
  )
})

test('digest: what is quoted, escaped and left away is as the grammar has it', async () => {
  const challenge = chosen(
    'Digest realm="a \\"b\\" \xc3\xa4", nonce="n", opaque="", algorithm="md5-SESS", qop="AUTH"',
  )
  const use = { nonce: 'n', cnonce: 'c"', count: 10 }
  const say = (user: string): Promise<string> =>
    digestCredentials(challenge, user, use, { uri: '/\\', response: 'x' }, hasher(challenge))
  expect(await say('a"\\')).toBe(
    'Digest username="a\\"\\\\", realm="a \\"b\\" \xc3\xa4", nonce="n", uri="/\\\\", algorithm=md5-SESS, response="x", opaque="", qop=auth, nc=0000000a, cnonce="c\\""',
  )
  // RFC 7616 section 3.4: `username*`; composed (section 4).
  expect(await say("Ja\u0308søn Doe'(*)")).toMatch(
    /^Digest username\*=UTF-8''J%C3%A4s%C3%B8n%20Doe%27%28%2A%29, realm/,
  )
})

test('digest: a realm is hashed by the octets that have come, names and passwords as UTF-8', async () => {
  const challenge = chosen('Digest realm="\xc3\xa4", nonce="n", qop="auth"')
  const use = { nonce: 'n', cnonce: 'c', count: 1 }
  const secret = await secretHash(challenge, { user: 'ö', password: '€' }, use, hasher(challenge))
  expect(secret).toBe(createHash('md5').update('ö:ä:€', 'utf8').digest('hex'))
})

test('digest: Web Crypto hashes as Node does, and has SHA-256 alone', async () => {
  expect(HASHES.filter((name) => webHashing.has(name))).toEqual(['SHA-256'])
  expect(HASHES.filter((name) => hashing.has(name))).toEqual(HASHES)
  const chunks = [new Uint8Array([1, 2]), new Uint8Array([3])]
  expect(await webHashing.hash('SHA-256', chunks)).toBe(await hashing.hash('SHA-256', chunks))
})

const ANY = { has: () => true, preferred: 'auth', canHashBody: true } as const
const D = 'Digest realm="r", nonce="n"'
const CHOICES = [
  { name: 'no challenge', fields: 'Basic realm="r"', choice: ANY, found: null },
  { name: 'no nonce', fields: 'Digest realm="r"', choice: ANY, found: null },
  {
    name: 'MD5 where none is named',
    fields: D,
    choice: ANY,
    found: { hash: 'MD5', qop: null, isSession: false },
  },
  {
    name: 'the strongest',
    fields: `${D}, algorithm=MD5, ${D}, algorithm=SHA-256, ${D}, algorithm=sha-512-256, Basic realm="r"`,
    choice: ANY,
    found: { hash: 'SHA-512-256', algorithm: 'sha-512-256' },
  },
  {
    name: 'the strongest that the runtime has',
    fields: `${D}, algorithm=SHA-512-256, ${D}, algorithm=SHA-256`,
    choice: { ...ANY, has: (name: string) => name === 'SHA-256' },
    found: { hash: 'SHA-256' },
  },
  {
    name: 'only what the runtime does not have',
    fields: `${D}, algorithm=MD5, ${D}, algorithm=UNKNOWN`,
    choice: { ...ANY, has: () => false },
    found: { missing: 'MD5' },
  },
  { name: 'only what nobody has', fields: `${D}, algorithm=UNKNOWN`, choice: ANY, found: null },
  { name: 'auth of both', fields: `${D}, qop="auth-int, auth"`, choice: ANY, found: { qop: 'auth' } },
  {
    name: 'auth-int of both',
    fields: `${D}, qop="auth,auth-int"`,
    choice: { ...ANY, preferred: 'auth-int' as const },
    found: { qop: 'auth-int' },
  },
  {
    name: 'auth-int without a body to hash',
    fields: `${D}, qop="auth-int"`,
    choice: { ...ANY, canHashBody: false },
    found: null,
  },
  { name: 'an unknown protection', fields: `${D}, qop="auth-x"`, choice: ANY, found: null },
  { name: 'a session without protection', fields: `${D}, algorithm=MD5-sess`, choice: ANY, found: null },
  {
    name: 'everything else',
    fields: `${D}, qop=auth, stale=TRUE, userhash=true, domain="/a  https://b.example/c", opaque=o`,
    choice: ANY,
    found: { isStale: true, userhash: true, domain: ['/a', 'https://b.example/c'], opaque: 'o' },
  },
]
for (const { name, fields, choice, found } of CHOICES) {
  test(`the challenge that is answered: ${name}`, () => {
    const chosenOne = chooseChallenge(parseChallenges(fields) ?? [], choice)
    if (found === null) expect(chosenOne).toBe(null)
    else expect(chosenOne).toMatchObject(found)
  })
}

function chosen(field: string): DigestChallenge {
  const challenge = chooseChallenge(parseChallenges(field) ?? [], ANY)
  if (challenge === null || 'missing' in challenge) throw new Error('no challenge')
  return challenge
}

function hasher({ hash }: DigestChallenge): HashOctets {
  return (octets) => hashing.hash(hash, [Buffer.from(octets, 'latin1')])
}

async function answered(
  field: string,
  { cnonce, user, password, uri }: { cnonce: string; user: string; password: string; uri: string },
): Promise<ReadonlyMap<string, string>> {
  const challenge = chosen(field)
  const hash = hasher(challenge)
  const use = { nonce: challenge.nonce, cnonce, count: 1 }
  const secret = await secretHash(challenge, { user, password }, use, hash)
  const bodyHash = (): Promise<string> => Promise.reject(new Error('nobody asked for it'))
  const response = await responseHash(challenge, secret, use, { method: 'GET', uri, bodyHash }, hash)
  const credentials = await digestCredentials(challenge, user, use, { uri, response }, hash)
  return parseAuthParams(credentials.slice('Digest '.length)) ?? new Map()
}
