/**
 * The circuit of one origin: closed while calls succeed, open while none is worth trying, half-open while a few find out whether they are again.
 * Times are handed in. Memory: ten counts, whatever the number of calls.
 */

/** What a call was for its origin. `ignored` says nothing about it. */
export type CallOutcome = 'success' | 'failure' | 'ignored'

/** `closed`: calls pass. `open`: none does. `half-open`: some try whether it may close again. */
export type CircuitState = 'closed' | 'open' | 'half-open'

export interface CircuitLimits {
  readonly failureRate: number
  readonly minimumCalls: number
  readonly windowMs: number
  readonly openMs: number
  readonly probes: number
}

/** A call that was let through, or how long none will be, in milliseconds; 0: until the probes that are under way have ended. */
export type Admission =
  | { readonly kind: 'call'; readonly ended: (outcome: CallOutcome, now: number) => void }
  | { readonly kind: 'refused'; readonly retryAfterMs: number }

interface Slice {
  /** Number of the slice of time since the clock began. */
  readonly index: number
  calls: number
  failures: number
}

/** The window moves by a tenth of itself. */
const SLICE_COUNT = 10

export class Circuit {
  readonly #limits: CircuitLimits
  #state: CircuitState = 'closed'
  /** Grows with each change: what began before one says nothing behind it. */
  #era = 0
  /** The oldest one first. */
  #slices: Slice[] = []
  #opensUntil = 0
  #probing = 0
  #probed = 0

  constructor(limits: CircuitLimits) {
    this.#limits = limits
  }

  get state(): CircuitState {
    return this.#state
  }

  /** Calls and failures of the window that ended with the last call. */
  get counts(): { readonly calls: number; readonly failures: number } {
    let calls = 0
    let failures = 0
    for (const slice of this.#slices) {
      calls += slice.calls
      failures += slice.failures
    }
    return { calls, failures }
  }

  /** A call wants to begin. */
  admit(now: number): Admission {
    if (this.#state === 'open') {
      if (now < this.#opensUntil) return { kind: 'refused', retryAfterMs: this.#opensUntil - now }
      this.#become('half-open')
    }
    if (this.#state === 'half-open') {
      if (this.#probing + this.#probed >= this.#limits.probes) return { kind: 'refused', retryAfterMs: 0 }
      this.#probing += 1
    }
    const era = this.#era
    return { kind: 'call', ended: (outcome, at) => this.#ended(era, outcome, at) }
  }

  #ended(era: number, outcome: CallOutcome, now: number): void {
    if (era !== this.#era) return
    if (this.#state === 'half-open') return this.#probeEnded(outcome, now)
    if (outcome === 'ignored') return
    this.#count(outcome, now)
    const { calls, failures } = this.counts
    const { minimumCalls, failureRate } = this.#limits
    if (outcome === 'failure' && calls >= minimumCalls && failures >= failureRate * calls) this.#open(now)
  }

  #probeEnded(outcome: CallOutcome, now: number): void {
    this.#probing -= 1
    if (outcome === 'failure') return this.#open(now)
    if (outcome === 'success') this.#probed += 1
    if (this.#probed >= this.#limits.probes) this.#become('closed')
  }

  #open(now: number): void {
    this.#become('open')
    this.#opensUntil = now + this.#limits.openMs
  }

  #become(state: CircuitState): void {
    this.#state = state
    this.#era += 1
    this.#probing = 0
    this.#probed = 0
    this.#slices = []
  }

  #count(outcome: 'success' | 'failure', now: number): void {
    const index = Math.floor((now / this.#limits.windowMs) * SLICE_COUNT)
    this.#slices = this.#slices.filter((slice) => slice.index > index - SLICE_COUNT)
    let slice = this.#slices.at(-1)
    if (slice?.index !== index) this.#slices.push((slice = { index, calls: 0, failures: 0 }))
    slice.calls += 1
    if (outcome === 'failure') slice.failures += 1
  }
}
