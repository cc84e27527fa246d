import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'

/** An IP address to connect to or listen on. */
export interface IpAddress {
  /** In text, IPv6 without brackets. */
  readonly address: string
  /** 4 or 6. */
  readonly family: 4 | 6
}

/**
 * Decides which addresses may be connected to. `net.BlockList` fits: `check` is true for an address that is blocked. It is
 * asked about every address, whether it was written as such or a name resolved to it.
 */
export interface AddressPolicy {
  /** Whether the address, IPv6 without its zone, must not be connected to. */
  check(address: string, family: 'ipv4' | 'ipv6'): boolean
}

/** `dns.lookup` with `all: true`, or something of its shape. */
export type Lookup = (
  hostname: string,
  options: { all: true; family: 0 | 4 | 6; order: 'verbatim'; verbatim: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** The address that `host` is, without asking anybody; undefined for a name. Takes IPv6 with or without brackets. */
export function parseIpLiteral(host: string): IpAddress | undefined {
  const address = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
  const family = isIP(address)
  return family === 4 || family === 6 ? { address, family } : undefined
}

/** True where the policy forbids the address. A zone (`%eth0`) does not hide an address from it. */
export function isBlocked(policy: AddressPolicy, { address, family }: IpAddress): boolean {
  return policy.check(address.split('%', 1)[0] as string, family === 4 ? 'ipv4' : 'ipv6')
}

/**
 * RFC 8305 section 4: the families take turns, the resolver's first address first; the order within a family stays.
 */
export function interleaveFamilies<A extends { readonly family: 4 | 6 }>(addresses: readonly A[]): A[] {
  if (addresses.length < 2) return [...addresses]
  const preferred = addresses.filter(({ family }) => family === addresses[0]?.family)
  const other = addresses.filter(({ family }) => family !== addresses[0]?.family)
  const result: A[] = []
  for (let index = 0; index < Math.max(preferred.length, other.length); index++) {
    const turn = [preferred[index], other[index]]
    for (const address of turn) if (address !== undefined) result.push(address)
  }
  return result
}
