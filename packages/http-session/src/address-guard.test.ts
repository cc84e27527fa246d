import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AddressBlockedError, blockPrivateAddresses, createAddressGuard, guarded } from './address-guard.ts'
import type { AddressClass, AddressGuardOptions } from './address-guard.ts'
import { ClientSession, ConnectError, UsageError } from './index.ts'
import { answering, HELLO, memoryServer } from './memory-server.test-support.ts'

const CLASSES: Record<AddressClass | 'public', string[]> = {
  unspecified: ['0.0.0.0', '0.1.2.3', '::', '::ffff:0.0.0.0'],
  loopback: ['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '::7f00:1', '64:ff9b::127.0.0.1'],
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fec0::1', '64:ff9b::a00:1'],
  shared: ['100.64.0.1', '100.127.255.255'],
  'link-local': ['169.254.0.1', 'fe80::1', 'fe80::1%eth0', '2002:a9fe:1::'],
  'unique-local': ['fc00::1', 'fdff::1'],
  multicast: ['224.0.0.1', '239.255.255.250', 'ff02::1'],
  broadcast: ['255.255.255.255'],
  documentation: ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
  benchmarking: ['198.18.0.1', '198.19.255.255', '2001:2::1'],
  tunnel: ['192.88.99.1', '::8.8.8.8', '2002:808:808::1', '2001:0:808:808::f7f7:f7f7'],
  reserved: ['192.0.0.8', '240.0.0.1', '100::1', '64:ff9b:1::1', '2001:1ff::1', '5f00::1', '4000::1'],
  'cloud-metadata': [
    '169.254.169.254',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::',
    '169.254.170.2',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    'fd00:ec2::254',
    'fd20:ce::254',
  ],
  denied: [],
  public: [
    '8.8.8.8',
    '1.1.1.1',
    '11.0.0.1',
    '100.63.255.255',
    '100.128.0.1',
    '172.15.255.255',
    '172.32.0.1',
    '192.0.1.1',
    '198.17.255.255',
    '223.255.255.255',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    '2606:4700::1111',
    '2a00:1450::1',
    '2001:200::1',
  ],
}

for (const [name, addresses] of Object.entries(CLASSES)) {
  test(`blockPrivateAddresses: ${name}`, () => {
    const expected = name === 'public' ? null : name
    for (const address of addresses) {
      expect(blockPrivateAddresses(address, null), `${address} as a host`).toBe(expected)
      expect(blockPrivateAddresses('name.test', address), `${address} of a name`).toBe(expected)
    }
  })
}

test('blockPrivateAddresses: Teredo, each address within, the second turned round', () => {
  expect(blockPrivateAddresses('2001:0:a00:1::f7f7:f7f7', null)).toBe('private')
  expect(blockPrivateAddresses('2001:0:808:808::80ff:fffe', null)).toBe('loopback')
})

test('blockPrivateAddresses: an IPv4 address is the same within IPv6, and tunnels lead nowhere', () => {
  const hexOf = (address: string): string[] => {
    const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
    return [((a << 8) | b).toString(16), ((c << 8) | d).toString(16)]
  }
  const inPrivate = fc.tuple(fc.constantFrom('10', '127', '169.254', '192.168', '100.64', '224'), fc.ipV4())
  const address = fc.oneof(
    fc.ipV4(),
    inPrivate.map(([head, rest]) => [...head.split('.'), ...rest.split('.')].slice(0, 4).join('.')),
  )
  fc.assert(
    fc.property(address, (text) => {
      const [high, low] = hexOf(text)
      const own = blockPrivateAddresses(text, null)
      for (const form of [`::ffff:${text}`, `::ffff:${high}:${low}`, `64:ff9b::${text}`])
        expect(blockPrivateAddresses(form, null), form).toBe(own)
      for (const form of [`2002:${high}:${low}::1`, `2001:0:${high}:${low}::f7f7:f7f7`])
        expect(blockPrivateAddresses(form, null), form).toBe(own ?? 'tunnel')
    }),
    { numRuns: 1000 },
  )
})

/** One address in every notation that the URL standard takes. */
const LOOPBACK_NOTATIONS = [
  '127.0.0.1',
  '127.0.0.1.',
  '127.1',
  '127.0.1',
  '2130706433',
  '017700000001',
  '0x7f000001',
  '0x7F.1',
  '0177.0.0.01',
  '127.0x0.0.1',
  '%31%32%37.0.0.1',
  '１２７.0.0.1',
  '127。0。0。1',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::FFFF:7f00:1]',
  'localhost',
  'LOCALHOST.',
  'a.localhost',
]

for (const host of LOOPBACK_NOTATIONS) {
  test(`a literal in another notation is what it means: ${host}`, async () => {
    expect(blockPrivateAddresses(host, null)).toBe('loopback')
    const { connector, peers } = memoryServer(answering(HELLO))
    const session = new ClientSession({ connector: guarded(connector, blockPrivateAddresses) })
    const error: unknown = await session.get(`http://${host}/`).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ConnectError)
    expect(error).toMatchObject({
      code: 'ERR_HTTP_ADDRESS_BLOCKED',
      phase: 'connect',
      retriable: 'safe',
      cause: { name: 'AddressBlockedError', address: null, addressClass: 'loopback' },
    })
    expect((error as Error).message).toMatch(/does not allow "[^"]*(127\.0\.0\.1|::|localhost).*": loopback$/)
    expect(peers.length).toBe(0)
  })
}

