import { checkInteger, checkLimit } from './arguments.ts'

/** What a reader needs from whatever feeds it. */
export interface FlowControl {
  /** Ask for no more bytes. Bytes in flight may still be fed. Idempotent. */
  pauseReading(): void
  /** Ask for bytes again. Idempotent. */
  resumeReading(): void
}

/** Pauses a source strictly above the high-water mark, resumes it at or below the low one. */
export class WaterMarks {
  isPaused = false
  readonly #high: number
  readonly #low: number
  #source: FlowControl | null = null

  /** @throws {RangeError} A mark is not an integer, or they are the wrong way round. */
  constructor(high: number, low: number = Math.floor(high / 2)) {
    this.#high = checkLimit('highWaterMark', high)
    this.#low = checkInteger('lowWaterMark', low, 0, high)
  }

  setSource(source: FlowControl): void {
    this.#source = source
    this.isPaused = false
  }

  regulate(byteCount: number): void {
    const isPaused = byteCount > (this.isPaused ? this.#low : this.#high)
    if (isPaused === this.isPaused || this.#source === null) return
    this.isPaused = isPaused
    try {
      this.#source[isPaused ? 'pauseReading' : 'resumeReading']()
    } catch {
      // A source that cannot pause is not asked again; its bytes are buffered.
      this.isPaused = false
      this.#source = null
    }
  }
}
