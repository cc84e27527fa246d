/** What undoes content codings: the runtime's own, by Node's zlib or by `DecompressionStream`, loaded when the first coded content is there. */
import type { CodedFormat } from './content-coding.ts'

/** Gives bytes when asked. */
export interface ByteSource {
  /** The next bytes, at least one, valid until the next call; `null` at the end. Rejects with what is wrong. One call at a time. */
  pull(): Promise<Uint8Array | null>
  /** Nobody wants more: everything that it holds is freed at once, and a pull that waits rejects with `reason`. Idempotent. */
  destroy(reason: unknown): void
}

/** Undoes content codings, one step at a time and never far ahead of whoever reads. */
export interface DecodingEngines {
  /**
   * The decoded bytes of `coded`, which is asked for more only when all that it has given was decoded and read. What is truncated, corrupt or
   * followed by something else rejects.
   *
   * @param coded Not destroyed by the engine.
   */
  open(format: CodedFormat, coded: ByteSource): ByteSource
  /**
   * Whole content at once: what it decodes to, which is the caller's; `null` where that would be more than `maxByteCount` bytes, is an error, or
   * is better done in steps.
   */
  decodeWhole(format: CodedFormat, coded: Uint8Array, maxByteCount: number): Uint8Array | null
}

/** One for each session, so that only the first coded response waits for the engines to be loaded. */
export class EngineLoader {
  readonly #load: () => Promise<DecodingEngines>
  #engines: DecodingEngines | Promise<DecodingEngines> | null = null

  constructor(load: () => Promise<DecodingEngines> = loadEngines) {
    this.#load = load
  }

  /** The engines; a promise of them where they are not there yet. */
  engines(): DecodingEngines | Promise<DecodingEngines> {
    this.#engines ??= this.#loaded()
    return this.#engines
  }

  async #loaded(): Promise<DecodingEngines> {
    this.#engines = await this.#load()
    return this.#engines
  }
}

async function loadEngines(): Promise<DecodingEngines> {
  try {
    return (await import('./zlib-engines.ts')).zlibEngines
  } catch {
    // No Node here.
    return (await import('./web-engines.ts')).webEngines
  }
}
