/** Opening a connection within time limits, one for each step that the connector tells. They are the session's: a dial may serve another request than the one it was begun for. */
import type { Deadline, Deadlines } from './deadlines.ts'
import type { ByteStream, Connector, ConnectTarget, DialPhase } from './ports.ts'

/** Longest durations in milliseconds, `Infinity` for no limit. */
export interface DialTimeouts {
  /** For looking a name up. Default 10,000: resolvers ask once more after five seconds. */
  readonly dnsMs: number
  /**
   * For connecting, all addresses of the name together; then again for what a proxy takes to answer. A connector that does not tell its steps has
   * so much time in all. Default 10,000.
   */
  readonly connectMs: number
  /** For each TLS handshake. Default 10,000. */
  readonly tlsMs: number
}

/** When the steps of a dial began, in milliseconds on the session's clock; `null`: there was none, or the connector did not tell. */
export interface DialTimings {
  readonly startedAt: number
  readonly dnsAt: number | null
  readonly connectAt: number | null
  readonly proxyAt: number | null
  /** With a proxy that speaks TLS itself: the handshake through it. */
  readonly tlsAt: number | null
  readonly connectedAt: number
}

/** A connection that was opened, and how that went. */
export interface Dialled {
  readonly stream: ByteStream
  readonly timings: DialTimings
}

/** A time limit was met: the reason of the connector's signal, and the cause of the DialFailure. */
export class DialTimeout extends Error {
  override readonly name = 'DialTimeout'
  readonly code = 'ERR_HTTP_DIAL_TIMEOUT'
  readonly phase: DialPhase
  readonly limitMs: number

  constructor(phase: DialPhase, limitMs: number) {
    super(`the step "${phase}" was not done within ${limitMs} ms`)
    this.phase = phase
    this.limitMs = limitMs
  }
}

/** What a dial rejects with: in which step it was, and as `cause` what the connector rejected with. Put in the request's words by `failure.ts`. */
export class DialFailure extends Error {
  override readonly name = 'DialFailure'
  readonly phase: DialPhase

  constructor(phase: DialPhase, cause: unknown) {
    super(`dialling failed in the step "${phase}"`, { cause })
    this.phase = phase
  }
}

/** A connector with the session's time limits. */
export class Dialler {
  readonly #connector: Connector
  readonly #deadlines: Deadlines
  readonly #timeouts: DialTimeouts

  constructor(connector: Connector, deadlines: Deadlines, timeouts: DialTimeouts) {
    this.#connector = connector
    this.#deadlines = deadlines
    this.#timeouts = timeouts
  }

  /**
   * Opens a connection.
   *
   * @param control Its signal is the connector's. A time limit that is met aborts it, with a DialTimeout as the reason.
   * @param onPhase Told of each step that the connector tells of.
   * @throws {DialFailure} The connector failed, or a time limit was met.
   *
   * Abort: waits for the connector to reject, as long as the time limits allow. A connection that comes after a time limit is aborted.
   */
  dial(
    target: ConnectTarget,
    control: AbortController,
    onPhase?: (phase: DialPhase) => void,
  ): Promise<Dialled> {
    const attempt = new DialAttempt(this.#deadlines, this.#timeouts, control, onPhase)
    return attempt.run(this.#connector, target)
  }
}

class DialAttempt implements Deadline {
  /** Kept by `Deadlines`. */
  at: number = Infinity
  /** Kept by `Deadlines`. */
  place: number = -1
  readonly #deadlines: Deadlines
  readonly #timeouts: DialTimeouts
  readonly #control: AbortController
  readonly #onPhase: ((phase: DialPhase) => void) | undefined
  readonly #startedAt: number
  /** When each step began last. */
  readonly #beganAt: Partial<Record<DialPhase, number>> = {}
  #phase: DialPhase = 'connect'
  #reject: ((reason: DialFailure) => void) | null = null

  constructor(
    deadlines: Deadlines,
    timeouts: DialTimeouts,
    control: AbortController,
    onPhase: ((phase: DialPhase) => void) | undefined,
  ) {
    this.#deadlines = deadlines
    this.#timeouts = timeouts
    this.#control = control
    this.#onPhase = onPhase
    this.#startedAt = deadlines.now()
  }

  run(connector: Connector, target: ConnectTarget): Promise<Dialled> {
    return new Promise((resolve, reject) => {
      this.#reject = reject
      this.#limit(this.#startedAt)
      this.#open(connector, target).then(
        (stream) => {
          if (this.#end()) resolve({ stream, timings: this.#timings() })
          else stream.abort(this.#control.signal.reason)
        },
        (error: unknown) => {
          if (this.#end()) reject(new DialFailure(this.#phase, error))
        },
      )
    })
  }

  onDeadline(): void {
    this.cancel(new DialTimeout(this.#phase, this.#limitMs))
  }

  cancel(reason: unknown): void {
    const reject = this.#reject
    if (!this.#end()) return
    this.#control.abort(reason)
    reject?.(new DialFailure(this.#phase, reason))
  }

  /** What a connector throws at once is a failure like any other. */
  async #open(connector: Connector, target: ConnectTarget): Promise<ByteStream> {
    return connector(target, { signal: this.#control.signal, onPhase: (phase) => this.#enter(phase) })
  }

  #enter(phase: DialPhase): void {
    if (this.#reject === null) return
    const now = this.#deadlines.now()
    this.#phase = phase
    this.#beganAt[phase] = now
    this.#limit(now)
    this.#onPhase?.(phase)
  }

  #limit(now: number): void {
    this.#deadlines.set(this, now + this.#limitMs)
  }

  get #limitMs(): number {
    const { dnsMs, connectMs, tlsMs } = this.#timeouts
    if (this.#phase === 'dns') return dnsMs
    return this.#phase === 'tls' ? tlsMs : connectMs
  }

  /** @returns Whether it was still under way. */
  #end(): boolean {
    if (this.#reject === null) return false
    this.#reject = null
    this.#deadlines.clear(this)
    return true
  }

  #timings(): DialTimings {
    const { dns = null, connect = null, proxy = null, tls = null } = this.#beganAt
    return {
      startedAt: this.#startedAt,
      dnsAt: dns,
      connectAt: connect,
      proxyAt: proxy,
      tlsAt: tls,
      connectedAt: this.#deadlines.now(),
    }
  }
}