test('names of metadata services, in any case, with a dot at the end', () => {
  for (const name of ['metadata.google.internal', 'Metadata.Google.Internal.', 'metadata.goog', 'metadata'])
    expect(blockPrivateAddresses(name, null), name).toBe('cloud-metadata')
  for (const name of ['metadata.google.internal.example', 'example.com', 'localhost.example', 'notlocalhost'])
    expect(blockPrivateAddresses(name, null), name).toBe(null)
})

test('an address that cannot be read is none to connect to', () => {
  for (const address of ['0177.0.0.1', 'x', '', '1.2.3.4/8'])
    expect(blockPrivateAddresses('name.test', address), address).toBe('reserved')
})

const LISTS: { name: string; options: AddressGuardOptions; allowed: string[]; denied: string[] }[] = [
  {
    name: 'a block and an address',
    options: { allow: ['10.1.0.0/16', '::1', '[fd00::1]'] },
    allowed: ['10.1.2.3', '::ffff:10.1.2.3', '::1', 'fd00::1', '8.8.8.8'],
    denied: ['10.2.0.1', '127.0.0.1', 'fd00::2', '64:ff9b::a01:203'],
  },
  {
    name: 'names, and all below one',
    options: { allow: ['localhost', '.Example'], deny: ['evil.example', '.bad.test', 'bad.test.'] },
    allowed: ['localhost', 'LOCALHOST.', 'a.example', 'a.b.example', 'good.test'],
    denied: ['a.localhost', 'evil.example', 'EVIL.example.', 'x.bad.test', 'bad.test'],
  },
  {
    name: 'deny goes before allow, and looks inside',
    options: { allow: ['0.0.0.0/0'], deny: ['10.0.0.0/8', '8.8.8.8'] },
    allowed: ['127.0.0.1', '8.8.4.4'],
    denied: ['10.0.0.1', '8.8.8.8', '64:ff9b::808:808', '2002:a00:1::'],
  },
]

for (const { name, options, allowed, denied } of LISTS) {
  test(`createAddressGuard: ${name}`, () => {
    const guard = createAddressGuard(options)
    for (const host of allowed) expect(guard(host, null), host).toBe(null)
    for (const host of denied) expect(guard(host, null), host).not.toBe(null)
  })
}

test('createAddressGuard: an allowed name may lead anywhere but to what is denied', () => {
  const guard = createAddressGuard({ allow: ['db.example'], deny: ['10.0.0.9'] })
  expect(guard('db.example', '10.0.0.1')).toBe(null)
  expect(guard('db.example', '10.0.0.9')).toBe('denied')
  expect(guard('other.example', '10.0.0.1')).toBe('private')
})

const WRONG: { options: unknown; option: string }[] = [
  { options: { alow: [] }, option: 'alow' },
  { options: { allow: '10.0.0.0/8' }, option: 'allow' },
  { options: { allow: ['::1', 5] }, option: 'allow[1]' },
  { options: { deny: ['10.0.0.0/33'] }, option: 'deny[0]' },
  { options: { deny: [''] }, option: 'deny[0]' },
  { options: { deny: ['.'] }, option: 'deny[0]' },
  { options: { deny: ['http://a/'] }, option: 'deny[0]' },
  { options: { deny: ['a b'] }, option: 'deny[0]' },
  { options: { deny: ['*.example'] }, option: 'deny[0]' },
  { options: { deny: ['127.1'] }, option: 'deny[0]' },
]

for (const { options, option } of WRONG) {
  test(`createAddressGuard refuses ${JSON.stringify(options)}`, () => {
    const make = (): unknown => createAddressGuard(options as AddressGuardOptions)
    expect(make).toThrow(UsageError)
    expect(make).toThrow(`option ${option}`)
  })
}

test('guarded: what the guard allows is dialled; a redirect to what it refuses fails on its hop', async () => {
  const redirect =
    'HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n'
  const { connector, peers } = memoryServer(answering(redirect))
  const session = new ClientSession({ connector: guarded(connector, blockPrivateAddresses) })
  const error: unknown = await session.get('http://public.test/').catch((reason: unknown) => reason)
  expect(error).toMatchObject({
    code: 'ERR_HTTP_ADDRESS_BLOCKED',
    url: 'http://169.254.169.254/latest',
    cause: { host: '169.254.169.254', addressClass: 'cloud-metadata' },
  })
  expect(peers.length).toBe(1)
  expect(new AddressBlockedError({ host: 'a', address: '10.0.0.1', addressClass: 'private' }).message).toBe(
    'the address guard does not allow "a", which leads to 10.0.0.1: private',
  )
})
