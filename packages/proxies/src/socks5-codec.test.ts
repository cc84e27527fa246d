import type { Decoder } from '@x/http1'
import { StreamReader } from '@x/stream-reader'
import { expect, test } from 'vitest'
import { everySplit } from './memory-proxy.test-support.ts'
import {
  connectReply,
  encodeConnect,
  encodeGreeting,
  encodePassword,
  mayTryAnotherAddress,
  methodDecoder,
  passwordStatus,
  replyReason,
} from './socks5-codec.ts'

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex')

const DECODED: [
  name: string,
  decoder: Decoder<number>,
  wire: string,
  outcome: number | string,
  rest?: string,
][] = [
  ['method: none', methodDecoder([0]), '05 00', 0],
  ['method: password', methodDecoder([0, 2]), '05 02', 2],
  ['method: refused', methodDecoder([0]), '05 ff', 255],
  ['method: what is behind it stays', methodDecoder([0]), '05 00 05 00', 0, '0500'],
  ['method: not offered', methodDecoder([0]), '05 02', 'method 2 was not offered'],
  ['method: GSSAPI, not offered', methodDecoder([0, 2]), '05 01', 'method 1 was not offered'],
  ['method: an HTTP server', methodDecoder([0]), '48 54 54 50', 'not SOCKS5: version is 72 instead of 5'],
  ['method: SOCKS4', methodDecoder([0]), '00 5a', 'not SOCKS5: version is 0 instead of 5'],
  ['method: SOCKS4, its first octet', methodDecoder([0]), '04', 'not SOCKS5: version is 4 instead of 5'],
  ['password: accepted', passwordStatus, '01 00', 0],
  ['password: refused', passwordStatus, '01 01', 1],
  ['password: refused otherwise', passwordStatus, '01 ff 00', 255, '00'],
  [
    'password: the version of SOCKS',
    passwordStatus,
    '05 00',
    'version of the password negotiation is 5 instead of 1',
  ],
  ['reply: IPv4', connectReply, '05 00 00 01 7f000001 1f90', 0],
  ['reply: IPv4, what is behind it stays', connectReply, '05 00 00 01 7f000001 1f90 160301', 0, '160301'],
  ['reply: IPv6', connectReply, `05 00 00 04 ${'20'.repeat(16)} 1f90 aa`, 0, 'aa'],
  ['reply: a name', connectReply, '05 00 00 03 03 612e62 1f90 aa', 0, 'aa'],
  ['reply: a name of no octets', connectReply, '05 00 00 03 00 1f90 aa', 0, 'aa'],
  ['reply: a name of 255 octets', connectReply, `05 00 00 03 ff ${'61'.repeat(255)} 1f90 aa`, 0, 'aa'],
  ['reply: version', connectReply, '04 00 00 01 7f000001 1f90', 'not SOCKS5: version is 4 instead of 5'],
  ['reply: reserved octet', connectReply, '05 00 01 01 7f000001 1f90', 'reserved octet is 1 instead of 0'],
  ['reply: type of address 0', connectReply, '05 00 00 00 7f000001 1f90', 'there is no address type 0'],
  ['reply: type of address 2', connectReply, '05 00 00 02', 'there is no address type 2'],
  ['reply: refused, whole', connectReply, '05 05 00 01 00000000 0000', 5, '050500010000 00000000'],
  ['reply: refused, cut short', connectReply, '05 05', 5, '0505'],
  ['reply: refused, with junk', connectReply, '05 09 07 07', 9, '05090707'],
]

for (const [name, decoder, wire, outcome, rest = ''] of DECODED) {
  test(`SOCKS5 ${name}: at every split`, async () => {
    for (const pieces of everySplit(bytes(wire))) {
      const reader = new StreamReader()
      const decoding = reader.decode(decoder)
      decoding.catch(() => {})
      for (const piece of pieces) reader.feed(piece.slice())
      reader.feedEof()
      const where = `pieces of ${pieces.map(({ length }) => length).join(',')}`
      if (typeof outcome === 'string') await expect(decoding, where).rejects.toThrow(outcome)
      else {
        expect(await decoding, where).toBe(outcome)
        expect(hex(await reader.readAll()), where).toBe(rest.replaceAll(' ', ''))
      }
    }
  })
}

for (const [name, decoder, wire] of DECODED) {
  test(`SOCKS5 ${name}: nothing is taken before it is whole, and a stream that ends is no answer`, async () => {
    const whole = bytes(wire)
    for (let length = 0; length < Math.min(whole.length, 12); length++) {
      const reader = new StreamReader()
      reader.feed(whole.slice(0, length))
      let value
      try {
        value = reader.tryDecode(decoder)
      } catch (error) {
        expect(error).toMatchObject({ name: 'SocksFormatError' })
        break
      }
      if (value !== undefined) break
      expect(reader.bufferedByteCount).toBe(length)
      reader.feedEof()
      await expect(reader.decode(decoder)).rejects.toMatchObject({ code: 'ERR_INCOMPLETE_READ' })
    }
  })
}

test('SOCKS5 encoders', () => {
  expect(hex(encodeGreeting([0]))).toBe('050100')
  expect(hex(encodeGreeting([0, 2]))).toBe('05020002')
  expect(hex(encodePassword({ user: 'ab', password: 'é' }))).toBe('0102616202c3a9')
  expect(hex(encodePassword({ user: 'a', password: '' }))).toBe('01016100')
  const long = hex(encodePassword({ user: 'u'.repeat(255), password: 'p'.repeat(255) }))
  expect(long).toBe(`01ff${'75'.repeat(255)}ff${'70'.repeat(255)}`)
  expect(hex(encodeConnect({ type: 'ipv4', octets: bytes('7f000001') }, 8080))).toBe('050100017f0000011f90')
  expect(hex(encodeConnect({ type: 'ipv6', octets: bytes('20'.repeat(16)) }, 65_535))).toBe(
    `05010004${'20'.repeat(16)}ffff`,
  )
  expect(hex(encodeConnect({ type: 'name', octets: bytes('612e62') }, 1))).toBe('0501000303612e620001')
})

test('SOCKS5 replies: each has its own reason', () => {
  const reasons = Array.from({ length: 256 }, (_, reply) => replyReason(reply))
  expect(new Set(reasons).size).toBe(256)
  expect(reasons.slice(1, 10)).toEqual([
    'general failure of the proxy',
    'its rules do not allow this connection',
    'network unreachable',
    'host unreachable',
    'connection refused',
    'time to live expired',
    'it does not know the command CONNECT',
    'it does not know this type of address',
    'reply 9, which has no meaning',
  ])
  expect([null, ...Array.from({ length: 12 }, (_, reply) => reply)].filter(mayTryAnotherAddress)).toEqual([
    1, 3, 4, 5, 6, 8,
  ])
})
