/** IP addresses as octets, and the blocks that they lie in. Text is read strictly: what is written in another way is no address. */

/** 4 octets of IPv4, or 16 of IPv6; an IPv4-mapped address (`::ffff:10.0.0.1`, RFC 4291 section 2.5.5.2) is the 4. */
export type IpOctets = readonly number[]

/** All addresses whose first `prefixLength` bits are those of `octets`. */
export interface IpBlock {
  readonly octets: IpOctets
  readonly prefixLength: number
}

const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]

/** `null`: it is no address. A zone (`fe80::1%eth0`) does not count. */
export function parseIpAddress(text: string): IpOctets | null {
  const octets = parseUnmapped(text)
  if (octets === null || octets.length === 4) return octets
  return hasMappedPrefix(octets) ? octets.slice(MAPPED_PREFIX.length) : octets
}

/** `10.0.0.0/8`, or a single address. `null`: it is neither. */
export function parseIpBlock(text: string): IpBlock | null {
  const [address = '', length, ...rest] = text.split('/')
  // As it is written: the prefix length counts from the first bit of that form.
  const octets = length === undefined ? parseIpAddress(address) : parseUnmapped(address)
  if (octets === null || rest.length > 0) return null
  const longest = octets.length * 8
  if (length === undefined) return { octets, prefixLength: longest }
  const prefixLength = /^\d{1,3}$/.test(length) ? Number(length) : Infinity
  if (prefixLength > longest) return null
  const isMapped = prefixLength >= MAPPED_PREFIX.length * 8 && hasMappedPrefix(octets)
  return isMapped
    ? { octets: octets.slice(MAPPED_PREFIX.length), prefixLength: prefixLength - MAPPED_PREFIX.length * 8 }
    : { octets, prefixLength }
}

/** Whether the address lies in the block. An address of the other version never does. */
export function isInBlock(address: IpOctets, { octets, prefixLength }: IpBlock): boolean {
  if (address.length !== octets.length) return false
  for (let index = 0; index * 8 < prefixLength; index++) {
    const bitCount = Math.min(8, prefixLength - index * 8)
    const difference = (address[index] ?? 0) ^ (octets[index] ?? 0)
    if (difference >> (8 - bitCount) !== 0) return false
  }
  return true
}

function hasMappedPrefix(octets: IpOctets): boolean {
  return octets.length === 16 && MAPPED_PREFIX.every((octet, index) => octets[index] === octet)
}

function parseUnmapped(text: string): IpOctets | null {
  if (!text.includes(':')) return parseIpv4(text)
  const [address = '', ...zone] = text.split('%')
  if (zone.length > 1 || (zone[0] !== undefined && !/^[a-z0-9._~-]+$/i.test(zone[0]))) return null
  return parseIpv6(address)
}

function parseIpv4(text: string): IpOctets | null {
  const parts = text.split('.')
  if (parts.length !== 4) return null
  // A leading zero means octal to some and nothing to others.
  const isOctet = (part: string): boolean => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255
  return parts.every(isOctet) ? parts.map(Number) : null
}

function parseIpv6(text: string): IpOctets | null {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const isLast = (index: number): boolean => index === halves.length - 1
  const read = halves.map((half, index) => parseGroups(half, isLast(index)))
  const [front, back] = read
  if (front === undefined || front === null || back === null) return null
  if (back === undefined) return front.length === 16 ? front : null
  const missing = 16 - front.length - back.length
  // RFC 4291 section 2.2: `::` stands for one group or more.
  return missing >= 2 ? [...front, ...Array.from({ length: missing }, () => 0), ...back] : null
}

/** @param mayEndInIpv4 The last two groups may be written as IPv4. */
function parseGroups(text: string, mayEndInIpv4: boolean): number[] | null {
  if (text === '') return []
  const octets: number[] = []
  const groups = text.split(':')
  for (const [index, group] of groups.entries()) {
    const ipv4 =
      mayEndInIpv4 && index === groups.length - 1 && group.includes('.') ? parseIpv4(group) : undefined
    if (ipv4 === null) return null
    if (ipv4 !== undefined) {
      octets.push(...ipv4)
      continue
    }
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return null
    const value = Number.parseInt(group, 16)
    octets.push(value >> 8, value & 0xff)
  }
  return octets
}
