// The messages of SOCKS5, RFC 1928 and RFC 1929, as encoders and decoders. What is sent must be valid already. What comes is
// judged octet by octet: a wrong one is refused before more is waited for.
import type { ByteWindow, Decoder } from '@x/http1'
import type { Credentials } from './proxy-url.ts'

/** Octets that SOCKS5 does not allow there. */
export class SocksFormatError extends Error {
  override readonly name = 'SocksFormatError'
}

/** RFC 1928 section 3. */
export const METHODS = { none: 0x00, password: 0x02, refused: 0xff } as const

const VERSION = 5
/** Of the negotiation of RFC 1929. */
const PASSWORD_VERSION = 1
const CONNECT = 1
const ADDRESS_TYPES = { ipv4: 1, name: 3, ipv6: 4 } as const

/** Where the proxy shall connect to: 4 or 16 octets of an address, or the octets of a name. */
export interface SocksAddress {
  readonly type: keyof typeof ADDRESS_TYPES
  readonly octets: Uint8Array
}

/** Method selection, RFC 1928 section 3. */
export function encodeGreeting(methods: readonly number[]): Uint8Array {
  return Uint8Array.of(VERSION, methods.length, ...methods)
}

/** RFC 1929 section 2: user and password in UTF-8, each of at most 255 octets. */
export function encodePassword({ user, password }: Credentials): Uint8Array {
  const [name, word] = [utf8(user), utf8(password)]
  return Uint8Array.of(PASSWORD_VERSION, name.length, ...name, word.length, ...word)
}

/** RFC 1928 section 4, with the command CONNECT. */
export function encodeConnect({ type, octets }: SocksAddress, port: number): Uint8Array {
  const length = type === 'name' ? [octets.length] : []
  return Uint8Array.of(VERSION, CONNECT, 0, ADDRESS_TYPES[type], ...length, ...octets, port >> 8, port & 0xff)
}

/** The method that the proxy chose, one of those offered; or `METHODS.refused`. RFC 1928 section 3. */
export function methodDecoder(offered: readonly number[]): Decoder<number> {
  return (window) => {
    expectOctet(window, 0, VERSION, 'not SOCKS5: version')
    const method = octetAt(window, 1)
    if (method === undefined) return undefined
    if (method !== METHODS.refused && !offered.includes(method))
      throw new SocksFormatError(`method ${method} was not offered`)
    window.skip(2)
    return method
  }
}

/** The status of RFC 1929 section 2: 0 is success. */
export const passwordStatus: Decoder<number> = (window) => {
  expectOctet(window, 0, PASSWORD_VERSION, 'version of the password negotiation')
  const status = octetAt(window, 1)
  if (status !== undefined) window.skip(2)
  return status
}

/**
 * The reply code of RFC 1928 section 6; with 0 the address behind it was consumed, too. Any other code is the answer as soon as it
 * is there: the connection is of no further use, and some proxies send no more than that.
 */
export const connectReply: Decoder<number> = (window) => {
  expectOctet(window, 0, VERSION, 'not SOCKS5: version')
  const reply = octetAt(window, 1)
  if (reply === undefined || reply !== 0) return reply
  expectOctet(window, 2, 0, 'reserved octet')
  const addressLength = boundAddressLength(window)
  if (addressLength === undefined) return undefined
  const byteCount = 4 + addressLength + 2
  if (window.end - window.start < byteCount) return undefined
  window.skip(byteCount)
  return reply
}

/** Octets of the address from behind its type on; undefined while that is not known. */
function boundAddressLength(window: ByteWindow): number | undefined {
  const type = octetAt(window, 3)
  if (type === undefined) return undefined
  if (type === ADDRESS_TYPES.ipv4) return 4
  if (type === ADDRESS_TYPES.ipv6) return 16
  if (type !== ADDRESS_TYPES.name) throw new SocksFormatError(`there is no address type ${type}`)
  const length = octetAt(window, 4)
  return length === undefined ? undefined : 1 + length
}

/** What a reply code says, RFC 1928 section 6. */
export function replyReason(reply: number): string {
  return REPLIES[reply] ?? `reply ${reply}, which has no meaning`
}

const REPLIES: Readonly<Record<number, string>> = {
  1: 'general failure of the proxy',
  2: 'its rules do not allow this connection',
  3: 'network unreachable',
  4: 'host unreachable',
  5: 'connection refused',
  6: 'time to live expired',
  7: 'it does not know the command CONNECT',
  8: 'it does not know this type of address',
}

/** Replies after which another address of the same host may do. */
export function mayTryAnotherAddress(reply: number | null): boolean {
  // Many proxies have nothing finer than 1 for a connection that failed.
  return reply === 1 || reply === 3 || reply === 4 || reply === 5 || reply === 6 || reply === 8
}

function octetAt({ bytes, start, end }: ByteWindow, index: number): number | undefined {
  return start + index < end ? bytes[start + index] : undefined
}

function expectOctet(window: ByteWindow, index: number, expected: number, what: string): void {
  const octet = octetAt(window, index)
  if (octet !== undefined && octet !== expected)
    throw new SocksFormatError(`${what} is ${octet} instead of ${expected}`)
}

/** Octets of a text in UTF-8. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
