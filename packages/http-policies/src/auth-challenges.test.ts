import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAuthParams, parseChallenges, quoted } from './auth-challenges.ts'

type Row = { name: string; value: string; challenges: [string, (string | Record<string, string>)?][] | null }

const ROWS: Row[] = [
  { name: 'nothing', value: '', challenges: [] },
  { name: 'empty members', value: ' , ,\t', challenges: [] },
  { name: 'a scheme alone', value: 'Negotiate', challenges: [['negotiate']] },
  { name: 'two schemes alone', value: 'Negotiate, NTLM', challenges: [['negotiate'], ['ntlm']] },
  { name: 'a scheme and a space', value: 'Negotiate , NTLM ', challenges: [['negotiate'], ['ntlm']] },
  { name: 'a parameter', value: 'Basic realm="a b"', challenges: [['basic', { realm: 'a b' }]] },
  { name: 'a token as value', value: 'Basic realm=a', challenges: [['basic', { realm: 'a' }]] },
  { name: 'several spaces', value: 'Basic   realm=a', challenges: [['basic', { realm: 'a' }]] },
  { name: 'blanks around =', value: 'Basic realm \t= "a"', challenges: [['basic', { realm: 'a' }]] },
  { name: 'names without case', value: 'Basic REALM=a', challenges: [['basic', { realm: 'a' }]] },
  { name: 'an empty quoted string', value: 'Basic realm=""', challenges: [['basic', { realm: '' }]] },
  {
    name: 'escapes, commas and schemes inside of quotes',
    value: 'Basic realm="a \\"b\\", Digest x=\\\\", charset=utf-8',
    challenges: [['basic', { realm: 'a "b", Digest x=\\', charset: 'utf-8' }]],
  },
  {
    name: 'octets above 127 in quotes',
    value: 'Basic realm="\xe4"',
    challenges: [['basic', { realm: '\xe4' }]],
  },
  { name: 'token68', value: 'Negotiate YWJj+/-._~==', challenges: [['negotiate', 'YWJj+/-._~==']] },
  { name: 'token68 of one =', value: 'Negotiate YWI=', challenges: [['negotiate', 'YWI=']] },
  {
    name: 'RFC 9110 section 11.6.1: two in one field',
    value: 'Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""',
    challenges: [
      ['basic', { realm: 'simple' }],
      ['newauth', { realm: 'apps', type: '1', title: 'Login to "apps"' }],
    ],
  },
  {
    name: 'token68 between parameters',
    value: 'A x=1,B abc==,C y="2" , z=3',
    challenges: [
      ['a', { x: '1' }],
      ['b', 'abc=='],
      ['c', { y: '2', z: '3' }],
    ],
  },
  {
    name: 'empty members between parameters',
    value: 'A x=1,,\t, y=2',
    challenges: [['a', { x: '1', y: '2' }]],
  },
  { name: 'a first parameter behind a comma', value: 'A ,x=1', challenges: [['a', { x: '1' }]] },
  { name: 'a parameter of nobody', value: 'realm="a"', challenges: null },
  { name: 'a parameter behind token68', value: 'A abc==, x=1', challenges: null },
  { name: 'the same parameter twice', value: 'A x=1, X=2', challenges: null },
  { name: 'an open quote', value: 'Basic realm="a', challenges: null },
  { name: 'an open escape', value: 'Basic realm="a\\"', challenges: null },
  { name: 'a control character in quotes', value: 'Basic realm="a\x01"', challenges: null },
  { name: 'text behind quotes', value: 'Basic realm="a"b', challenges: null },
  { name: 'two words as a value', value: 'Basic realm=a b', challenges: null },
  { name: 'a parameter behind a blank', value: 'Basic realm="a" x=1', challenges: null },
  { name: 'a scheme that is no token', value: 'Ba(sic realm="a"', challenges: null },
  { name: 'a scheme and a tab', value: 'Basic\trealm="a"', challenges: null },
  { name: 'a value of no token', value: 'Basic realm=ä', challenges: null },
  { name: 'a semicolon', value: 'Basic realm="a"; x=1', challenges: null },
]
for (const { name, value, challenges } of ROWS) {
  test(`challenges: ${name}`, () => {
    const parsed = parseChallenges(value)?.map(({ scheme, token68, params }) => {
      if (token68 !== null) return [scheme, token68]
      return params.size === 0 ? [scheme] : [scheme, Object.fromEntries(params)]
    })
    expect(parsed ?? null).toEqual(challenges)
  })
}

test('what is written by the grammar is read as it was meant', () => {
  const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~\w]+$/)
  const text = fc.stringMatching(/^[\t -~\x80-\xff]*$/)
  const params = fc.uniqueArray(fc.tuple(token, text), {
    selector: ([name]) => name.toLowerCase(),
    maxLength: 4,
  })
  const blanks = fc.constantFrom('', ' ', '\t', ' \t ')
  const challenge = fc.record({
    scheme: token,
    content: fc.oneof(params, fc.stringMatching(/^[\w\-.~+/]+=*$/)),
    before: blanks,
    behind: blanks,
  })
  fc.assert(
    fc.property(fc.array(challenge, { maxLength: 4 }), (challenges) => {
      const written = challenges.map(({ scheme, content, before, behind }) => {
        if (typeof content === 'string') return `${scheme} ${content}`
        const list = content.map(([name, value]) => `${name}${before}=${behind}${quoted(value)}`)
        return `${scheme}${list.length === 0 ? '' : ' '}${list.join(`${before},${behind}`)}`
      })
      const meant = challenges.map(({ scheme, content }) => {
        const isToken68 = typeof content === 'string'
        const named = isToken68 ? [] : content.map(([name, value]) => [name.toLowerCase(), value] as const)
        return { scheme: scheme.toLowerCase(), token68: isToken68 ? content : null, params: new Map(named) }
      })
      expect(parseChallenges(written.join(' ,'))).toEqual(meant)
    }),
  )
})

test('whatever a server sends, reading ends without an exception', () => {
  const pieces = fc.array(
    fc.constantFrom('a', 'Digest', ' ', '\t', ',', '=', '"', '\\', '==', ';', '\xe4', '\0'),
  )
  fc.assert(
    fc.property(pieces, (all) => {
      const value = all.join('')
      parseAuthParams(value)
      for (const { scheme, token68, params } of parseChallenges(value) ?? []) {
        expect(scheme).toMatch(/^[^\s,="\\;]+$/)
        if (token68 !== null) expect(params.size).toBe(0)
      }
    }),
  )
})

test('a long field takes no more than time in proportion', () => {
  const n = 200_000
  for (const value of [
    `A ${' '.repeat(n)}x`,
    `A ${'='.repeat(n)}`,
    `A ${'a'.repeat(n)}(`,
    `A x=${'"\\'.repeat(n)}`,
  ]) {
    const start = performance.now()
    parseChallenges(value)
    expect(performance.now() - start).toBeLessThan(500)
  }
})

test('parameters alone', () => {
  expect(parseAuthParams('nextnonce="a,b", qop=auth,')).toEqual(
    new Map([
      ['nextnonce', 'a,b'],
      ['qop', 'auth'],
    ]),
  )
  for (const wrong of ['Digest x=1', 'x', 'x=1 y=2', 'x=', 'x=1, x=2'])
    expect(parseAuthParams(wrong)).toBe(null)
})

test('quoted strings escape what would end them', () => expect(quoted('a"b\\')).toBe('"a\\"b\\\\"'))
