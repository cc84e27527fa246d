/**
 * Two connected transports without a network, for tests: the same rules as on sockets (they are the same code), with
 * chunking, delays, a full kernel buffer, stalls and resets at will, and a clock that moves only when told to.
 */

import { MemoryChannel } from './memory-channel.ts'
import type { MemoryReads } from './memory-channel.ts'
import { MemoryLink } from './memory-link.ts'
import type { MemoryLinkControl, MemoryLinkOptions } from './memory-link.ts'
import { checkDelay, checkFunction, checkInteger, checkKnown, checkOneOf, optional } from './option-checks.ts'
import type { BufferedProtocol, Protocol } from './protocol.ts'
import { checkProtocol } from './protocol-check.ts'
import { READ_SIZE } from './read-side.ts'
import { StreamTransport } from './stream-transport.ts'
import type { Transport } from './transport.ts'
import { planTransports, TRANSPORT_OPTIONS } from './transport-options.ts'
import type { TransportOptions } from './transport-options.ts'
import { VirtualClock } from './virtual-clock.ts'

export type { MemoryLinkControl, MemoryLinkOptions, MemoryReads }
export { VirtualClock }

/** One protocol per end, and how the connection between them behaves. */
export interface MemoryPairOptions extends TransportOptions {
  /**
   * Makes the protocol of this end; `connectionMade` is called. Without it the end has paused reading: call `setProtocol`
   * and `resumeReading`.
   */
  client?: () => Protocol | BufferedProtocol
  /** As `client`, of the other end. */
  server?: () => Protocol | BufferedProtocol
  /** Default: a new one. */
  clock?: VirtualClock
  /** Both directions; the two below override it, member by member. */
  link?: MemoryLinkOptions
  /** What the client sends. */
  clientToServer?: MemoryLinkOptions
  /** What the server sends. */
  serverToClient?: MemoryLinkOptions
  /** Default `lent`, as connected sockets. */
  clientReads?: MemoryReads
  /** Default `owned`, as accepted sockets. */
  serverReads?: MemoryReads
}

const KNOWN = {
  client: true,
  server: true,
  clock: true,
  link: true,
  clientToServer: true,
  serverToClient: true,
  clientReads: true,
  serverReads: true,
  ...TRANSPORT_OPTIONS,
} satisfies Record<keyof MemoryPairOptions, true>

const KNOWN_OF_LINK = {
  latencyMs: true,
  capacityBytes: true,
  maxChunkBytes: true,
  seed: true,
  resetAfterBytes: true,
} satisfies Record<keyof MemoryLinkOptions, true>

/** Two ends, and the means to interfere. */
export interface MemoryPair {
  /** The end that would have connected. */
  readonly client: Transport
  /** The end that would have been accepted. */
  readonly server: Transport
  /** Moves only when told to. */
  readonly clock: VirtualClock
  /** Faults of what the client sends. */
  readonly clientToServer: MemoryLinkControl
  /** Faults of what the server sends. */
  readonly serverToClient: MemoryLinkControl
}

/**
 * Connects two transports in memory.
 *
 * Without `latencyMs` everything happens by microtasks and needs no clock. Limits (`close({ graceMs })`) and latency pass on
 * the pair's clock only: `clock.advance(ms)`, `await clock.runUntilQuiet()`.
 */
export function memoryPair(options: MemoryPairOptions = {}): MemoryPair {
  checkKnown(options, KNOWN)
  const { clock = new VirtualClock() } = options
  if (typeof (clock as Partial<VirtualClock> | null)?.setTimer !== 'function')
    throw new TypeError('option "clock" must be a VirtualClock')
  const scratch = new Uint8Array(READ_SIZE)
  const scheduler = {
    soon: (callback: () => void) => queueMicrotask(callback),
    setTimer: (callback: () => void, delayMs: number) => clock.setTimer(callback, delayMs),
  }
  const settings = planTransports(options, { scheduler, scratch })
  const clientToServer = new MemoryLink(planLink(options, 'clientToServer'), clock)
  const serverToClient = new MemoryLink(planLink(options, 'serverToClient'), clock)
  const clientChannel = new MemoryChannel(
    { outgoing: clientToServer, incoming: serverToClient },
    { reads: optional(checkReads, 'clientReads', options.clientReads, 'lent'), scratch },
  )
  const serverChannel = new MemoryChannel(
    { outgoing: serverToClient, incoming: clientToServer },
    { reads: optional(checkReads, 'serverReads', options.serverReads, 'owned'), scratch },
  )
  const onReset = (): void => {
    for (const link of [clientToServer, serverToClient]) link.clear()
    for (const channel of [clientChannel, serverChannel]) channel.failed(connectionReset())
  }
  clientToServer.onReset = onReset
  serverToClient.onReset = onReset
  const client = new StreamTransport(clientChannel, protocolFrom('client', options.client), settings)
  const server = new StreamTransport(serverChannel, protocolFrom('server', options.server), settings)
  for (const end of [client, server]) {
    end.start()
    if (end.protocol === NO_PROTOCOL) end.pauseReading()
  }
  return { client, server, clock, clientToServer, serverToClient }
}

const NO_PROTOCOL: Protocol = { dataReceived() {} }

function protocolFrom(name: string, factory: MemoryPairOptions['client']): Protocol | BufferedProtocol {
  if (factory === undefined) return NO_PROTOCOL
  checkFunction(name, factory)
  return checkProtocol(factory())
}

function checkReads(name: string, value: unknown): MemoryReads {
  return checkOneOf(name, value, ['lent', 'owned'] as const)
}

function planLink(
  options: MemoryPairOptions,
  direction: 'clientToServer' | 'serverToClient',
): MemoryLinkOptions {
  const { link: both = {}, [direction]: one = {} } = options
  checkKnown(both, KNOWN_OF_LINK, 'link')
  checkKnown(one, KNOWN_OF_LINK, direction)
  const link = { ...both, ...one }
  const count = (name: string, value: unknown): number =>
    value === Infinity ? Infinity : checkInteger(name, value, { min: 1, max: Number.MAX_SAFE_INTEGER })
  optional(checkDelay, 'latencyMs', link.latencyMs, 0)
  optional(count, 'capacityBytes', link.capacityBytes, 0)
  optional(count, 'maxChunkBytes', link.maxChunkBytes, 0)
  optional(count, 'resetAfterBytes', link.resetAfterBytes, 0)
  optional(checkSeed, 'seed', link.seed, 0)
  return link
}

/** It is cut to 32 bits. */
function checkSeed(name: string, value: unknown): number {
  return checkInteger(name, value, { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER })
}

/** As Node reports it. */
function connectionReset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' })
}
