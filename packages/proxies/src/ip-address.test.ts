import { BlockList, isIP } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ipOctets, samePrefix } from './ip-address.ts'

const hex = (octets: Uint8Array | null): string | null => octets && Buffer.from(octets).toString('hex')

const ADDRESSES: [text: string, octets: string | null][] = [
  ['127.0.0.1', '7f000001'],
  ['255.255.255.255', 'ffffffff'],
  ['0.0.0.0', '00000000'],
  ['256.0.0.1', null],
  ['1.2.3', null],
  ['1.2.3.4.5', null],
  ['01.2.3.4', null],
  ['0x7f.0.0.1', null],
  ['1.2.3.4 ', null],
  ['[1.2.3.4]', null],
  ['', null],
  ['a.example', null],
  ['::', '00000000000000000000000000000000'],
  ['::1', '00000000000000000000000000000001'],
  ['[::1]', '00000000000000000000000000000001'],
  ['1::', '00010000000000000000000000000000'],
  ['2001:DB8::8:800:200C:417A', '20010db80000000000080800200c417a'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['::ffff:1.2.3.4', '00000000000000000000ffff01020304'],
  ['fe80::1%eth0', null],
  [':', null],
  [':::', null],
  ['1::2::3', null],
  ['1:2:3:4:5:6:7', null],
  ['1:2:3:4:5:6:7:8:9', null],
  ['12345::', null],
  ['::1/64', null],
  ['a:80', null],
]

for (const [text, octets] of ADDRESSES)
  test(`octets of ${JSON.stringify(text)}`, () => expect(hex(ipOctets(text))).toBe(octets))

test('what Node takes for an address is one here, and nothing else', () => {
  const texts = fc.oneof(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:.]{0,20}$/))
  fc.assert(
    fc.property(texts, (text) => (ipOctets(text)?.length ?? 0) === [0, 0, 0, 0, 4, 0, 16][isIP(text)]),
  )
})

test('networks: as BlockList of node:net has them', () => {
  const halves = (address: fc.Arbitrary<string>, bits: number) =>
    fc.tuple(address, address, fc.integer({ min: 0, max: bits }))
  const cases = fc.oneof(halves(fc.ipV4(), 32), halves(fc.ipV6(), 128))
  fc.assert(
    fc.property(cases, fc.boolean(), ([network, other, bitCount], isSame) => {
      const address = isSame ? network : other
      const family = network.includes(':') ? 'ipv6' : 'ipv4'
      const list = new BlockList()
      list.addSubnet(network, bitCount, family)
      const same = samePrefix(ipOctets(address)!, ipOctets(network)!, bitCount)
      return same === list.check(address, family)
    }),
    { numRuns: 1000 },
  )
})

test('networks: each bit counts, up to the length of the prefix', () => {
  const network = ipOctets('2001:db8::')!
  for (let bit = 0; bit < 128; bit++) {
    const address = network.slice()
    address[bit >> 3]! ^= 0x80 >> (bit & 7)
    for (const bitCount of [0, bit, bit + 1, 128])
      expect(samePrefix(address, network, bitCount), `bit ${bit} of /${bitCount}`).toBe(bitCount <= bit)
  }
  expect(samePrefix(ipOctets('0.0.0.0')!, network, 0)).toBe(false)
})
