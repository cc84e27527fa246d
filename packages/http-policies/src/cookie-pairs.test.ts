import { expect, test } from 'vitest'
import { joinedCookies } from './cookie-pairs.ts'

const ROWS = [
  { name: 'the jar’s alone', own: undefined, kept: 'a=1; b=2', joined: 'a=1; b=2' },
  { name: 'both', own: 'c=3', kept: 'a=1', joined: 'c=3; a=1' },
  { name: 'the caller’s replaces', own: 'a=own', kept: 'a=1; b=2', joined: 'a=own; b=2' },
  { name: 'case matters', own: 'A=own', kept: 'a=1', joined: 'A=own; a=1' },
  { name: 'values with =', own: 'a=b=c', kept: 'a=1; d==', joined: 'a=b=c; d==' },
  { name: 'several of the caller’s of one name stay', own: 'a=1; a=2', kept: 'a=3', joined: 'a=1; a=2' },
  { name: 'without a name', own: 'x', kept: 'a=1', joined: 'x; a=1' },
  { name: 'empty members', own: ' ; ;', kept: 'a=1', joined: 'a=1' },
]
for (const { name, own, kept, joined } of ROWS) {
  test(`cookies of caller and jar: ${name}`, () => expect(joinedCookies(own, kept)).toBe(joined))
}
