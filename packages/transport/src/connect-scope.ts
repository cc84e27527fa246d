import { TransportTimeoutError } from './errors.ts'
import type { TransportPhase } from './errors.ts'
import type { Scheduler } from './scheduler.ts'

/** A step on the way to a connection. */
export type ConnectPhase = Extract<TransportPhase, 'dns' | 'connect' | 'tls'>

/** Starts something that settles later; returns what undoes it when it has to end early. */
export type Step<T> = (resolve: (value: T) => void, reject: (error: unknown) => void) => () => void

/**
 * What can end an operation of several phases early: the caller's signal, or the limit of the phase. Every phase runs under
 * `run`, so each is ended in the same way: its work undone first, then rejected with the reason itself.
 */
export class ConnectScope {
  readonly #scheduler: Scheduler
  readonly #signal: AbortSignal | undefined
  #phase: TransportPhase
  readonly #onPhase: ((phase: ConnectPhase) => void) | undefined
  #ended: { readonly reason: unknown } | undefined
  #endStep: ((reason: unknown) => void) | undefined
  #stopTimer: (() => void) | undefined

  constructor(scope: {
    scheduler: Scheduler
    signal: AbortSignal | undefined
    phase: TransportPhase
    onPhase?: ((phase: ConnectPhase) => void) | undefined
  }) {
    this.#scheduler = scope.scheduler
    this.#signal = scope.signal
    this.#phase = scope.phase
    this.#onPhase = scope.onPhase
    if (scope.signal?.aborted) this.#ended = { reason: scope.signal.reason }
    else scope.signal?.addEventListener('abort', this) // removed by `dispose`
  }

  /** The signal is aborted. */
  handleEvent(): void {
    this.end(this.#signal?.reason)
  }

  /** Begins a phase: a limit that is reached names it. */
  enter(phase: ConnectPhase): void {
    this.#phase = phase
    this.#onPhase?.(phase)
  }

  /** From now on `limitMs`, in place of the limit before. */
  limit(limitMs: number): void {
    this.#stopTimer?.()
    this.#stopTimer = this.#scheduler.setTimer(
      () => this.end(new TransportTimeoutError({ phase: this.#phase, limitMs })),
      limitMs,
    )
  }

  /** Runs one phase. One at a time. */
  run<T>(step: Step<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#ended !== undefined) return reject(this.#ended.reason)
      let undo: (() => void) | undefined
      const endStep = (reason: unknown): void => {
        undo?.()
        reject(reason)
      }
      this.#endStep = endStep
      const settle = <V>(how: (value: V) => void, value: V): void => {
        // A step that settles twice must not take a later one from its end.
        if (this.#endStep === endStep) this.#endStep = undefined
        how(value)
      }
      undo = step(
        (value) => settle(resolve, value),
        (reason) => settle(reject, reason),
      )
    })
  }

  /** Ends the operation, once. */
  end(reason: unknown): void {
    if (this.#ended !== undefined) return
    this.#ended = { reason }
    this.dispose()
    this.#endStep?.(reason)
  }

  /** Throws the reason where the operation was ended. */
  throwIfEnded(): void {
    if (this.#ended !== undefined) throw this.#ended.reason
  }

  /** Lets go of the signal and the timer. */
  dispose(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
    this.#signal?.removeEventListener('abort', this)
  }
}
