import { interleaveFamilies } from './addresses.ts'
import type { IpAddress, Lookup } from './addresses.ts'
import { checkFamily } from './connect-options.ts'
import { ConnectScope } from './connect-scope.ts'
import { nodeWorld } from './node-world.ts'
import { checkFunction, checkKnown, checkSignal, checkText, checkTimeout, optional } from './option-checks.ts'
import { resolveHost } from './resolve-host.ts'

/** Terms of a look-up; the members are those of `createConnection`. */
export interface LookupOptions {
  /** Ends the wait: rejects with `signal.reason`. */
  signal?: AbortSignal
  /** Limit; default 10,000; Infinity for none. */
  timeoutMs?: number
  /** 4 or 6 for only that family; default 0, both. */
  family?: 0 | 4 | 6
  /** In place of `dns.lookup`; it answers as that does, with all addresses or with one. Not asked about IP literals. */
  lookup?: Lookup
}

const KNOWN = {
  signal: true,
  timeoutMs: true,
  family: true,
  lookup: true,
} satisfies Record<keyof LookupOptions, true>

/**
 * The addresses of a host, at least one, in the order in which `createConnection` would try them: for protocols that name an address
 * to somebody else. asyncio: `getaddrinfo`. An IP literal is its own address.
 *
 * @param host Name or IP literal.
 * @throws {TypeError | RangeError} An option has the wrong type or is out of range.
 * @throws {DnsError} The name could not be resolved.
 * @throws {TransportTimeoutError} The resolver took too long.
 *
 * Abort: rejects with `signal.reason`.
 */
export async function lookupAddresses(host: string, options: LookupOptions = {}): Promise<IpAddress[]> {
  checkKnown(options, KNOWN)
  if (options.lookup !== undefined) checkFunction('lookup', options.lookup)
  const scope = new ConnectScope({
    scheduler: nodeWorld.scheduler,
    signal: optional(checkSignal, 'signal', options.signal, undefined),
    phase: 'dns',
  })
  try {
    scope.throwIfEnded()
    scope.limit(optional(checkTimeout, 'timeoutMs', options.timeoutMs, 10_000))
    const family = optional(checkFamily, 'family', options.family, 0)
    const query = { host: checkText('host', host), port: 0, family, lookup: options.lookup }
    return interleaveFamilies(await resolveHost(query, scope))
  } finally {
    scope.dispose()
  }
}
