import { BlockList, isIP } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isInBlock, parseIpAddress, parseIpBlock } from './ip-address.ts'

const hex = (octets: readonly number[]): string =>
  octets.map((octet) => octet.toString(16).padStart(2, '0')).join('')

const ADDRESSES: { text: string; octets: string | null }[] = [
  { text: '0.0.0.0', octets: '00000000' },
  { text: '255.254.1.10', octets: 'fffe010a' },
  { text: '256.0.0.1', octets: null },
  { text: '1.2.3', octets: null },
  { text: '1.2.3.4.5', octets: null },
  { text: '01.2.3.4', octets: null },
  { text: '0x7f.0.0.1', octets: null },
  { text: '1.2.3.4 ', octets: null },
  { text: '1.2.3.4%eth0', octets: null },
  { text: '', octets: null },
  { text: 'example', octets: null },
  { text: '::', octets: '00000000000000000000000000000000' },
  { text: '::1', octets: '00000000000000000000000000000001' },
  { text: '1::', octets: '00010000000000000000000000000000' },
  { text: '2001:DB8::a', octets: '20010db800000000000000000000000a' },
  { text: '1:2:3:4:5:6:7:8', octets: '00010002000300040005000600070008' },
  { text: '1:2:3:4:5:6:7::', octets: '00010002000300040005000600070000' },
  { text: '1:2:3:4:5:6:1.2.3.4', octets: '00010002000300040005000601020304' },
  { text: '64:ff9b::10.0.0.1', octets: '0064ff9b00000000000000000a000001' },
  { text: 'fe80::1%eth0', octets: 'fe800000000000000000000000000001' },
  { text: 'fe80::1%', octets: null },
  { text: 'fe80::1%a%b', octets: null },
  { text: '::ffff:127.0.0.1', octets: '7f000001' },
  { text: '::ffff:7f00:1', octets: '7f000001' },
  { text: '0:0:0:0:0:ffff:7f00:1', octets: '7f000001' },
  { text: '1:2:3:4:5:6:7:8::', octets: null },
  { text: '1:2:3:4::5:6:7:8', octets: null },
  { text: '1:2:3:4:5:6:7', octets: null },
  { text: '1:2:3:4:5:6:7:8:9', octets: null },
  { text: ':1::', octets: null },
  { text: '1::2::3', octets: null },
  { text: ':::', octets: null },
  { text: '12345::', octets: null },
  { text: '::1.2.3', octets: null },
  { text: '1.2.3.4::', octets: null },
  { text: '::g', octets: null },
]

for (const { text, octets } of ADDRESSES) {
  test(`parseIpAddress: "${text}"`, () => {
    const parsed = parseIpAddress(text)
    expect(parsed === null ? null : hex(parsed)).toBe(octets)
  })
}

const BLOCKS: { block: string; inside: string[]; outside: string[] }[] = [
  { block: '10.0.0.0/8', inside: ['10.0.0.0', '10.255.255.255'], outside: ['11.0.0.0', '9.255.255.255'] },
  { block: '172.16.0.0/12', inside: ['172.16.0.0', '172.31.255.255'], outside: ['172.32.0.0', '172.15.0.1'] },
  { block: '10.9.9.9/8', inside: ['10.0.0.1'], outside: ['::a00:1'] },
  { block: '0.0.0.0/0', inside: ['1.2.3.4', '::ffff:1.2.3.4'], outside: ['::1'] },
  { block: '1.2.3.4', inside: ['1.2.3.4', '::ffff:1.2.3.4'], outside: ['1.2.3.5'] },
  { block: '::ffff:10.0.0.0/104', inside: ['10.1.2.3', '::ffff:a01:203'], outside: ['11.0.0.1', '::1'] },
  { block: 'fe80::/10', inside: ['fe80::1', 'febf::1%1'], outside: ['fec0::1'] },
  { block: '::1', inside: ['::1'], outside: ['::2', '0.0.0.1'] },
]

for (const { block, inside, outside } of BLOCKS) {
  test(`isInBlock: ${block}`, () => {
    const parsed = parseIpBlock(block)!
    const inBlock = (text: string): boolean => isInBlock(parseIpAddress(text)!, parsed)
    expect(inside.map(inBlock)).toEqual(inside.map(() => true))
    expect(outside.map(inBlock)).toEqual(outside.map(() => false))
  })
}

test('parseIpBlock refuses what is neither a block nor an address', () => {
  for (const text of ['', 'a/8', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/8/8', '::/129', '::/x'])
    expect(parseIpBlock(text), text).toBe(null)
})

const ipv4 = fc.ipV4()
const ipv6 = fc.ipV6()

test('parseIpAddress: what Node takes for an address and nothing else, and what the URL standard takes it for', () => {
  const pieces = fc.constantFrom(':', '::', '.', '0', '1', 'ff', 'ffff', 'g', '127', '0.0.1', ' ', '01')
  const nearly = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.oneof(ipv4, ipv6, nearly), (text) => {
      const octets = parseIpAddress(text)
      expect(octets !== null, text).toBe(isIP(text) !== 0)
      if (octets === null) return
      const { hostname } = new URL(`http://${text.includes(':') ? `[${text}]` : text}/`)
      expect(parseIpAddress(hostname.replace(/^\[(.*)\]$/, '$1')), text).toEqual(octets)
    }),
    { numRuns: 2000 },
  )
})

test('isInBlock: as net.BlockList', () => {
  const near = fc.tuple(fc.oneof(ipv4, ipv6), fc.integer({ min: 0, max: 128 }), fc.oneof(ipv4, ipv6))
  fc.assert(
    fc.property(near, ([address, length, other]) => {
      const kind = isIP(address) === 4 ? 'ipv4' : 'ipv6'
      const prefixLength = kind === 'ipv4' ? Math.min(length, 32) : length
      const block = parseIpBlock(`${address}/${prefixLength}`)!
      const list = new BlockList()
      list.addSubnet(address, prefixLength, kind)
      for (const text of [address, other]) {
        const family = isIP(text) === 4 ? 'ipv4' : 'ipv6'
        if (family !== kind) continue // BlockList takes an IPv4 address for its mapped form
        expect(isInBlock(parseIpAddress(text)!, block), `${text} in ${address}/${prefixLength}`).toBe(
          list.check(text, family),
        )
      }
    }),
    { numRuns: 2000 },
  )
})
