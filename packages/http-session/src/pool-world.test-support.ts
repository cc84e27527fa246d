/** A pool whose dials end when they are told to, on connections in memory. */
import { memoryConnections } from '@x/streams/memory'
import type { MemoryConnections } from '@x/streams/memory'
import { VirtualClock } from '@x/transport/memory'
import { Deadlines } from './deadlines.ts'
import { Exchange } from './exchange.ts'
import type { ExchangeSettings, Timeouts } from './exchange.ts'
import { H1Connection } from './h1-connection.ts'
import { answering, HELLO } from './memory-server.test-support.ts'
import type { DialPhase } from './ports.ts'
import { Pool } from './pool.ts'
import type { PoolOptions } from './pool.ts'
import type { LeaseKind } from './pool-waiting.ts'
import { sessionFields } from './request-fields.ts'
import { makeRequest } from './request.ts'
import { Running } from './running.ts'
import { resolveSettings } from './session-options.ts'
import { UrlParser } from './url.ts'
import type { Origin } from './url.ts'

/** A connection that is being opened. */
export interface PendingDial {
  readonly origin: Origin
  readonly signal: AbortSignal
  /** It comes to a step. */
  readonly enter: (phase: DialPhase) => void
  /** The peer answers every request with HELLO. */
  succeed(): void
  fail(error?: unknown): void
}

export class PoolWorld {
  readonly clock: VirtualClock = new VirtualClock()
  readonly pool: Pool
  /** Those that have not ended yet. */
  readonly dials: PendingDial[] = []
  readonly pairs: MemoryConnections[] = []
  readonly #running: Running
  readonly #timeouts: Timeouts = resolveSettings({}).timeouts
  readonly #urls = new UrlParser()

  constructor(options: Partial<PoolOptions> = {}) {
    const deadlines = new Deadlines(this.clock)
    this.#running = new Running(deadlines)
    const all = { ...resolveSettings({}).pool, ...options }
    this.pool = new Pool((origin, { signal }, onPhase) => this.#dial(origin, signal, onPhase), deadlines, all)
  }

  origin(name: string): Origin {
    return this.#urls.parse(`http://${name}.example/`).origin
  }

  exchange(name: string, settings: Partial<ExchangeSettings> = {}): Exchange {
    const url = this.#urls.parse(`http://${name}.example/`)
    const request = makeRequest('GET', url, {}, sessionFields([]))
    return new Exchange(request, this.#running, { timeouts: this.#timeouts, ...settings })
  }

  /** Of a GET. */
  async lease(
    name: string,
    settings: Partial<ExchangeSettings> = {},
    kind: LeaseKind = 'any',
  ): Promise<H1Connection> {
    return this.pool.lease(this.exchange(name, settings), kind)
  }

  /** Sends a request on the connection, takes its answer and gives the connection back. */
  async use(connection: H1Connection): Promise<void> {
    const exchange = this.exchange(connection.origin.hostname.split('.')[0] ?? '')
    await connection.exchange(exchange)
    exchange.end()
    this.pool.release(connection)
  }

  #dial(origin: Origin, signal: AbortSignal, onPhase: PendingDial['enter']): Promise<H1Connection> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        if (this.dials.includes(dial)) this.dials.splice(this.dials.indexOf(dial), 1)
      }
      const dial: PendingDial = {
        origin,
        signal,
        enter: onPhase,
        succeed: () => {
          end()
          const pair = memoryConnections({ clock: this.clock })
          this.pairs.push(pair)
          void answering(HELLO)(pair.server, this.pairs.length - 1)
          resolve(new H1Connection(pair.client, origin, {}))
        },
        fail: (error = new Error('refused')) => {
          end()
          reject(error)
        },
      }
      this.dials.push(dial)
      signal.addEventListener('abort', () => queueMicrotask(() => dial.fail(signal.reason)))
    })
  }
}
