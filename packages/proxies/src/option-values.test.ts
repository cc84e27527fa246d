/** An option that does not exist, or has nonsense in it, is refused by name when the connector is made. */
import { expect, test } from 'vitest'
import { proxyFromEnvironment, viaEnvironment, viaHttpProxy, viaSocks5 } from './index.ts'

type Nonsense = readonly unknown[]
const OBJECTS: Nonsense = [5, 'text', null]
const FUNCTIONS: Nonsense = [5, 'text', null, {}]
const PROXIES: Nonsense = [5, '', null, {}, 'ftp://a.example', 'http://a.example:99999']
const WORDS: Nonsense = [5, 'sometimes', null]

const TAKERS: {
  name: string
  call: (options: never) => unknown
  valid: object
  options: Record<string, Nonsense>
}[] = [
  {
    name: 'viaHttpProxy',
    call: (options) => viaHttpProxy(options),
    valid: { proxy: 'http://a.example' },
    options: {
      proxy: PROXIES,
      tls: OBJECTS,
      proxyTls: OBJECTS,
      connect: FUNCTIONS,
      headers: OBJECTS,
      tunnel: WORDS,
    },
  },
  {
    name: 'viaSocks5',
    call: (options) => viaSocks5(options),
    valid: { proxy: 'socks5://a.example' },
    options: { proxy: PROXIES, tls: OBJECTS, connect: FUNCTIONS, lookup: FUNCTIONS },
  },
  {
    name: 'viaEnvironment',
    call: (options) => viaEnvironment(options),
    valid: { env: {} },
    options: {
      env: OBJECTS,
      tls: OBJECTS,
      proxyTls: OBJECTS,
      connect: FUNCTIONS,
      headers: OBJECTS,
      tunnel: WORDS,
    },
  },
]

for (const { name, call, valid, options } of TAKERS) {
  for (const [option, nonsense] of Object.entries(options)) {
    test(`${name} refuses nonsense as ${option}`, () => {
      for (const value of nonsense) {
        const make = (): unknown => call({ ...valid, [option]: value } as never)
        expect(make, String(value)).toThrow(TypeError)
        expect(make, String(value)).toThrow(`"${option}"`)
      }
    })
  }
  test(`${name} refuses an option that it does not have`, () => {
    for (const option of ['nonsenseOption', 'toString', 'proxyAuth'])
      expect(() => call({ ...valid, [option]: 1 } as never)).toThrow(`there is no option "${option}"`)
    for (const other of [null, 5]) expect(() => call(other as never)).toThrow('options must be an object')
  })
}

test('variables that are none are refused by name', () => {
  for (const env of [null, 5, 'text']) expect(() => proxyFromEnvironment(env as never)).toThrow('"env"')
  for (const value of [5, null, {}])
    expect(() => proxyFromEnvironment({ http_proxy: value } as never)).toThrow('http_proxy must be a string')
})
