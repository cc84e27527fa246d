/** Keeps requests whose URL comes from somebody else away from what only this host can reach (server-side request forgery). Needs nothing of Node's. */
import { classifyAddress, classifyName } from './address-classes.ts'
import type { AddressClass } from './address-classes.ts'
import { HttpSessionError } from './errors.ts'
import { canonicalHost, HostList } from './host-list.ts'
import { parseIpAddress } from './ip-address.ts'
import { checkFunction, or, refuseUnknown } from './options.ts'
import type { Connector } from './ports.ts'

export type { AddressClass }

/**
 * Decides what may be connected to: asked once about each host, with `null`, and then about every address that it leads to.
 *
 * @param host Name or address, as the connector was given it.
 * @param address `null` before the name was looked up.
 * @returns Why not; `null`: it may.
 */
export type AddressGuard = (host: string, address: string | null) => AddressClass | null

/** Exceptions from what `blockPrivateAddresses` refuses. Each is an address, a block (`10.1.0.0/16`), a name, or all names below one (`.example`). */
export interface AddressGuardOptions {
  /** What may be connected to all the same; a name with whatever addresses it leads to. */
  readonly allow?: readonly string[]
  /** What must not be; goes before `allow`. */
  readonly deny?: readonly string[]
}

/** A guard does not allow the connection: what a connector rejects with, and the `cause` of the request's ConnectError. */
export class AddressBlockedError extends HttpSessionError {
  override readonly name = 'AddressBlockedError'
  override readonly code = 'ERR_HTTP_ADDRESS_BLOCKED'
  /** As it was asked for. */
  readonly host: string
  /** Where the host leads; `null`: it was refused without a look-up. */
  readonly address: string | null
  /** Why it is refused. */
  readonly addressClass: AddressClass

  constructor(fields: { host: string; address: string | null; addressClass: AddressClass }) {
    const { host, address, addressClass } = fields
    const what = address === null || address === host ? `"${host}"` : `"${host}", which leads to ${address}`
    super(`the address guard does not allow ${what}: ${addressClass}`)
    this.host = host
    this.address = address
    this.addressClass = addressClass
  }
}

const KNOWN: ReadonlySet<string> = new Set<keyof AddressGuardOptions>(['allow', 'deny'])

/**
 * A guard that lets through what is public: it refuses loopback, private, shared (CGNAT), link-local, unique-local, multicast, broadcast,
 * unspecified, documentation, benchmarking and reserved addresses, those of cloud metadata services and their names, and IPv6 addresses that hold
 * such an IPv4 address (mapped, NAT64) or lead through a tunnel (6to4, Teredo, IPv4-compatible).
 *
 * @throws {UsageError} INVALID_OPTION, naming the entry.
 */
export function createAddressGuard(options: AddressGuardOptions = {}): AddressGuard {
  refuseUnknown('an address guard', options, KNOWN)
  const allow = new HostList('allow', or(options.allow, []))
  const deny = new HostList('deny', or(options.deny, []))
  return function guardAddress(host, address) {
    const name = canonicalHost(host)
    const octets = parseIpAddress(address ?? name)
    if (deny.hasName(name) || (octets !== null && deny.hasAddress(octets, 'also inside'))) return 'denied'
    if (allow.hasName(name) || (octets !== null && allow.hasAddress(octets, 'itself'))) return null
    if (octets !== null) return classifyAddress(octets)
    // An address that nobody here can read is none to connect to.
    return address === null ? classifyName(name) : 'reserved'
  }
}

/** `createAddressGuard()`: only what is public. */
export const blockPrivateAddresses: AddressGuard = /* @__PURE__ */ createAddressGuard()

/**
 * Puts a guard before a connector that resolves names elsewhere, such as a proxy's: it sees addresses that are written as such, and the names that
 * it knows, but not what any other name leads to. The guard of `createConnector` sees every address.
 *
 * The connector rejects with AddressBlockedError; a request then fails with ConnectError, `ERR_HTTP_ADDRESS_BLOCKED`.
 *
 * @throws {UsageError} INVALID_OPTION: one of the two is no function.
 */
export function guarded(connector: Connector, guard: AddressGuard): Connector {
  checkFunction('connector', connector)
  checkFunction('guard', guard)
  return async function connectGuarded(target, options) {
    checkHost(guard, target.host)
    return connector(target, options)
  }
}

/**
 * Asks a guard about a host before anybody has looked it up: for connectors of your own.
 *
 * @throws {AddressBlockedError} It is refused.
 */
export function checkHost(guard: AddressGuard, host: string): void {
  const addressClass = guard(host, null)
  if (addressClass !== null) throw new AddressBlockedError({ host, address: null, addressClass })
}
