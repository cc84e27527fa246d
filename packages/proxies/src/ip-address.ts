/** IP addresses as octets, without asking the platform. */

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`)

/** The 4 or 16 octets of an address literal, IPv6 with or without brackets; null for anything else, a zone (`%eth0`) included. */
export function ipOctets(text: string): Uint8Array | null {
  if (IPV4.test(text)) return Uint8Array.from(text.split('.'), Number)
  const literal = text.replace(/^\[(.*)\]$/, '$1')
  return /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$/.test(literal) ? ipv6Octets(literal) : null
}

function ipv6Octets(literal: string): Uint8Array | null {
  let hostname
  try {
    // Lower case, without leading zeros, the longest run of zeros as "::", no dotted end.
    ;({ hostname } = new URL(`http://[${literal}]`))
  } catch {
    return null
  }
  const [before = '', after] = hostname.slice(1, -1).split('::')
  const head = groups(before)
  const tail = groups(after ?? '')
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => 0)
  const octets = new Uint8Array(16)
  for (const [index, group] of [...head, ...zeros, ...tail].entries())
    octets.set([group >> 8, group & 0xff], index * 2)
  return octets
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}

/** Whether the first `bitCount` bits are the same; addresses of different families never are. */
export function samePrefix(left: Uint8Array, right: Uint8Array, bitCount: number): boolean {
  if (left.length !== right.length) return false
  for (let index = 0; index * 8 < bitCount; index++) {
    const bits = Math.min(8, bitCount - index * 8)
    if ((left[index]! ^ right[index]!) >> (8 - bits) !== 0) return false
  }
  return true
}
