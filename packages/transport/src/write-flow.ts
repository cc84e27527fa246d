import { checkInteger, checkKnown } from './option-checks.ts'
import type { WriteBufferLimits } from './transport.ts'

const DEFAULT_HIGH = 65_536
const LOW_PER_HIGH = 4
const DEFAULT_LIMITS: WriteBufferLimits = { high: DEFAULT_HIGH, low: DEFAULT_HIGH / LOW_PER_HIGH }

const KNOWN = { high: true, low: true } as const

/**
 * asyncio's derivation of one water mark from the other.
 *
 * @throws {TypeError} No object, no number, or a member of another name.
 * @throws {RangeError} Negative, not whole, or `low` above `high`. `high` may be Infinity.
 */
export function deriveWriteBufferLimits(limits?: { high?: number; low?: number }): WriteBufferLimits {
  if (limits === undefined) return DEFAULT_LIMITS
  checkKnown(limits, KNOWN, 'writeBufferLimits')
  for (const [name, value] of Object.entries(limits)) {
    if (value === undefined || value === Infinity) continue
    checkInteger(`writeBufferLimits.${name}`, value, { min: 0, max: Number.MAX_SAFE_INTEGER })
  }
  const {
    high = limits.low === undefined ? DEFAULT_HIGH : LOW_PER_HIGH * limits.low,
    low = high === Infinity ? Infinity : Math.floor(high / LOW_PER_HIGH),
  } = limits
  if (low > high) throw new RangeError(`write buffer limit "low" (${low}) must not be above "high" (${high})`)
  return { low, high }
}

/** Says when a writer has to pause and resume. Its two answers alternate strictly. Knows no bytes and no protocol. */
export class WriteFlow {
  #limits: WriteBufferLimits
  #paused = false

  constructor(limits: WriteBufferLimits) {
    this.#limits = limits
  }

  get limits(): WriteBufferLimits {
    return this.#limits
  }

  get isPaused(): boolean {
    return this.#paused
  }

  /** Looks at the buffer's size: pauses strictly above `high`, resumes at or below `low`. */
  evaluate(byteCount: number): 'pause' | 'resume' | undefined {
    if (this.#paused) return byteCount <= this.#limits.low ? this.#turn('resume') : undefined
    return byteCount > this.#limits.high ? this.#turn('pause') : undefined
  }

  /** New marks decide afresh: what happened under the old ones does not count. */
  setLimits(limits: WriteBufferLimits, byteCount: number): 'pause' | 'resume' | undefined {
    this.#limits = limits
    const mustPause = byteCount > limits.high
    return mustPause === this.#paused ? undefined : this.#turn(mustPause ? 'pause' : 'resume')
  }

  #turn(answer: 'pause' | 'resume'): 'pause' | 'resume' {
    this.#paused = answer === 'pause'
    return answer
  }
}
