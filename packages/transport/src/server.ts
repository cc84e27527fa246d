import type { Socket } from 'node:net'
import { joinProtocol, makeNetServer } from './accept.ts'
import { TransportTimeoutError } from './errors.ts'
import { listen } from './listen.ts'
import type { Listener } from './listen.ts'
import { nodeWorld } from './node-world.ts'
import { showAs } from './inspection.ts'
import { checkGrace } from './option-checks.ts'
import type { BufferedProtocol, Protocol } from './protocol.ts'
import { checkFactory } from './protocol-check.ts'
import { planListening } from './server-options.ts'
import type { ServerAddress, ServerOptions } from './server-options.ts'
import type { TransportSettings } from './transport-options.ts'
import type { Transport } from './transport.ts'
import { planTransports, tellHook } from './transport-options.ts'

const DEFAULT_GRACE_MS = 10_000

/** A listening server and the connections it has accepted. */
export interface Server extends AsyncDisposable {
  /** What it listens on; answers after the close as before. */
  readonly addresses: readonly ServerAddress[]
  /**
   * TCP port of the first address.
   *
   * @throws {TypeError} It listens on a path.
   */
  readonly port: number
  /** Whether it accepts connections: until `close`. */
  readonly isServing: boolean
  /** Open connections; on TLS, those whose handshake is done. */
  readonly connectionCount: number
  /** Resolves when it is closed **and** no connection is left. Never rejects. */
  readonly closed: Promise<void>
  /** Accepts no more connections; those there live on. A Unix socket's file is removed. Idempotent. */
  close(): void
  /** `transport.close(options)` on every connection. */
  closeClients(options?: { graceMs?: number }): void
  /** `transport.abort(reason)` on every connection, and the end of all handshakes under way. */
  abortClients(reason?: unknown): void
  /**
   * `close()`, then waits until all connections have ended by themselves, at most `graceMs` (default 10,000); what is left
   * is aborted with a `TransportTimeoutError` of the phase `shutdown`.
   *
   * @returns As `closed`.
   */
  shutdown(options?: { graceMs?: number }): Promise<void>
}

/**
 * Listens, and joins every accepted connection to a protocol of its own.
 *
 * @param factory Makes one protocol per connection. What it or its `connectionMade` throws ends that connection and is told
 *   to `onProtocolError`.
 * @returns When all addresses are open.
 * @throws {TypeError | RangeError} An option has the wrong type, is out of range or contradicts another.
 * @throws {ListenError} An address could not be opened; none is then.
 * @throws {DnsError} A host has no address.
 * @throws {TlsError} `ERR_TRANSPORT_TLS_CONTEXT`: key and certificate are not usable.
 * @throws {NotSupportedError} `reusePort` on a Node version without it.
 *
 * Abort: rejects with `signal.reason`; nothing is listening.
 */
export async function createServer(
  factory: () => Protocol | BufferedProtocol,
  options: ServerOptions,
): Promise<Server> {
  checkFactory(factory)
  const plan = planListening(options)
  const clients = new ClientSet()
  const settings: TransportSettings = { ...planTransports(options, nodeWorld), registry: clients }
  const path = 'path' in plan.target ? plan.target.path : null
  const onError = (error: unknown): void => tellHook(plan.onError, error)
  const listeners = await listen(plan, () =>
    makeNetServer({
      plan,
      onSocket: (socket) => clients.watch(socket),
      onConnection: (socket) => joinProtocol(socket, factory, { settings, path }),
      onError,
    }),
  ).catch((error: unknown) => {
    clients.abort(error) // those that came by an address that was open before another one failed
    throw error
  })
  const cleanup = plan.pathCleanup === 'remove' ? 'remove the file' : 'keep the file'
  const server = new ListeningServer(listeners, clients, cleanup)
  for (const listener of listeners) listener.server.on('error', onError)
  if (!plan.signal?.aborted) return server
  server.close()
  clients.abort(plan.signal.reason)
  throw plan.signal.reason
}

/** The transports that are not lost, and all sockets: in a TLS handshake, in use, or on their way out. */
class ClientSet {
  readonly transports: Set<Transport> = new Set()
  readonly #sockets = new Set<Socket>()
  onEmpty: () => void = () => {}

  add(transport: Transport): void {
    this.transports.add(transport)
  }

  delete(transport: Transport): void {
    this.transports.delete(transport)
    if (this.transports.size === 0) this.onEmpty()
  }

  watch(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket)) // goes with the socket
  }

  abort(reason: unknown): void {
    for (const transport of this.transports) transport.abort(reason)
    for (const socket of this.#sockets) socket.destroy()
  }
}

class ListeningServer implements Server {
  static {
    showAs(this.prototype, 'Server', ({ addresses, isServing, connectionCount }) => {
      return { addresses, isServing, connectionCount }
    })
  }

  readonly addresses: readonly ServerAddress[]
  readonly closed: Promise<void>
  readonly #listeners: readonly Listener[]
  readonly #clients: ClientSet
  readonly #cleanup: 'remove the file' | 'keep the file'
  #isServing = true

  constructor(
    listeners: readonly Listener[],
    clients: ClientSet,
    cleanup: 'remove the file' | 'keep the file',
  ) {
    this.addresses = listeners.map(({ address }) => address)
    this.#listeners = listeners
    this.#clients = clients
    this.#cleanup = cleanup
    this.closed = new Promise((resolve) => {
      let openCount = listeners.length
      const settle = (): void => {
        if (openCount === 0 && clients.transports.size === 0) resolve()
      }
      // Node's event waits for the sockets, too, but comes before the last `connectionLost`.
      for (const { server } of listeners) {
        server.on('close', () => {
          openCount--
          settle()
        })
      }
      clients.onEmpty = settle
    })
  }

  get port(): number {
    const port = this.addresses[0]?.port ?? null
    if (port === null) throw new TypeError('a server on a path has no port')
    return port
  }

  get isServing(): boolean {
    return this.#isServing
  }

  get connectionCount(): number {
    return this.#clients.transports.size
  }

  close(): void {
    if (!this.#isServing) return
    this.#isServing = false
    for (const { server, boundPath } of this.#listeners) {
      if (this.#cleanup === 'remove the file') boundPath?.remove()
      server.close()
    }
  }

  closeClients(options?: { graceMs?: number }): void {
    checkGrace(options)
    for (const transport of this.#clients.transports) transport.close(options)
  }

  abortClients(reason?: unknown): void {
    this.#clients.abort(reason)
  }

  async shutdown(options?: { graceMs?: number }): Promise<void> {
    const graceMs = checkGrace(options) ?? DEFAULT_GRACE_MS
    this.close()
    const stopTimer = nodeWorld.scheduler.setTimer(() => {
      this.abortClients(new TransportTimeoutError({ phase: 'shutdown', limitMs: graceMs }))
    }, graceMs)
    await this.closed
    stopTimer()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown()
  }
}
