/** Addresses and names that do not lead to the public Internet. IANA's registries of special-purpose addresses, RFC 6890, and where clouds tell secrets. */
import { isInBlock, parseIpBlock } from './ip-address.ts'
import type { IpBlock, IpOctets } from './ip-address.ts'

/** What an address is, if not one of the public Internet; `denied`: the caller's own list has it. */
export type AddressClass =
  | 'unspecified'
  | 'loopback'
  | 'private'
  | 'shared'
  | 'link-local'
  | 'unique-local'
  | 'multicast'
  | 'broadcast'
  | 'documentation'
  | 'benchmarking'
  | 'tunnel'
  | 'reserved'
  | 'cloud-metadata'
  | 'denied'

/** The first row that fits counts. */
const IPV4_ROWS: readonly (readonly [block: string, AddressClass])[] = [
  ['169.254.169.254/32', 'cloud-metadata'], // AWS, Azure, Google Cloud and others
  ['169.254.170.2/32', 'cloud-metadata'], // AWS, credentials of containers
  ['169.254.170.23/32', 'cloud-metadata'], // AWS, credentials of pods
  ['168.63.129.16/32', 'cloud-metadata'], // Azure, a public address by its number
  ['100.100.100.200/32', 'cloud-metadata'], // Alibaba Cloud
  ['192.0.0.192/32', 'cloud-metadata'], // Oracle Cloud
  ['0.0.0.0/8', 'unspecified'], // RFC 791; the whole block leads to this host on some systems
  ['10.0.0.0/8', 'private'], // RFC 1918
  ['100.64.0.0/10', 'shared'], // RFC 6598, carriers' NAT
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local'], // RFC 3927
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'reserved'], // RFC 6890
  ['192.0.2.0/24', 'documentation'], // RFC 5737
  ['192.88.99.0/24', 'tunnel'], // RFC 7526, relays of 6to4
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'benchmarking'], // RFC 2544
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['255.255.255.255/32', 'broadcast'],
  ['240.0.0.0/4', 'reserved'],
]

const IPV6_ROWS: readonly (readonly [block: string, AddressClass])[] = [
  ['fd00:ec2::254/128', 'cloud-metadata'], // AWS
  ['fd00:ec2::23/128', 'cloud-metadata'], // AWS, credentials of pods
  ['fd20:ce::254/128', 'cloud-metadata'], // Google Cloud
  ['fd00:42::42/128', 'cloud-metadata'], // Scaleway
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['fc00::/7', 'unique-local'], // RFC 4193
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'private'], // site-local, RFC 3879
  ['ff00::/8', 'multicast'],
  ['2001:db8::/32', 'documentation'], // RFC 3849
  ['3fff::/20', 'documentation'], // RFC 9637
  ['2001:2::/48', 'benchmarking'], // RFC 5180
]

/** Rows behind those that look into an address: what is left is public where it is global unicast, RFC 4291 section 2.4. */
const IPV6_LAST_ROWS: readonly (readonly [block: string, AddressClass | null])[] = [
  ['2001::/23', 'reserved'], // RFC 2928
  ['2000::/3', null],
  ['::/0', 'reserved'],
]

/** IPv6 addresses that stand for, or lead to, one of IPv4. */
interface Embedding {
  readonly block: string
  /** Where the IPv4 addresses begin, in octets. */
  readonly at: readonly number[]
  /** Written with all bits turned round: of the last of them, by Teredo. */
  readonly inverted?: number
  /** What the whole is where the IPv4 addresses are public; `null`: as public as they are. */
  readonly otherwise: AddressClass | null
}

const EMBEDDINGS: readonly Embedding[] = [
  { block: '64:ff9b::/96', at: [12], otherwise: null }, // NAT64, RFC 6052
  { block: '::/96', at: [12], otherwise: 'tunnel' }, // IPv4-compatible, RFC 4291 section 2.5.5.1
  { block: '2002::/16', at: [2], otherwise: 'tunnel' }, // 6to4, RFC 3056
  { block: '2001::/32', at: [4, 12], inverted: 12, otherwise: 'tunnel' }, // Teredo, RFC 4380
]

interface Table {
  readonly ipv4: readonly (readonly [IpBlock, AddressClass])[]
  readonly ipv6: readonly (readonly [IpBlock, AddressClass])[]
  readonly embeddings: readonly (readonly [IpBlock, Embedding])[]
  readonly ipv6Last: readonly (readonly [IpBlock, AddressClass | null])[]
}

const TABLE: Table = /* @__PURE__ */ readRows()

/** Names that clouds answer with secrets, and under which no public service is found. */
const METADATA_NAMES: ReadonlySet<string> = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'metadata.azure.internal',
  'metadata.tencentyun.com',
  'metadata.platformequinix.com',
  'instance-data',
  'instance-data.ec2.internal',
])

/** @returns `null` for an address of the public Internet. */
export function classifyAddress(address: IpOctets): AddressClass | null {
  if (address.length === 4) return firstFit(TABLE.ipv4, address) ?? null
  const own = firstFit(TABLE.ipv6, address)
  if (own !== undefined) return own
  const embedding = firstFit(TABLE.embeddings, address)
  if (embedding === undefined) return firstFit(TABLE.ipv6Last, address) ?? null
  for (const inner of innerAddresses(address, embedding)) {
    const what = classifyAddress(inner)
    if (what !== null) return what
  }
  return embedding.otherwise
}

/** The IPv4 addresses that an IPv6 address holds. */
export function embeddedAddresses(address: IpOctets): readonly IpOctets[] {
  const embedding = firstFit(TABLE.embeddings, address)
  return embedding === undefined ? [] : innerAddresses(address, embedding)
}

/** @param name In lower case, without a dot at its end. @returns `null` where only its addresses can tell. */
export function classifyName(name: string): AddressClass | null {
  if (METADATA_NAMES.has(name)) return 'cloud-metadata'
  // RFC 6761 section 6.3.
  return name === 'localhost' || name.endsWith('.localhost') ? 'loopback' : null
}

function readRows(): Table {
  return {
    ipv4: IPV4_ROWS.map(([block, what]) => [blockOf(block), what]),
    ipv6: IPV6_ROWS.map(([block, what]) => [blockOf(block), what]),
    embeddings: EMBEDDINGS.map((embedding) => [blockOf(embedding.block), embedding]),
    ipv6Last: IPV6_LAST_ROWS.map(([block, what]) => [blockOf(block), what]),
  }
}

function innerAddresses(address: IpOctets, { at, inverted }: Embedding): readonly IpOctets[] {
  return at.map((start) => {
    const octets = address.slice(start, start + 4)
    return start === inverted ? octets.map((octet) => octet ^ 0xff) : octets
  })
}

function firstFit<T>(rows: readonly (readonly [IpBlock, T])[], address: IpOctets): T | undefined {
  return rows.find(([block]) => isInBlock(address, block))?.[1]
}

function blockOf(text: string): IpBlock {
  return parseIpBlock(text)!
}
