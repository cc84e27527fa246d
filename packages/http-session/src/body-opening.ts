/** Content that is opened when it is its turn: once, or as often as it is asked for. */
import { fromBlob, ignore, tell } from './body-source.ts'
import type { BodySource } from './body-source.ts'
import type { BlobLike } from './body-kinds.ts'

/** Content that nobody has opened yet. */
export interface StreamedBody {
  readonly kind: 'source'
  /** Whether it can be opened more than once. */
  readonly replayable: boolean
  /** Begins a reading. @throws What the source throws; an Error where it is opened once more although it can be had only once. */
  readonly open: () => BodySource | Promise<BodySource>
  /** The request is valid: the body belongs to it from now on. */
  readonly claim: () => void
  /** Nobody will open it (any more), for `reason`: a stream that never was is destroyed or cancelled. Idempotent; never throws. */
  readonly discard: (reason: unknown) => void
}

export function again(open: StreamedBody['open']): StreamedBody {
  return { kind: 'source', replayable: true, open, claim: ignore, discard: ignore }
}

export function once(
  open: StreamedBody['open'],
  cancel: (reason: unknown) => unknown = ignore,
  claim: () => void = ignore,
): StreamedBody {
  let state: 'fresh' | 'spent' = 'fresh'
  return {
    kind: 'source',
    replayable: false,
    claim,
    open() {
      if (state === 'spent') throw new Error('a body that can be had only once was asked for again')
      state = 'spent'
      return open()
    },
    discard(reason) {
      if (state === 'fresh') tell(() => cancel(reason))
      state = 'spent'
    },
  }
}

export function ofBlob(blob: BlobLike): StreamedBody {
  return again(() => fromBlob(blob))
}

/** One part behind the other: it can be had again where all of them can. */
export function ofParts(parts: readonly (Uint8Array | StreamedBody)[]): StreamedBody {
  const streamed = parts.filter(isStreamed)
  const open = (): BodySource => fromParts(parts)
  if (streamed.every(({ replayable }) => replayable)) return again(open)
  return once(
    open,
    (reason) => discardAll(streamed, reason),
    () => {
      for (const part of streamed) part.claim()
    },
  )
}

/** Each part is opened when it is its turn; those that never were are discarded where the reading ends before them. */
export function fromParts(parts: readonly (Uint8Array | StreamedBody)[]): BodySource {
  const reading = new PartsReading(parts)
  return { next: () => reading.next(), release: (reason) => reading.release(reason) }
}

class PartsReading {
  readonly #parts: readonly (Uint8Array | StreamedBody)[]
  #index = 0
  /** Of the part whose turn it is, while it is open. */
  #source: BodySource | null = null
  #isReleased = false
  #reason: unknown

  constructor(parts: readonly (Uint8Array | StreamedBody)[]) {
    this.#parts = parts
  }

  async next(): Promise<Awaited<ReturnType<BodySource['next']>>> {
    try {
      for (;;) {
        const part = this.#parts[this.#index]
        if (part === undefined) return { done: true }
        if (!isStreamed(part)) {
          this.#index += 1
          return { value: part }
        }
        this.#source ??= await this.#opened(part)
        const step = await this.#source.next()
        if (!step.done) return step
        this.#source = null
        this.#index += 1
      }
    } catch (error) {
      this.#discardRest(error)
      throw error
    }
  }

  release(reason: unknown): unknown {
    this.#isReleased = true
    this.#reason = reason
    this.#discardRest(reason)
    return this.#source?.release(reason)
  }

  async #opened(part: StreamedBody): Promise<BodySource> {
    const source = await part.open()
    if (!this.#isReleased) return source
    tell(() => source.release(this.#reason)) // nobody wanted it any more by the time that it was there
    throw this.#reason
  }

  #discardRest(reason: unknown): void {
    discardAll(this.#parts.slice(this.#index).filter(isStreamed), reason)
  }
}

function isStreamed(part: Uint8Array | StreamedBody): part is StreamedBody {
  return !(part instanceof Uint8Array)
}

function discardAll(parts: readonly StreamedBody[], reason: unknown): void {
  for (const part of parts) part.discard(reason)
}
