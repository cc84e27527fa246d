/**
 * Which targets NO_PROXY means, by curl's rules: each entry is a host, and as a domain all hosts in it; an address; or a network in
 * CIDR notation. Beyond curl: `host:port`, `*.domain`, `*` among other entries, blanks in place of commas.
 */
import { ipOctets, samePrefix } from './ip-address.ts'
import type { ConnectTarget } from './ports.ts'

/** Whether one entry means a target, whose name is as `hostName` leaves it. */
type Rule = (name: string, octets: Uint8Array | null, port: number) => boolean

/** @returns Whether a target is to be connected to directly. Entries that can mean nothing are passed over. */
export function noProxyMatcher(list: string): (target: Pick<ConnectTarget, 'host' | 'port'>) => boolean {
  const rules = list.split(/[\s,]+/).flatMap((entry) => (entry === '' ? [] : ruleOf(entry)))
  return ({ host, port }) => {
    const octets = ipOctets(host)
    return rules.some((rule) => rule(hostName(host), octets, port))
  }
}

/** Lower case, without the root's dot. */
function hostName(text: string): string {
  return text.toLowerCase().replace(/\.$/, '')
}

function ruleOf(entry: string): Rule {
  if (entry === '*') return () => true
  const network = networkRule(entry)
  if (network !== null) return network
  // An IPv6 address has its port behind brackets; a bare one was a network already.
  const [, host = entry, digits] = /^(\[.*\]|[^:]*):(\d{1,5})$/.exec(entry) ?? []
  const wantedPort = digits === undefined ? null : Number(digits)
  const rule = networkRule(host) ?? domainRule(hostName(host.replace(/^\*?\./, '')))
  return (name, octets, port) => (wantedPort === null || wantedPort === port) && rule(name, octets, port)
}

/** An address, or a network. */
function networkRule(entry: string): Rule | null {
  const [, address = entry, digits] = /^(.*)\/(\d{1,3})$/.exec(entry) ?? []
  const network = ipOctets(address)
  if (network === null) return null
  const bitCount = digits === undefined ? network.length * 8 : Number(digits)
  if (bitCount > network.length * 8) return () => false
  return (_name, octets) => octets !== null && samePrefix(octets, network, bitCount)
}

function domainRule(domain: string): Rule {
  if (domain === '') return () => false
  const ending = `.${domain}`
  // The labels of an address are no domain: "0.0.1" does not mean 127.0.0.1.
  return (name, octets) => octets === null && (name === domain || name.endsWith(ending))
}
