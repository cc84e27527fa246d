import { expect, test } from 'vitest'
import { requireLoopback } from './loopback.mjs'

const OWN = 'http://127.0.0.1:4873/'

test('the registry of this run, with or without its slash', () => {
  expect(() => requireLoopback(OWN, OWN)).not.toThrow()
  expect(() => requireLoopback('http://127.0.0.1:4873', OWN)).not.toThrow()
})

const ELSEWHERE = 'is not a registry on 127.0.0.1'
const REFUSED = [
  { url: 'http://127.0.0.1:4874/', says: "this run's registry is http://127.0.0.1:4873/" },
  { url: 'http://127.0.0.1:4873/npm/', says: "this run's registry is http://127.0.0.1:4873/" },
  { url: 'http://127.0.0.1/', says: ELSEWHERE },
  { url: 'https://127.0.0.1:4873/', says: ELSEWHERE },
  { url: 'http://localhost:4873/', says: ELSEWHERE },
  { url: 'http://registry.invalid:4873/', says: ELSEWHERE },
  { url: 'http://127.0.0.1.invalid:4873/', says: ELSEWHERE },
  { url: 'http://127.0.0.1:4873@registry.invalid:80/', says: ELSEWHERE },
  { url: '', says: 'Invalid URL' },
  { url: 'undefined', says: 'Invalid URL' },
]

for (const { url, says } of REFUSED) {
  test(`refused: "${url}"`, () => expect(() => requireLoopback(url, OWN)).toThrow(says))
}
