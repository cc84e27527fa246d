/**
 * One request on its way to the end of its response: where it is, what it may still take, and why it is given up.
 *
 * Everything that can end an exchange early (the caller's signal, a time limit, the session's end) comes through `cancel`, once; whoever holds
 * the exchange at that moment has said with `onCancel` what to undo.
 */
import type { Deadline, Deadlines } from './deadlines.ts'
import { TimeoutError } from './errors.ts'
import type { Phase, RequestFacts, Retriable, Sent } from './errors.ts'
import { isReplayable } from './request.ts'
import type { ClientRequest } from './request.ts'

/** Longest durations in milliseconds, `Infinity` for no limit. */
export interface Timeouts {
  /** From the request's last byte to the head of its final response. Default 300,000. */
  readonly headersMs: number
  /** Without a byte of the response body, whether the peer sends none or nobody takes them. Default 300,000. */
  readonly bodyIdleMs: number
  /** From the call to the last byte of the response body. Default: none. */
  readonly totalMs: number
}

type Limit = 'HEADERS' | 'BODY_IDLE' | 'TOTAL'

export class Exchange implements Deadline {
  readonly request: ClientRequest
  phase: Phase = 'queue'
  sent: Sent = 'none'
  attempts = 0
  /** Kept by `Deadlines`. */
  at: number = Infinity
  readonly #deadlines: Deadlines
  readonly #timeouts: Timeouts
  readonly #signal: AbortSignal | undefined
  readonly #startedAt: number
  readonly #totalAt: number
  #limit: Limit = 'TOTAL'
  #over = false
  #cancelled: { readonly reason: unknown } | null = null
  #undo: ((reason: unknown) => void) | null = null

  /** @throws `signal.reason` where the signal is aborted already. */
  constructor(
    request: ClientRequest,
    deadlines: Deadlines,
    timeouts: Timeouts,
    signal: AbortSignal | undefined,
  ) {
    signal?.throwIfAborted()
    this.request = request
    this.#deadlines = deadlines
    this.#timeouts = timeouts
    this.#startedAt = deadlines.now()
    this.#totalAt = this.#startedAt + timeouts.totalMs
    this.#signal = signal
    signal?.addEventListener('abort', this.#onAbort)
    deadlines.set(this, this.#totalAt)
  }

  /** Why the exchange was cancelled; `null` while it was not. */
  get cancelled(): { readonly reason: unknown } | null {
    return this.#cancelled
  }

  /** The response is complete or has failed. */
  get isOver(): boolean {
    return this.#over
  }

  /** The request has left, or begun to: the response's head is due. */
  awaitHead(): void {
    this.#arm('HEADERS', this.#timeouts.headersMs)
  }

  /** Content is due, again and again. */
  awaitContent(): void {
    this.phase = 'body'
    this.#arm('BODY_IDLE', this.#timeouts.bodyIdleMs)
  }

  /** What `cancel` has to undo from now on. */
  onCancel(undo: ((reason: unknown) => void) | null): void {
    this.#undo = undo
  }

  /** Gives the exchange up: everything that waits for it rejects with `reason`. Only the first counts. */
  cancel(reason: unknown): void {
    if (this.#over || this.#cancelled !== null) return
    this.#cancelled = { reason }
    this.end()
    this.#undo?.(reason)
    this.#undo = null
  }

  /** The response is complete or has failed: no signal and no limit concerns it any more. */
  end(): void {
    if (this.#over) return
    this.#over = true
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#deadlines.clear(this)
  }

  onDeadline(): void {
    const { totalMs, headersMs, bodyIdleMs } = this.#timeouts
    const limitMs = { TOTAL: totalMs, HEADERS: headersMs, BODY_IDLE: bodyIdleMs }[this.#limit]
    this.cancel(new TimeoutError(this.facts('no'), `ERR_HTTP_TIMEOUT_${this.#limit}`, limitMs))
  }

  /** What an error tells about this exchange. */
  facts(retriable: Retriable = isReplayable(this.request) ? 'idempotent' : 'no'): RequestFacts {
    const { method, url } = this.request
    return {
      method,
      url,
      phase: this.phase,
      retriable: this.sent === 'none' ? 'safe' : retriable,
      sent: this.sent,
      attempts: this.attempts,
      elapsedMs: Math.round(this.#deadlines.now() - this.#startedAt),
    }
  }

  #arm(limit: Limit, limitMs: number): void {
    if (this.#over) return
    const at = limitMs === Infinity ? Infinity : this.#deadlines.now() + limitMs
    this.#limit = at < this.#totalAt ? limit : 'TOTAL'
    this.#deadlines.set(this, Math.min(at, this.#totalAt))
  }

  readonly #onAbort = (): void => this.cancel(this.#signal?.reason)
}
