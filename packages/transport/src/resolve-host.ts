import { lookup as systemLookup } from 'node:dns'
import { isIP } from 'node:net'
import { isBlocked, parseIpLiteral } from './addresses.ts'
import type { IpAddress, Lookup } from './addresses.ts'
import { askLookup } from './ask-lookup.ts'
import type { ConnectScope } from './connect-scope.ts'
import { ConnectError, DnsError } from './errors.ts'

/** Codes of getaddrinfo and of c-ares that mean: there is no such name, or no address for it. */
const NOT_FOUND = new Set(['ENOTFOUND', 'ENODATA', 'EAI_NONAME', 'EAI_NODATA'])

/** What to look up, and which of the answers count. */
export interface HostQuery {
  readonly host: string
  readonly port: number
  readonly family: 0 | 4 | 6
  readonly localAddress?: string | undefined
  readonly lookup?: Lookup | undefined
  readonly blockList?: Parameters<typeof isBlocked>[0] | undefined
}

/**
 * The addresses of a host in the resolver's order, at least one. Literals ask nobody, and have their answer, or error, at once.
 *
 * @throws {DnsError} No such name, or the resolver failed.
 * @throws {ConnectError} `ERR_TRANSPORT_ADDRESS_BLOCKED`: the policy allows none of them.
 */
export function resolveHost(query: HostQuery, scope: ConnectScope): IpAddress[] | Promise<IpAddress[]> {
  const literal = parseIpLiteral(query.host)
  if (literal !== undefined) return usable(query, [literal])
  return askResolver(query, scope).then((addresses) => usable(query, addresses))
}

/** Those of the family that is wanted, and that the policy allows. */
function usable(query: HostQuery, addresses: IpAddress[]): IpAddress[] {
  const family = query.family || (query.localAddress === undefined ? 0 : isIP(query.localAddress))
  const suitable = family === 0 ? addresses : addresses.filter((address) => address.family === family)
  if (suitable.length === 0) {
    const cause = new Error(`no IPv${family} address`)
    throw new DnsError({ code: 'ERR_TRANSPORT_DNS_NOTFOUND', host: query.host, cause })
  }
  const { blockList } = query
  const allowed =
    blockList === undefined ? suitable : suitable.filter((address) => !isBlocked(blockList, address))
  if (allowed.length > 0) return allowed
  const address = suitable.length === 1 ? (suitable[0] as IpAddress).address : query.host
  throw new ConnectError({ code: 'ERR_TRANSPORT_ADDRESS_BLOCKED', address, port: query.port, errors: [] })
}

function askResolver(query: HostQuery, scope: ConnectScope): Promise<IpAddress[]> {
  const { host, family, lookup = systemLookup } = query
  scope.enter('dns')
  return scope.run((resolve, reject) => {
    const options = { all: true, family, order: 'verbatim', verbatim: true } as const
    askLookup(lookup, host, options, (failure, answer) => {
      if (failure !== null) return reject(dnsError(host, failure))
      const addresses = answer.flatMap(({ address }) => parseIpLiteral(address) ?? [])
      if (addresses.length > 0) return resolve(addresses)
      reject(dnsError(host, Object.assign(new Error('the resolver gave no address'), { code: 'ENODATA' })))
    })
    return () => {} // a look-up cannot be called back: its answer is not heard any more
  })
}

function dnsError(host: string, cause: unknown): DnsError {
  const code = (cause as { code?: unknown } | null)?.code
  const isNotFound = typeof code === 'string' && NOT_FOUND.has(code)
  return new DnsError({
    code: isNotFound ? 'ERR_TRANSPORT_DNS_NOTFOUND' : 'ERR_TRANSPORT_DNS_FAILED',
    host,
    cause,
  })
}
