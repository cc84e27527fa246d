import { expect, test } from 'vitest'
import { agreedRegistry, registriesIn, withoutClientSettings } from './environment.mjs'

const ENV = {
  PATH: '/bin',
  npm_config_registry: 'http://injected.invalid/',
  npm_package_name: 'x',
  pnpm_config_registry: 'http://injected.invalid/',
  NPM_CONFIG_USERCONFIG: '/ci/npmrc',
  NODE_AUTH_TOKEN: 't',
}

test('what npm and pnpm inject does not reach what publishes', () => {
  expect(withoutClientSettings(ENV, 'injected')).toEqual({
    PATH: '/bin',
    NPM_CONFIG_USERCONFIG: '/ci/npmrc',
    NODE_AUTH_TOKEN: 't',
  })
})

test('a rehearsal takes nothing of the surroundings', () => {
  expect(withoutClientSettings(ENV, 'all')).toEqual({ PATH: '/bin', NODE_AUTH_TOKEN: 't' })
})

function answer(client: string, dir: string, key: string, url: string) {
  return { client, dir, key, url }
}

const [A, B] = ['http://127.0.0.1:1000/', 'http://127.0.0.1:2000/']
const AGREED = [
  { name: 'all the same', answers: [answer('npm', '/', 'registry', A), answer('pnpm', '/', 'registry', A)] },
  {
    name: 'with and without the slash',
    answers: [answer('npm', '/', 'registry', A), answer('pnpm', '/', 'registry', A.slice(0, -1))],
  },
  {
    name: 'the scope wins',
    answers: [
      answer('npm', '/', 'registry', B),
      answer('npm', '/', '@x:registry', A),
      answer('pnpm', '/', 'registry', A),
      answer('pnpm', '/', '@x:registry', ''),
    ],
  },
]

for (const { name, answers } of AGREED) {
  test(`registry: ${name}`, () => expect(agreedRegistry(answers)).toBe(A))
}

const DISAGREED = [
  { name: 'two clients', answers: [answer('npm', '/', 'registry', A), answer('pnpm', '/', 'registry', B)] },
  { name: 'two folders', answers: [answer('npm', '/', 'registry', A), answer('npm', '/a', 'registry', B)] },
  {
    name: 'a scope of its own in one folder',
    answers: [
      answer('npm', '/', 'registry', A),
      answer('npm', '/a', 'registry', A),
      answer('npm', '/a', '@x:registry', B),
    ],
  },
  { name: 'nobody was asked', answers: [] },
]

for (const { name, answers } of DISAGREED) {
  test(`registry refused: ${name}`, () => expect(() => agreedRegistry(answers)).toThrow('would publish to'))
}

test('a manifest that names another registry is heard', () => {
  const manifest = { publishConfig: { access: 'public', '@x:registry': B } }
  const named = registriesIn('/a', manifest)
  expect(named).toEqual([answer('publishConfig', '/a', 'registry', B)])
  expect(() => agreedRegistry([answer('npm', '/a', 'registry', A), ...named])).toThrow(`${A} and to ${B}`)
  expect(registriesIn('/a', {})).toEqual([])
})
