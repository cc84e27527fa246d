/** TCP, Unix sockets and TLS by `@x/streams`: the connector of a session that was given none, and of one that wants it otherwise. Needs Node. */
import { openConnection } from '@x/streams'
import type { Connection, OpenConnectionOptions } from '@x/streams'
import { AddressBlockedError, checkHost } from './address-guard.ts'
import type { AddressClass, AddressGuard } from './address-guard.ts'
import { planConnector } from './connector-options.ts'
import type {
  ConnectorDnsOptions,
  ConnectorOptions,
  ConnectorPlan,
  ConnectorTlsOptions,
} from './connector-options.ts'
import type { ConnectTarget, DialOptions } from './ports.ts'
import { TlsSessions } from './tls-sessions.ts'

export type { ConnectorDnsOptions, ConnectorOptions, ConnectorTlsOptions }

/**
 * Makes a connector for `ClientSession`. It keeps addresses of names and TLS sessions for all connections that it opens; addresses race (RFC 8305).
 *
 * @throws {UsageError} INVALID_OPTION, naming the option.
 *
 * The connector has no time limits of its own: those are the session's, elsewhere the signal's. It rejects with errors of `@x/transport`, with
 * AddressBlockedError, and with `signal.reason`; nothing is left open.
 */
export function createConnector(
  options: ConnectorOptions = {},
): (target: ConnectTarget, dialOptions: DialOptions) => Promise<Connection> {
  const plan = planConnector(options)
  const sessions = new TlsSessions(plan.maxTlsSessions)
  return function connect(target, dialOptions) {
    return target.secure ? openSecure(plan, sessions, target, dialOptions) : open(plan, target, dialOptions)
  }
}

async function openSecure(
  plan: ConnectorPlan,
  sessions: TlsSessions,
  target: ConnectTarget,
  options: DialOptions,
): Promise<Connection> {
  const tls = plan.tls()
  const offer = sessions.begin(`${target.host}:${target.port}`)
  // Where there is a path, the transport does not know whom to expect.
  const name = plan.unixPath === undefined ? {} : { servername: tls.servername ?? target.host }
  try {
    const stream = await open(plan, target, options, { ...tls, ...name, ...offer.terms })
    offer.accept()
    return stream
  } catch (error) {
    offer.refuse()
    throw error
  }
}

async function open(
  plan: ConnectorPlan,
  target: ConnectTarget,
  { signal, onPhase }: DialOptions,
  tls?: OpenConnectionOptions['tls'],
): Promise<Connection> {
  const refusals = plan.guard === undefined ? undefined : new Refusals(plan.guard, target.host)
  try {
    return await openConnection({
      ...whereTo(plan, target, refusals),
      signal,
      connectTimeoutMs: Infinity,
      ...(tls === undefined ? {} : { tls, handshakeTimeoutMs: Infinity }),
      ...(onPhase === undefined ? {} : { onPhase }),
    })
  } catch (error) {
    if (!isGivenUp(signal)) plan.dns.forget(target.host)
    throw refusals?.explain(error) ?? error
  }
}

function whereTo(
  { unixPath, localAddress, dns }: ConnectorPlan,
  { host, port }: ConnectTarget,
  refusals: Refusals | undefined,
): OpenConnectionOptions {
  if (unixPath !== undefined) return { path: unixPath }
  return {
    host,
    port,
    lookup: dns.lookup,
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(refusals === undefined ? {} : { blockList: refusals }),
  }
}

/** A time limit tells something about the addresses, a caller who does not want them any more does not. */
function isGivenUp({ aborted, reason }: AbortSignal): boolean {
  return aborted && codeOf(reason) !== 'ERR_HTTP_DIAL_TIMEOUT'
}

/** The guard as the transport asks it: about every address that would be connected to. */
class Refusals {
  readonly #guard: AddressGuard
  readonly #host: string
  #first: { readonly address: string; readonly addressClass: AddressClass } | null = null

  /** @throws {AddressBlockedError} The host itself is refused. */
  constructor(guard: AddressGuard, host: string) {
    checkHost(guard, host)
    this.#guard = guard
    this.#host = host
  }

  /** Whether the address must not be connected to. */
  check(address: string): boolean {
    const addressClass = this.#guard(this.#host, address)
    if (addressClass === null) return false
    this.#first ??= { address, addressClass }
    return true
  }

  /** What to say in place of an error that knows no reason; `null`: it was another error. */
  explain(error: unknown): AddressBlockedError | null {
    if (this.#first === null || codeOf(error) !== 'ERR_TRANSPORT_ADDRESS_BLOCKED') return null
    return new AddressBlockedError({ host: this.#host, ...this.#first })
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null | undefined)?.code
}
