import { once } from 'node:events'
import type { AddressInfo, ListenOptions, Server as NetServer } from 'node:net'
import type { IpAddress } from './addresses.ts'
import { ConnectScope } from './connect-scope.ts'
import { ListenError, NotSupportedError } from './errors.ts'
import { nodeWorld } from './node-world.ts'
import { resolveHost } from './resolve-host.ts'
import type { ListenPlan, ServerAddress } from './server-options.ts'
import { checkFree, hasFile, moveTo, nameBeside } from './unix-path.ts'
import type { BoundPath } from './unix-path.ts'

/** A free port for several addresses is a guess: somebody may have it on the second. */
const PORT_TRIES = 5

/** One open address. */
export interface Listener {
  readonly server: NetServer
  readonly address: ServerAddress
  /** The file to remove when listening ends; null where there is none. */
  readonly boundPath: BoundPath | null
}

/**
 * Opens everything the plan asks for, or nothing.
 *
 * @param makeServer Makes one Node server, not listening.
 * @throws {ListenError} An address could not be opened.
 * @throws {DnsError} A host has no address.
 */
export async function listen(plan: ListenPlan, makeServer: () => NetServer): Promise<Listener[]> {
  plan.signal?.throwIfAborted()
  const { target } = plan
  if ('path' in target) return [await listenOnPath(plan, makeServer(), target.path)]
  if (plan.reusePort && !canReusePort(process.versions.node)) {
    throw new NotSupportedError('option "reusePort" needs Node 23.1 or newer, or 22.12 of the 22 line')
  }
  const addresses = target.hosts === null ? null : await resolveAll(plan, target.hosts)
  for (let tries = 1; ; tries++) {
    try {
      return await listenOnAll(plan, makeServer, { addresses, port: target.port })
    } catch (error) {
      const isTaken = (error as { cause?: { code?: unknown } }).cause?.code === 'EADDRINUSE'
      if (!isTaken || target.port !== 0 || tries === PORT_TRIES) throw error
    }
  }
}

interface HostAddress extends IpAddress {
  /** One of several of a name: it may be missing on this machine. */
  readonly isOptional: boolean
}

async function resolveAll(plan: ListenPlan, hosts: readonly string[]): Promise<HostAddress[]> {
  const scope = new ConnectScope({ scheduler: nodeWorld.scheduler, signal: plan.signal, phase: 'dns' })
  try {
    const found = new Map<string, HostAddress>()
    for (const host of hosts) {
      const addresses = await resolveHost({ host, port: 0, family: 0 }, scope)
      for (const address of addresses)
        found.set(address.address, { ...address, isOptional: addresses.length > 1 })
    }
    return [...found.values()]
  } finally {
    scope.dispose()
  }
}

async function listenOnAll(
  plan: ListenPlan,
  makeServer: () => NetServer,
  { addresses, port }: { addresses: readonly HostAddress[] | null; port: number },
): Promise<Listener[]> {
  if (addresses === null) return [await listenOn(plan, makeServer(), { port })]
  const isMixed = new Set(addresses.map(({ family }) => family)).size > 1
  const listeners: Listener[] = []
  let lastError: unknown
  for (const { address, isOptional, family } of addresses) {
    const ipv6Only = family === 6 && (plan.ipv6Only ?? isMixed)
    try {
      // The first one's port is everybody's.
      const portForAll = listeners[0]?.address.port ?? port
      listeners.push(await listenOn({ ...plan, ipv6Only }, makeServer(), { host: address, port: portForAll }))
    } catch (error) {
      lastError = error
      const { code } = (error as ListenError).cause as NodeJS.ErrnoException
      if (isOptional && (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT')) continue
      for (const { server } of listeners) server.close()
      throw error
    }
  }
  if (listeners.length === 0) throw lastError
  return listeners
}

async function listenOn(
  plan: ListenPlan,
  server: NetServer,
  where: { host?: string; port: number },
): Promise<Listener> {
  const { backlog, ipv6Only = false, reusePort } = plan
  const options: ListenOptions & { reusePort?: boolean } = {
    ...where,
    backlog,
    ipv6Only,
    exclusive: reusePort,
  }
  if (reusePort) options.reusePort = true
  await open(server, options, { address: where.host ?? 'any address', port: where.port })
  const { address, port } = server.address() as AddressInfo
  return { server, address: { address, port, path: null }, boundPath: null }
}

async function listenOnPath(plan: ListenPlan, server: NetServer, path: string): Promise<Listener> {
  const { backlog } = plan
  const where = { address: path, port: null }
  const address = { address: null, port: null, path }
  if (!hasFile(path)) {
    await open(server, { path, backlog }, where)
    return { server, address, boundPath: null }
  }
  const boundName = nameBeside(path)
  try {
    await checkFree(path)
  } catch (cause) {
    throw new ListenError({ ...where, cause })
  }
  await open(server, { path: boundName, backlog }, where)
  try {
    return { server, address, boundPath: await moveTo(path, boundName) }
  } catch (cause) {
    server.close()
    throw new ListenError({ ...where, cause })
  }
}

async function open(
  server: NetServer,
  options: ListenOptions,
  where: { address: string; port: number | null },
): Promise<void> {
  try {
    server.listen(options)
    await once(server, 'listening') // rejects at 'error'
  } catch (cause) {
    throw new ListenError({ ...where, cause })
  }
}

/** Older versions would ignore the option without a word. */
export function canReusePort(nodeVersion: string): boolean {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number)
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12)
}
